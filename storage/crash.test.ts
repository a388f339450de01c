import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createReader } from './reader/reader.ts'
import { post } from './testing/http.ts'
import { type StoreProcess, startStoreProcess } from './testing/process.ts'

/** `npm run test:crashes` asks for more. */
const crashes = Number(process.env['IOC_CRASH_RUNS'] ?? 12)
const writers = 4
const batchPoints = 50

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crash-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What became of batches: those that were sent, and of these those that the store said it has. */
interface Sent {
  batches: number
  readonly acknowledged: Set<number>
}

it(`keeps every acknowledged point, once, through kill -9, ${crashes} times`, async () => {
  const sent: Sent = { batches: 0, acknowledged: new Set() }
  const settings = { IOC_DATA_DIR: folder }
  for (let crash = 0; crash < crashes; crash++) {
    const store = await startStoreProcess(settings)
    const writing = Array.from({ length: writers }, () => writeUntilDead(store, sent))
    // Killed after one batch, or a few, so that every part of a commit is met.
    await until(() => sent.acknowledged.size, sent.acknowledged.size + 1 + ((crash * 7) % 12))
    await store.kill('SIGKILL')
    await Promise.all(writing)
  }
  const store = await startStoreProcess(settings)
  const [series, ...more] = await createReader({ target: store.target }).query('SELECT n, writer::tag, late FROM crash')
  expect(more).toEqual([])
  const stored = new Map((series?.values ?? []).map(([time, n, writer, late]) => [time as number, { n, writer, late }]))
  expect(stored.size, 'points stored once').toBe(series?.values.length)
  for (const [time, { n, writer, late }] of stored) {
    const batch = Math.floor(time / batchPoints)
    // As one that was sent, though it may not have been acknowledged.
    expect(batch).toBeLessThan(sent.batches)
    expect([n, writer]).toEqual([time, `w${batch % writers}`])
    expect(late === null || late === 'again').toBe(true)
  }
  for (const batch of sent.acknowledged) for (const time of timesOf(batch)) expect(stored.has(time)).toBe(true)
  expect(sent.acknowledged.size).toBeGreaterThan(crashes)
  await store.kill('SIGTERM')
})

/** Each request: a batch of new points, and one from before again, which takes the way of upserts. */
async function writeUntilDead(store: StoreProcess, sent: Sent) {
  for (;;) {
    const batch = sent.batches++
    const again = batch - 2 * writers
    const lines = timesOf(batch).map((time) => line(batch, time))
    if (sent.acknowledged.has(again)) lines.push(...timesOf(again).map((time) => line(again, time, ',late="again"')))
    try {
      const { status } = await post(store.target, lines.join('\n'), 'ms')
      if (status === 204) sent.acknowledged.add(batch)
    } catch {
      return
    }
  }
}

function timesOf(batch: number): number[] {
  return Array.from({ length: batchPoints }, (_, index) => batch * batchPoints + index)
}

function line(batch: number, time: number, more = ''): string {
  return `crash,writer=w${batch % writers} n=${time}i${more} ${time}`
}

async function until(reached: () => number, wanted: number): Promise<void> {
  while (reached() < wanted) await new Promise((resolve) => setTimeout(resolve, 2))
}
