import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LiveLedger } from '@ioc/contract/messages/live.ts'
import { ledgerTopic } from '@ioc/contract/topics.ts'
import { openLmdbLog } from '@ioc/ingest-log/backends/lmdb/lmdb-log.ts'
import type { IngestLog, LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import { type LaneName, lanesOf } from '@ioc/ingest-log/lanes.ts'
import { parseSeriesKey } from '@ioc/storage/line-protocol/series-key.ts'
import { parse } from '@ioc/storage/testing/points.ts'
import { open } from 'lmdb'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { LiveSource } from './engine/live-source.ts'
import { openCheckpointStore } from './state/checkpoint-store.ts'
import { testEngine } from './testing/engine.ts'
import { type Expected, nameOf, type OracleEvent, recompute } from './testing/oracle.ts'
import { machineIndicators, openTestLog, startTestProcessor, type TestProcessor } from './testing/processor.ts'
import { maxBacklogLinesInFlight } from './turns.ts'

const hour = 3_600_000
const devices = 5
const patience = { timeout: 30_000, interval: 20 }
/** For what is over soon, as a backlog on a fast machine. */
const often = { ...patience, interval: 1 }

describe('a backlog beside what is live', () => {
  let folder: string
  let log: IngestLog
  let processor: TestProcessor | undefined
  let events: OracleEvent[]
  let seq: number

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ioc-lanes-'))
    log = openTestLog(folder)
    events = []
    seq = 0
  })
  afterEach(async () => {
    await processor?.stop()
    processor = undefined
    await log.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Appends a message of some devices to a lane. */
  const append = (lane: LaneName, site: string, ts: number) => {
    seq++
    const records = Array.from({ length: devices }, (_, index) => ({
      device: `device-${index}`,
      ts,
      type: 'system',
      values: { cpu_percent: (seq * 13 + index * 7) % 100, memory_used_percent: seq % 100, disk_used_percent: index },
    }))
    for (const record of records) events.push({ site, ...record })
    const arrival = Date.now()
    const payload = Buffer.from(JSON.stringify({ epoch: 'e', seq, sent: arrival, replay: lane === 'backlog', records }))
    return log.append(lanesOf(0, 1)[lane], { kind: 'telemetry', site, node: 'n', arrival, payload })
  }

  /** So many batches of messages, in the order of their measurement, a second apart. */
  const fill = async (lane: LaneName, site: string, from: number, batches: number, messages: number) => {
    for (let batch = 0; batch < batches; batch++) {
      const ts = from + batch * messages * 1000
      await Promise.all(Array.from({ length: messages }, (_, index) => append(lane, site, ts + index * 1000)))
    }
  }

  const gauges = () => processor?.gauges() ?? {}
  const isOf = (site: string) => (lines: readonly string[]) => lines.some((line) => line.includes(`site=${site},`))

  test('what is live comes out within two batches of a long backlog, and the backlog to its end', async () => {
    const from = Date.now() - 3 * hour
    await fill('backlog', 'cut-off', from, 60, 100)
    const written: string[][] = []
    processor = startTestProcessor(folder, {
      log,
      async write(lines) {
        written.push(lines)
        await sleep(20)
      },
    })
    for (let round = 0; round < 5; round++) {
      const offset = gauges()['backlog_offset'] ?? 0
      await vi.waitFor(() => expect(gauges()['backlog_offset']).toBeGreaterThan(offset), often)
      expect(gauges()['backlog_depth']).toBeGreaterThan(0)
      await append('live', `live-${round}`, Date.now())
      const begun = written.length
      await vi.waitFor(() => expect(written.some(isOf(`live-${round}`))).toBe(true), often)
      const before = written.findIndex(isOf(`live-${round}`)) - begun
      expect(before).toBeLessThanOrEqual(2)
    }
    await vi.waitFor(() => expect(gauges()).toMatchObject({ log_depth: 0, lines_in_flight: 0 }), patience)
    const measured = new Set(written.flat().filter((line) => line.startsWith('system,') && line.includes('cut-off')))
    expect(measured.size).toBe(6000 * devices)
  })

  test.each([
    [
      'its birth',
      'status',
      { online: true, session: 1, agent: { version: '1', host: 'h' }, devices: [{ id: 'device-0', type: 'system' }] },
    ],
    ['what it sent before', 'telemetry', { type: 'system', cpu_percent: 1 }],
  ] as const)('a backlog is not read before what arrived live before it: %s', async (_what, kind, message) => {
    // With a state to go on from it reads at once.
    await startTestProcessor(folder, { log, write: async () => undefined }).stop()
    const arrival = Date.now()
    const first = { kind, site: 'new', node: 'device-0', arrival, payload: Buffer.from(JSON.stringify(message)) }
    await log.append(lanesOf(0, 1).live, first)
    const records = [{ device: 'device-0', ts: arrival - hour, values: { cpu_percent: 50 } }]
    const payload = Buffer.from(JSON.stringify({ epoch: 'e', seq: 1, sent: arrival, replay: true, records }))
    await log.append(lanesOf(0, 1).backlog, { kind: 'telemetry', site: 'new', node: 'device-0', arrival, payload })
    // The live lane is read late: what the machine does sometimes, it does here every time.
    let onBacklogRead: () => void = () => undefined
    const backlogRead = new Promise<void>((resolve) => {
      onBacklogRead = resolve
    })
    const late: IngestLog = {
      ...log,
      async *read(partition, from, options) {
        if (partition === lanesOf(0, 1).live) await backlogRead
        for await (const batch of log.read(partition, from, options)) {
          if (partition === lanesOf(0, 1).backlog) setImmediate(onBacklogRead)
          yield batch
        }
      },
    }
    const order: string[] = []
    processor = startTestProcessor(folder, {
      log: late,
      async write(lines) {
        order.push(...lines.filter((line) => /^(system|undeclared),/.test(line)))
      },
    })
    await vi.waitFor(() => expect(gauges()['log_depth']).toBe(0), patience)
    await vi.waitFor(() => expect(order.at(-1)).toContain('cpu_percent=50'), patience)
    if (kind === 'status') expect(order.at(-1)).toMatch(/^system,/)
    else expect(order[0]).toContain('cpu_percent=1')
  })

  test('while the store is away the backlog leaves room for what is live', async () => {
    const from = Date.now() - 3 * hour
    await fill('backlog', 'cut-off', from, 60, 100)
    let release: () => void = () => undefined
    const away = new Promise<void>((resolve) => {
      release = resolve
    })
    const written: string[][] = []
    const published = new Set<string>()
    processor = startTestProcessor(folder, {
      log,
      write(lines) {
        written.push(lines)
        return away
      },
      publish(live) {
        for (const { topic } of live) published.add(topic)
      },
    })
    await vi.waitFor(() => expect(gauges()['lines_in_flight']).toBeGreaterThan(maxBacklogLinesInFlight), patience)
    const stopped = gauges()['backlog_offset'] ?? 0
    await append('live', 'live', Date.now())
    await vi.waitFor(() => expect(written.some(isOf('live'))).toBe(true), patience)
    // The live topics are told behind the batch, not with it.
    await vi.waitFor(() => expect(published).toContain(ledgerTopic({ site: 'live', node: 'n' })), patience)
    expect(gauges()['lag_ms']).toBe(0)
    // One batch may be its share beside the live one.
    expect(gauges()['backlog_offset']).toBeLessThanOrEqual(stopped + 100)
    expect(gauges()['backlog_depth']).toBeGreaterThan(0)
    expect(gauges()['backlog_lag_ms']).toBeGreaterThan(0)
    release()
    await vi.waitFor(() => expect(gauges()).toMatchObject({ log_depth: 0, backlog_lag_ms: 0 }), patience)
  })

  test('the backlog goes on beside a live lane that does not end', async () => {
    await fill('backlog', 'cut-off', Date.now() - 3 * hour, 20, 20)
    await fill('live', 'live', Date.now() - hour, 100, 20)
    const order: string[] = []
    processor = startTestProcessor(folder, {
      log,
      async write(lines) {
        if (isOf('cut-off')(lines)) order.push('backlog')
        else if (isOf('live')(lines)) order.push('live')
      },
    })
    await vi.waitFor(() => expect(gauges()['log_depth']).toBe(0), patience)
    const beside = order.slice(0, order.lastIndexOf('live')).filter((lane) => lane === 'backlog').length
    expect(beside).toBeGreaterThanOrEqual(5)
    expect(beside).toBeLessThanOrEqual(15)
  })

  test('killed in the middle of both, the result is what follows from all events', async () => {
    const now = Date.now()
    await fill('live', 'both', now - hour, 20, 10)
    await fill('backlog', 'both', now - 4 * hour, 100, 10)
    await fill('backlog', 'cut-off', now - 5 * hour, 100, 10)
    const files: string[] = []
    for (const [round, offset] of [200, 700, 1200].entries()) {
      const file = join(folder, `lines-${round}`)
      files.push(file)
      await log.stop()
      const child = fork(
        new URL('testing/die-in-backlog.ts', import.meta.url).pathname,
        [folder, file, String(offset)],
        {
          execArgv: [],
        },
      )
      await once(child, 'exit')
      expect(child.signalCode).toBe('SIGKILL')
      log = openTestLog(folder)
      const state = openCheckpointStore(join(folder, 'state'))
      const saved = state.load()
      await state.stop()
      expect(saved?.offsets.backlog).toBeGreaterThanOrEqual(offset)
      expect(saved?.offsets.backlog).toBeLessThan(2000)
      await fill('live', 'both', now - hour / 2 + round * 600_000, 10, 10)
    }
    const lines = files.flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(0, -1))
    const live = new Map<string, LiveSource>()
    processor = startTestProcessor(folder, {
      log,
      async write(more) {
        lines.push(...more)
      },
      publish(sources) {
        for (const source of sources) live.set(source.topic, source)
      },
    })
    await vi.waitFor(() => expect(gauges()['log_depth']).toBe(0), patience)
    const expected = recompute(machineIndicators, events)
    await vi.waitFor(() => expect(storedIndicators(lines)).toEqual(expected), patience)
    for (const site of ['both', 'cut-off']) {
      const ledger = live.get(ledgerTopic({ site, node: 'n' }))?.read() as LiveLedger
      const sent = new Set(events.filter((event) => event.site === site).map(({ ts }) => ts))
      expect(ledger).toMatchObject({ stored: sent.size, duplicates: 0, lost: 0, too_late: 0 })
    }
  })

  test('a state from before the log had lanes goes on where it was', async () => {
    await log.stop()
    log = openLmdbLog({ path: join(folder, 'log'), partitions: 1, maxBytes: 1e9, durability: 'flush' })
    await fill('live', 'old', Date.now() - hour, 10, 10)
    await log.stop()
    log = openTestLog(folder)
    processor = startTestProcessor(folder, { log, write: async () => undefined })
    await vi.waitFor(() => expect(gauges()['log_depth']).toBe(0), patience)
    await processor.stop()
    await forgetBacklogOffset(join(folder, 'state'))
    await fill('live', 'old', Date.now() - hour / 2, 10, 10)
    await fill('backlog', 'old', Date.now() - 2 * hour, 10, 10)
    const live = new Map<string, LiveSource>()
    processor = startTestProcessor(folder, {
      log,
      write: async () => undefined,
      publish(sources) {
        for (const source of sources) live.set(source.topic, source)
      },
    })
    expect(gauges()).toMatchObject({ offset: 100, backlog_offset: 0 })
    await vi.waitFor(() => expect(gauges()['log_depth']).toBe(0), patience)
    const ledger = live.get(ledgerTopic({ site: 'old', node: 'n' }))?.read()
    expect(ledger).toMatchObject({ stored: 300, duplicates: 0, queued: 0 })
  })

  test('both lanes give up what is processed before the log is full', async () => {
    await log.stop()
    const maxBytes = 4 << 20
    log = openTestLog(folder, maxBytes)
    processor = startTestProcessor(folder, { log, write: async () => undefined, retentionBytes: maxBytes / 2 })
    for (let batch = 0; batch < 100; batch++) {
      await fill('live', 'a', Date.now() - hour, 1, 50)
      await fill('backlog', 'b', Date.now() - 2 * hour, 1, 50)
      await vi.waitFor(() => expect(log.sizeBytes()).toBeLessThan(maxBytes * 0.75), patience)
    }
    const lanes = lanesOf(0, 1)
    expect(log.bounds(lanes.live).first).toBeGreaterThan(0)
    expect(log.bounds(lanes.backlog).first).toBeGreaterThan(0)
  })
})

