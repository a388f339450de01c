import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Folders that tests make, and processes that they start, are in one that goes with the run, also where a test was killed. */
export default function inFolderOfItsOwn(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'ioc-tests-'))
  process.env['TMPDIR'] = folder
  // Tests start hundreds of processes from the same sources. It is that of `ioc`, with one entry for each file, and is kept:
  // a process that ends after the run would write one that was removed again.
  process.env['NODE_COMPILE_CACHE'] = join(import.meta.dirname, 'node_modules', '.cache', 'ioc')
  // An agent that a test kills writes nothing into it, and most are killed.
  spawnSync(process.execPath, [join(import.meta.dirname, 'edge-agent', 'main.ts'), '--warm-up'], { stdio: 'ignore' })
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}
