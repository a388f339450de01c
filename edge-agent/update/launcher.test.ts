import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { smallDisk } from '@ioc/runtime/testing/small-disk.ts'
import { expect, test } from 'vitest'
import { type Pointer, readPointer, startTrial, switched } from './pointer.ts'

const before: Pointer = { current: '0.1.5', previous: null, reverted: {} }
const diskKb = 512

/** A version that runs a program in place of the agent, with the Node of this process. */
function writeVersion(versions: string, version: string, program: string): void {
  mkdirSync(join(versions, version, 'lib'), { recursive: true })
  symlinkSync(process.execPath, join(versions, version, 'node'))
  writeFileSync(join(versions, version, 'lib', 'ioc-agent.mjs'), program)
}

/** Leaves no room on a disk. */
function fill(disk: string): void {
  const { bavail, bsize } = statfsSync(disk)
  writeFileSync(join(disk, 'filler'), Buffer.alloc(bavail * bsize))
}

/** A version on trial after 0.1.5, which says that it runs and ends. */
function trialOn(disk: string, program: string): string {
  const versions = join(disk, 'versions')
  writeVersion(versions, '0.1.5', "console.log('runs 0.1.5')")
  writeVersion(versions, '0.2.0', program)
  startTrial(versions, switched(before, '0.2.0', { collectorsOk: 1 }))
  return versions
}

/** Runs the launcher until the agent that it starts has ended; resolves to what both printed. */
async function launch(disk: string): Promise<string> {
  const launcher = spawn(process.execPath, [join(import.meta.dirname, 'launcher.ts'), 'run'], {
    env: { PATH: process.env['PATH'], IOC_DATA_DIR: disk, IOC_UPDATE_GATE_S: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [launcher.stdout, launcher.stderr]) {
    stream.on('data', (text) => {
      output += text
    })
  }
  await once(launcher, 'close')
  return output
}

test('a version that misses its gate while the disk is full is reverted, on the disk too', async (context) => {
  const disk = smallDisk(context, diskKb)
  const filler = `
    import { statfsSync, writeFileSync } from 'node:fs'
    const { bavail, bsize } = statfsSync(${JSON.stringify(disk)})
    if (bavail > 0) writeFileSync(${JSON.stringify(join(disk, 'filler'))}, Buffer.alloc(bavail * bsize))
    setInterval(() => undefined, 1000)`
  const versions = trialOn(disk, filler)
  const output = await launch(disk)
  expect(output).toContain('reverted: 0.2.0 (no sign of life)')
  expect(output).toContain('runs 0.1.5')
  expect(readPointer(versions)).toMatchObject({
    current: '0.1.5',
    lastReverted: '0.2.0',
    reverted: { '0.2.0': { times: 1, reason: 'the reason found no room on the disk' } },
  })
})

test('a version on trial does not start where its start cannot be counted', async (context) => {
  const disk = smallDisk(context, diskKb)
  const versions = trialOn(disk, "console.log('runs 0.2.0')")
  fill(disk)
  const output = await launch(disk)
  expect(output).toMatch(/reverted: 0\.2\.0 \(a start cannot be noted: ENOSPC/)
  expect(output).not.toContain('runs 0.2.0')
  expect(output).toContain('runs 0.1.5')
  expect(readPointer(versions)).toMatchObject({ current: '0.1.5', reverted: { '0.2.0': { times: 1 } } })
})

test('where nothing was prepared, the version before runs all the same', async (context) => {
  const disk = smallDisk(context, diskKb)
  const versions = trialOn(disk, "console.log('runs 0.2.0')")
  for (const outcome of ['confirmed', 'reverted']) rmSync(join(versions, `${outcome}.json`))
  fill(disk)
  const output = await launch(disk)
  expect(output).toMatch(/the pointer cannot be written: ENOSPC/)
  expect(output).toContain('runs 0.1.5')
  expect(readPointer(versions).current).toBe('0.2.0')
})

test('a disk that became read-only does not stop the agent either', async (context) => {
  const disk = smallDisk(context, diskKb)
  trialOn(disk, "console.log('runs 0.2.0')")
  spawnSync('mount', ['-o', 'remount,ro', disk])
  const output = await launch(disk)
  expect(output).toMatch(/the pointer cannot be written: EROFS/)
  expect(output).toContain('runs 0.1.5')
})

test('files of the current version are missing and the disk is full: the one before runs', async (context) => {
  const disk = smallDisk(context, diskKb)
  const versions = trialOn(disk, '')
  rmSync(join(versions, '0.2.0', 'node'))
  fill(disk)
  const output = await launch(disk)
  expect(output).toContain('version 0.2.0 is incomplete')
  expect(output).toContain('runs 0.1.5')
  expect(readPointer(versions).current).toBe('0.1.5')
})
