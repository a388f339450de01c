import { replayOf } from '@ioc/contract/messages/replay.ts'
import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import { describe, expect, test } from 'vitest'
import { indicator, type MeasuredIndicator } from '../indicators/indicator.ts'
import { caseIndicators, indicators } from '../indicators/table.ts'
import { createSavedState, testEngine } from '../testing/engine.ts'
import { deviceCount, mean, totalOfLast } from './aggregates/aggregates.ts'
import type { Engine, Output } from './engine.ts'

const t0 = 1_764_000_000_000

interface Message {
  readonly node: string
  readonly seq: number
  readonly records: readonly { readonly device: string; readonly ts: number; readonly cpu: number }[]
}

function telemetry({ node, seq, records }: Message, arrival = t0 + 3_600_000): LogRecord {
  const payload = Buffer.from(
    JSON.stringify({
      epoch: 'e1',
      seq,
      sent: arrival,
      records: records.map(({ device, ts, cpu }) => ({
        device,
        ts,
        type: 'system',
        values: { cpu_percent: cpu, memory_used_percent: 100 - cpu, net_rx_bytes_per_s: cpu * 10 },
      })),
    }),
  )
  return { kind: 'telemetry', site: 'site-1', node, arrival, payload }
}

function raw(kind: LogRecord['kind'], json: unknown, arrival = t0): LogRecord {
  return { kind, site: 'site-1', node: 'node-1', arrival, payload: Buffer.from(JSON.stringify(json)) }
}

function feed(engine: Engine, records: readonly LogRecord[], offset = 0): Output {
  return engine.process({ offset, records, next: offset + records.length })
}

const read = (engine: Engine, kind: string) =>
  engine
    .takeLive(1_000)
    .filter(({ topic }) => topic.includes(`/_live/${kind}/`))
    .map((source) => source.read())
const ledgers = (engine: Engine) => read(engine, 'ledger')
const devices = (engine: Engine) => read(engine, 'device')

