import { existsSync } from 'node:fs'

/**
 * Whether a program that a user would have is on this machine. Without it a test is skipped, and says so; where
 * `IOC_REQUIRE_REAL` is set, as in CI, that is a failure.
 */
export function hasReal(path: string): boolean {
  if (existsSync(path)) return true
  if (process.env['IOC_REQUIRE_REAL']) throw new Error(`${path} is missing, and IOC_REQUIRE_REAL is set`)
  process.stderr.write(`skipped the tests that need ${path}: it is not installed\n`)
  return false
}
