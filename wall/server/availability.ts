import { findCaseType } from '@ioc/contract/case-types/table.ts'
import { findDeviceType } from '@ioc/contract/device-types/table.ts'
import type { ApiAvailability } from '@ioc/contract/messages/api-incidents.ts'
import type { LiveDevice } from '@ioc/contract/messages/live.ts'
import { displayOffsetMs, displayZone } from '@ioc/runtime/display-time.ts'
import { type Calendar, reportingDays } from '@ioc/runtime/district/calendar.ts'
import { localDay } from '@ioc/runtime/district/in-force.ts'
import { deviceKey } from '../shared/fleet.ts'
import { cadence_s } from '../shared/stale.ts'
import { type CadencePeriod, cadenceStatement, cadencesOf, expectedIn } from './cadences.ts'
import { literal } from './store-query.ts'
import { mostOf, type RunStatements, rowsOf } from './store-rows.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000
/** A day with less of its measurements counts as bad. */
const goodShare = 0.95

export interface MonthRange {
  readonly from: number
  readonly to: number
}

/** A month in Asia/Ho_Chi_Minh; one that goes on ends with the last whole hour but one: the rollup of the last is not closed. */
export function monthRange(month: string, now: number): MonthRange {
  const [year = 0, number = 1] = month.split('-').map(Number)
  const from = Date.UTC(year, number - 1, 1) - displayOffsetMs
  const end = Date.UTC(year, number, 1) - displayOffsetMs
  return { from, to: Math.max(from, Math.min(end, Math.floor(now / hourMs) * hourMs - hourMs)) }
}

export type DeviceAvailability = Pick<
  ApiAvailability['sites'][number]['devices'][number],
  'share' | 'missing_s' | 'bad_days'
>

/**
 * The availability of devices in a month, by `site/device`: measurements that came of those that the cadence of the time lets
 * expect, at most all of a day; reports of a day are expected on working days. A device counts from the first hour in which it ever measured.
 * @throws IocError STORE_UNREACHABLE
 */
export async function readAvailability(
  devices: readonly LiveDevice[],
  { from, to }: MonthRange,
  calendar: Calendar,
  run: RunStatements,
): Promise<Map<string, DeviceAvailability>> {
  const measuring = devices.filter(({ type }) => !findCaseType(type) && findDeviceType(type))
  const byType = Map.groupBy(measuring, ({ type }) => type)
  const found = new Map<string, DeviceAvailability>()
  const sites = new Set(devices.map(({ site }) => site))
  const [only] = sites.size === 1 ? sites : []
  for (const [type, own] of byType) {
    const where = only === undefined ? '' : `"site" = ${literal(only)} AND `
    const [counts = [], before = [], first = [], changes = []] = await run(
      [
        `SELECT sum(/_count$/) FROM "${type}_1h" WHERE ${where}time >= ${from}ms AND time < ${to}ms ` +
          `GROUP BY time(1d), "site", "device" fill(none) tz('${displayZone}')`,
        `SELECT * FROM "${type}_1h" WHERE ${where}time < ${from}ms GROUP BY "site", "device" ORDER BY time DESC LIMIT 1`,
        `SELECT * FROM "${type}_1h" WHERE ${where}time >= ${from}ms AND time < ${to}ms ` +
          'GROUP BY "site", "device" ORDER BY time ASC LIMIT 1',
        cadenceStatement(type, only === undefined ? {} : { site: only }),
      ].join('; '),
    )
    const began = new Map(first.flatMap((one) => rowsOf([one]).map(({ time }) => [placeOf(one.tags), time])))
    for (const { tags } of before) began.set(placeOf(tags), Number.NEGATIVE_INFINITY)
    const cadences = Map.groupBy(changes, ({ tags }) => placeOf(tags))
    const days = new Map<string, Map<string, number>>()
    for (const one of counts) {
      const key = placeOf(one.tags)
      const ofDevice = days.get(key) ?? new Map<string, number>()
      // A device that moved to another area has a series of each.
      for (const { time, values } of rowsOf([one]))
        ofDevice.set(localDay(time), (ofDevice.get(localDay(time)) ?? 0) + mostOf(values))
      days.set(key, ofDevice)
    }
    for (const device of own) {
      const key = deviceKey(device)
      const ofDevice = days.get(key) ?? new Map<string, number>()
      const periods = cadencesOf(cadences.get(key) ?? [], cadence_s(device))
      found.set(key, availabilityOf(ofDevice, began.get(key), periods, { from, to }, reportingDays(calendar, type)))
    }
  }
  return found
}

const placeOf = (tags: Readonly<Record<string, string>> = {}): string => `${tags['site']}/${tags['device']}`

/**
 * Of one device: how many measurements came on each day.
 * @param began the first hour in which it measured, in ms since 1970; undefined: never
 */
export function availabilityOf(
  counts: ReadonlyMap<string, number>,
  began: number | undefined,
  cadences: readonly CadencePeriod[],
  { from, to }: MonthRange,
  reports: (ts: number) => boolean,
): DeviceAvailability {
  let [measured, expected, missing_s, bad] = [0, 0, 0, 0]
  for (let day = from; began !== undefined && day < to; day += dayMs) {
    const [start, end] = [Math.max(day, began), Math.min(day + dayMs, to)]
    const possible = expectedIn(cadences, start, end, reports)
    if (possible === 0) continue
    const came = Math.min(counts.get(localDay(day)) ?? 0, possible)
    measured += came
    expected += possible
    missing_s += ((1 - came / possible) * (end - start)) / 1_000
    if (came / possible < goodShare) bad++
  }
  return { share: expected === 0 ? null : measured / expected, missing_s: Math.round(missing_s), bad_days: bad }
}