describe('engine', () => {
  test('counts what came too late for its windows, and stores it all the same', () => {
    const engine = testEngine({ indicators, latenessMs: 60_000 })
    feed(engine, [telemetry({ node: 'node-1', seq: 1, records: [{ device: 'a', ts: t0 + 3_000_000, cpu: 1 }] })])
    const output = feed(engine, [telemetry({ node: 'node-1', seq: 2, records: [{ device: 'a', ts: t0, cpu: 1 }] })])
    expect(engine.counts.tooLate).toBeGreaterThan(0)
    expect(output.measurements).toHaveLength(1)
    expect(output.points).toEqual([])
  })

  test('keeps a ledger that adds up: duplicates, gaps, losses, rejects, a new epoch', () => {
    const engine = testEngine({ indicators })
    const say = (epoch: string, seq: number, lost = 0) =>
      raw('telemetry', { epoch, seq, sent: t0 - 20, lost, records: [{ device: 'a', ts: t0, values: { x: 1 } }] })
    feed(engine, [
      say('e1', 1),
      say('e1', 2),
      say('e1', 2),
      say('e1', 7, 1),
      raw('rejected', { code: 'PAYLOAD_INVALID', channel: 'telemetry', epoch: 'e1', seq: 5 }),
      raw('rejected', { code: 'PAYLOAD_NOT_JSON', channel: 'telemetry' }),
      say('e2', 1),
    ])
    expect(ledgers(engine)).toEqual([
      {
        site: 'site-1',
        node: 'node-1',
        ts: t0,
        sent: 9,
        stored: 4,
        duplicates: 1,
        queued: 2,
        lost: 1,
        rejected: 2,
        offset_ms: 20,
        clamped: 0,
        too_late: 0,
        corrected: 0,
        reused: 0,
        over_quota: 0,
        refused: 0,
        problem: { ts: t0, code: 'PAYLOAD_NOT_JSON', reason: 'telemetry: A payload is not valid JSON in UTF-8.' },
      },
    ])
  })

  test('learns devices from births, ignores a will of another session, and never rolls "last measured" back', () => {
    const engine = testEngine({ indicators })
    const birth = {
      online: true,
      session: 5,
      agent: { version: '1', host: 'h' },
      devices: [{ id: 'a', type: 'air_quality', name: 'Trạm A' }],
    }
    const measured = (ts: number, seq: number) =>
      raw('telemetry', { epoch: 'e', seq, sent: t0, records: [{ device: 'a', ts, values: { pm25: 3 } }] })
    feed(engine, [
      raw('status', birth),
      measured(t0, 1),
      measured(t0 - 60_000, 2),
      raw('status', { online: false, session: 4 }),
    ])
    expect(devices(engine).at(-1)).toMatchObject({
      device: 'a',
      type: 'air_quality',
      name: 'Trạm A',
      last_ts: t0,
      online: true,
    })
    feed(engine, [raw('status', { online: false, session: 5 })])
    expect(devices(engine)[0]).toMatchObject({ online: false })
    expect(engine.takeLive(1_000)).toEqual([])
  })

  test('devices beyond the limit are stored, and known nowhere else; those within it go on', () => {
    const engine = testEngine({ indicators, maxAllDevices: 2 })
    const at = (seq: number) => {
      const records = ['a', 'b', 'c', 'd'].map((device) => ({ device, ts: t0 + seq * 60_000, cpu: 1 }))
      return telemetry({ node: 'node-1', seq, records }, t0 + seq * 60_000)
    }
    const outputs = [feed(engine, [at(1)]), feed(engine, [at(2), at(3)])]
    const birth = {
      online: true,
      session: 1,
      agent: { version: '1', host: 'h' },
      devices: ['e', 'a'].map((id) => ({ id, type: 'system' })),
    }
    feed(engine, [raw('status', birth)])
    expect(outputs.flatMap(({ measurements }) => measurements)).toHaveLength(12)
    expect(outputs.flatMap(({ points }) => points).some(({ place }) => place.key === 'site-1/a')).toBe(true)
    expect(outputs.flatMap(({ points }) => points).some(({ place }) => place.key === 'site-1/c')).toBe(false)
    expect(new Set(devices(engine).map((one) => (one as { device: string }).device))).toEqual(new Set(['a', 'b']))
    expect(engine.overLimit()).toBe(7)
  })

  test('a device beyond the limit of series counts for no site, and spoils none', () => {
    const inOrder = indicator({
      id: 'cpu_over_time',
      title: { vi: 'thử', en: 'test' },
      about: { vi: 'Thử.', en: 'A test.' },
      unit: '%',
      source: 'system',
      window: { kind: 'tumbling', size_s: 60 },
      scopes: ['device', 'site'],
      aggregates: {
        total: totalOfLast('cpu_percent', { hold_s: 600 }),
        devices: deviceCount('cpu_percent', { hold_s: 600 }),
      },
      value: ({ total, devices }) => total / devices,
    })
    const engine = testEngine({ indicators: [inOrder], maxSeries: 2 })
    const cpu: Record<string, number> = { a: 10, b: 20, c: 90 }
    const at = (seq: number) => {
      const records = Object.entries(cpu).map(([device, value]) => ({ device, ts: t0 + seq * 60_000, cpu: value }))
      return telemetry({ node: 'node-1', seq, records }, t0 + seq * 60_000)
    }
    const { points } = feed(engine, [at(1), at(2), at(3)])
    const values = points.filter(({ place }) => place.scope === 'site').map(({ value }) => value)
    expect(values.length).toBeGreaterThan(0)
    for (const value of values) expect(value).toBeCloseTo(15, 9)
  })

  test('a few measurements of a new machine raise no level, live or stored, nor after a restart', () => {
    const store = createSavedState()
    const engine = testEngine({ indicators, archiveOf: store.archiveOf })
    const at = (second: number, cpu = 99) => {
      const records = [{ device: 'a', ts: t0 + second * 1000, cpu }]
      return telemetry({ node: 'node-1', seq: second, records }, t0 + second * 1000)
    }
    const levels = (of: Engine) =>
      read(of, 'indicator')
        .filter((one) => one != null && 'scope' in one && one.scope === 'device' && one.id === 'system_cpu_5m')
        .map((one) => one && 'level' in one && one.level)
    feed(engine, [at(4)])
    expect(levels(engine)).toEqual([0])
    store.take(engine.changes({ live: 1, backlog: 0 }))
    const again = testEngine({ indicators, archiveOf: store.archiveOf })
    again.restore(store.saved())
    feed(again, [at(14)], 1)
    expect(levels(again)).toEqual([0])
    feed(again, [at(24)], 2)
    expect(levels(again)).toEqual([0])
    feed(again, [at(154)], 3)
    expect(levels(again)).toEqual([3])
    const alone = feed(testEngine({ indicators }), [at(4), at(400, 1)])
    const stored = alone.points.filter(
      ({ indicator: { id }, place }) => id === 'system_cpu_5m' && place.key === 'site-1/a',
    )
    expect(stored.length).toBeGreaterThan(0)
    expect(new Set(stored.map(({ value, level }) => [value, level].join()))).toEqual(new Set(['99,0']))
  })

  describe('live values of cases after a message', () => {
    const dossier = (seq: number, one: object, arrival: number) =>
      ({
        ...raw(
          'cases',
          { epoch: 'c', seq, sent: arrival, records: [{ device: 'desk', ts: arrival, ...one }] },
          arrival,
        ),
      }) as const
    const overdue = (engine: Engine, id = 'one_stop_overdue') =>
      engine
        .snapshot()
        .filter(({ topic }) => topic.endsWith(`/indicator/${id}/district/district`))
        .map((source) => (source.read() as { value: number } | undefined)?.value)

    test.each([
      ['overdue for a day', 'one_stop', 'one_stop_overdue', { due: t0 - 86_400_000 }, [1]],
      ['overdue for a second', 'one_stop', 'one_stop_overdue', { due: t0 - 1_000 }, [1]],
      ['not due yet', 'one_stop', 'one_stop_overdue', { due: t0 + 86_400_000 }, [0]],
      ['overdue, of another kind', 'citizen_report', 'report_overdue', { due: t0 - 86_400_000 }, [1]],
    ])('%s: it is counted with the message, not later', (_what, type, id, times, expected) => {
      const engine = testEngine({ indicators, caseIndicators })
      engine.tick(t0)
      const one = { id: 'one', state: 'open', opened: t0 - 2 * 86_400_000, ...times }
      feed(engine, [dossier(1, { type, case: one }, t0 + 10)])
      expect(overdue(engine, id)).toEqual(expected)
    })
  })

  describe('bad input', () => {
    const one = (record: Record<string, unknown>, arrival = t0, engine = testEngine({ indicators })) =>
      feed(engine, [raw('telemetry', { epoch: 'e', seq: 1, sent: t0, records: [{ device: 'a', ...record }] }, arrival)])

    test.each([
      ['negative', -5],
      ['in seconds', t0 / 1000],
      ['in microseconds', t0 * 1000],
    ])('a time that is %s is a dead letter with the reason', (_what, ts) => {
      const output = one({ ts, values: { pm25: 1 } })
      expect(output.measurements).toEqual([])
      expect(output.deadLetters[0]?.letter).toMatchObject({ code: 'RECORD_INVALID', site: 'site-1', node: 'node-1' })
    })

    test('a time a year ahead is clamped to the arrival, keeps what it claimed, and is counted', () => {
      const engine = testEngine({ indicators })
      const output = one({ ts: t0 + 31_536_000_000, values: { pm25: 1 } }, t0, engine)
      expect(output.measurements[0]).toMatchObject({ ts: t0, claimed: t0 + 31_536_000_000 })
      expect(ledgers(engine)[0]).toMatchObject({ clamped: 1 })
    })

    test.each([
      ['begins at 1970', { sent: 60_000, ts: 50_000 }],
      ['is three days behind', { sent: t0 - 259_200_000, ts: t0 - 259_210_000 }],
      ['is a year ahead', { sent: t0 + 31_536_000_000, ts: t0 + 31_535_990_000 }],
      ['counts from long before', { sent: -5e15, ts: -5e15 - 10_000 }],
    ])('a record of a node whose clock %s is placed by its age, and is counted', (_what, { sent, ts }) => {
      const engine = testEngine({ indicators })
      const records = [{ device: 'a', ts, values: { x: 1 } }]
      const output = feed(engine, [raw('telemetry', { epoch: 'e', seq: 1, sent, records })])
      expect(output.measurements[0]).toMatchObject({ ts: t0 - 10_000, claimed: ts })
      expect(ledgers(engine)[0]).toMatchObject({ corrected: 1, clamped: 0, stored: 1 })
    })

    test('a bare device without a clock is measured when its message arrives', () => {
      const engine = testEngine({ indicators })
      const output = feed(engine, [raw('telemetry', { ts: 50_000, x: 1 }), raw('telemetry', { ts: null, x: 1 })])
      expect(output.measurements.map(({ ts, claimed }) => [ts, claimed])).toEqual([
        [t0, 50_000],
        [t0, undefined],
      ])
      expect(output.deadLetters).toEqual([])
      expect(ledgers(engine)[0]).toMatchObject({ corrected: 1, stored: 2 })
    })

    test.each([
      ['nulls', { pm25: null }],
      ['values out of range', { pm25: 1e9 }],
    ])('a record with nothing but %s is no measurement: its device becomes silent', (_what, values) => {
      const engine = testEngine({ indicators })
      one({ ts: t0, type: 'air_quality', values: { pm25: 5 } }, t0, engine)
      const output = one({ ts: t0 + 60_000, type: 'air_quality', values }, t0 + 60_000, engine)
      expect(output.measurements).toEqual([])
      expect(read(engine, 'device').at(-1)).toMatchObject({ last_ts: t0 })
    })

    test('the version of a case of a node whose clock is wrong is placed by its age, too', () => {
      const engine = testEngine({ indicators })
      const one = { id: 'x', state: '1', opened: t0 - 86_400_000 }
      const records = [{ device: 'a', ts: 50_000, type: 'one_stop', case: one }]
      const output = feed(engine, [raw('cases', { epoch: 'e', seq: 1, sent: 60_000, records })])
      expect(output.deadLetters).toEqual([])
      expect(ledgers(engine)[0]).toMatchObject({ corrected: 1, stored: 1 })
    })

    test('a string where a number was declared is a dead letter; the other values are stored', () => {
      const output = one({ ts: t0, type: 'air_quality', values: { pm25: 'high', pm10: 4 } })
      expect(output.deadLetters[0]?.letter.reason).toContain('pm25')
      expect(output.measurements[0]?.values).toEqual({ pm10: 4 })
    })

    test('an unknown metric, and a device of no known type, lose nothing', () => {
      expect(one({ ts: t0, type: 'air_quality', values: { pm25: 1, radon: 7 } }).measurements[0]).toMatchObject({
        type: 'air_quality',
        values: { pm25: 1 },
        undeclared: { radon: 7 },
      })
      expect(one({ ts: t0, type: 'toaster', values: { crumbs: 2 } }).measurements[0]).toMatchObject({
        type: 'undeclared',
        values: { crumbs: 2 },
      })
    })

    test('a type named after what every object has is no type', () => {
      expect(one({ ts: t0, type: 'constructor', values: { x: 2 } }).measurements[0]?.type).toBe('undeclared')
    })
  })

  describe('what fails', () => {
    const minute = (change: Partial<MeasuredIndicator>): MeasuredIndicator => ({
      ...indicator({
        id: 'cpu',
        title: { vi: 'thử', en: 'test' },
        about: { vi: 'Thử.', en: 'A test.' },
        unit: '%',
        source: 'system',
        window: { kind: 'tumbling', size_s: 60 },
        scopes: ['device'],
        aggregates: { cpu: mean('cpu_percent') },
        value: ({ cpu }) => cpu,
      }),
      ...change,
    })
    const fails = (): never => {
      throw new TypeError('a fault of ours')
    }
    const at = (seq: number, cpu: number) => {
      const records = ['a', 'b'].map((device) => ({ device, ts: t0 + seq * 60_000, cpu: device === 'a' ? cpu : 1 }))
      return telemetry({ node: 'node-1', seq, records }, t0 + seq * 60_000)
    }

    test('with one measurement costs that alone: it is a dead letter that can be replayed', () => {
      const where = ({ cpu_percent: cpu }: Readonly<Record<string, unknown>>) => (cpu === 66 ? fails() : true)
      const engine = testEngine({ indicators: [minute({ where })] })
      const output = feed(engine, [at(1, 50), at(2, 66), at(3, 50), at(4, 50)])
      expect(output.measurements).toHaveLength(8)
      const values = output.points.map(({ place, value }) => `${place.key} ${value}`)
      expect(values.sort()).toEqual(['site-1/a 50', 'site-1/a 50', 'site-1/b 1', 'site-1/b 1', 'site-1/b 1'])
      const [dead, ...others] = output.deadLetters
      expect(others).toEqual([])
      expect(dead?.letter).toMatchObject({
        code: 'RECORD_FAILED',
        site: 'site-1',
        node: 'node-1',
        channel: 'telemetry',
      })
      expect(dead?.letter.reason).toMatch(/^TypeError: a fault of ours at fails/)
      expect(replayOf({ ...(dead as NonNullable<typeof dead>).letter })?.channel).toBe('telemetry')
      expect(engine.counts.failures).toBe(1)
      expect(ledgers(engine)[0]).toMatchObject({ sent: 4, stored: 4, rejected: 0 })
    })

    test('with one indicator costs its values alone', () => {
      const engine = testEngine({ indicators: [minute({ id: 'failing', value: fails }), minute({ id: 'sound' })] })
      const output = feed(engine, [at(1, 50), at(2, 50)])
      expect(output.points.map(({ indicator: { id } }) => id)).toEqual(['sound', 'sound'])
      expect(engine.tick(t0 + 3_600_000).points.map(({ indicator: { id } }) => id)).toEqual(['sound', 'sound'])
      expect(engine.counts.failures).toBe(0)
    })

    test('with a record that an older broker let pass is its dead letter, and is rejected in the ledger', () => {
      const engine = testEngine({ indicators })
      const output = feed(engine, [raw('telemetry', { epoch: 'e', seq: 3, records: [] }), at(1, 1)])
      expect(output.measurements).toHaveLength(2)
      expect(output.deadLetters[0]?.letter).toMatchObject({
        code: 'PAYLOAD_INVALID',
        reason: expect.stringContaining('records'),
      })
      expect(ledgers(engine)[0]).toMatchObject({ sent: 4, stored: 1, rejected: 1, queued: 2 })
      expect(engine.changes({ live: 2, backlog: 0 }).ledgers).toHaveLength(1)
    })

    test('of a repeated message is reported once', () => {
      const engine = testEngine({ indicators })
      const records = [{ device: 'a', ts: t0, values: { x: 1, y: [], 'z z': Array(20).fill(1) } }]
      const message = raw('telemetry', { epoch: 'e', seq: 1, sent: t0, records })
      expect(feed(engine, [message, message], 5).deadLetters.map(({ id }) => id)).toEqual(['5-as-sent-0'])
    })

    test('of a case of no declared type makes no device known', () => {
      const engine = testEngine({ indicators })
      const records = [{ device: 'desk', ts: t0, case: { id: '1', state: 'open', opened: t0 } }]
      const { deadLetters } = feed(engine, [raw('cases', { epoch: 'e', seq: 1, sent: t0, records })])
      expect(deadLetters.map(({ letter }) => letter.code)).toEqual(['RECORD_INVALID'])
      expect(engine.snapshot().filter(({ topic }) => topic.includes('/device/'))).toEqual([])
    })

    test.each([
      ['telemetry', 'that cannot be read', { device: 'a', ts: t0, values: [] }],
      ['telemetry', 'out of range', { device: 'a', ts: t0, type: 'air_quality', values: { pm25: 1e9 } }],
      ['cases', 'of no declared type', { device: 'a', ts: t0, case: { id: '1', state: 'open', opened: t0 } }],
    ] as const)('of %s with 5,000 records %s is at most 100, and one for the rest', (kind, _what, bad) => {
      const engine = testEngine({ indicators })
      const good = kind === 'telemetry' ? [{ device: 'a', ts: t0, values: { x: 1 } }] : []
      const records = [...good, ...Array(5_000).fill(bad)]
      const { deadLetters } = feed(engine, [raw(kind, { epoch: 'e', seq: 1, sent: t0, records })])
      expect(deadLetters).toHaveLength(101)
      const { letter } = deadLetters.at(-1) as (typeof deadLetters)[number]
      expect(letter.reason).toMatch(/; and 4899 more records$/)
      expect(JSON.parse(letter.payload.toString())).toEqual(Array(4_900).fill(bad))
    })
  })

  test('says in the ledger of a node what the store refused of its devices', () => {
    const engine = testEngine({ indicators })
    feed(engine, [telemetry({ node: 'node-1', seq: 1, records: [{ device: 'a', ts: t0, cpu: 1 }] })])
    expect(engine.noteRefused({ site: 'site-1', device: 'a' }, 'field type conflict')).toBe('node-1')
    expect(engine.noteRefused({ site: 'site-1', node: 'node-1' }, 'field type conflict')).toBe('node-1')
    expect(engine.noteRefused({ site: 'site-1', device: 'unheard' }, 'field type conflict')).toBe('')
    expect(ledgers(engine)[0]).toMatchObject({
      refused: 2,
      problem: { code: 'STORE_REFUSED', reason: 'field type conflict' },
    })
    expect(engine.changes({ live: 1, backlog: 0 }).ledgers).toMatchObject([{ refused: 2 }])
  })
})
