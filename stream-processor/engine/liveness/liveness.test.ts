import { describe, expect, test } from 'vitest'
import {
  connectionOf,
  livenessOf,
  livingEngine,
  nodesOf,
  type SentRecord,
  statusOf,
  telemetryOf,
} from '../../testing/liveness.ts'

const t0 = Date.UTC(2026, 9, 12, 5)
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Plays a node whose devices measure every `stepMs`: what `measure` returns at a time is sent, then the clock passes. */
function play(
  living: ReturnType<typeof livingEngine>,
  from: number,
  to: number,
  stepMs: number,
  measure: (at: number) => SentRecord[],
): void {
  for (let at = from; at < to; at += stepMs) {
    const records = measure(at)
    if (records.length > 0) living.process(telemetryOf({ site: 's', node: 'n', seq: ++seq, arrival: at }, records))
    for (let now = at; now < at + stepMs; now += Math.min(stepMs, minute)) living.tick(now)
  }
}
let seq = 0

const stateOf = (living: ReturnType<typeof livingEngine>, device = 'd') => livenessOf(living.engine).get(`s/${device}`)
const kindsOf = (living: ReturnType<typeof livingEngine>, device = 'd') =>
  stateOf(living, device)?.faults.map(({ metric, kind }) => `${metric} ${kind}`)

const air = (device: string, ts: number, pm25: number, more: object = {}): SentRecord => ({
  device,
  ts,
  type: 'air_quality',
  values: { pm25, ...more },
})
const born = (...ids: string[]) => ids.map((id) => ({ id, type: 'air_quality', cadence_s: 30 }))

