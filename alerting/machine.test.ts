import { type ThingId, thingId } from '@ioc/contract/messages/incidents.ts'
import { describe, expect, test } from 'vitest'
import { hour, minute, monday, second, siteOf, Watch } from './testing/watch.ts'

const d = (n: number, site = 'a'): ThingId => thingId('device', `${site}/d${n}`)
const node: ThingId = 'node/a/n1'

describe('a loss', () => {
  test('opens one incident after its hold, with its true beginning, and says when it is over', () => {
    const watch = new Watch(siteOf('a', 12))
    const began = monday - 5 * minute
    watch.observe(d(3), 'silent', { since: began }).pass(44 * second)
    expect(watch.shown).toEqual([])
    watch.pass(second)
    expect(watch.shown).toEqual(['#1 device/a/d3 open'])
    expect(watch.active[0]).toMatchObject({ began, problem: 'silent', severity: 'medium', affected_count: 0 })
    watch.pass(hour).observe(d(3), null)
    expect(watch.shown).toEqual(['#1 device/a/d3 resolved'])
    watch.pass(20 * minute)
    expect(watch.shown).toEqual([])
    expect(watch.messages).toEqual(['opened #1', 'resolved #1'])
  })

  test('that ends within its hold opens nothing', () => {
    const watch = new Watch(siteOf('a', 12))
    watch
      .observe(node, 'unreachable')
      .pass(40 * second)
      .observe(node, null)
      .pass(hour)
    expect([watch.state.lastId, watch.messages]).toEqual([0, []])
  })

  test('of the only node of a site is that of the site, with all that it takes along', () => {
    const watch = new Watch(siteOf('a', 12))
    watch.observe(node, 'unreachable').pass(minute)
    for (let n = 1; n <= 12; n++) watch.observe(d(n), 'silent').pass(5 * second)
    watch.pass(hour)
    expect(watch.shown).toEqual(['#1 site/a open'])
    expect(watch.active[0]).toMatchObject({ affected_count: 13, severity: 'high', title: { vi: 'Mất kết nối trạm a' } })
    expect(watch.messages).toEqual(['opened #1'])
  })

  test('of 200 devices of a site that is cut is one incident; after it healed, three dead ones are theirs', () => {
    const watch = new Watch(siteOf('a', 200))
    const cut = monday
    watch.observe(node, 'unreachable')
    for (let n = 1; n <= 200; n++) watch.observe(d(n), 'silent', { since: cut })
    watch.pass(minute)
    expect(watch.messages).toEqual(['opened #1'])
    watch.pass(hour).observe(node, null)
    for (let n = 4; n <= 200; n++) watch.pass(second).observe(d(n), null)
    watch.pass(10 * minute)
    expect(watch.shown.sort()).toEqual(
      ['#1 site/a resolved', '#2 device/a/d1 open', '#3 device/a/d2 open', '#4 device/a/d3 open'].sort(),
    )
    for (const incident of watch.active) expect(incident.began).toBe(cut)
    expect(watch.messages.filter((message) => message === 'resolved #1')).toHaveLength(1)
    expect(watch.messages).toHaveLength(5)
  })

  test('of most devices of a connected node is an incident of the node, and not of its site', () => {
    const watch = new Watch(siteOf('a', 5))
    for (const n of [1, 2, 3]) watch.observe(d(n), 'silent')
    watch.pass(hour)
    expect(watch.shown).toEqual(['#1 node/a/n1 open'])
    watch.observe(d(4), 'silent').pass(hour)
    expect(watch.shown).toEqual(['#1 node/a/n1 open'])
  })

  test('that is found higher later keeps its number, and takes over the others with what people did', () => {
    const watch = new Watch(siteOf('a', 12))
    watch.observe(d(1), 'silent').observe(d(2), 'silent').pass(minute)
    watch.do({ kind: 'acknowledge', by: 'lan', id: 2, until: monday + hour, note: 'đang đi' })
    watch.do({ kind: 'note', by: 'lan', id: 2, text: 'mất điện?' })
    watch.observe(node, 'unreachable').pass(minute)
    expect(watch.shown).toEqual(['#1 site/a acknowledged'])
    expect(watch.active[0]).toMatchObject({ merged: [2], acknowledged: { by: 'lan' } })
    expect(watch.active[0]?.timeline.map(({ text }) => text)).toContain('mất điện?')
    expect(watch.state.incidents.get(2)).toMatchObject({ state: 'closed', merged_into: 1 })
    expect(watch.messages).toEqual(['opened #1', 'opened #2', 'updated #1'])
  })

  test('of a thing with two parents is only explained when both are lost', () => {
    const two: ThingId[] = ['upstream/u1', 'upstream/u2']
    const watch = new Watch([
      { thing: 'upstream/u1', parents: [] },
      { thing: 'upstream/u2', parents: [] },
      ...siteOf('a', 2, two),
    ])
    watch.observe('upstream/u1', 'unreachable').observe(node, 'unreachable').pass(minute)
    expect(watch.shown).toEqual(['#1 site/a open', '#2 upstream/u1 open'])
    watch.observe('upstream/u2', 'unreachable').pass(minute)
    expect(watch.shown).toEqual(['#2 upstream/u1 open', '#3 upstream/u2 open'])
  })
})

