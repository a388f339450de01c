import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Folders that tests make, and processes that they start, are in one that goes with the run, also where a test was killed. */
export default function inFolderOfItsOwn(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'ioc-tests-'))
  process.env['TMPDIR'] = folder
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}