describe('a device', () => {
  test('of which a node goes on without it is late after three cadences and silent after five', () => {
    const living = livingEngine()
    living.process(connectionOf('s', 'n', t0), statusOf('s', 'n', t0, born('d', 'e')))
    play(living, t0, t0 + 10 * minute, 30_000, (at) => [air('d', at, at % 97), air('e', at, at % 89)])
    const last = t0 + 10 * minute - 30_000
    play(living, t0 + 10 * minute, t0 + 11 * minute, 30_000, (at) => [air('e', at, at % 89)])
    expect(stateOf(living)).toMatchObject({ state: 'measuring', since: t0 })
    play(living, t0 + 11 * minute, t0 + 13 * minute, 30_000, (at) => [air('e', at, at % 89)])
    expect(stateOf(living)).toMatchObject({ state: 'late', since: last })
    play(living, t0 + 13 * minute, t0 + 16 * minute, 30_000, (at) => [air('e', at, at % 89)])
    expect(stateOf(living)).toMatchObject({ state: 'silent', since: last, last_ts: last, silent_ms: 5 * minute })
    expect(stateOf(living, 'e')).toMatchObject({ state: 'measuring', since: t0 })
    play(living, t0 + 16 * minute, t0 + 17 * minute, 30_000, (at) => [air('d', at, 3)])
    expect(stateOf(living)).toMatchObject({ state: 'measuring', since: t0 + 16 * minute })
  })

  test.each([
    [
      'keep-alives without a value',
      (at: number) => [{ device: 'd', ts: at, type: 'air_quality', values: { pm25: null } }],
    ],
    ['the last measurement once more', () => [air('d', t0, 1)]],
    ['a backfill of the hours before', (at: number) => [air('d', at - 8 * hour, 5)]],
    ['values that no instrument can measure', (at: number) => [air('d', at, -999)]],
  ])('that sends %s is silent', (_, measure) => {
    const living = livingEngine()
    living.process(statusOf('s', 'n', t0, born('d')))
    play(living, t0, t0 + minute, minute, (at) => [air('d', at, 1)])
    play(living, t0 + minute, t0 + 8 * minute, 30_000, measure)
    expect(stateOf(living)).toMatchObject({ state: 'silent', since: t0 })
  })

  test('that a birth names and that never measured is named so; a feed of cases is nothing of this', () => {
    const living = livingEngine()
    living.process(statusOf('s', 'n', t0, [...born('d'), { id: 'desk', type: 'one_stop' }]))
    play(living, t0, t0 + hour, minute, () => [])
    expect(stateOf(living)).toMatchObject({ state: 'never_heard', since: t0, last_ts: null, silent_ms: 5 * minute })
    expect(stateOf(living, 'desk')).toBeUndefined()
  })

  test('without a declared cadence is as slow as its last gaps; one over radio loses messages', () => {
    const living = livingEngine()
    const bare = (at: number) => [{ device: 'd', ts: at, values: { level: at % 101 } }]
    play(living, t0, t0 + 20 * hour, 20 * minute, bare)
    expect(stateOf(living)).toMatchObject({ state: 'measuring', silent_ms: 100 * minute })
    const lossy = livingEngine()
    lossy.process(statusOf('s', 'n', t0, born('d')))
    play(lossy, t0, t0 + 4 * hour, 30_000, (at) => ((at / 30_000) % 20 < 2 ? [air('d', at, at % 97)] : []))
    expect(stateOf(lossy)?.silent_ms).toBe(5 * 19 * 30_000)
  })

  test('whose camera bridge reports it offline gives no sign of life', () => {
    const living = livingEngine()
    const camera = (state: string) => (at: number) => [{ device: 'd', ts: at, type: 'camera', values: { state } }]
    play(living, t0, t0 + minute, minute, camera('online'))
    play(living, t0 + minute, t0 + 8 * minute, minute, camera('offline'))
    expect(stateOf(living)).toMatchObject({ state: 'silent', since: t0 })
    play(living, t0 + 8 * minute, t0 + 9 * minute, minute, camera('degraded'))
    expect(stateOf(living)).toMatchObject({ state: 'measuring' })
  })

  test.each([
    ['camera', 'frozen'],
    ['camera', 'login_rejected'],
    ['high_camera', 'covered'],
  ])('that is a %s has the condition %s that its bridge reports, over a restart too', (type, reason) => {
    const living = livingEngine()
    const reporting = (of: string) => (at: number) => [
      { device: 'd', ts: at, type, values: { state: of === 'none' ? 'online' : 'degraded', reason: of } },
    ]
    play(living, t0, t0 + 2 * minute, minute, reporting('none'))
    expect(stateOf(living)?.condition).toBeNull()
    play(living, t0 + 2 * minute, t0 + 4 * minute, minute, reporting(reason))
    expect(stateOf(living)).toMatchObject({ state: 'measuring', condition: { state: reason, since: t0 + 2 * minute } })
    living.restart()
    play(living, t0 + 4 * minute, t0 + 5 * minute, minute, reporting(reason))
    expect(stateOf(living)?.condition).toEqual({ state: reason, since: t0 + 2 * minute })
    play(living, t0 + 5 * minute, t0 + 6 * minute, minute, reporting('none'))
    expect(stateOf(living)?.condition).toBeNull()
  })

  test('that reports once a day has its time again on each day off', () => {
    const living = livingEngine()
    const friday = Date.UTC(2026, 9, 16, 1)
    living.process(statusOf('s', 'n', friday, [{ id: 'd', type: 'lodging' }]))
    play(living, friday, friday + hour, hour, (at) => [
      { device: 'd', ts: at, type: 'lodging', values: { rooms: 300 } },
    ])
    play(living, friday + hour, friday + 4.9 * day, hour, () => [])
    expect(stateOf(living)).toMatchObject({ state: 'measuring' })
    play(living, friday + 4.9 * day, friday + 5.1 * day, hour, () => [])
    expect(stateOf(living)).toMatchObject({ state: 'late' })
    play(living, friday + 5.1 * day, friday + 7.1 * day, hour, () => [])
    expect(stateOf(living)).toMatchObject({ state: 'silent' })
  })
})

