import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLmdbLog } from '@ioc/ingest-log/backends/lmdb/lmdb-log.ts'
import type { IngestLog, LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { max, mean } from './engine/aggregates/aggregates.ts'
import { derived, history, type Indicator, indicator } from './indicators/indicator.ts'
import { recomputeChanged } from './recompute.ts'
import { type CheckpointStore, openCheckpointStore } from './state/checkpoint-store.ts'
import { testEngine } from './testing/engine.ts'

const t0 = Date.UTC(2026, 0, 5)
const lanes = { live: 0, backlog: 1 }
const common = {
  title: { vi: 'thử', en: 'test' },
  about: { vi: 'Thử.', en: 'A test.' },
  unit: '1',
  source: 'traffic',
  window: { kind: 'tumbling', size_s: 60 },
  scopes: ['device'],
} as const

const average = indicator({
  ...common,
  id: 'average',
  aggregates: { speed: mean('speed_kmh') },
  value: ({ speed }) => speed,
})
const doubled = indicator({
  ...common,
  id: 'average',
  revision: 1,
  aggregates: { speed: mean('speed_kmh') },
  value: ({ speed }) => 2 * speed,
})
const peak = indicator({ ...common, id: 'peak', aggregates: { speed: max('speed_kmh') }, value: ({ speed }) => speed })
const smooth = derived({
  ...common,
  id: 'smooth',
  formula: 'mean of two',
  inputs: { average: history(average, 2) },
  value: ({ average: [now, before] }) => (now === undefined || before === undefined ? undefined : (now + before) / 2),
})

describe('declarations that have changed', () => {
  let folder: string
  let log: IngestLog
  let checkpoints: CheckpointStore

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ioc-recompute-'))
    log = openLmdbLog({ path: join(folder, 'log'), partitions: 2, maxBytes: 1e9, durability: 'commit' })
    checkpoints = openCheckpointStore(join(folder, 'state'))
  })
  afterEach(async () => {
    await checkpoints.stop()
    await log.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Minute `n` has one event, of speed `n`. */
  const append = async (from: number, to: number, node = 'n') => {
    for (let minute = from; minute < to; minute++) {
      const ts = t0 + minute * 60_000
      const values = { speed_kmh: minute }
      const message = { epoch: 'e', seq: minute + 1, sent: ts, records: [{ device: 'd', ts, type: 'traffic', values }] }
      const record: LogRecord = {
        kind: 'telemetry',
        site: 's',
        node,
        arrival: ts,
        payload: Buffer.from(JSON.stringify(message)),
      }
      await log.append(0, record)
    }
  }

  /** Reads what the state has not seen, saves, and returns the values by indicator and minute. */
  const process = async (indicators: readonly Indicator[]) => {
    const engine = testEngine({ indicators, archiveOf: checkpoints.archiveOf })
    const saved = checkpoints.load()
    if (saved) engine.restore(saved)
    const values = new Map<string, number | undefined>()
    for await (const batch of log.read(0, saved?.offsets.live ?? 0, { follow: false })) {
      for (const { indicator: one, ts, value } of engine.process(batch).points) {
        values.set(`${one.id} ${(ts - t0) / 60_000}`, value)
      }
      await checkpoints.save(engine.changes({ live: batch.next, backlog: 0 }))
    }
    return values
  }

  /** Computes anew; returns the lines that were written, as indicator, minute and value. */
  const recompute = async (indicators: readonly Indicator[]) => {
    const written = new Map<string, number>()
    await recomputeChanged({
      log,
      lanes,
      checkpoints,
      indicators,
      engineOf: (some, archiveOf) => testEngine({ indicators: some, archiveOf }),
      scratch: join(folder, 'partition-0.computing'),
      async write(lines) {
        for (const line of lines) {
          const [, id, value, ts] = /id=(\w+),.* value=([\d.]+),.* (\d+)$/.exec(line) ?? []
          written.set(`${id} ${(Number(ts) - t0) / 60_000}`, Number(value))
        }
      },
      logger: createLogger('stream-processor', { logLevel: 'silent' }),
    })
    return written
  }

  test('are computed from the log; the others keep what they have', async () => {
    await recompute([average])
    await append(0, 100)
    const first = await process([average])
    expect(first.get('average 50')).toBe(49)
    const written = await recompute([doubled, peak])
    expect([...written.keys()].every((name) => /^(average|peak) /.test(name))).toBe(true)
    expect(written.get('average 50')).toBe(98)
    expect(written.get('peak 1')).toBe(0)
    expect(written.get('peak 99')).toBe(98)
    await append(100, 200)
    const later = await process([doubled, peak])
    expect(later.get('average 150')).toBe(298)
    // The window that was open when the state was saved has all of its events.
    expect(later.get('peak 100')).toBe(99)
    expect(await recompute([doubled, peak])).toEqual(new Map())
  })

  test('are not computed anew where only a text for readers changed', async () => {
    await recompute([average, smooth])
    await append(0, 10)
    await process([average, smooth])
    const reworded = {
      ...average,
      title: { vi: 'tốc độ', en: 'speed' },
      about: { vi: 'Trung bình tốc độ.', en: 'Mean speed.' },
      reference: 'HCM 2010',
      unconfirmed: { vi: 'định nghĩa', en: 'the definition' },
    }
    const inputs = { average: history(reworded, 2) }
    expect(await recompute([reworded, { ...smooth, inputs }])).toEqual(new Map())
    expect((await recompute([{ ...reworded, unit: 'km/h' }])).get('average 5')).toBe(4)
  })

  test('take in what they are derived from', async () => {
    await recompute([average])
    await append(0, 100)
    await process([average])
    const written = await recompute([average, smooth])
    expect([...written.keys()].every((name) => name.startsWith('smooth '))).toBe(true)
    expect(written.get('smooth 50')).toBe(48.5)
    await append(100, 110)
    expect((await process([average, smooth])).get('smooth 105')).toBe(103.5)
  })

  test('give out no window that began before the log does', async () => {
    await recompute([average])
    for (let minute = 0; minute < 100; minute += 10) await append(minute, minute + 10)
    await process([average])
    await log.trim(0, 50)
    const written = await recompute([average, peak])
    const { first } = log.bounds(0)
    expect(first).toBeGreaterThan(0)
    expect(written.has(`peak ${first}`)).toBe(false)
    expect(written.get(`peak ${first + 1}`)).toBe(first)
  })

  test('count for a device what its owner sent, though the log begins with what another node sent for it', async () => {
    await recompute([average])
    await append(0, 10)
    await append(10, 20, 'evil')
    await append(20, 40)
    const first = await process([average])
    expect(first.has('average 15')).toBe(false)
    await log.trim(0, 10)
    expect(log.bounds(0).first).toBe(10)
    const written = await recompute([doubled, peak])
    expect(written.has('peak 15')).toBe(false)
    expect(written.get('peak 30')).toBe(29)
  })

  test('that an earlier version saved with the text of their functions keep what they have', async () => {
    const fast = { ...peak, id: 'fast', where: ({ speed_kmh = 0 }) => Number(speed_kmh) > 50 }
    await recompute([average, fast])
    await append(0, 100)
    await process([average, fast])
    const { average: ofAverage, fast: ofFast } = checkpoints.declared() as Record<string, string>
    const withoutPrefix = { average: `${ofAverage}`.slice(5), fast: `${ofFast}`.slice(5) }
    await checkpoints.adopt({ dropped: [], declared: withoutPrefix })
    const [id = ''] = checkpoints.streamIds().filter((one) => one.includes('where:'))
    await checkpoints.rename([[id, id.replace(/where:[^|]*/, () => '({ speed_kmh = 0 }) => speed_kmh > 50 || false')]])
    expect(await recompute([average, fast])).toEqual(new Map())
    expect(checkpoints.streamIds()).toContain(id)
    expect(checkpoints.declared()).toEqual({ average: ofAverage, fast: ofFast })
    await append(100, 110)
    // The window that was open when the state was saved has all of its events.
    expect((await process([average, fast])).get('fast 100')).toBe(99)
  })

  test('of which nothing is left leave nothing behind', async () => {
    await recompute([average, peak])
    await append(0, 100)
    await process([average, peak])
    await recompute([average])
    expect(checkpoints.load()?.indicators.streams).toHaveLength(1)
  })
})