test('what arrived earlier, and is read later, sets neither the ledger nor its points back', () => {
  const engine = testEngine({ indicators: machineIndicators })
  const message = (seq: number, arrival: number, replay: boolean): LogRecord => {
    const records = [{ device: 'a', ts: arrival - 1000, type: 'system', values: { cpu_percent: seq } }]
    const payload = Buffer.from(JSON.stringify({ epoch: 'e', seq, sent: arrival - 500, replay, records }))
    return { kind: 'telemetry', site: 's', node: 'n', arrival, payload }
  }
  const t = 1_764_000_000_000
  const first = engine.process({ offset: 0, next: 1, records: [message(1, t + 3_600_000, false)] })
  expect(first.ledgerPoints).toMatchObject([{ ts: t + 3_600_000, stored: 1 }])
  const records = [message(2, t, true), message(3, t + 20_000, true)]
  expect(engine.process({ offset: 0, next: 2, records }).ledgerPoints).toEqual([])
  const { ledgers, clock } = engine.changes({ live: 1, backlog: 2 })
  expect(clock).toBe(t + 3_600_000)
  expect(ledgers).toMatchObject([{ ts: t + 3_600_000, offset_ms: 500 }])
  const next = engine.process({ offset: 1, next: 2, records: [message(4, t + 3_610_000, false)] })
  expect(next.ledgerPoints).toMatchObject([{ ts: t + 3_610_000, stored: 4, queued: 0 }])
})

/** Makes a saved state one of the time before there was a backlog lane. */
async function forgetBacklogOffset(path: string): Promise<void> {
  const root = open<unknown, string[]>({ path, encoding: 'msgpack', maxDbs: 4 })
  const { backlog, ...meta } = root.get(['meta']) as Record<string, unknown>
  expect(backlog).toBe(0)
  await root.put(['meta'], meta)
  await root.close()
}

/** What a store keeps of indicators, where the last line of a point counts; named as the oracle names them. */
function storedIndicators(lines: readonly string[]): Map<string, Expected> {
  const stored = new Map<string, Expected>()
  const { points, errors } = parse(lines.filter((line) => line.startsWith('indicator,')).join('\n'), 'ms', 0n)
  expect(errors).toEqual([])
  for (const { series, names, values, time } of points) {
    const { id = '', scope = '', site, device } = Object.fromEntries(parseSeriesKey(series).tags)
    const key = { device: `${site}/${device}`, site, district: 'district' }[scope] ?? ''
    const field = (name: string) => Number(values[names.indexOf(name)])
    stored.set(nameOf(id, scope as 'device', key, undefined, Number(time / 1_000_000n)), {
      value: field('value'),
      level: field('level'),
      samples: field('samples'),
    })
  }
  return stored
}