describe('people', () => {
  test('acknowledge until a time: then they are reminded, and ten minutes later it is open again', () => {
    const watch = new Watch(siteOf('a', 12))
    watch.observe(d(3), 'silent').pass(minute)
    watch.do({ kind: 'acknowledge', by: 'lan', id: 1, until: watch.now + 15 * minute, note: '' })
    watch.pass(15 * minute)
    expect(watch.messages).toEqual(['opened #1', 'reminder #1'])
    watch.pass(10 * minute)
    expect(watch.messages).toEqual(['opened #1', 'reminder #1', 'escalation #1'])
    expect(watch.shown).toEqual(['#1 device/a/d3 open'])
  })

  test('resolve by hand what is still there: it is open again after the quiet time', () => {
    const watch = new Watch(siteOf('a', 12))
    watch
      .observe(d(3), 'silent')
      .pass(minute)
      .do({ kind: 'resolve', by: 'lan', id: 1 })
      .pass(14 * minute)
    expect(watch.shown).toEqual(['#1 device/a/d3 resolved'])
    watch.pass(2 * minute)
    expect(watch.shown).toEqual(['#1 device/a/d3 open'])
    expect(watch.messages).toEqual(['opened #1', 'resolved #1', 'opened #1'])
  })

  test('shelve a cause with a limit', () => {
    const watch = new Watch(siteOf('a', 12))
    const until = monday + hour
    watch.do({ kind: 'shelve', by: 'lan', cause: 'device/a/d3#loss', reason: 'chờ thay', until })
    watch.observe(d(3), 'silent').pass(hour - second)
    expect(watch.shown).toEqual([])
    watch.pass(2 * second)
    expect(watch.active[0]).toMatchObject({ cause: d(3), began: monday })
    expect(watch.state.shelves.size).toBe(0)
  })
})

describe('maintenance', () => {
  const window = { id: 'w', reason: 'bảo trì', by: 'lan', covers: { sites: ['a'] }, from: monday, to: monday + hour }

  test('holds what begins meanwhile until its end, and opens it with its real beginning', () => {
    const watch = new Watch(siteOf('a', 12)).do({ kind: 'maintain', by: 'lan', window })
    const began = watch.pass(10 * minute).now
    watch.observe(d(1), 'silent').pass(hour - 11 * minute)
    expect(watch.shown).toEqual([])
    watch.pass(minute)
    expect(watch.active[0]).toMatchObject({ cause: d(1), began })
  })

  test('sends nothing more of what was down before and still is, and one message when it ends meanwhile', () => {
    const watch = new Watch(siteOf('a', 12))
    watch.observe(d(1), 'silent').observe(d(2), 'silent').pass(minute)
    watch
      .do({ kind: 'maintain', by: 'lan', window })
      .pass(10 * minute)
      .observe(d(2), null)
      .pass(2 * hour)
    expect(watch.messages).toEqual(['opened #1', 'opened #2', 'resolved #2'])
    expect(watch.shown).toEqual(['#1 device/a/d1 open'])
  })

  test('recurs by days of the week', () => {
    const every = { days: [1, 3], at: '22:00', minutes: 240 }
    const watch = new Watch(siteOf('a', 12))
    watch.do({ kind: 'maintain', by: 'lan', window: { ...window, to: monday + 30 * 24 * hour, every } })
    watch.now = monday + 21 * hour
    watch.observe(d(1), 'silent').pass(minute)
    expect(watch.shown).toEqual(['#1 device/a/d1 open'])
    watch.now = monday + 25 * hour
    watch.observe(d(2), 'silent').pass(minute)
    expect(watch.shown).toHaveLength(1)
    watch.now = monday + 26 * hour
    watch.pass(minute)
    expect(watch.shown).toHaveLength(2)
  })
})

