import { liveBatchLine, snapshotLine } from '@ioc/contract/live-batch.ts'
import { liveBatchTopic, livePrefix } from '@ioc/contract/topics.ts'
import { describe, expect, test } from 'vitest'
import { createLiveObserver } from './live-observer.ts'
import type { WatchEvent } from './machine.ts'
import type { Problem } from './state.ts'
import { Watch } from './testing/watch.ts'

const minute = 60_000
const start = Date.parse('2026-11-30T00:00:00Z')
const none = new Map<string, Problem>()

/** An observer with a clock of its own, and what it observed last. */
function observe() {
  const clock = { now: start }
  const observer = createLiveObserver(() => clock.now)
  const send = (entries: Readonly<Record<string, object | null>>, isSnapshot = false) => {
    const lines = Object.entries(entries).map(([path, value]) =>
      liveBatchLine(`${livePrefix}${path}`, value === null ? '' : JSON.stringify(value)),
    )
    const all = isSnapshot ? [snapshotLine(false), ...lines, snapshotLine(true)] : lines
    return observer.receive(liveBatchTopic, Buffer.from(all.join('')), false)
  }
  return { clock, observer, send }
}

const alive = (more: object = {}) => ({
  ...{ site: 'a', device: 'd', node: 'n', state: 'measuring', since: start, last_ts: start },
  ...{ silent_ms: 5 * minute, faults: [], clock: null, ...more },
})
const path = 'liveness/a/d'
const evidence = { by: 'flat', value: 1, points: 12, lasted_s: 10_800 }

/** What is abnormal of the observations. */
const abnormal = (events: readonly WatchEvent[]) =>
  events.flatMap((event) => {
    if (event.kind !== 'observed' || event.observation.state === null) return []
    const { thing, aspect, state, since } = event.observation
    return [`${thing}#${aspect} ${state} ${(since - start) / minute}`]
  })

describe('a device', () => {
  test('is lost from its silence on, and no more when it measures or is late; its grace is its silent interval', () => {
    const { send } = observe()
    const loss = { thing: 'device/a/d', aspect: 'loss', graceMs: 5 * minute }
    expect(send({ [path]: alive({ state: 'late' }) })).toContainEqual({
      kind: 'observed',
      observation: { ...loss, state: null, since: start },
    })
    const silent = alive({ state: 'silent', since: start - 5 * minute })
    expect(send({ [path]: silent })).toContainEqual({
      kind: 'observed',
      observation: { ...loss, state: 'silent', since: start - 5 * minute },
    })
    expect(abnormal(send({ [path]: alive() }))).toEqual([])
  })

  test('that is a camera and does not answer its bridge is lost, though its bridge reports it', () => {
    const { send } = observe()
    const condition = (state: string) => ({ condition: { state, since: start - minute } })
    expect(abnormal(send({ [path]: alive(condition('unreachable')) }))).toEqual(['device/a/d#loss no_answer -1'])
    expect(abnormal(send({ [path]: alive(condition('covered')) }))).toEqual(['device/a/d#condition covered -1'])
    const silent = alive({ state: 'silent', ...condition('unreachable') })
    expect(abnormal(send({ [path]: silent }))).toEqual(['device/a/d#loss silent 0'])
    expect(abnormal(send({ [path]: alive() }))).toEqual([])
  })

  test('that was never heard has time for its first measurement', () => {
    const { clock, observer, send } = observe()
    expect(abnormal(send({ [path]: alive({ state: 'never_heard', last_ts: null }) }))).toEqual([])
    clock.now = start + 5 * minute
    expect(observer.overdue(none)).toEqual([])
    clock.now += 1
    expect(abnormal(observer.overdue(none))).toEqual(['device/a/d#loss never_heard 0'])
    expect(observer.overdue(none)).toEqual([])
  })

  test('of a simulated past is lost only if it still is in the present', () => {
    const { observer, send } = observe()
    send({ simulation: { phase: 'filling', clock: start } })
    const other = { ...alive({ state: 'silent' }), device: 'e' }
    expect(abnormal(send({ [path]: alive({ state: 'silent' }), 'liveness/a/e': other }))).toEqual([])
    expect(observer.overdue(none)).toEqual([])
    send({ 'liveness/a/e': alive(), simulation: { phase: 'live', clock: start } })
    expect(abnormal(observer.overdue(none))).toEqual(['device/a/d#loss silent 0'])
  })

  test('may be stuck, railed and have a wrong clock; each ends on its own', () => {
    const { send } = observe()
    const fault = (metric: string, kind: string, since: number) => ({ metric, kind, since, evidence })
    const faults = [
      fault('pm25', 'stuck', start - minute),
      fault('pm10', 'stuck', start - 2 * minute),
      fault('temperature_c', 'railed', start),
    ]
    const clock = { offset_ms: -minute, since: start, of: 'device' }
    expect(abnormal(send({ [path]: alive({ faults, clock }) }))).toEqual([
      'device/a/d#stuck stuck -2',
      'device/a/d#railed railed 0',
      'device/a/d#clock wrong 0',
    ])
    expect(abnormal(send({ [path]: alive({ faults: faults.slice(2) }) }))).toEqual(['device/a/d#railed railed 0'])
  })

  test('that a complete snapshot does not have ends its problems', () => {
    const { observer, send } = observe()
    const problems = new Map([['device/a/d#loss', { thing: 'device/a/d', aspect: 'loss' } as unknown as Problem]])
    send({ [path]: alive() })
    expect(observer.goneThings(problems)).toEqual([])
    send({}, true)
    expect(observer.goneThings(problems)).toMatchObject([{ observation: { thing: 'device/a/d', state: null } }])
  })

  test('that the centre does not know keeps what a person reported', () => {
    const { observer, send } = observe()
    const problems = new Map([
      ['device/a/d#reported', { thing: 'device/a/d', aspect: 'reported' } as unknown as Problem],
    ])
    send({}, true)
    expect(observer.goneThings(problems)).toEqual([])
  })
})

