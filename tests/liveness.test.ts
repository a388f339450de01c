import type { EventKind, ScenarioEvent } from '@ioc/simulator/scenarios/scenario.ts'
import { scenarios } from '@ioc/simulator/scenarios/table.ts'
import { monday, sites } from '@ioc/simulator/testing/example-district.ts'
import { livenessOf, nodesOf } from '@ioc/stream-processor/testing/liveness.ts'
import { describe, expect, test } from 'vitest'
import { abnormalNow, playDistrict } from './harness/played-liveness.ts'

const hour = 3_600_000
const day = 24 * hour

/** The events of a scenario that begins an hour after the agents. */
const eventsOf = (kind: EventKind): readonly ScenarioEvent[] => scenarios[kind].events(monday + hour)

/** Sites that an event concerns, and one that it does not. */
function sitesOf([event]: readonly ScenarioEvent[]) {
  const own = sites.filter(({ site, area }) => site === event?.site || area === event?.area)
  const other = sites.find(({ site, area }) => site !== event?.site && area !== event?.area)
  return other ? [...own, other] : own
}

const without = (names: readonly string[], end: string) => names.filter((name) => !name.endsWith(end))

test('one site of each kind in four calm days: whatever is silent, late, stuck, railed or of a wrong clock is false', () => {
  const kinds = [...Map.groupBy(sites, ({ kind }) => kind).values()].flatMap(([first]) => first ?? [])
  const { abnormal } = playDistrict(monday, monday + 4 * day, [], kinds)
  expect(without([...abnormal.keys()], ' never_heard')).toEqual([])
})

describe('an event of the simulated district', () => {
  test('stuck_sensor: the metrics that had to change are stuck, at its site alone', () => {
    const events = eventsOf('stuck_sensor')
    const { engine } = playDistrict(monday, monday + 8 * hour, events, sitesOf(events))
    const names = without(abnormalNow(engine), ' never_heard')
    expect(names).toContain('khong-khi-lac-lam/air pm25 stuck')
    expect(names.filter((name) => !/^khong-khi-lac-lam\/\S+ \S+ stuck$/.test(name))).toEqual([])
  })

  test('dead_camera: the camera is silent, its pole is connected', () => {
    const events = eventsOf('dead_camera')
    const { engine } = playDistrict(monday, monday + 3 * hour, events, sitesOf(events))
    expect(without(abnormalNow(engine), ' never_heard')).toEqual(['cam-dran-01/camera silent'])
    expect(nodesOf(engine).get('cam-dran-01/agent')?.state).toBe('connected')
  })

  test('power_cut: the nodes of the commune are unreachable and their devices silent; all measure afterwards', () => {
    const events = eventsOf('power_cut')
    const [cut] = events
    const own = new Set(sites.filter(({ area }) => area === cut?.area).map(({ site }) => site))
    const during = playDistrict(monday, monday + 1.5 * hour, events, sitesOf(events)).engine
    for (const { site, state } of nodesOf(during).values())
      expect([site, state]).toEqual([site, own.has(site) ? 'unreachable' : 'connected'])
    for (const { site, state, silent_ms } of livenessOf(during).values()) {
      if (state === 'never_heard' || silent_ms > hour / 4) continue
      expect([site, state]).toEqual([site, own.has(site) ? 'silent' : 'measuring'])
    }
    const { engine } = playDistrict(monday, monday + 5 * hour, events, sitesOf(events))
    expect(without(abnormalNow(engine), ' never_heard')).toEqual([])
    expect([...nodesOf(engine).values()].filter(({ state }) => state !== 'connected')).toEqual([])
  })

  test('wrong_clock: the clock of the node is wrong, its devices measure', () => {
    const events = eventsOf('wrong_clock')
    const { engine } = playDistrict(monday, monday + 3 * hour, events, sitesOf(events))
    const node = nodesOf(engine).get('khi-tuong-dran/agent')
    expect(node?.clock).toMatchObject({ of: 'node', offset_ms: expect.closeTo(-3 * hour, -4) })
    const states = [...livenessOf(engine).values()].filter(({ state }) => state !== 'never_heard')
    expect(states.filter(({ state }) => state !== 'measuring')).toEqual([])
    expect(states.filter(({ clock }) => clock).every(({ site }) => site === 'khi-tuong-dran')).toBe(true)
  })
})