describe('what changes often', () => {
  test('40 changes in an hour make two messages, and one when it is stable', () => {
    const watch = new Watch(siteOf('a', 12))
    for (let change = 0; change < 40; change++)
      watch.observe(d(1), change % 2 === 0 ? 'silent' : null).pass(90 * second)
    expect(watch.messages).toEqual(['opened #1', 'flapping #1'])
    watch.pass(hour)
    expect(watch.messages).toEqual(['opened #1', 'flapping #1', 'stable #1'])
    expect(watch.active).toEqual([])
  })

  test('a recurrence within the quiet time reopens the same number', () => {
    const watch = new Watch(siteOf('a', 12))
    watch
      .observe(d(1), 'silent')
      .pass(minute)
      .observe(d(1), null)
      .pass(4 * minute)
    watch.observe(d(1), 'silent').pass(minute)
    expect(watch.shown).toEqual(['#1 device/a/d1 open'])
    expect(watch.messages).toEqual(['opened #1'])
    watch
      .pass(hour)
      .observe(d(1), null)
      .pass(20 * minute)
      .observe(d(1), 'silent')
      .pass(minute)
    expect(watch.shown).toEqual(['#2 device/a/d1 open'])
  })

  test('more than 30 incidents in five minutes are one message for each site', () => {
    const sites = ['a', 'b', 'c']
    const watch = new Watch(sites.flatMap((site) => siteOf(site, 60)))
    for (let n = 1; n <= 20; n++) for (const site of sites) watch.observe(d(n, site), 'silent').pass(second)
    watch.pass(minute)
    expect(watch.active).toHaveLength(60)
    expect(watch.messages.filter((message) => message.startsWith('opened'))).toHaveLength(30)
    expect(watch.messages.filter((message) => message.startsWith('storm ')).sort()).toEqual([
      'storm a',
      'storm b',
      'storm c',
    ])
    watch.pass(10 * minute)
    expect(watch.messages.at(-1)).toMatch(/^storm_over/)
  })
})

