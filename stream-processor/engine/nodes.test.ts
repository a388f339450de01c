import { undeclared } from '@ioc/contract/device-types/table.ts'
import type { LiveDevice, LiveLedger } from '@ioc/contract/messages/live.ts'
import { deviceTopic, indicatorTopic, ledgerTopic } from '@ioc/contract/topics.ts'
import { encodePayload } from '@ioc/ingest-log/broker-records.ts'
import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import { propertyRuns } from '@ioc/runtime/testing/property-runs.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { caseIndicator } from '../indicators/case-indicator.ts'
import { indicator } from '../indicators/indicator.ts'
import { indicators } from '../indicators/table.ts'
import { createSavedState, testEngine } from '../testing/engine.ts'
import { deviceCount, mean, totalOfLast } from './aggregates/aggregates.ts'
import { noQuotas } from './devices.ts'
import type { Engine, EngineOptions, Output } from './engine.ts'

const t0 = 1_764_000_000_000
const hour = 3_600_000

const record = (kind: LogRecord['kind'], node: string, payload: object | '', arrival = t0): LogRecord => ({
  kind,
  site: 's',
  node,
  arrival,
  payload: payload === '' ? Buffer.alloc(0) : Buffer.from(JSON.stringify(payload)),
})

const birth = (node: string, session: number, devices: readonly object[] = [], more: object = {}, arrival = t0) =>
  record('status', node, { online: true, session, agent: { version: '1', host: 'h' }, devices, ...more }, arrival)
const will = (node: string, session: number) => record('status', node, { online: false, session })
const connection = (node: string, id: string, connected: boolean, arrival = t0): LogRecord => {
  return { ...record('connection', node, '', arrival), payload: encodePayload({ connected, connection: id }) }
}
/** The broker has started. */
const start = (): LogRecord => ({ ...connection('', '', false), site: '' })
const forgotten = (node: string, device?: string, arrival = t0): LogRecord => {
  const payload = encodePayload(device === undefined ? {} : { device })
  return { ...record('forgotten', node, '', arrival), payload }
}

interface Sent {
  readonly epoch?: string
  readonly seq: number
  readonly device?: string
  readonly values?: object
  readonly type?: string | undefined
  readonly arrival?: number
  readonly more?: object
}
const measured = (node: string, { epoch = 'e', seq, device = 'a', values, type, arrival = t0, more = {} }: Sent) => {
  const records = [{ device, ts: arrival, ...(type ? { type } : {}), values: values ?? { pm25: seq } }]
  return record('telemetry', node, { epoch, seq, sent: arrival, records, ...more }, arrival)
}

let offset = 0
function feed(engine: Engine, ...records: readonly LogRecord[]): Output {
  offset += records.length
  return engine.process({ offset: offset - records.length, records, next: offset })
}

const sources = (engine: Engine) => new Map(engine.snapshot().map(({ topic, read }) => [topic, read()]))
const deviceAt = (engine: Engine, device: string, type: string = undeclared) =>
  sources(engine).get(deviceTopic('s', device, type)) as LiveDevice | null | undefined
const ledgerAt = (engine: Engine, node: string) =>
  sources(engine).get(ledgerTopic({ site: 's', node })) as LiveLedger | null | undefined
const problemAt = (engine: Engine, node: string) => ledgerAt(engine, node)?.problem
const isOnline = (engine: Engine, device: string, type?: string) => deviceAt(engine, device, type)?.online

/** What `engine` has saved, in an engine of its own. */
function restarted(engine: Engine, options: Partial<EngineOptions> = {}): Engine {
  const state = createSavedState()
  state.take(engine.changes({ live: 0, backlog: 0 }))
  const again = testEngine({ indicators, ...options, archiveOf: state.archiveOf })
  again.restore(state.saved())
  return again
}

describe('sessions', () => {
  test.each([
    ['a counter that went back', [birth('n', 900_000), will('n', 900_000), birth('n', 5)], true],
    ['the late will of the connection before', [birth('n', 1), birth('n', 2), will('n', 1)], true],
    ['the late will of a session that was higher', [birth('n', 9), birth('n', 2), will('n', 9)], true],
    ['its own will', [birth('n', 1), birth('n', 2), will('n', 2)], false],
    ['a birth that is published again on the same connection', [birth('n', 3), will('n', 3), birth('n', 3)], true],
    ['a will before any birth', [will('n', 7)], false],
  ] as const)('%s', (_what, records, online) => {
    const engine = testEngine({ indicators })
    feed(engine, measured('n', { seq: 1 }), ...records)
    expect(isOnline(engine, 'a')).toBe(online)
    expect(isOnline(restarted(engine), 'a')).toBe(online)
  })
})

describe('online means connected', () => {
  test.each([
    ['connected, and silent', [connection('n', '1', true)], true],
    ['a clean end, without a will', [connection('n', '1', true), connection('n', '1', false)], false],
    [
      'the end of an old connection that is recorded late',
      [connection('n', '1', true), connection('n', '2', true), connection('n', '1', false)],
      true,
    ],
    [
      'a node with two connections, of which one ends',
      [connection('n', '1', true), connection('n', '2', true), connection('n', '2', false)],
      true,
    ],
    [
      'the late will of a node whose session is always 0',
      [
        connection('n', '1', true),
        birth('n', 0),
        connection('n', '2', true),
        birth('n', 0),
        connection('n', '1', false),
        will('n', 0),
      ],
      true,
    ],
    ['a broker that was killed, and started', [connection('n', '1', true), birth('n', 1), start()], false],
    ['back after that', [connection('n', '1', true), start(), connection('n', '7', true)], true],
    ['a broker that starts with what an older one left', [birth('n', 1), start()], false],
    ['nothing recorded', [], true],
  ] as const)('%s', (_what, records, online) => {
    const engine = testEngine({ indicators })
    feed(engine, measured('n', { seq: 1 }), ...records)
    expect(isOnline(engine, 'a')).toBe(online)
    expect(isOnline(restarted(engine), 'a')).toBe(online)
  })

  test('all devices of a node are published when its connection changes, listed by its birth or not', () => {
    const engine = testEngine({ indicators })
    feed(
      engine,
      connection('n', '1', true),
      birth('n', 1, [{ id: 'listed' }]),
      measured('n', { seq: 1, device: 'other' }),
    )
    const published = () =>
      engine.takeLive(100).flatMap(({ topic, read }) => (topic.includes('/device/') ? [read()] : []))
    const both = (online: boolean) =>
      expect.arrayContaining(['listed', 'other'].map((device) => expect.objectContaining({ device, online })))
    expect(published()).toEqual(both(true))
    feed(engine, connection('n', '1', false))
    expect(published()).toEqual(both(false))
    feed(engine, connection('n', '2', true), birth('n', 2, [{ id: 'listed' }]))
    expect(published()).toEqual(both(true))
  })
})

