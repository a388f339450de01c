import { caseTypes, findCaseType } from '@ioc/contract/case-types/table.ts'
import { deviceTypes, findDeviceType } from '@ioc/contract/device-types/table.ts'
import { type SiteKind, siteKinds } from '@ioc/contract/district/site-kinds.ts'
import { parseCases } from '@ioc/contract/messages/cases.ts'
import type { Value } from '@ioc/contract/messages/envelope.ts'
import { parseStatus } from '@ioc/contract/messages/status.ts'
import { parseTelemetry } from '@ioc/contract/messages/telemetry.ts'
import { describe, expect, test } from 'vitest'
import { dayMs, hourMs } from '../local-time.ts'
import {
  caseSourcesOf,
  collected,
  correlation,
  mean,
  monday,
  numbersOf,
  recordsOf,
  siteNamed,
  sites,
  sourcesOf,
  sum,
  worldOf,
} from '../testing/example-district.ts'
import { weatherAt } from '../weather.ts'
import { models } from './table.ts'

const envelope = { epoch: 'e', seq: 1, sent: monday }
const bytesOf = (message: unknown) => Buffer.from(JSON.stringify(message))
const refuse = ({ reason }: { reason: string }) => {
  throw new Error(reason)
}

test('every device type has a model that says something at an example site', () => {
  const speaking = sourcesOf(worldOf()).filter(
    ({ source }) => collected(source, monday - 4 * dayMs, monday, 3600).length > 0,
  )
  expect(new Set(speaking.map(({ type }) => type))).toEqual(new Set(Object.keys(deviceTypes)))
})

test('every case type has a model that says something at an example site', () => {
  const speaking = caseSourcesOf(worldOf()).filter(
    ({ source }) => source.changes(monday - 8 * dayMs, monday).length > 0,
  )
  expect(new Set(speaking.map(({ type }) => type))).toEqual(new Set(Object.keys(caseTypes)))
})

test('every example site has something to say', () => {
  const silent = sites.filter(
    (site) => sourcesOf(worldOf(), [site]).length + caseSourcesOf(worldOf(), [site]).length === 0,
  )
  expect(silent).toEqual([])
})

test('the devices of a site have different ids, in a birth that is valid', () => {
  for (const site of sites) {
    const placed = [...sourcesOf(worldOf(), [site]), ...caseSourcesOf(worldOf(), [site])]
    const devices = placed.flatMap(({ source }) => source.devices())
    const birth = { online: true, session: monday, agent: { version: '1', host: 'h' }, area: site.area, devices }
    expect(parseStatus(bytesOf(birth), refuse)).toEqual(birth)
    expect(new Set(devices.map(({ id }) => id)).size).toBe(devices.length)
  }
})

describe('over sixty days at all sites', () => {
  const from = monday - 60 * dayMs

  test('every measurement is valid, of a declared metric, of its kind and within its range', () => {
    const wrong = new Set<string>()
    for (const { type, source } of sourcesOf(worldOf())) {
      const declared = findDeviceType(type)?.metrics ?? {}
      const records = collected(source, from, monday, 3 * 3600)
      if (records.length === 0) continue
      parseTelemetry(bytesOf({ ...envelope, records }), refuse)
      for (const { values } of records) {
        for (const [name, value] of Object.entries(values)) {
          const metric = declared[name]
          if (typeof value !== metric?.kind) wrong.add(`${type}.${name}: ${value}`)
          if (typeof value === 'number' && (value < (metric?.min ?? 0) || value > (metric?.max ?? 0))) {
            wrong.add(`${type}.${name}: ${value}`)
          }
        }
      }
    }
    expect([...wrong]).toEqual([])
  })

  test('every case is valid, with declared attributes of their kind', () => {
    const wrong = new Set<string>()
    for (const { type, source } of caseSourcesOf(worldOf())) {
      const declared: Readonly<Record<string, { kind: string }>> = findCaseType(type)?.attributes ?? {}
      const records = source.changes(from, monday)
      if (records.length === 0) continue
      parseCases(bytesOf({ ...envelope, records: records.slice(0, 10_000) }), refuse)
      for (const record of records) {
        const { id: _, state: __, opened: ___, due: ____, closed: _____, ...attributes } = record.case
        for (const [name, value] of Object.entries<Value>(attributes)) {
          if (typeof value !== declared[name]?.kind) wrong.add(`${type}.${name}: ${value}`)
        }
      }
    }
    expect([...wrong]).toEqual([])
  })
})

test('the same seed gives the same values in any order of calls, another seed gives others', () => {
  const times = [0, 31, 62].map((hours) => monday - hours * hourMs)
  /** Each time by sources of their own. */
  const said = (seed: number, order: readonly number[]) => {
    const world = worldOf([], seed)
    const byTime = order.map((ts) => {
      const fresh = sourcesOf(world)
      return [ts, fresh.map(({ type, site, source }) => [site.site, type, source.collect(ts)])] as const
    })
    return JSON.stringify(byTime.toSorted(([a], [b]) => a - b))
  }
  const one = said(1, times)
  expect(said(1, times.toReversed())).toBe(one)
  expect(said(2, [monday])).not.toBe(said(1, [monday]))
})

