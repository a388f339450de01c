import { chmodSync, lstatSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runIoc, startCentre } from '../harness/centre.ts'

/** Everything below a folder that its group may write, or others may read, write or enter. */
function tooOpen(path: string): string[] {
  const stats = lstatSync(path)
  const below = stats.isDirectory() ? readdirSync(path).flatMap((name) => tooOpen(join(path, name))) : []
  return stats.mode & 0o027 ? [`${path} ${(stats.mode & 0o777).toString(8)}`, ...below] : below
}

test('nothing in the data folder of a running centre is for others, nor what it writes elsewhere', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'ioc-modes-'))
  writeFileSync(join(dataDir, 'of-an-earlier-version'), '')
  chmodSync(join(dataDir, 'of-an-earlier-version'), 0o666)
  // What an operator's shell often has.
  const mask = process.umask(0o022)
  try {
    const centre = await startCentre({ IOC_DATA_DIR: dataDir })
    expect(tooOpen(dataDir)).toEqual([])
    const backup = join(mkdtempSync(join(tmpdir(), 'ioc-backup-')), 'b')
    await runIoc(['backup', backup], centre.environment)
    expect(tooOpen(backup)).toEqual([])
    await centre.stop()
    expect(tooOpen(dataDir)).toEqual([])
  } finally {
    process.umask(mask)
  }
})