describe('a device that belongs to another node', () => {
  test.each([
    ['is not measured by it', (seq: number, arrival: number) => measured('evil', { seq, arrival, device: 'a' })],
    [
      'has no cases from it',
      (seq: number, arrival: number) =>
        record('cases', 'evil', {
          epoch: 'e',
          seq,
          sent: arrival,
          records: [{ device: 'a', ts: arrival, type: 'one_stop', case: { id: '1', state: 'x', opened: arrival } }],
        }),
    ],
  ])('%s', (_what, message) => {
    const engine = testEngine({ indicators })
    feed(engine, measured('n', { seq: 1, values: { pm25: 4 }, type: 'air_quality' }))
    const { measurements, deadLetters } = feed(engine, message(1, t0))
    expect(measurements).toEqual([])
    expect(deadLetters).toMatchObject([{ letter: { code: 'DEVICE_NOT_OWNED', node: 'evil' } }])
    expect(ledgerAt(engine, 'evil')).toMatchObject({
      sent: 1,
      stored: 0,
      rejected: 1,
      problem: { code: 'DEVICE_NOT_OWNED' },
    })
    expect(deviceAt(engine, 'a', 'air_quality')).toMatchObject({ node: 'n' })
    expect(problemAt(engine, 'n')).toBeNull()
  })

  test('that has the name of a known node is never of another one', () => {
    const engine = testEngine({ indicators })
    feed(engine, measured('n', { seq: 1, values: { pm25: 4 }, type: 'air_quality' }))
    const records = [{ device: 'n', ts: t0, values: { pm25: 66 } }]
    const { measurements } = feed(engine, record('telemetry', 'evil', { epoch: 'e', seq: 1, sent: t0, records }))
    expect(measurements).toEqual([])
    expect(problemAt(engine, 'evil')).toMatchObject({ code: 'DEVICE_NOT_OWNED' })
    expect(feed(engine, record('telemetry', 'n', { pm25: 5 })).measurements).toMatchObject([{ device: 'n' }])
  })

  test('is not renamed, moved, given another type or declared offline by it', () => {
    const engine = testEngine({ indicators })
    const before = { node: 'n', name: 'Trạm A', lat: 11, lon: 108, online: true }
    feed(engine, birth('n', 1, [{ id: 'a', type: 'air_quality', name: 'Trạm A', lat: 11, lon: 108 }]))
    const evil = [{ id: 'a', type: 'system', name: 'evil', lat: 1, lon: 1 }, { id: 'b' }]
    const { deadLetters } = feed(engine, birth('evil', 1, evil), will('evil', 1))
    expect(deviceAt(engine, 'a', 'air_quality')).toMatchObject(before)
    expect(deviceAt(engine, 'a', 'system')).toBeUndefined()
    expect(deviceAt(engine, 'b')).toMatchObject({ node: 'evil' })
    expect(deadLetters).toMatchObject([{ letter: { code: 'DEVICE_NOT_OWNED', channel: 'status' } }])
    const { sent, stored, rejected } = ledgerAt(engine, 'evil') as LiveLedger
    expect([sent, stored, rejected]).toEqual([1, 0, 1])
    const { measurements } = feed(engine, measured('n', { seq: 1 }))
    expect(measurements).toMatchObject([{ type: 'air_quality' }])
  })

  test('is a bare device, whose name is its own, whoever used that before', () => {
    const engine = testEngine({ indicators })
    feed(engine, birth('evil', 1, [{ id: 'n', name: 'evil' }]), measured('n', { seq: 1, device: 'n' }))
    expect(deviceAt(engine, 'n')).toMatchObject({ node: 'n' })
    feed(engine, measured('evil', { seq: 1, device: 'n' }))
    expect(problemAt(engine, 'evil')).toMatchObject({ code: 'DEVICE_NOT_OWNED' })
  })

  test('keeps its owner over a restart, also where an older version saved it', () => {
    const engine = testEngine({ indicators })
    feed(engine, measured('n', { seq: 1 }))
    const state = createSavedState()
    state.take(engine.changes({ live: 0, backlog: 0 }))
    const again = testEngine({ indicators })
    again.restore(state.saved())
    feed(again, measured('evil', { seq: 1 }))
    expect(problemAt(again, 'evil')).toMatchObject({ code: 'DEVICE_NOT_OWNED' })
    const old = testEngine({ indicators })
    const { registry, ...saved } = state.saved()
    const device = { site: 's', device: 'a', name: null, lat: null, lon: null, cadence_s: null }
    // Whoever spoke last for a device, by its type.
    const devices = [
      { ...device, type: undeclared, node: 'n', index: 1 },
      { ...device, type: 'system', node: 'evil', index: 0 },
    ]
    old.restore({ ...saved, registry: { ...registry, devices } })
    expect(deviceAt(old, 'a', 'system')).toMatchObject({ node: 'n' })
    feed(old, measured('evil', { seq: 1, type: 'system' }))
    expect(problemAt(old, 'evil')).toMatchObject({ code: 'DEVICE_NOT_OWNED' })
  })

  test('is its own once the owner is disconnected and silent for long enough, and what that sent before still counts', () => {
    const engine = testEngine({ indicators, ownerSilentMs: 24 * hour })
    feed(engine, connection('old', '1', true), measured('old', { seq: 1 }))
    feed(engine, measured('new', { seq: 1, arrival: t0 + 48 * hour }))
    expect(deviceAt(engine, 'a')).toMatchObject({ node: 'old' })
    feed(engine, connection('old', '1', false, t0 + 48 * hour), measured('new', { seq: 2, arrival: t0 + 71 * hour }))
    expect(deviceAt(engine, 'a')).toMatchObject({ node: 'old' })
    feed(engine, measured('new', { seq: 3, arrival: t0 + 73 * hour }))
    expect(deviceAt(engine, 'a')).toMatchObject({ node: 'new' })
    const again = restarted(engine)
    const { measurements } = feed(again, measured('old', { seq: 2, arrival: t0 + 47 * hour }))
    expect(measurements).toHaveLength(1)
    feed(again, measured('old', { seq: 3, arrival: t0 + 74 * hour }))
    expect(problemAt(again, 'old')).toMatchObject({ code: 'DEVICE_NOT_OWNED' })
  })

  test('is its own once an operator removed the owner, or the device', () => {
    const engine = testEngine({ indicators })
    feed(engine, measured('n', { seq: 1, device: 'a' }), measured('n', { seq: 2, device: 'b' }))
    feed(engine, forgotten('', 'a'), measured('m', { seq: 1, device: 'a', arrival: t0 + 1 }))
    expect(deviceAt(engine, 'a')).toMatchObject({ node: 'm' })
    expect(deviceAt(engine, 'b')).toMatchObject({ node: 'n' })
    feed(engine, forgotten('n'), measured('m', { seq: 2, device: 'b', arrival: t0 + 1 }))
    expect(deviceAt(engine, 'b')).toMatchObject({ node: 'm' })
  })
})

