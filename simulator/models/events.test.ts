import type { DeviceTypeId } from '@ioc/contract/device-types/table.ts'
import { expect, test } from 'vitest'
import { dayMs, hourMs, minuteMs } from '../local-time.ts'
import type { World } from '../model.ts'
import type { ScenarioEvent } from '../scenarios/scenario.ts'
import {
  caseSourcesOf,
  collected,
  mean,
  monday,
  numbersOf,
  recordsOf,
  siteNamed,
  sourcesOf,
  sum,
  worldOf,
} from '../testing/example-district.ts'

/** Rain is rare, so that weather of fire moves little beside it. */
const march = Date.UTC(2026, 2, 9, 5)
/** 17 November of the year with a calendar, 10:00 in the district. */
const november = Date.UTC(2026, 10, 17, 3)

const event = (kind: ScenarioEvent['kind'], from: number, hours: number, where: Partial<ScenarioEvent> = {}) => ({
  kind,
  from,
  to: from + hours * hourMs,
  ...where,
})

/** Coarse, so that a week of all sites is soon compared, in seconds. */
const cadence_s = 1800

/** What each source says from one time to another, by site and type. */
function said(world: World, from: number, to: number): Map<string, string> {
  const measured = sourcesOf(world).map(
    ({ site, type, source }) => [site.site, type, collected(source, from, to, cadence_s)] as const,
  )
  const cases = caseSourcesOf(world).map(
    ({ site, type, source }) => [site.site, type, source.changes(from, to)] as const,
  )
  return new Map([...measured, ...cases].map(([site, type, records]) => [`${site} ${type}`, JSON.stringify(records)]))
}

/** The same without an event: several events are of the same time. */
const usualOf = new Map<string, Map<string, string>>()

function usual(from: number, to: number): Map<string, string> {
  const span = `${from} ${to}`
  const known = usualOf.get(span) ?? said(worldOf(), from, to)
  usualOf.set(span, known)
  return known
}

/** Sites and types that an event moves, from before it until after it. */
function moved(one: ScenarioEvent): string[] {
  const from = one.from - hourMs - (one.from % hourMs)
  const without = usual(from, one.to)
  const withEvent = said(worldOf([one]), from, one.to)
  return [...withEvent].filter(([source, records]) => records !== without.get(source)).map(([source]) => source)
}

const typesOf = (sources: readonly string[]) => [...new Set(sources.map((one) => one.split(' ')[1]))].toSorted()
const weatherDriven = [
  'air_quality',
  'forest_post',
  'high_camera',
  'rain_gauge',
  'soil',
  'traffic',
  'water_quality',
  'weather',
]

test.each([
  [event('flood', november, 144), [...weatherDriven, 'reservoir', 'river']],
  [event('forest_fire_week', march, 168), [...weatherDriven, 'reservoir', 'river']],
  [event('smog_night', monday + 6 * hourMs, 14), ['air_quality', 'high_camera']],
  [event('one_stop_backlog', monday, 240), ['one_stop']],
  [event('power_cut', monday, 5), ['camera', 'high_camera', 'site_power']],
  [event('dead_camera', monday, 5), ['camera', 'high_camera']],
  [event('flu_outbreak', monday, 120), ['clinic', 'notifiable_disease', 'school']],
  [event('tourist_weekend', monday + 4 * dayMs, 60), ['lodging', 'lodging_registration', 'traffic']],
  [event('wrong_clock', monday, 48), []],
  [event('offline_backfill', monday, 48), []],
])('%j moves these types and no others: %j', (one, types) => {
  expect(typesOf(moved(one))).toEqual(types.toSorted())
})

test.each([
  [event('stuck_sensor', monday, 12, { site: 'khong-khi-dran' }), ['khong-khi-dran air_quality']],
  [event('stuck_sensor', monday, 12, { site: 'thuy-van-dran' }), ['thuy-van-dran river']],
  [event('stuck_sensor', monday, 12, { site: 'dat-da-ron' }), ['dat-da-ron soil']],
  [event('dead_camera', monday, 12, { site: 'cam-dran-02' }), ['cam-dran-02 camera']],
  [event('dead_camera', monday, 12, { site: 'cam-cao-03' }), ['cam-cao-03 high_camera']],
  [event('power_cut', monday, 5, { site: 'mua-pro' }), ['mua-pro site_power']],
  [event('one_stop_backlog', monday, 240, { area: '24955' }), ['mot-cua-quang-lap one_stop']],
  [
    event('flu_outbreak', monday, 120, { site: 'th-da-ron' }),
    ['th-da-ron school', 'tyt-da-ron clinic', 'tyt-da-ron notifiable_disease'],
  ],
])('%j stays at its place: %j', (one, sources) => {
  expect(moved(one).toSorted()).toEqual(sources)
})

