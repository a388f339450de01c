import { liveBatchLine, snapshotLine } from '@ioc/contract/live-batch.ts'
import { liveBatchTopic, livePrefix } from '@ioc/contract/topics.ts'
import { describe, expect, test } from 'vitest'
import { createLiveObserver } from './live-observer.ts'
import type { Problem } from './state.ts'

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

const device = (last_ts: number | null, cadence_s: number | null = 30) => ({
  ...{ site: 'a', node: 'n', device: 'd', type: 'air_quality', name: null, lat: null, lon: null },
  ...{ cadence_s, last_ts, online: true, area: null },
})
const path = 'device/a/d/air_quality'

describe('a device', () => {
  test('is silent after five cadences, and at least five minutes, of values from others', () => {
    const { clock, observer, send } = observe()
    send({ [path]: device(start) })
    for (let at = 1; at <= 5; at++) {
      clock.now = start + at * minute
      send({})
      expect(observer.silentDevices(none)).toEqual([])
    }
    clock.now += 1_000
    expect(observer.silentDevices(none)).toMatchObject([
      { observation: { thing: 'device/a/d', state: 'silent', since: start, graceMs: 5 * minute } },
    ])
    expect(send({ [path]: device(clock.now) })).toMatchObject([{ observation: { thing: 'device/a/d', state: null } }])
  })

  test('has its time again after a pause of the processor; a backlog that is old is no sign of life', () => {
    const { clock, observer, send } = observe()
    send({ [path]: device(start) })
    clock.now = start + 60 * minute
    expect(observer.silentDevices(none)).toEqual([])
    expect(send({ [path]: device(start + minute) })).toEqual([])
    expect(observer.silentDevices(none)).toEqual([])
    for (let at = 0; at <= 5; at++) {
      clock.now += minute
      send({})
    }
    expect(observer.silentDevices(none)).toHaveLength(1)
  })

  test('of a slow cadence has five of them; one that never measured is named so', () => {
    const { clock, observer, send } = observe()
    send({ [path]: device(start, 3_600), 'device/a/e/rain': { ...device(null), device: 'e', type: 'rain' } })
    for (let at = 0; at < 6; at++) {
      clock.now += minute
      send({})
    }
    expect(observer.silentDevices(none)).toMatchObject([{ observation: { thing: 'device/a/e', state: 'never_heard' } }])
  })

  test('that a complete snapshot does not have ends its problems', () => {
    const { observer, send } = observe()
    const problems = new Map([['device/a/d#loss', { thing: 'device/a/d', aspect: 'loss' } as unknown as Problem]])
    send({ [path]: device(start) })
    expect(observer.goneThings(problems)).toEqual([])
    send({}, true)
    expect(observer.goneThings(problems)).toMatchObject([{ observation: { thing: 'device/a/d', state: null } }])
  })

  test('of a simulated past is not silent', () => {
    const { clock, observer, send } = observe()
    send({ [path]: device(start - 1_000 * minute), simulation: { phase: 'filling', clock: start } })
    for (let at = 0; at < 10; at++) {
      clock.now += minute
      send({})
    }
    expect(observer.silentDevices(none)).toEqual([])
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
})
