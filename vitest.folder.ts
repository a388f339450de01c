import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

/**
 * Folders that tests make, and processes that they start, are in one that goes with the run, also where a test was killed.
 * Tests start hundreds of processes from the same sources, which share what they compile and packages of one file.
 */
export default async function inFolderOfItsOwn(): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'ioc-tests-'))
  process.env['TMPDIR'] = folder
  // That of `ioc`, with one entry for each file, and kept: a process that ends after the run would write a removed one again.
  process.env['NODE_COMPILE_CACHE'] = join(import.meta.dirname, 'node_modules', '.cache', 'ioc')
  process.env['NODE_OPTIONS'] = `--import=${pathToFileURL(await bundlePackages(join(folder, 'packages')))}`
  // An agent that a test kills writes nothing into it, and most are killed.
  spawnSync(process.execPath, [join(import.meta.dirname, 'edge-agent', 'main.ts'), '--warm-up'], { stdio: 'ignore' })
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}

/** Resolves to a module that makes a process load the bundles. */
async function bundlePackages(folder: string): Promise<string> {
  const input = { typebox: 'typebox', 'typebox-compile': 'typebox/compile', 'typebox-value': 'typebox/value' }
  const bundle = await rolldown({ input, cwd: join(import.meta.dirname, 'contract'), platform: 'node' })
  await bundle.write({ dir: folder, format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' })
  await bundle.close()
  const hook = join(folder, 'packages.mjs')
  copyFileSync(join(import.meta.dirname, 'vitest.packages.mjs'), hook)
  return hook
}