test('an event of an area leaves the other areas as they are', () => {
  const areas = moved(event('power_cut', monday, 5, { area: '24934' })).map(
    (one) => siteNamed(one.split(' ')[0] ?? '').area,
  )
  expect(new Set(areas)).toEqual(new Set(['24934']))
})

/** A metric of a type with the event and without it. */
function compared(one: ScenarioEvent, type: DeviceTypeId, metric: string, site?: string) {
  const span = { from: one.from, to: one.to, ...(site !== undefined && { site }) }
  const of = (world: World) => numbersOf(recordsOf(world, type, span), metric)
  return { during: of(worldOf([one])), usual: of(worldOf()) }
}

test('a flood has the figures of 17 November 2025: at the peak, and four days later', () => {
  const flood = event('flood', november - 12 * hourMs, 150)
  const at = (ts: number) => recordsOf(worldOf([flood]), 'reservoir', { from: ts, to: ts })[0]?.values
  expect(at(november)).toMatchObject({ level_m: 1042.042, inflow_m3s: 1075.6, spill_m3s: 500 })
  expect(at(november + hourMs)).toMatchObject({ spill_m3s: 600 })
  expect(Number(at(november + 4 * dayMs)?.['level_m'])).toBeGreaterThan(1043)
})

test('a flood pours before its peak, and reaches the gauges below the dam one after the other', () => {
  const flood = event('flood', november, 144)
  const rain = numbersOf(
    recordsOf(worldOf([flood]), 'rain_gauge', { from: november, to: november + 12 * hourMs, site: 'mua-dran' }),
    'rain_mm',
  )
  expect(sum(rain)).toBeGreaterThan(80)
  const highest = (site: string) => Math.max(...compared(flood, 'river', 'level_m', site).during)
  for (const site of ['thuy-van-dran', 'thuy-van-lac-lam', 'thuy-van-thanh-my', 'thuy-van-ka-don']) {
    expect(highest(site)).toBeGreaterThan(3)
    expect(Math.max(...compared(flood, 'river', 'level_m', site).usual)).toBeLessThan(2.5)
  }
  const released = (site: string) =>
    numbersOf(recordsOf(worldOf([flood]), 'river', { from: november, to: flood.to, site }), 'flow_m3s').findIndex(
      (flow) => flow > 300,
    )
  expect(released('thuy-van-dran')).toBeLessThan(released('thuy-van-lac-lam'))
  expect(released('thuy-van-lac-lam')).toBeLessThan(released('thuy-van-ka-don'))
})

test('the reservoir comes back from a flood without a step', () => {
  const flood = event('flood', november, 144)
  const span = { from: flood.from - dayMs, to: flood.to + dayMs }
  const levels = numbersOf(recordsOf(worldOf([flood]), 'reservoir', span), 'level_m')
  const steps = levels.slice(1).map((level, index) => Math.abs(level - (levels[index] ?? level)))
  expect(Math.max(...steps)).toBeLessThan(0.12)
})

test('a week of forest fires is hot, dry, windy and without rain, with smoke and hotspots', () => {
  const fire = event('forest_fire_week', march, 168)
  const change = (metric: string) => {
    const { during, usual } = compared(fire, 'forest_post', metric)
    return mean(during) - mean(usual)
  }
  expect(change('temperature_c')).toBeGreaterThan(2)
  expect(change('humidity_percent')).toBeLessThan(-15)
  expect(change('wind_kmh')).toBeGreaterThan(5)
  expect(sum(compared(fire, 'forest_post', 'rain_mm').during)).toBe(0)
  expect(sum(compared(fire, 'forest_post', 'hotspots').during)).toBeGreaterThan(20)
  expect(sum(compared(fire, 'high_camera', 'smokes').during)).toBeGreaterThan(20)
  const posts = recordsOf(worldOf([fire]), 'forest_post', { from: fire.from, to: fire.to })
  expect(posts.filter(({ values }) => values['smoke'] === true).length / posts.length).toBeGreaterThan(0.15)
})

test('a night of smog takes PM2.5 over 100 µg/m³ and back', () => {
  const smog = event('smog_night', monday + 6 * hourMs, 14)
  const { during, usual } = compared(smog, 'air_quality', 'pm25', 'khong-khi-thanh-my')
  expect(Math.max(...during)).toBeGreaterThan(100)
  expect(during[0]).toBe(usual[0])
  expect(during.at(-1)).toBe(usual.at(-1))
})