test('what is counted does not depend on how often it is collected', () => {
  const to = monday + dayMs
  const countedAt = (cadence_s: number) =>
    sourcesOf(worldOf(), [siteNamed('cam-thanh-my-01'), siteNamed('tyt-dran'), siteNamed('mua-dran')])
      .filter(({ type }) => type !== 'camera' && type !== 'site_power')
      .map(({ type, source }) => {
        source.collect(monday)
        const records = collected(source, monday + cadence_s * 1000, to, cadence_s)
        const counts = ['vehicles', 'visits', 'admissions', 'discharges', 'rain_mm'].map((metric) =>
          sum(numbersOf(records, metric)).toFixed(1),
        )
        return `${type} ${counts.join(' ')}`
      })
  expect(countedAt(60)).toEqual(countedAt(300))
  expect(countedAt(300)).toEqual(countedAt(3600))
})

describe('what a real district would show', () => {
  const month = { from: monday - 30 * dayMs, to: monday }
  const dryMonth = { from: Date.UTC(2026, 1, 15), to: Date.UTC(2026, 2, 15) }

  test('temperatures are those of a thousand metres above the sea', () => {
    const values = numbersOf(recordsOf(worldOf(), 'weather', month), 'temperature_c')
    expect(mean(values)).toBeGreaterThan(19)
    expect(mean(values)).toBeLessThan(24)
    expect(Math.min(...values)).toBeGreaterThan(11)
    expect(Math.max(...values)).toBeLessThan(32)
  })

  test('it rains in the rainy season, and hardly in the dry one', () => {
    const rain = (span: { from: number; to: number }) =>
      sum(numbersOf(recordsOf(worldOf(), 'rain_gauge', { ...span, site: 'mua-dran' }), 'rain_mm'))
    expect(rain(month)).toBeGreaterThan(120)
    expect(rain(dryMonth)).toBeLessThan(70)
  })

  test('rain comes first, then the water: inflow goes with the rain of the hours before, not with that of the hours after', () => {
    const world = worldOf()
    const inflow = numbersOf(recordsOf(world, 'reservoir', month), 'inflow_m3s')
    const rain = numbersOf(recordsOf(world, 'rain_gauge', { ...month, site: 'mua-dran' }), 'rain_mm')
    const half = 72
    const places = inflow.map((_, place) => place).slice(half, -half)
    const water = places.map((place) => inflow[place] ?? 0)
    const before = places.map((place) => sum(rain.slice(place - half, place)))
    const after = places.map((place) => sum(rain.slice(place, place + half)))
    expect(correlation(water, before)).toBeGreaterThan(0.5)
    expect(correlation(water, before)).toBeGreaterThan(correlation(water, after) + 0.3)
    expect(numbersOf(recordsOf(world, 'reservoir', month), 'spill_m3s').every((spill) => spill === 0)).toBe(true)
  })

  test('gauges of the district see the same weather, with differences of their own', () => {
    const [one, other] = ['mua-dran', 'mua-tu-tra'].map((site) =>
      numbersOf(recordsOf(worldOf(), 'rain_gauge', { ...month, site }), 'rain_mm'),
    ) as [number[], number[]]
    expect(correlation(one, other)).toBeGreaterThan(0.6)
    expect(sum(one)).not.toBe(sum(other))
  })

  test('rain wets the soil, and sun dries it', () => {
    const moisture = (span: { from: number; to: number }) =>
      mean(numbersOf(recordsOf(worldOf(), 'soil', span), 'moisture_percent'))
    expect(moisture(month)).toBeGreaterThan(moisture(dryMonth) + 4)
  })

  test('wind and rain clean the air', () => {
    const world = worldOf()
    const site = siteNamed('khong-khi-dran')
    const weather = weatherAt(site, world)
    const records = recordsOf(world, 'air_quality', { ...month, site: site.site })
    const dust = (of: (ts: number) => boolean) =>
      mean(
        numbersOf(
          records.filter(({ ts = 0 }) => of(ts)),
          'pm25',
        ),
      )
    expect(dust((ts) => weather.rainRate(ts) > 1)).toBeLessThan(0.7 * dust((ts) => weather.rainRate(ts) === 0))
    expect(dust((ts) => weather.windKmh(ts) > 10)).toBeLessThan(dust((ts) => weather.windKmh(ts) < 5))
  })

  test('over Tết offices send no figures, and lodgings are full', () => {
    const tet = { from: Date.UTC(2026, 1, 14), to: Date.UTC(2026, 1, 20) }
    const before = { from: Date.UTC(2026, 0, 24), to: Date.UTC(2026, 0, 30) }
    expect(recordsOf(worldOf(), 'budget_revenue', tet)).toEqual([])
    expect(recordsOf(worldOf(), 'budget_revenue', before).length).toBeGreaterThan(100)
    const sold = (span: { from: number; to: number }) =>
      sum(numbersOf(recordsOf(worldOf(), 'lodging', span), 'rooms_sold'))
    expect(sold(tet)).toBeGreaterThan(1.4 * sold(before))
  })

  test('bed days and treatment days of a month give the occupancy of its hours', () => {
    const records = recordsOf(worldOf(), 'clinic', { ...month, site: 'ttyt-don-duong' })
    const occupancy = sum(numbersOf(records, 'treatment_days')) / sum(numbersOf(records, 'bed_days'))
    const atHours = mean(numbersOf(records, 'beds_occupied')) / 150
    expect(Math.abs(occupancy - atHours)).toBeLessThan(0.005)
    expect(occupancy).toBeGreaterThan(0.55)
    expect(occupancy).toBeLessThan(0.95)
  })

  test('patients who come in and do not leave are in the beds', () => {
    const records = recordsOf(worldOf(), 'clinic', { ...month, site: 'ttyt-don-duong' })
    const beds = numbersOf(records, 'beds_occupied')
    const change = (metric: string) => sum(numbersOf(records.slice(1), metric))
    expect((beds.at(-1) ?? 0) - (beds[0] ?? 0)).toBe(change('admissions') - change('discharges'))
  })

  test('households of the trades add up to all of them, and those that come and go to the change', () => {
    const records = recordsOf(worldOf(), 'business_household', { ...month, site: 'ubnd-dran' })
    const all = records.filter(({ values }) => values['trade'] === undefined)
    for (const { ts, values } of all) {
      const day = records.filter(
        (one) => one.values['trade'] !== undefined && Math.abs((one.ts ?? 0) - (ts ?? 0)) < 1000,
      )
      expect(sum(numbersOf(day, 'active'))).toBe(values['active'])
      expect(sum(numbersOf(day, 'registered'))).toBe(values['registered'])
    }
    const active = numbersOf(all, 'active')
    const later = all.slice(1)
    expect((active.at(-1) ?? 0) - (active[0] ?? 0)).toBe(
      sum(numbersOf(later, 'registered')) - sum(numbersOf(later, 'suspended')) - sum(numbersOf(later, 'closed')),
    )
  })

  test('a school reports on school days only, and its figures add up', () => {
    const records = recordsOf(worldOf(), 'school', { ...month, site: 'th-da-ron' })
    expect(records).toHaveLength(20)
    for (const { ts = 0, values } of records) {
      expect(new Date(ts).toISOString()).toContain('T08:00:00')
      expect(Number(values['present']) + Number(values['absent_sick'])).toBeLessThanOrEqual(Number(values['pupils']))
    }
    expect(
      recordsOf(worldOf(), 'school', { from: Date.UTC(2026, 6, 1), to: Date.UTC(2026, 6, 20), site: 'th-da-ron' }),
    ).toEqual([])
  })

  test('a larger commune collects more than a smaller one', () => {
    const collectedIn = (site: string) =>
      sum(numbersOf(recordsOf(worldOf(), 'budget_revenue', { ...month, site }), 'collected_vnd'))
    expect(collectedIn('ubnd-don-duong')).toBeGreaterThan(1.3 * collectedIn('ubnd-quang-lap'))
  })

  test('traffic is heavy in the morning and light at night', () => {
    const flow = (fromHour: number) => {
      const from = monday - 5 * hourMs + (fromHour - 7) * hourMs
      return sum(
        numbersOf(recordsOf(worldOf(), 'traffic', { from, to: from + hourMs, site: 'cam-thanh-my-01' }), 'vehicles'),
      )
    }
    expect(flow(7)).toBeGreaterThan(8 * flow(2))
  })

  test('a weekend sells more rooms than the days before it', () => {
    const sold = (day: number) =>
      sum(
        numbersOf(
          recordsOf(worldOf(), 'lodging', { from: monday + day * dayMs, to: monday + (day + 1) * dayMs }),
          'rooms_sold',
        ),
      )
    expect(sold(5)).toBeGreaterThan(1.3 * sold(1))
  })
})