describe('while the centre', () => {
  test('was down, or its broker away, nobody is silent; afterwards each device has one interval more', () => {
    const living = livingEngine()
    living.process(connectionOf('s', 'n', t0), statusOf('s', 'n', t0, born('d')))
    play(living, t0, t0 + minute, 30_000, (at) => [air('d', at, at % 97)])
    for (let at = t0 + minute; at < t0 + hour; at += 1_000) living.tick(at, true)
    expect(stateOf(living)?.state).toBe('measuring')
    living.process({ ...connectionOf('', '', t0 + hour), site: '', node: '' })
    living.restart()
    play(living, t0 + hour + 1_000, t0 + hour + 4 * minute, minute, () => [])
    expect(stateOf(living)?.state).toBe('measuring')
    expect(nodesOf(living.engine).get('s/n')?.state).toBe('connected')
    play(living, t0 + hour + 4 * minute, t0 + hour + 7 * minute, minute, () => [])
    expect(stateOf(living)).toMatchObject({ state: 'silent', since: t0 + 30_000 })
    expect(nodesOf(living.engine).get('s/n')).toMatchObject({ state: 'unreachable', since: t0 + hour })
  })

  test('asleep is an interval of nothing as well', () => {
    const living = livingEngine()
    living.process(statusOf('s', 'n', t0, born('d')))
    play(living, t0, t0 + minute, 30_000, (at) => [air('d', at, at % 97)])
    living.tick(t0 + 5 * hour)
    expect(stateOf(living)?.state).toBe('measuring')
  })
})

describe('a node', () => {
  test('is unreachable from its will on, and connected from its next birth on', () => {
    const living = livingEngine()
    living.process(connectionOf('s', 'n', t0), statusOf('s', 'n', t0, born('d')))
    expect(nodesOf(living.engine).get('s/n')).toMatchObject({ state: 'connected', clock: null })
    living.process(statusOf('s', 'n', t0 + minute), connectionOf('s', 'n', t0 + minute, false))
    expect(nodesOf(living.engine).get('s/n')).toMatchObject({ state: 'unreachable', since: t0 + minute })
    living.process(connectionOf('s', 'n', t0 + hour), statusOf('s', 'n', t0 + hour, born('d')))
    expect(nodesOf(living.engine).get('s/n')).toMatchObject({ state: 'connected', since: t0 + hour })
  })

  test('is suspected to be two machines until it connects without that, also over a restart', () => {
    const living = livingEngine()
    living.process(connectionOf('s', 'n', t0), statusOf('s', 'n', t0, born('d')))
    expect(nodesOf(living.engine).get('s/n')?.cloned_since).toBeNull()
    for (const at of [t0 + minute, t0 + 2 * minute]) living.process(connectionOf('s', 'n', at, true, true))
    living.restart()
    living.process(connectionOf('s', 'n', t0 + 3 * minute, false))
    expect(nodesOf(living.engine).get('s/n')?.cloned_since).toBe(t0 + minute)
    living.process(connectionOf('s', 'n', t0 + hour))
    expect(nodesOf(living.engine).get('s/n')?.cloned_since).toBeNull()
  })

  test.each([
    ['connects to publish', true],
    ['has no recorded connection', false],
  ])('without a birth that %s is connected as long as it measures', (_, isRecorded) => {
    const living = livingEngine()
    const publish = (at: number) => {
      const records = [
        connectionOf('s', 'd', at),
        { ...telemetryOf({ site: 's', node: 'd', seq: 1, arrival: at }, []) },
      ]
      const payload = Buffer.from(JSON.stringify({ pm25: at % 97, type: 'air_quality' }))
      const all = [records[0], { ...records[1], payload }, connectionOf('s', 'd', at, false)] as typeof records
      living.process(...(isRecorded ? all : all.slice(1, 2)))
      living.tick(at + 30_000)
    }
    for (let at = t0; at < t0 + 5 * minute; at += minute) publish(at)
    expect(nodesOf(living.engine).get('s/d')).toMatchObject({ state: 'connected' })
    play(living, t0 + 5 * minute, t0 + hour, minute, () => [])
    expect(nodesOf(living.engine).get('s/d')).toMatchObject({ state: 'unreachable' })
  })

  test('whose clock is wrong for more than a minute has a wrong clock, and so have its devices', () => {
    const living = livingEngine()
    living.process(connectionOf('s', 'n', t0), statusOf('s', 'n', t0, born('d')))
    const send = (at: number, error: number) =>
      living.process(telemetryOf({ site: 's', node: 'n', seq: ++seq, arrival: at, error }, [air('d', at, at % 97)]))
    send(t0, 0)
    send(t0 + minute, -3 * hour)
    // One that was held up on its way.
    expect(stateOf(living)?.clock).toBeNull()
    send(t0 + 2 * minute, 3 * hour)
    send(t0 + 3 * minute, 3 * hour)
    const clock = { of: 'node', since: t0 + minute }
    expect(stateOf(living)).toMatchObject({ state: 'measuring', clock })
    expect(nodesOf(living.engine).get('s/n')).toMatchObject({ clock })
    send(t0 + 4 * minute, 0)
    expect(stateOf(living)?.clock).toBeNull()
    expect(nodesOf(living.engine).get('s/n')?.clock).toBeNull()
  })

  test('with a right clock may have a device with a wrong one', () => {
    const living = livingEngine()
    living.process(statusOf('s', 'n', t0, born('d', 'e')))
    play(living, t0, t0 + 3 * minute, minute, (at) => [air('d', at + hour, at % 97), air('e', at, at % 97)])
    expect(stateOf(living)?.clock).toEqual({ of: 'device', since: t0, offset_ms: -hour })
    expect(stateOf(living, 'e')?.clock).toBeNull()
  })
})

