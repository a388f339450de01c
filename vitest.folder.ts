import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Folders that tests make, and processes that they start, are in one that goes with the run, also where a test was killed. */
export default function inFolderOfItsOwn(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'ioc-tests-'))
  process.env['TMPDIR'] = folder
  // Tests start hundreds of processes from the same sources.
  process.env['NODE_COMPILE_CACHE'] = join(folder, 'compile-cache')
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}