test('guests who are declared are as many as arrived and were declared', () => {
  const world = worldOf()
  const site = siteNamed('luu-tru-07')
  const from = Date.UTC(2026, 9, 4, 17)
  const records = recordsOf(world, 'lodging', { from, to: from + 20 * dayMs, site: site.site })
  const arrivals = sum(numbersOf(records, 'arrivals_domestic')) + sum(numbersOf(records, 'arrivals_foreign'))
  const opened = caseSourcesOf(world, [site])
    .flatMap(({ source }) => source.changes(from, from + 20 * dayMs))
    .filter(({ ts, case: one }) => ts === one.opened)
  expect(opened).toHaveLength(arrivals - sum(numbersOf(records, 'undeclared')))
})

test('nothing is tied to Đơn Dương: sites of another district have the same sources, without a name or a position', () => {
  const others = (Object.keys(siteKinds) as SiteKind[]).map((kind) => ({
    site: kind.replaceAll('_', '-'),
    area: 'x',
    kind,
  }))
  for (const site of others) {
    expect(models.flatMap(({ sources }) => sources?.(site, worldOf()) ?? []).length).toBeGreaterThan(0)
    for (const { source } of sourcesOf(worldOf(), [site])) {
      const records = collected(source, monday - 3 * dayMs, monday)
      parseTelemetry(bytesOf({ ...envelope, records }), refuse)
    }
  }
})