test('in a backlog dossiers pile up at the one-stop of the commune, and are worked off after it', () => {
  const backlog = event('one_stop_backlog', monday, 240, { area: '24943' })
  const openAt = (world: World, ts: number) => {
    const versions = caseSourcesOf(world, [siteNamed('mot-cua-ka-do')])
      .filter(({ type }) => type === 'one_stop')
      .flatMap(({ source }) => source.changes(monday - 60 * dayMs, ts))
    return [...new Map(versions.map((one) => [one.case.id, one.case])).values()].filter((one) => one.closed === null)
      .length
  }
  const ordinary = openAt(worldOf(), backlog.to)
  expect(openAt(worldOf([backlog]), backlog.to)).toBeGreaterThan(2 * ordinary)
  const later = backlog.to + 20 * dayMs
  expect(openAt(worldOf([backlog]), later)).toBe(openAt(worldOf(), later))
})

test('without mains the battery falls, then the network is gone and the cameras with it', () => {
  const cut = event('power_cut', monday, 10, { area: '24934' })
  const power = recordsOf(worldOf([cut]), 'site_power', { from: cut.from + minuteMs, to: cut.to, site: 'cam-dran-01' })
  expect(power.every(({ values }) => values['mains'] === false && values['mains_v'] === 0)).toBe(true)
  const battery = numbersOf(power, 'battery_percent')
  expect(battery).toEqual(battery.toSorted((a, b) => b - a))
  expect(battery.at(-1)).toBe(0)
  expect(power.at(-1)?.values).toMatchObject({ network: false, loss_percent: 100 })
  const camera = recordsOf(worldOf([cut]), 'camera', { from: cut.to - hourMs, to: cut.to, site: 'cam-dran-01' })
  expect(camera.every(({ values }) => values['state'] === 'offline')).toBe(true)
})

test('with the mains back, the battery charges', () => {
  const cut = event('power_cut', monday, 2, { site: 'mua-pro' })
  const records = recordsOf(worldOf([cut]), 'site_power', {
    from: cut.to + minuteMs,
    to: cut.to + 5 * hourMs,
    site: 'mua-pro',
  })
  const battery = numbersOf(records, 'battery_percent')
  expect(battery[0]).toBeLessThan(80)
  expect(battery).toEqual(battery.toSorted((a, b) => a - b))
  expect(battery.at(-1)).toBe(100)
  expect(records.every(({ values }) => values['mains'] === true && values['network'] === true)).toBe(true)
})

test.each([
  ['khi-tuong-tu-tra', 'weather'],
  ['mua-pro', 'rain_gauge'],
  ['thuy-van-lac-lam', 'river'],
  ['ho-don-duong', 'reservoir'],
  ['nuoc-ka-do', 'water_quality'],
  ['kiem-lam-pro', 'forest_post'],
] as const)('a stuck sensor at %s repeats its values exactly', (site, type) => {
  const stuck = event('stuck_sensor', monday, 24, { site })
  const records = recordsOf(worldOf([stuck]), type, { from: stuck.from + hourMs, to: stuck.to, site })
  expect(new Set(records.map(({ values }) => JSON.stringify(values))).size).toBe(1)
  expect(records.length).toBeGreaterThan(20)
})

test('a dead camera is offline, records nothing and sends no frames', () => {
  const dead = event('dead_camera', monday, 3, { site: 'cam-dran-02' })
  const records = recordsOf(worldOf([dead]), 'camera', { from: dead.from, to: dead.to, site: 'cam-dran-02' })
  for (const { values } of records) {
    expect(values).toEqual({ state: 'offline', recording: false, bitrate_bps: 0, frames_per_s: 0 })
  }
})

test('an outbreak of flu keeps pupils at home, and fills the clinic of the place', () => {
  const flu = event('flu_outbreak', monday, 120, { site: 'th-da-ron' })
  const absent = compared(flu, 'school', 'absent_sick', 'th-da-ron')
  expect(Math.max(...absent.during)).toBeGreaterThan(5 * Math.max(...absent.usual))
  const visits = compared(flu, 'clinic', 'visits', 'tyt-da-ron')
  expect(sum(visits.during)).toBeGreaterThan(1.3 * sum(visits.usual))
  const flus = (world: World) =>
    sum(
      numbersOf(
        recordsOf(world, 'notifiable_disease', { from: flu.from, to: flu.to, site: 'tyt-da-ron' }).filter(
          ({ values }) => values['disease'] === 'Cúm',
        ),
        'cases',
      ),
    )
  expect(flus(worldOf([flu]))).toBeGreaterThan(10 + 3 * flus(worldOf()))
})

test('a weekend of tourists sells the rooms and fills the roads', () => {
  const weekend = event('tourist_weekend', monday + 4 * dayMs, 60)
  for (const [type, metric, factor] of [
    ['lodging', 'rooms_sold', 1.2],
    ['lodging', 'arrivals_domestic', 1.2],
    ['traffic', 'vehicles', 1.2],
  ] as const) {
    const { during, usual } = compared(weekend, type, metric)
    expect(sum(during)).toBeGreaterThan(factor * sum(usual))
  }
})