describe('a node', () => {
  const node = (more: object = {}) => ({ site: 'a', node: 'n', state: 'connected', since: start, clock: null, ...more })

  test('is lost while it is unreachable, and its wrong clock is a problem of the node, not of its devices', () => {
    const { send } = observe()
    expect(abnormal(send({ 'connection/a/n': node({ state: 'unreachable' }) }))).toEqual([
      'node/a/n#loss unreachable 0',
    ])
    const clock = { offset_ms: -180 * minute, since: start, of: 'node' }
    expect(abnormal(send({ 'connection/a/n': node({ clock }), [path]: alive({ clock }) }))).toEqual([
      'node/a/n#clock wrong 0',
    ])
    expect(abnormal(send({ 'connection/a/n': node() }))).toEqual([])
    expect(abnormal(send({ 'connection/a/n': node({ cloned_since: start }) }))).toEqual([
      'node/a/n#cloned clone_suspected 0',
    ])
  })

  test('that is removed has no problem with its flows any more', () => {
    const { send } = observe()
    send({ 'connection/a/n': node() })
    const aspects = send({ 'connection/a/n': null }).map(
      (event) => event.kind === 'observed' && event.observation.aspect,
    )
    expect(aspects).toContain('stopped')
  })

  test('that loses messages has a problem for as long as there are more, and an hour', () => {
    const { clock, observer, send } = observe()
    const ledger = (lost: number) => ({ 'ledger/a/n': { site: 'a', node: 'n', ts: start, lost } })
    expect(send(ledger(7))).toEqual([])
    expect(send(ledger(7))).toEqual([])
    expect(abnormal(send(ledger(9)))).toEqual(['ledger/a/n#losses lost 0'])
    const problems = new Map([['ledger/a/n#losses', { thing: 'ledger/a/n', aspect: 'losses' } as unknown as Problem]])
    clock.now = start + 60 * minute
    expect(observer.overdue(problems)).toEqual([])
    clock.now += 1
    expect(observer.overdue(problems)).toMatchObject([{ observation: { aspect: 'losses', state: null } }])
  })
})

