import { spawnSync } from 'node:child_process'

/** A Python with the packages of `.ci/requirements.txt`. */
export const python = process.env['IOC_TEST_PYTHON'] ?? 'python3'

/** Whether Python has a module. With IOC_REQUIRE_REAL=1 its absence is a failure. */
export function hasPython(module: string): boolean {
  if (spawnSync(python, ['-c', `import ${module}`]).status === 0) return true
  if (process.env['IOC_REQUIRE_REAL'] === '1') throw new Error(`${python} has no ${module}: see .ci/requirements.txt`)
  console.warn(`skipped: ${python} has no module ${module}`)
  return false
}
