import { findCaseType } from '@ioc/contract/case-types/table.ts'
import { findDeviceType } from '@ioc/contract/device-types/table.ts'
import type { ApiAvailability } from '@ioc/contract/messages/api-incidents.ts'
import type { LiveDevice } from '@ioc/contract/messages/live.ts'
import { displayOffsetMs, displayZone } from '@ioc/runtime/display-time.ts'
import { localDay } from '@ioc/runtime/district/in-force.ts'
import { deviceKey } from '../shared/fleet.ts'
import { cadence_s } from '../shared/stale.ts'
import { mostOf, type RunStatements, rowsOf } from './device-history.ts'
import { literal } from './store-query.ts'

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
 * The availability of devices in a month, by `site/device`: measurements that came of those that the cadence lets expect, at most
 * all of a day. A device counts from the first day on which it ever measured.
 * @throws IocError STORE_UNREACHABLE
 */
export async function readAvailability(
  devices: readonly LiveDevice[],
  { from, to }: MonthRange,
  run: RunStatements,
): Promise<Map<string, DeviceAvailability>> {
  const measuring = devices.filter(({ type }) => !findCaseType(type) && findDeviceType(type))
  const byType = Map.groupBy(measuring, ({ type }) => type)
  const found = new Map<string, DeviceAvailability>()
  const sites = new Set(devices.map(({ site }) => site))
  const [only] = sites.size === 1 ? sites : []
  for (const [type, own] of byType) {
    const where = only === undefined ? '' : `"site" = ${literal(only)} AND `
    const [counts = [], before = []] = await run(
      [
        `SELECT sum(/_count$/) FROM "${type}_1h" WHERE ${where}time >= ${from}ms AND time < ${to}ms ` +
          `GROUP BY time(1d), "site", "device" fill(none) tz('${displayZone}')`,
        `SELECT * FROM "${type}_1h" WHERE ${where}time < ${from}ms GROUP BY "site", "device" ORDER BY time DESC LIMIT 1`,
      ].join('; '),
    )
    const known = new Set(before.map(({ tags }) => placeOf(tags)))
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
      found.set(key, availabilityOf(ofDevice, known.has(key), cadence_s(device), { from, to }))
    }
  }
  return found
}

const placeOf = (tags: Readonly<Record<string, string>> = {}): string => `${tags['site']}/${tags['device']}`

/** Of one device: how many measurements came on each day. */
export function availabilityOf(
  counts: ReadonlyMap<string, number>,
  isOlder: boolean,
  cadence: number,
  { from, to }: MonthRange,
): DeviceAvailability {
  let [measured, expected, bad, began] = [0, 0, 0, isOlder]
  for (let start = from; start < to; start += dayMs) {
    const count = counts.get(localDay(start)) ?? 0
    began ||= count > 0
    if (!began) continue
    const possible = Math.floor((Math.min(start + dayMs, to) - start) / 1_000 / cadence)
    const came = Math.min(count, possible)
    measured += came
    expected += possible
    if (possible > 0 && came / possible < goodShare) bad++
  }
  return {
    share: expected === 0 ? null : measured / expected,
    missing_s: (expected - measured) * cadence,
    bad_days: bad,
  }
}