describe('a value', () => {
  const value = (level: number) => ({ id: 'x', scope: 'site', key: 'a', ts: start, value: 40, level, samples: 5 })
  const described = { indicators: [{ id: 'x', levels: { direction: 'above', warning: 30 } }] }
  const threshold = {
    indicator: 'x',
    scope: 'site',
    key: 'a',
    group: null,
    levels: { direction: 'above', warning: 35 },
  }

  test('has the limits of its place, else those that the indicator declares', () => {
    const { send } = observe()
    send(described)
    expect(send({ 'indicator/x/site/a': value(2) })).toMatchObject([
      { reading: { thing: 'indicator/x/site/a', direction: 'above', limits: { warning: 30 } } },
    ])
    send({ district: { thresholds: [threshold] } })
    expect(send({ 'indicator/x/site/a': value(2) })).toMatchObject([{ reading: { limits: { warning: 35 } } }])
  })

  test('beyond a limit, but without a level as its window is not filled, is no reading', () => {
    const { send } = observe()
    send(described)
    expect(send({ 'indicator/x/site/a': value(0) })).toEqual([])
  })

  test('of a simulated past is looked at once the past is filled in', () => {
    const { send } = observe()
    send(described)
    const filling = { scenario: 'normal', phase: 'filling', percent: 10, clock: start - 60 * minute, speed: 1 }
    send({ simulation: filling })
    expect(send({ 'indicator/x/site/a': value(2), 'indicator/x/site/b': value(2) })).toEqual([])
    send({ 'indicator/x/site/b': null })
    expect(send({ simulation: { ...filling, phase: 'live', clock: start } })).toMatchObject([
      { reading: { thing: 'indicator/x/site/a' } },
    ])
  })
})

describe('flows of Node-RED at a node', () => {
  const birth = (flows?: object, more: object = {}) => {
    const status = {
      online: true,
      session: 1,
      agent: { version: '1', host: 'h' },
      devices: [],
      ...(flows ? { flows } : {}),
      ...more,
    }
    return Buffer.from(JSON.stringify(status))
  }
  const receive = (payload: Buffer) => observe().observer.receive('ioc/v1/a/n/status', payload, true)

  test.each([
    ['safe-mode', 'flows_stopped'],
    ['last-good', 'flows_reverted'],
    ['failed', 'flows_failed'],
  ])('that are reported as %s are a problem of the node', (state, problem) => {
    expect(abnormal(receive(birth({ state, reason: 'a function hung' })))).toEqual([`node/a/n#stopped ${problem} 0`])
  })

  test('are one incident however often they are reported, which ends when they run', () => {
    const watch = new Watch([])
    const report = (state: string) => watch.do(...receive(birth({ state })))
    report('last-good')
    report('last-good')
    const titles = () => watch.active.map(({ severity, title }) => `${severity}: ${title.vi}`)
    expect(titles()).toEqual(['low: Luồng Node-RED bị lỗi tại trạm a/n'])
    report('safe-mode')
    expect(titles()).toEqual(['medium: Luồng Node-RED bị lỗi tại trạm a/n'])
    report('running')
    expect(titles()).toEqual([])
    expect(watch.state.incidents.size).toBe(1)
  })

  test.each([['running'], ['starting'], ['off']])('that are reported as %s are none, and end the problem', (state) => {
    const [event] = receive(birth({ state }))
    expect(event).toMatchObject({ observation: { thing: 'node/a/n', aspect: 'stopped', state: null } })
  })

  test.each([
    ['never delivered', { state: 'failing', records: 0 }, ['medium: Không đọc được nguồn số liệu a/n/kho']],
    ['delivered before: its devices are silent then', { state: 'failing', records: 7 }, []],
    ['is being tried for the first time', { state: 'starting', records: 0 }, []],
    ['measures a part', { state: 'partial', records: 3 }, []],
  ] as const)('a source that %s', (_what, reported, expected) => {
    const watch = new Watch([])
    const since = watch.now
    const { observer } = observe()
    const report = (...collectors: object[]) =>
      watch.do(...observer.receive('ioc/v1/a/n/status', birth(undefined, { collectors }), true))
    const source = { id: 'kho', type: 'sql', since, error: 'ECONNREFUSED', ...reported }
    const other = { id: 'cpu', type: 'machine', since, state: 'ok', records: 9 }
    report(source, other)
    expect(watch.active).toEqual([])
    watch.pass(20 * minute)
    const titles = () => watch.active.map(({ severity, title }) => `${severity}: ${title.vi}`)
    expect(titles()).toEqual(expected)
    report({ ...source, state: 'ok', records: 1 }, other)
    expect(titles()).toEqual([])
    report(source, other)
    watch.pass(20 * minute)
    // Taken out of the configuration.
    report(other)
    expect(titles()).toEqual([])
  })

  test('that are not reported are none; a will and what cannot be read change nothing', () => {
    expect(abnormal(receive(birth()))).toEqual([])
    expect(receive(Buffer.from('{"online":false,"session":1}'))).toEqual([])
    expect(receive(Buffer.from('nonsense'))).toEqual([])
  })
})
