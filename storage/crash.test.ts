import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createReader } from './reader/reader.ts'
import { post } from './testing/http.ts'
import { type StoreProcess, startStoreProcess } from './testing/process.ts'

const crashes = 5
const writers = 4

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crash-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('keeps every acknowledged point, once, through kill -9', { timeout: 120_000 }, async () => {
  const acknowledged = new Map<number, number[]>()
  let next = 0
  for (let crash = 0; crash < crashes; crash++) {
    const store = await startStoreProcess({ IOC_DATA_DIR: folder })
    const before = acknowledged.size
    const writing = Array.from({ length: writers }, () => writeUntilDead(store, () => next++, acknowledged))
    await until(() => acknowledged.size >= before + 40 + crash * 17)
    await store.kill('SIGKILL')
    await Promise.all(writing)
  }
  const store = await startStoreProcess({ IOC_DATA_DIR: folder })
  const reader = createReader({ target: store.target })
  const stored = new Map<string, number>()
  for (const series of await reader.query('SELECT n, late FROM crash GROUP BY writer')) {
    for (const [time, n] of series.values) {
      expect(stored.has(String(time))).toBe(false)
      stored.set(String(time), n as number)
    }
  }
  for (const times of acknowledged.values()) for (const time of times) expect(stored.get(String(time))).toBe(time)
  await store.kill('SIGTERM')
})

/** Each batch: new points, and a rewrite of the batch before, which takes the way of upserts. */
async function writeUntilDead(store: StoreProcess, take: () => number, acknowledged: Map<number, number[]>) {
  for (;;) {
    const batch = take()
    const times = Array.from({ length: 50 }, (_, index) => batch * 50 + index)
    const again = (acknowledged.get(batch - writers) ?? []).map((time) => line(batch - writers, time))
    try {
      const lines = [...times.map((time) => line(batch, time)), ...again]
      const { status } = await post(store.target, lines.join('\n'), 'ms')
      if (status === 204) acknowledged.set(batch, times)
    } catch {
      return
    }
  }
}

function line(batch: number, time: number): string {
  return `crash,writer=w${batch % writers} n=${time}i,late="${'x'.repeat(20)}" ${time}`
}

async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await new Promise((resolve) => setTimeout(resolve, 5))
}
