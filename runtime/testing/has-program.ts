import { existsSync } from 'node:fs'

/**
 * Whether a program that tests talk to is on this machine. Without it they are skipped, and say so; with IOC_REQUIRE_REAL=1, as
 * in CI, that is a failure.
 * @param debianPackage that has it
 */
export function hasProgram(path: string, debianPackage: string): boolean {
  if (existsSync(path)) return true
  if (process.env['IOC_REQUIRE_REAL'] === '1') throw new Error(`${path} is missing: install ${debianPackage}`)
  console.warn(`skipped: no ${path} (Debian's ${debianPackage})`)
  return false
}