describe('a value', () => {
  const thing: ThingId = 'indicator/pm25/device/a/d1'
  const limits = { attention: 50, warning: 100, critical: 150 }
  const measure = (watch: Watch, value: number, ts = watch.now) =>
    watch.do({ kind: 'measured', reading: { thing, value, ts, direction: 'above', limits } })

  test('beyond a limit twice opens an incident; it ends when the value is back by the deadband twice', () => {
    const watch = new Watch(siteOf('a', 12))
    measure(watch, 120).pass(hour)
    expect(watch.shown).toEqual([])
    measure(watch, 120).pass(minute)
    expect(watch.active[0]).toMatchObject({ cause: thing, severity: 'medium', problem: 'warning', began: monday })
    for (const value of [98, 97, 98, 99]) measure(watch, value).pass(minute)
    expect(watch.active).toHaveLength(1)
    measure(watch, 90).pass(minute)
    expect(watch.active).toHaveLength(1)
    measure(watch, 90).pass(minute)
    expect(watch.active).toHaveLength(0)
  })

  test('that is worse is announced; one that came late is not', () => {
    const watch = new Watch(siteOf('a', 12))
    for (const value of [120, 120]) measure(watch, value).pass(minute)
    for (const value of [170, 170]) measure(watch, value).pass(minute)
    expect(watch.messages).toEqual(['opened #1', 'worsened #1'])
    const late = new Watch(siteOf('a', 12))
    for (const age of [90, 80, 70]) measure(late, 170, monday - age * minute).pass(minute)
    expect(late.shown).toEqual([])
  })

  test('of power or connection that follows from a loss opens nothing more once it is over, until its window is', () => {
    const of = (id: string, scope: string, key: string) => thingId('indicator', `${id}/${scope}/${key}`)
    const low = { direction: 'below', limits: { warning: 90, critical: 50 }, windowMs: hour } as const
    const watch = new Watch([...siteOf('a', 12), ...siteOf('b', 3)])
    const power = of('power_mains_1h', 'site', 'a')
    const camera = of('camera_recording_1h', 'device', 'a/d1')
    const district = of('network_loss_1h', 'district', 'district')
    const others = [of('power_mains_1h', 'site', 'b'), of('gauge_rain_1h', 'device', 'a/d2')]
    const report = (value: number) => {
      const things = [power, camera, district, ...others]
      watch.do(
        ...things.map((at) => ({ kind: 'measured', reading: { thing: at, value, ts: watch.now, ...low } }) as const),
      )
    }
    watch.observe('node/a/n1', 'unreachable').pass(3 * hour)
    watch.observe('node/a/n1', null).pass(minute)
    for (let count = 0; count < 5; count++) {
      report(20)
      watch.pass(10 * minute)
    }
    const causes = () => watch.active.map(({ cause }) => cause)
    expect(causes().toSorted()).toEqual(others.toSorted())
    for (let count = 0; count < 5; count++) {
      report(20)
      watch.pass(10 * minute)
    }
    // It is still so an hour after the end: that is no consequence any more.
    expect(causes()).toEqual(expect.arrayContaining([power, camera]))
  })

  test('of power is found while another device of the site is lost', () => {
    const watch = new Watch(siteOf('a', 12))
    const thing = thingId('indicator', 'power_mains_1h/site/a')
    const reading = (ts: number) =>
      ({ thing, value: 0, ts, direction: 'below', limits: { critical: 50 }, windowMs: hour }) as const
    watch
      .observe(d(2), 'silent')
      .pass(10 * minute)
      .observe(d(2), null)
      .pass(minute)
    for (let count = 0; count < 2; count++) watch.do({ kind: 'measured', reading: reading(watch.now) }).pass(minute)
    expect(watch.active.map(({ cause }) => cause)).toEqual([thing])
  })

  test('of a device that is gone opens nothing; a stuck sensor below a cut site neither', () => {
    const watch = new Watch(siteOf('a', 12))
    watch.observe(node, 'unreachable').observe(d(2), 'stuck', { aspect: 'stuck' })
    for (const value of [170, 170]) measure(watch, value).pass(minute)
    expect(watch.shown).toEqual(['#1 site/a open'])
  })

  /** Two evaluations of the same value at several places. */
  const measureAt = (watch: Watch, values: Readonly<Record<string, number>>): Watch => {
    for (let round = 0; round < 2; round++) {
      for (const [place, value] of Object.entries(values)) {
        const reading = { value, ts: watch.now, direction: 'above', limits } as const
        watch.do({ kind: 'measured', reading: { ...reading, thing: thingId('indicator', place) } })
      }
      watch.pass(minute)
    }
    return watch
  }
  const inArea = () => siteOf('a', 12).map((entry) => ({ ...entry, area: 'N1' }))

  test('of a device, its site, area and the district is one incident, at the device', () => {
    const values = { 'pm25/district/district': 110, 'pm25/area/N1': 120, 'pm25/site/a': 120, 'pm25/device/a/d1': 120 }
    expect(measureAt(new Watch(inArea()), values).shown).toEqual(['#1 indicator/pm25/device/a/d1 open'])
  })

  test('of an area is one of its own where no site is beyond, where it is worse, and for another place or indicator', () => {
    expect(measureAt(new Watch(inArea()), { 'pm25/area/N1': 120, 'pm25/site/a': 90 }).shown).toHaveLength(1)
    expect(measureAt(new Watch(inArea()), { 'pm25/area/N1': 170, 'pm25/site/a': 120 }).shown).toHaveLength(2)
    expect(measureAt(new Watch(inArea()), { 'pm25/area/N2': 120, 'pm25/site/a': 120 }).shown).toHaveLength(2)
    expect(measureAt(new Watch(inArea()), { 'pm25/area/N1': 120, 'pm10/site/a': 120 }).shown).toHaveLength(2)
    const grouped = { 'cases/area/N1/Đất': 120, 'cases/site/a/Thuế': 120 }
    expect(measureAt(new Watch(inArea()), grouped).shown).toHaveLength(2)
  })

  test('of an area has time to follow that of its site', () => {
    const watch = measureAt(new Watch(inArea()), { 'pm25/area/N1': 120, 'pm25/site/a': 120 })
    measureAt(watch, { 'pm25/area/N1': 120, 'pm25/site/a': 50 }).pass(5 * minute)
    measureAt(watch, { 'pm25/area/N1': 50 }).pass(hour)
    expect(watch.messages).toEqual(['opened #1', 'resolved #1'])
  })

  test('of an area that goes on after that of its site gets its own incident, with its true beginning', () => {
    const watch = measureAt(new Watch(inArea()), { 'pm25/area/N1': 120, 'pm25/site/a': 120 })
    measureAt(watch, { 'pm25/area/N1': 120, 'pm25/site/a': 50 }).pass(hour)
    expect(watch.active).toMatchObject([{ cause: 'indicator/pm25/area/N1', began: monday }])
  })

  test('of the share of sources that report is none: those that do not are incidents of a loss', () => {
    const values = { 'completeness_air/site/a': 170, 'completeness_air/district/district': 170 }
    expect(measureAt(new Watch(inArea()), values).shown).toEqual([])
    const rule = { id: 'own', aspect: 'level', indicator: 'completeness_*', severity: 'high', hold_s: 0 } as const
    expect(measureAt(new Watch(inArea(), [rule]), values).shown).toHaveLength(1)
  })

  test.each([
    ['one_stop_overdue', 'performance of offices'],
    ['budget_plan_percent_month', 'performance of offices'],
    ['camera_online_1h', 'silence, which is an incident of its own'],
    ['power_mains_24h', 'what another window finds first'],
  ])('of %s is none by default, as of all %s; a rule of the district opens one', (indicator) => {
    const values = { [`${indicator}/site/a`]: 170 }
    expect(measureAt(new Watch(inArea()), values).shown).toEqual([])
    const rule = { id: 'own', aspect: 'level', indicator, severity: 'medium', hold_s: 0 } as const
    expect(measureAt(new Watch(inArea(), [rule]), values).shown).toHaveLength(1)
  })
})

