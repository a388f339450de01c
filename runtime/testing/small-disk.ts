import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, type TestContext } from 'vitest'

/** A file system of so many kB, until the test ends; without the right to mount one the test is skipped. */
export function smallDisk(context: TestContext, kb: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'ioc-disk-'))
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kb}k`, 'tmpfs', folder], {
    encoding: 'utf8',
  })
  onTestFinished(() => {
    spawnSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true, force: true })
  })
  if (status !== 0) {
    if (process.env['IOC_REQUIRE_REAL'] === '1') throw new Error(`cannot mount a small disk: ${stderr}`)
    context.skip('needs the right to mount a small disk')
  }
  return folder
}
