import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isIocError } from '@ioc/contract/errors.ts'
import { afterAll, describe, expect, it } from 'vitest'
import { createReader } from './reader/reader.ts'
import { post } from './testing/http.ts'
import { startStoreProcess } from './testing/process.ts'

const folder = mkdtempSync(join(tmpdir(), 'small-disk-'))

function mountSmallDisk(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', folder], { stdio: 'ignore' })
    return true
  } catch {
    console.warn('skipped: no right to mount a small disk to fill')
    return false
  }
}

describe.skipIf(!mountSmallDisk())('a full disk', () => {
  afterAll(() => {
    execFileSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true, force: true })
  })

  it('refuses writes with 507, keeps what it has, and goes on when there is room', async () => {
    const ballast = join(folder, 'ballast')
    writeFileSync(ballast, Buffer.alloc(4_000_000))
    const store = await startStoreProcess({ IOC_DATA_DIR: folder })
    const reader = createReader({ target: store.target })
    let acknowledged = 0
    let refusal: { status: number; text: string } | undefined
    for (let batch = 0; !refusal && batch < 2_000; batch++) {
      const answer = await post(store.target, lines(batch), 'ms')
      if (answer.status === 204) acknowledged++
      else refusal = answer
    }
    expect(refusal?.status).toBe(507)
    expect(refusal?.text).toContain('no space left')
    expect(await count(reader)).toBe(acknowledged * 500)
    rmSync(ballast)
    const after = await post(store.target, lines(acknowledged), 'ms')
    expect(after).toEqual({ status: 204, text: '' })
    expect(await count(reader)).toBe((acknowledged + 1) * 500)
    await store.kill('SIGKILL')
    const again = await startStoreProcess({ IOC_DATA_DIR: folder })
    expect(await count(createReader({ target: again.target }))).toBe((acknowledged + 1) * 500)
    await again.kill('SIGKILL')
  })

  it('holds up compaction, and nothing is lost', async () => {
    rmSync(join(folder, 'storage'), { recursive: true, force: true })
    const settings = { IOC_DATA_DIR: folder, IOC_STORAGE_COMPACT_ROWS: '1000' }
    const ballast = join(folder, 'ballast')
    writeFileSync(ballast, Buffer.alloc(4_000_000))
    let store = await startStoreProcess(settings)
    // The other points are of 1970's first hour, so that all of them are settled.
    expect((await post(store.target, 'full,d=x v=0 7200000', 'ms')).status).toBe(204)
    let acknowledged = 0
    while ((await post(store.target, lines(acknowledged), 'ms')).status === 204) acknowledged++
    await store.kill('SIGKILL')
    store = await startStoreProcess(settings)
    const metrics = async () => (await fetch(`${store.target.url}/metrics`)).text()
    // Compaction has looked at the points, and at the room; nobody else is disturbed by that.
    while (/^ioc_storage_compaction_pending 0$/m.test(await metrics())) await new Promise(setImmediate)
    const reader = () => createReader({ target: store.target })
    for (let turn = 0; turn < 50; turn++) expect(await countAtOnce(reader())).toBe(acknowledged * 500 + 1)
    rmSync(ballast)
    expect(await post(store.target, 'full,d=x v=0 7200001', 'ms')).toEqual({ status: 204, text: '' })
    expect(await count(reader())).toBe(acknowledged * 500 + 2)
    await store.kill('SIGKILL')
    store = await startStoreProcess(settings)
    expect(await count(reader())).toBe(acknowledged * 500 + 2)
    await store.kill('SIGKILL')
  })
})

/** How many points are there. After an error the store opens its file again, and answers 503 meanwhile. */
async function count(reader: ReturnType<typeof createReader>): Promise<unknown> {
  for (;;) {
    try {
      return await countAtOnce(reader)
    } catch (error) {
      if (!isIocError(error, 'STORE_UNREACHABLE')) throw error
      await new Promise(setImmediate)
    }
  }
}

async function countAtOnce(reader: ReturnType<typeof createReader>): Promise<unknown> {
  return (await reader.query('SELECT count(v) FROM full'))[0]?.values[0]?.[1]
}

function lines(batch: number): string {
  return Array.from(
    { length: 500 },
    (_, i) => `full,d=x v=${batch * 500 + i},t="${Math.random()}" ${batch * 500 + i}`,
  ).join('\n')
}