describe('quotas of a node', () => {
  const quotas = { ...noQuotas, maxDevices: 2, maxFields: 3, maxGroups: 2 }

  test('fields beyond it are left out and counted; the rest of the record and other nodes are stored', () => {
    const engine = testEngine({ indicators, quotas })
    const many = (from: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${from + index}`, 1]))
    const names = ({ measurements }: Output) =>
      measurements.map(({ values, undeclared: others = {} }) => [...Object.keys(values), ...Object.keys(others)])
    expect(names(feed(engine, measured('evil', { seq: 1, values: many(0, 5) })))).toEqual([['f0', 'f1', 'f2']])
    const typed = measured('evil', { seq: 2, type: 'air_quality', values: { pm25: 1, f0: 2, f9: 3 } })
    expect(names(feed(engine, typed))).toEqual([['pm25', 'f0']])
    expect(names(feed(engine, measured('evil', { seq: 3, values: { f0: 'text' } })))).toEqual([[]])
    expect(ledgerAt(engine, 'evil')).toMatchObject({ sent: 3, stored: 3, over_quota: 4 })
    expect(problemAt(engine, 'evil')).toMatchObject({ code: 'QUOTA_EXCEEDED', reason: expect.stringContaining('f0') })
    const again = restarted(engine, { quotas })
    expect(names(feed(again, measured('evil', { seq: 4, values: { f1: 1, f7: 1 } })))).toEqual([['f1']])
    expect(names(feed(again, measured('n', { seq: 1, device: 'b', values: many(7, 3) })))).toEqual([['f7', 'f8', 'f9']])
  })

  test('a few nodes cannot use up the fields of all; a name in use costs nothing', () => {
    const limits = { ...noQuotas, maxFields: 20, maxAllFields: 40 }
    const engine = testEngine({ indicators, quotas: limits })
    const many = (prefix: string, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, 1]))
    const stored = (of: Engine, node: string, seq: number, values: object) => {
      const { measurements } = feed(of, measured(node, { seq, device: `of-${node}`, values }))
      return Object.keys(measurements[0]?.values ?? {}).length
    }
    const evil = ['a', 'b', 'c', 'd'].map((node) => stored(engine, node, 1, many(node, 200)))
    expect(evil).toEqual([20, 10, 5, 3])
    expect(problemAt(engine, 'a')).toMatchObject({ reason: expect.stringContaining('IOC_NODE_MAX_FIELDS') })
    expect(problemAt(engine, 'b')).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      reason: expect.stringMatching(/^the node has its share of the 40 .* \(IOC_ENGINE_MAX_FIELDS\); dropped: b10, /),
    })
    expect(ledgerAt(engine, 'b')).toMatchObject({ stored: 1, over_quota: 190 })
    expect(stored(engine, 'good', 1, { soil: 1, ...many('a', 10) })).toBe(11)
    expect(stored(engine, 'b', 2, { ...many('b', 10), more: 1 })).toBe(10)
    const again = restarted(engine, { quotas: limits })
    expect(stored(again, 'b', 3, { ...many('b', 10), more: 1 })).toBe(10)
    expect(stored(again, 'next', 1, { depth: 1, soil: 2 })).toBe(2)
    feed(again, forgotten('b'))
    expect(stored(again, 'last', 1, many('z', 9))).toBe(5)
  })

  test('devices beyond it are left out and counted, from births and from what it measures', () => {
    const engine = testEngine({ indicators, quotas, maxAllDevices: 4 })
    const list = Array.from({ length: 100 }, (_, index) => ({ id: `d${index}` }))
    for (let session = 1; session <= 3; session++) feed(engine, birth('evil', session, list))
    const { measurements } = feed(
      engine,
      measured('evil', { seq: 1, device: 'x' }),
      measured('n', { seq: 1, device: 'b' }),
    )
    expect(measurements).toMatchObject([{ device: 'b' }])
    expect(deviceAt(engine, 'd1')).toBeDefined()
    expect(deviceAt(engine, 'd2')).toBeUndefined()
    expect(ledgerAt(engine, 'evil')).toMatchObject({ over_quota: 3 * 98 + 1, problem: { code: 'QUOTA_EXCEEDED' } })
    const again = restarted(engine, { quotas })
    expect(feed(again, measured('evil', { seq: 2, device: 'y' })).measurements).toEqual([])
    expect(feed(again, measured('evil', { seq: 3, device: 'd1' })).measurements).toHaveLength(1)
  })

  test('groups beyond it are no series of their own', () => {
    const engine = testEngine({ indicators, quotas })
    const passed = (seq: number, vehicle_class: string) =>
      measured('evil', { seq, type: 'traffic', values: { vehicle_class, vehicles_total: seq } })
    const { measurements } = feed(engine, passed(1, 'car'), passed(2, 'bus'), passed(3, 'x1'), passed(4, 'car'))
    expect(measurements.map(({ values }) => values['vehicle_class'])).toEqual(['car', 'bus', undefined, 'car'])
    expect(ledgerAt(engine, 'evil')).toMatchObject({ stored: 4, over_quota: 1 })
  })

  describe('cases', () => {
    const limits = { ...noQuotas, maxCases: 3 }
    interface SentCase {
      readonly device?: string
      readonly state?: string
      readonly ts?: number
      readonly type?: string
    }
    const caseOf = (id: string, { device, state = 'open', ts = t0, type = 'one_stop' }: SentCase, node: string) => {
      const closed = state === 'closed' ? { closed: ts } : {}
      return { device: device ?? `${node}-a`, ts, type, case: { id, state, opened: t0, ...closed } }
    }
    const cases = (node: string, seq: number, ids: readonly string[], sent: SentCase = {}) => {
      const { ts = t0 } = sent
      const records = ids.map((id) => caseOf(id, sent, node))
      return record('cases', node, { epoch: 'e', seq, sent: ts, records }, ts)
    }
    const held = (engine: Engine) => engine.cases.counts().cases

    test('beyond it new ones are dropped and counted; known ones go on, and other nodes are not affected', () => {
      const engine = testEngine({ indicators, quotas: limits })
      feed(engine, cases('evil', 1, ['1', '2', '3', '4', '5']), cases('n', 1, ['1n', '2n', '3n']))
      expect(held(engine)).toBe(6)
      expect(ledgerAt(engine, 'evil')).toMatchObject({ stored: 1, over_quota: 2, problem: { code: 'QUOTA_EXCEEDED' } })
      expect(problemAt(engine, 'evil')?.reason).toBe('the node has 3 cases (IOC_NODE_MAX_CASES); dropped: 4, 5')
      expect(ledgerAt(engine, 'n')).toMatchObject({ over_quota: 0, problem: null })
      feed(engine, cases('evil', 2, ['1', '6'], { state: 'closed', ts: t0 + 1 }))
      expect(engine.cases.counts()).toMatchObject({ cases: 6, open: 5 })
      expect(ledgerAt(engine, 'evil')).toMatchObject({ over_quota: 3 })
    })

    test('they are counted over its devices and types, also after a restart', () => {
      const engine = testEngine({ indicators, quotas: limits })
      feed(
        engine,
        cases('evil', 1, ['1', '2'], { device: 'a' }),
        cases('evil', 2, ['1'], { device: 'b', type: 'citizen_report' }),
      )
      const again = restarted(engine, { quotas: limits })
      feed(again, cases('evil', 3, ['8'], { device: 'c' }), cases('n', 1, ['8n', '9n']))
      expect(ledgerAt(again, 'evil')).toMatchObject({ over_quota: 1 })
      expect(held(again)).toBe(5)
      // One that moves to a device of its own takes no more room than before.
      feed(again, cases('evil', 4, ['1'], { device: 'c', ts: t0 + 1 }), cases('evil', 5, ['9'], { device: 'a' }))
      expect(ledgerAt(again, 'evil')).toMatchObject({ over_quota: 2 })
    })

    test.each([
      [
        'they are closed, and no window needs them',
        (engine: Engine) => {
          feed(engine, cases('evil', 2, ['1', '2', '3'], { state: 'closed', ts: t0 + 1 }))
          engine.tick(t0 + 40 * 24 * hour)
        },
      ],
      ['an operator removes its device', (engine: Engine) => feed(engine, forgotten('', 'evil-a'))],
      ['an operator removes it', (engine: Engine) => feed(engine, forgotten('evil'))],
    ])('there is room again where %s', (_what, free) => {
      const engine = testEngine({ indicators, quotas: limits })
      feed(engine, cases('n', 1, ['1n', '2n', '3n']), cases('evil', 1, ['1', '2', '3']))
      free(engine)
      expect(held(engine)).toBe(3)
      feed(engine, cases('evil', 7, ['7', '8', '9', '10'], { ts: t0 + 41 * 24 * hour }))
      expect(held(engine)).toBe(6)
      expect(ledgerAt(engine, 'evil')).toMatchObject({ over_quota: 1 })
    })
  })

  test('bytes beyond those of a day are rejected until the next one', () => {
    const one = measured('evil', { seq: 1 })
    const limits = { ...noQuotas, maxBytesPerDay: 2.5 * one.payload.byteLength }
    const engine = testEngine({ indicators, quotas: limits })
    const day = 24 * hour
    const { measurements } = feed(engine, one, measured('evil', { seq: 2 }), measured('evil', { seq: 3 }))
    expect(measurements).toHaveLength(2)
    const counts = { sent: 3, stored: 2, rejected: 1, over_quota: 1 }
    expect(ledgerAt(engine, 'evil')).toMatchObject({ ...counts, problem: { code: 'QUOTA_EXCEEDED' } })
    const again = restarted(engine, { quotas: limits })
    expect(feed(again, measured('evil', { seq: 4 })).measurements).toEqual([])
    expect(feed(again, measured('evil', { seq: 5, arrival: t0 + day })).measurements).toHaveLength(1)
  })
})

describe('a number that comes again', () => {
  const counts = (engine: Engine) => {
    const { sent, stored, duplicates, reused } = ledgerAt(engine, 'n') as LiveLedger
    return { sent, stored, duplicates, reused }
  }

  test.each([
    ['sent later', { sent: t0 + 5 }],
    ['as a replay', { replay: true }],
    ['with losses declared', { lost: 3 }],
  ])('%s, is a duplicate', (_what, more) => {
    const engine = testEngine({ indicators })
    feed(engine, measured('n', { seq: 7 }))
    expect(feed(engine, measured('n', { seq: 7, more })).measurements).toEqual([])
    expect(counts(engine)).toMatchObject({ stored: 1, duplicates: 1, reused: 0 })
  })

  test('with other content is stored, counted and reported; each of the two is known when it is repeated', () => {
    const engine = testEngine({ indicators })
    const one = measured('n', { seq: 1, values: { pm25: 1 } })
    const other = measured('n', { seq: 1, values: { pm25: 2 } })
    expect(feed(engine, one, other).measurements).toHaveLength(2)
    expect(counts(engine)).toEqual({ sent: 2, stored: 2, duplicates: 0, reused: 1 })
    expect(problemAt(engine, 'n')).toMatchObject({
      code: 'EPOCH_REUSED',
      reason: expect.stringContaining('number 1 of epoch e'),
    })
    const again = restarted(engine)
    expect(feed(again, one, other).measurements).toEqual([])
    expect(counts(again)).toEqual({ sent: 2, stored: 2, duplicates: 2, reused: 1 })
  })

  test('with another version of a case is stored as well', () => {
    const engine = testEngine({ indicators })
    const version = (state: string) => {
      const one = { device: 'a', ts: t0, type: 'one_stop', case: { id: '1', state, opened: t0 } }
      return record('cases', 'n', { epoch: 'e', seq: 1, sent: t0, records: [one] })
    }
    feed(engine, version('open'), version('open'), version('closed'))
    expect(counts(engine)).toEqual({ sent: 2, stored: 2, duplicates: 1, reused: 1 })
  })

  test('is detected within the last 1,024 messages, and is a duplicate beyond them', () => {
    const engine = testEngine({ indicators })
    for (let seq = 1; seq <= 1_500; seq++) feed(engine, measured('n', { seq }))
    const again = restarted(engine)
    const other = (seq: number) => measured('n', { seq, values: { pm25: -1 } })
    expect(feed(again, other(600), other(1_400), other(300)).measurements).toHaveLength(2)
    expect(counts(again)).toEqual({ sent: 1_502, stored: 1_502, duplicates: 1, reused: 2 })
  })

  test('is a duplicate where an older version saved the ledger', () => {
    const engine = testEngine({ indicators })
    feed(engine, measured('n', { seq: 1 }))
    const state = createSavedState()
    state.take(engine.changes({ live: 0, backlog: 0 }))
    const again = testEngine({ indicators })
    again.restore({ ...state.saved(), digests: [] })
    expect(feed(again, measured('n', { seq: 1, values: { pm25: 9 } })).measurements).toEqual([])
    expect(counts(again)).toMatchObject({ stored: 1, duplicates: 1, reused: 0 })
  })
})

describe('a node that was removed', () => {
  const ofCpu = {
    title: { vi: 'thử', en: 'test' },
    about: { vi: 'Thử.', en: 'A test.' },
    unit: '%',
    source: 'system',
    window: { kind: 'tumbling', size_s: 60 },
    scopes: ['device', 'site', 'district'],
  } as const
  const hold = { hold_s: 600 }
  const both = [
    indicator({ ...ofCpu, id: 'cpu_mean', aggregates: { cpu: mean('cpu_percent') }, value: ({ cpu }) => cpu }),
    indicator({
      ...ofCpu,
      id: 'cpu_over_time',
      aggregates: { cpu: totalOfLast('cpu_percent', hold), devices: deviceCount('cpu_percent', hold) },
      value: ({ cpu, devices }) => cpu / devices,
    }),
  ]
  const cpu = (node: string, seq: number, percent: number, arrival = t0) =>
    measured(node, { seq, device: `${node}-a`, type: 'system', values: { cpu_percent: percent }, arrival })

  test('is gone from devices, ledgers, live topics and saved state, and can come back', () => {
    const engine = testEngine({ indicators: both })
    feed(engine, birth('n', 1, [{ id: 'n-a', type: 'system' }], { area: '24931' }), cpu('n', 1, 50), cpu('m', 1, 10))
    const own = [
      deviceTopic('s', 'n-a', 'system'),
      ledgerTopic({ site: 's', node: 'n' }),
      indicatorTopic('cpu_mean', 'device', 's/n-a'),
      indicatorTopic('cpu_over_time', 'device', 's/n-a'),
    ]
    expect([...sources(engine).keys()]).toEqual(expect.arrayContaining(own))
    engine.takeLive(1_000)
    feed(engine, forgotten('n'))
    const published = new Map(engine.takeLive(1_000).map(({ topic, read }) => [topic, read()]))
    for (const topic of own) expect(published.get(topic)).toBeNull()
    const again = restarted(engine, { indicators: both })
    for (const topic of own) expect([...sources(again).keys()]).not.toContain(topic)
    expect(deviceAt(again, 'm-a', 'system')).toMatchObject({ area: null })
    feed(again, cpu('n', 1, 70, t0 + 1), cpu('n', 2, 70, t0 + 10_000))
    for (const topic of own) expect(sources(again).get(topic)).toBeTruthy()
    expect(ledgerAt(again, 'n')).toMatchObject({ sent: 2, stored: 2, duplicates: 0 })
  })

  test('counts no more for its site and the district where these are computed from their devices', () => {
    const engine = testEngine({ indicators: both })
    for (const seq of [1, 2])
      for (const [node, percent] of [
        ['n', 50],
        ['m', 10],
      ] as const) {
        feed(engine, cpu(node, seq, percent, t0 + seq * 10_000))
      }
    const value = (scope: 'site' | 'district', key: string) =>
      sources(engine).get(indicatorTopic('cpu_over_time', scope, key))
    expect(value('site', 's')).toMatchObject({ value: 30 })
    feed(engine, forgotten('n', undefined, t0 + 30_000))
    expect(value('site', 's')).toMatchObject({ value: 10 })
    expect(value('district', 'district')).toMatchObject({ value: 10 })
    // What is new takes the numbers of what is gone, and not its place.
    for (const seq of [1, 2]) feed(engine, { ...cpu('x', seq, 90, t0 + 30_000 + seq), site: 't' })
    expect(value('site', 's')).toMatchObject({ value: 10 })
  })

  test('leaves no site behind where it was alone', () => {
    const engine = testEngine({ indicators: both })
    feed(engine, cpu('n', 1, 50), forgotten('n'))
    expect(sources(engine).get(indicatorTopic('cpu_mean', 'site', 's'))).toBeNull()
  })

  test('does not come back with the end of its connection, nor with its will', () => {
    const engine = testEngine({ indicators: both })
    feed(engine, connection('n', '1', true), birth('n', 1, [{ id: 'n-a', type: 'system' }]), cpu('n', 1, 50))
    feed(engine, forgotten('n'), connection('n', '1', false), will('n', 1), record('status', 'n', ''))
    expect(ledgerAt(engine, 'n')).toBeNull()
    const again = restarted(engine, { indicators: both })
    expect(again.snapshot().filter(({ topic }) => /ledger|device/.test(topic))).toEqual([])
    expect(again.changes({ live: 0, backlog: 0 }).registry.nodes).toEqual([])
  })

  test('does not come back with what a backlog still held of it', () => {
    const engine = testEngine({ indicators: both })
    feed(engine, cpu('n', 1, 50), forgotten('n', undefined, t0 + 10))
    const again = restarted(engine, { indicators: both })
    const backlog = (one: LogRecord) => again.process({ offset: 0, records: [one], next: 1 }, 'backlog').measurements
    expect(backlog(cpu('n', 2, 50, t0 + 5))).toEqual([])
    expect(ledgerAt(again, 'n')).toBeUndefined()
    expect(backlog(cpu('n', 3, 50, t0 + 11))).toHaveLength(1)
    // Live, the order decides, whatever the clock of the broker says.
    expect(feed(again, cpu('n', 4, 50, t0 + 5)).measurements).toHaveLength(1)
  })

  test('nor does one of its devices', () => {
    const engine = testEngine({ indicators: both })
    feed(engine, cpu('n', 1, 50), forgotten('', 'n-a', t0 + 10), cpu('n', 2, 50))
    const backlog = (one: LogRecord) => engine.process({ offset: 0, records: [one], next: 1 }, 'backlog').measurements
    expect(backlog(cpu('n', 3, 50, t0 + 5))).toEqual([])
    expect(backlog(measured('n', { seq: 4, arrival: t0 + 5 }))).toHaveLength(1)
  })

  test('removed itself with an empty retained status', () => {
    const engine = testEngine({ indicators })
    feed(engine, birth('n', 1, [{ id: 'a', type: 'system' }]), record('status', 'n', ''))
    expect(deviceAt(engine, 'a', 'system')).toBeNull()
    expect(deviceAt(restarted(engine), 'a', 'system')).toBeUndefined()
  })

  test('has no cases any more, and those of others count as before', () => {
    const open = caseIndicator({
      id: 'open',
      title: { vi: 'thử', en: 'test' },
      about: { vi: 'Thử.', en: 'A test.' },
      unit: '1',
      formula: 'x',
      source: 'one_stop',
      window: { kind: 'tumbling', size_s: 3_600 },
      scopes: ['device', 'site', 'district'],
      value: ({ backlog }) => backlog,
    })
    const options = { indicators: [], caseIndicators: [open] }
    const opened = (node: string, seq: number) => {
      const one = {
        device: `${node}-desk`,
        ts: t0,
        type: 'one_stop',
        case: { id: `${seq}`, state: 'x', opened: t0 - hour },
      }
      return record('cases', node, { epoch: 'e', seq, sent: t0, records: [one] })
    }
    const engine = testEngine(options)
    feed(engine, opened('n', 1), opened('n', 2), opened('m', 3))
    const value = (from: Engine, scope: 'device' | 'site' | 'district', key: string) =>
      sources(from).get(indicatorTopic('open', scope, key))
    expect(value(engine, 'site', 's')).toMatchObject({ value: 3 })
    feed(engine, forgotten('n'))
    for (const from of [engine, restarted(engine, options)]) {
      expect(value(from, 'site', 's')).toMatchObject({ value: 1 })
      expect(value(from, 'district', 'district')).toMatchObject({ value: 1 })
      expect(value(from, 'device', 's/n-desk') ?? null).toBeNull()
    }
    feed(engine, { ...opened('n', 1), arrival: t0 + 1 })
    expect(value(engine, 'device', 's/n-desk')).toMatchObject({ value: 1 })
  })
})

describe('the reason of the last problem stands in the ledger', () => {
  test('of a payload that the broker rejected, and of a record that cannot be stored', () => {
    const engine = testEngine({ indicators })
    const payload = encodePayload({ code: 'PAYLOAD_INVALID', channel: 'telemetry' })
    feed(engine, { ...record('rejected', 'n', ''), payload })
    expect(problemAt(engine, 'n')).toMatchObject({ ts: t0, code: 'PAYLOAD_INVALID' })
    const detailed = encodePayload({ code: 'PAYLOAD_INVALID', channel: 'status', reason: 'session: got nothing' })
    feed(engine, { ...record('rejected', 'n', ''), payload: detailed })
    expect(problemAt(engine, 'n')).toMatchObject({ reason: 'status: session: got nothing' })
    feed(engine, measured('n', { seq: 1, type: 'air_quality', values: { pm25: 'high', pm10: 1 } }))
    expect(problemAt(engine, 'n')).toMatchObject({ code: 'RECORD_INVALID', reason: expect.stringContaining('pm25') })
  })

  test('of an area that was refused', () => {
    const engine = testEngine({ indicators })
    feed(engine, birth('n', 1, [{ id: 'a' }], { area: '24931' }), birth('evil', 1, [], { area: '24943' }))
    expect(problemAt(engine, 'evil')).toMatchObject({ code: 'AREA_REFUSED', reason: expect.stringContaining('24931') })
    expect(deviceAt(engine, 'a')).toMatchObject({ area: '24931' })
    expect(deviceAt(restarted(engine), 'a')).toMatchObject({ area: '24931' })
  })

  test.each([
    ['a', 'z'],
    ['z', 'a'],
  ])('of an area that is not in force, which never replaces one that is (nodes %s, %s)', (first, second) => {
    const areaOf = (_site: string, said: string | undefined) => (said === 'nowhere' ? undefined : said)
    const engine = testEngine({ indicators, areaOf })
    feed(engine, birth(first, 1, [{ id: 'd' }], { area: 'nowhere' }), birth(second, 1, [], { area: '24931' }))
    expect(problemAt(engine, first)).toMatchObject({ code: 'AREA_REFUSED' })
    expect(deviceAt(engine, 'd')).toMatchObject({ area: '24931' })
    expect(deviceAt(restarted(engine, { areaOf }), 'd')).toMatchObject({ area: '24931' })
  })
})

test('a birth that says what a device is takes the place of what was shown of it as undeclared', () => {
  const engine = testEngine({ indicators })
  feed(engine, measured('n', { seq: 1 }), birth('n', 1, [{ id: 'a', type: 'air_quality' }]), measured('n', { seq: 2 }))
  expect(deviceAt(engine, 'a', 'air_quality')).toBeTruthy()
  expect(deviceAt(engine, 'a')).toBeNull()
  expect(deviceAt(restarted(engine), 'a')).toBeUndefined()
})

const nodeNames = ['n', 'm', 'l'] as const
const deviceNames = ['a', 'b', 'c'] as const

type Step =
  | { readonly kind: 'connect' | 'end'; readonly node: string; readonly id: number }
  | { readonly kind: 'birth'; readonly node: string; readonly session: number; readonly devices: readonly string[] }
  | { readonly kind: 'will'; readonly node: string; readonly session: number }
  | {
      readonly kind: 'measure'
      readonly node: string
      readonly device: string
      readonly seq: number
      readonly value: number
    }
  | { readonly kind: 'forget'; readonly node: string }
  | { readonly kind: 'forget device'; readonly device: string }
  | { readonly kind: 'start' | 'restart' | 'wait' }

const node = fc.constantFrom(...nodeNames)
const device = fc.constantFrom(...deviceNames)
const few = fc.integer({ min: 0, max: 2 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('connect', 'end'), node, id: few }),
  fc.record({ kind: fc.constant('birth'), node, session: few, devices: fc.uniqueArray(device) }),
  fc.record({ kind: fc.constant('will'), node, session: few }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('measure'),
      node,
      device,
      seq: fc.integer({ min: 1, max: 6 }),
      value: few,
    }),
  },
  fc.record({ kind: fc.constant('forget'), node }),
  fc.record({ kind: fc.constant('forget device'), device }),
  fc.record({ kind: fc.constantFrom('start', 'restart', 'wait') }),
)

interface ModelNode {
  session?: number
  saysOnline: boolean
  connections?: Set<number>
  seen: number
  /** Contents by number. */
  readonly messages: Map<number, Set<number>>
  readonly counts: { stored: number; rejected: number; duplicates: number; reused: number; others: number }
}

/** The rules, one after the other, without any of the engine's means. */
function createModel(silentMs: number) {
  const nodes = new Map<string, ModelNode>()
  const owners = new Map<string, string>()
  const of = (name: string): ModelNode => {
    const known = nodes.get(name)
    if (known) return known
    const counts = { stored: 0, rejected: 0, duplicates: 0, reused: 0, others: 0 }
    const made: ModelNode = { saysOnline: true, seen: 0, messages: new Map(), counts }
    nodes.set(name, made)
    return made
  }
  const isConnected = (name: string) => (nodes.get(name)?.connections?.size ?? 0) > 0
  const claim = (name: string, device: string, now: number): boolean => {
    const owner = owners.get(device)
    const mayPass = owner === undefined || (!isConnected(owner) && now - (nodes.get(owner)?.seen ?? 0) > silentMs)
    if (mayPass) owners.set(device, name)
    return owners.get(device) === name
  }
  return {
    owners,
    isOnline(name: string) {
      const { connections, saysOnline } = of(name)
      return connections ? connections.size > 0 : saysOnline
    },
    ledgers: () => nodes,
    take(one: Step, now: number) {
      // What ends does not begin.
      if ((one.kind === 'end' || one.kind === 'will') && !nodes.has(one.node)) return
      if ('node' in one && one.kind !== 'forget') of(one.node).seen = now
      switch (one.kind) {
        case 'connect': {
          const { connections = new Set<number>() } = of(one.node)
          of(one.node).connections = connections.add(one.id)
          break
        }
        case 'end': {
          const { connections = new Set<number>() } = of(one.node)
          connections.delete(one.id)
          of(one.node).connections = connections
          break
        }
        case 'birth': {
          const from = of(one.node)
          from.session = one.session
          from.saysOnline = true
          const refused = one.devices.filter((each) => !claim(one.node, each, now))
          if (refused.length > 0) from.counts.others++
          break
        }
        case 'will': {
          const from = of(one.node)
          if (from.session === undefined || from.session === one.session) from.saysOnline = false
          break
        }
        case 'measure': {
          const { messages, counts } = of(one.node)
          const content = one.value * 10 + deviceNames.indexOf(one.device as 'a')
          const known = messages.get(one.seq)
          if (known?.has(content)) {
            counts.duplicates++
            break
          }
          if (known) counts.reused++
          messages.set(one.seq, (known ?? new Set()).add(content))
          if (claim(one.node, one.device, now)) counts.stored++
          else counts.rejected++
          break
        }
        case 'forget':
          nodes.delete(one.node)
          for (const [name, owner] of owners) if (owner === one.node) owners.delete(name)
          break
        case 'forget device':
          owners.delete(one.device)
          break
        case 'start':
          for (const each of nodes.values()) each.connections = new Set()
          break
        case 'restart':
        case 'wait':
          break
        default:
          one satisfies never
      }
    },
  }
}

function recordOf(one: Step, arrival: number): LogRecord | undefined {
  switch (one.kind) {
    case 'connect':
    case 'end':
      return connection(one.node, String(one.id), one.kind === 'connect', arrival)
    case 'birth':
      return birth(
        one.node,
        one.session,
        one.devices.map((id) => ({ id })),
        {},
        arrival,
      )
    case 'will':
      return { ...will(one.node, one.session), arrival }
    case 'measure':
      return measured(one.node, {
        seq: one.seq,
        device: one.device,
        values: { x: one.value },
        arrival,
        more: sameTime(one),
      })
    case 'forget':
      return forgotten(one.node, undefined, arrival)
    case 'forget device':
      return forgotten('', one.device, arrival)
    case 'start':
      return { ...start(), arrival }
    case 'restart':
    case 'wait':
      return undefined
    default:
      return one satisfies never
  }
}

/** Of two messages with the same content the records are the same. */
const sameTime = ({ device, value }: { readonly device: string; readonly value: number }) => ({
  records: [{ device, ts: t0, values: { x: value } }],
})

test('who is online, who owns what, and the sums of the ledgers are those of a simple model, over restarts', () => {
  const silentMs = 10_000
  const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const model = createModel(silentMs)
    let engine = testEngine({ indicators: [], ownerSilentMs: silentMs })
    const state = createSavedState()
    let now = t0
    for (const one of steps) {
      now += one.kind === 'wait' ? 2 * silentMs : 1
      if (one.kind === 'restart') {
        state.take(engine.changes({ live: 0, backlog: 0 }))
        engine = testEngine({ indicators: [], ownerSilentMs: silentMs })
        engine.restore(state.saved())
      }
      const next = recordOf(one, now)
      if (next) feed(engine, next)
      model.take(one, now)
      const found = sources(engine)
      for (const name of deviceNames) {
        const owner = model.owners.get(name)
        const shown = found.get(deviceTopic('s', name, undeclared))
        if (owner === undefined) expect(shown ?? null).toBeNull()
        else expect(shown).toMatchObject({ node: owner, online: model.isOnline(owner) })
      }
      for (const name of nodeNames) {
        const known = model.ledgers().get(name)
        const ledger = found.get(ledgerTopic({ site: 's', node: name })) as LiveLedger | null | undefined
        if (!known || !ledger) continue
        const { stored, rejected, duplicates, reused, others } = known.counts
        expect(ledger).toMatchObject({ stored, rejected: rejected + others, duplicates, reused })
        expect(ledger.sent).toBe(ledger.stored + ledger.rejected + ledger.queued + ledger.lost)
      }
      if (one.kind === 'forget') expect(found.get(ledgerTopic({ site: 's', node: one.node })) ?? null).toBeNull()
    }
  })
  fc.assert(property, { numRuns: propertyRuns(40) })
})

describe('positions of devices', () => {
  const [lat, lon] = [11.75, 108.48]
  const positionsOf = (output: Output) =>
    output.positions.map(({ device, name, lat, lon, area }) => ({ device, name, lat, lon, area }))

  test('are emitted when a birth brings or changes them, and not when it repeats them', () => {
    const engine = testEngine({ indicators: [] })
    const placed = { id: 'a', type: 'air_quality', name: 'Trạm', lat, lon }
    const first = feed(engine, birth('n', 1, [placed, { id: 'b', type: 'air_quality' }]))
    expect(positionsOf(first)).toEqual([{ device: 'a', name: 'Trạm', lat, lon, area: undefined }])
    expect(first.positions[0]?.ts).toBe(t0)
    expect(positionsOf(feed(engine, birth('n', 2, [placed])))).toEqual([])
    expect(positionsOf(feed(engine, birth('n', 3, [{ ...placed, lat: 12 }])))).toMatchObject([{ lat: 12 }])
    expect(positionsOf(feed(engine, birth('n', 4, [{ ...placed, lat: 12, name: 'Mới' }])))).toMatchObject([
      { name: 'Mới' },
    ])
    expect(positionsOf(feed(engine, birth('n', 5, [{ id: 'a', type: 'air_quality' }])))).toEqual([])
  })

  test('are emitted again when a birth names the area of the site', () => {
    const engine = testEngine({ indicators: [] })
    feed(engine, birth('n', 1, [{ id: 'a', type: 'air_quality', lat, lon }]))
    const named = feed(engine, birth('m', 1, [], { area: '24943' }))
    expect(positionsOf(named)).toMatchObject([{ device: 'a', area: '24943' }])
  })

  test('are all there after a restart, as a whole', () => {
    const saved = createSavedState()
    const engine = testEngine({ indicators: [] })
    feed(
      engine,
      birth('n', 1, [
        { id: 'a', type: 'air_quality', lat, lon },
        { id: 'b', type: 'river' },
      ]),
    )
    saved.take(engine.changes({ live: 1, backlog: 0 }))
    const next = testEngine({ indicators: [] })
    next.restore(saved.saved())
    expect(next.positions(t0)).toMatchObject([{ site: 's', device: 'a', lat, lon, ts: t0 }])
  })
})