describe('a sensor', () => {
  /** Its cadence is 10 minutes. */
  const weather = (values: (at: number) => object) => (at: number) => [
    { device: 'd', ts: at, type: 'weather', values: values(at) as SentRecord['values'] },
  ]
  const after = (hours: number, values: (at: number) => object) => {
    const living = livingEngine()
    play(living, t0, t0 + hours * hour, 10 * minute, weather(values))
    return kindsOf(living)
  }

  test.each([
    ['a humidity of 73.2 % for 14 hours', 14, { humidity_percent: 73.2 }, ['humidity_percent stuck']],
    ['saturated air for 14 hours', 14, { humidity_percent: 100 }, []],
    ['no rain for 9 days', 9 * 24, { rain_mm: 0 }, []],
    ['no wind for 14 hours', 14, { wind_kmh: 0 }, []],
    ['a temperature for 2 hours', 2, { temperature_c: 21.4 }, []],
    ['a temperature at the end of its range', 2, { temperature_c: 70 }, ['temperature_c railed']],
    ['a pressure for five hours', 5, { pressure_hpa: 899.9 }, []],
  ])('that repeats %s', (_, hours, values, expected) => {
    expect(after(hours, () => values)).toEqual(expected)
  })

  test('whose logger is frozen is recognised earlier, by its other metrics', () => {
    const [hours, values] = [2, { temperature_c: 21.4, humidity_percent: 73.2 }]
    expect(after(hours, () => values)).toEqual(['temperature_c stuck', 'humidity_percent stuck'])
  })

  test('that changes three times is not stuck any more', () => {
    const living = livingEngine()
    play(
      living,
      t0,
      t0 + 4 * hour,
      10 * minute,
      weather(() => ({ temperature_c: 21.4 })),
    )
    expect(stateOf(living)?.faults).toMatchObject([
      { since: t0, evidence: { by: 'flat', value: 21.4, lasted_s: 10_800 } },
    ])
    const end = t0 + 4 * hour
    play(
      living,
      end,
      end + 20 * minute,
      10 * minute,
      weather((at) => ({ temperature_c: at % 31 })),
    )
    expect(kindsOf(living)).toEqual(['temperature_c stuck'])
    play(
      living,
      end + 20 * minute,
      end + 30 * minute,
      10 * minute,
      weather((at) => ({ temperature_c: at % 31 })),
    )
    expect(kindsOf(living)).toEqual([])
  })

  test.each([
    ['and its neighbour moves', 21, ['pm25 stuck', 'temperature_c stuck']],
    ['and its neighbour rests as well', 8, []],
  ])('that sends the same values under 40 new times %s', (_, target, expected) => {
    const living = livingEngine()
    const at3 = { id: 'd', type: 'air_quality', cadence_s: 30, lat: 11.75, lon: 108.5 }
    living.process(statusOf('s', 'n', t0, [at3]))
    living.process(statusOf('other', 'n', t0, [{ ...at3, id: 'e', lat: 11.757 }]))
    for (let index = 0; index < 40; index++) {
      const arrival = t0 + index * 30_000
      const same = air('d', arrival, 8.25, { temperature_c: 22.1 })
      living.process(telemetryOf({ site: 's', node: 'n', seq: ++seq, arrival }, [same]))
      const moved = air('e', arrival, 8 + ((target - 8) * index) / 40)
      living.process(telemetryOf({ site: 'other', node: 'n', seq: ++seq, arrival }, [moved]))
    }
    expect(kindsOf(living)).toEqual(expected)
  })

  describe('of a metric that nothing is declared of', () => {
    /** Changes every hour for eight days, then not any more. */
    const level = (at: number, hours: number) =>
      at < t0 + 8 * day ? Math.floor(at / hour) % 50 : hours > 0 ? 17 : Math.floor(at / hour) % 50
    const playLevel = (values: (at: number) => object, days: number) => {
      const living = livingEngine()
      play(living, t0, t0 + days * day, 10 * minute, (at) => [
        { device: 'd', ts: at, values: values(at) as SentRecord['values'] },
      ])
      return kindsOf(living)
    }

    test('is stuck much longer than ever before', () => {
      expect(playLevel((at) => ({ level: level(at, 1) }), 9)).toEqual(['level stuck'])
    })
    test('is not stuck while it does what it did', () => {
      expect(playLevel((at) => ({ level: level(at, 0) }), 9)).toEqual([])
    })
    test.each([
      ['a door contact', { door: 1 }],
      ['a setpoint', { setpoint: 21.5 }],
    ])('is %s, and may stay so for 30 days', (_, values) => {
      expect(playLevel(() => values, 30)).toEqual([])
    })
    test('is zero at night, and changes by day', () => {
      const radiation = (at: number) => (at % day < day / 2 ? 0 : Math.round((at / minute) % 997))
      expect(playLevel((at) => ({ radiation: radiation(at) }), 10)).toEqual([])
    })
  })
})

test('devices that are silent have no timer: at rest they cost nothing', () => {
  const living = livingEngine()
  const ids = Array.from({ length: 1_000 }, (_, index) => `d${index}`)
  living.process(statusOf('s', 'n', t0, born(...ids)))
  living.process(
    telemetryOf(
      { site: 's', node: 'n', seq: 1, arrival: t0 },
      ids.map((id) => air(id, t0, 1)),
    ),
  )
  play(living, t0, t0 + 10 * minute, minute, () => [])
  living.engine.takeLive(Number.MAX_SAFE_INTEGER)
  living.engine.changes({ live: 0, backlog: 0 })
  play(living, t0 + 10 * minute, t0 + 30 * minute, minute, () => [])
  expect(living.engine.takeLive(Number.MAX_SAFE_INTEGER)).toEqual([])
  expect(living.engine.changes({ live: 0, backlog: 0 }).liveness.lives).toEqual([])
})