describe('time', () => {
  test('that goes back leaves no timer waiting for the difference', () => {
    const watch = new Watch(siteOf('a', 12))
    watch.now = monday + 365 * 24 * hour
    watch.observe(d(1), 'silent').pass(minute)
    watch.do({ kind: 'acknowledge', by: 'lan', id: 1, until: watch.now + 15 * minute, note: '' })
    watch.observe(d(2), 'silent')
    watch.now = monday
    watch.pass(minute)
    expect(watch.shown).toEqual(['#1 device/a/d1 acknowledged', '#2 device/a/d2 open'])
    watch.pass(26 * minute)
    expect(watch.messages).toEqual(['opened #1', 'opened #2', 'reminder #1', 'escalation #1'])
    watch
      .observe(d(1), null)
      .observe(d(2), null)
      .pass(16 * minute)
    expect(watch.shown).toEqual([])
  })

  test('of a restart: the fold of the journal is the state', () => {
    const watch = new Watch(siteOf('a', 12))
    watch.observe(node, 'unreachable').pass(minute)
    watch.do({ kind: 'acknowledge', by: 'lan', id: 1, until: watch.now + hour, note: 'x' }).pass(minute)
    watch
      .observe(node, null)
      .observe(d(1), 'silent')
      .pass(10 * minute)
    expect({ ...watch.folded(), now: 0 }).toEqual({ ...watch.state, now: 0 })
  })
})
