import type { DeviceTypeId } from '@ioc/contract/device-types/table.ts'
import { deviceTypes } from '@ioc/contract/device-types/table.ts'
import type { SiteKind } from '@ioc/contract/district/site-kinds.ts'
import type { Site } from '@ioc/contract/district/sites.ts'
import type { Values } from '@ioc/contract/messages/envelope.ts'
import type { DeviceBirth } from '@ioc/contract/messages/status.ts'
import { eventAt } from './events.ts'
import { dayMs, dayOf, hourMs, startOf } from './local-time.ts'
import type { Source, World } from './model.ts'

export function birthOf(site: Site, device: string, type: string, title: string, cadence_s?: number): DeviceBirth {
  return {
    id: device,
    type,
    name: deviceName(title, site.name ?? site.site),
    ...(site.lat === undefined ? {} : { lat: site.lat }),
    ...(site.lon === undefined ? {} : { lon: site.lon }),
    ...(cadence_s === undefined ? {} : { cadence_s }),
  }
}

/** Most stations are called after their instrument: it is not said twice. */
function deviceName(title: string, site: string): string {
  return site.startsWith(title) ? site : `${title} – ${site}`
}

/** A simulated device that is read at a cadence. */
export interface Sensor {
  readonly type: DeviceTypeId
  readonly device: string
  readonly cadence_s: number
  /** The same as `cadence_s` where it is absent. */
  readonly fill_cadence_s?: number
  /** Whether it is an instrument that can stick at a value. */
  readonly sticks?: boolean
  /** What it measures at `ts`, or counted in `(since, ts]`: one record, or several, as one for each class. */
  measure(ts: number, since: number): Values | readonly Values[]
}

/** Records of one time are this far apart, in ms: in the store a device has one row for each time. */
const apartMs = 1

export function sensor(site: Site, world: World, of: Sensor): Source {
  const { type, device, cadence_s, fill_cadence_s = cadence_s, sticks = false } = of
  let last: number | undefined
  return {
    name: device,
    cadence_s,
    fill_cadence_s,
    devices: () => [birthOf(site, device, type, deviceTypes[type].title.vi, cadence_s)],
    collect(ts) {
      const since = last !== undefined && last < ts ? last : ts - cadence_s * 1000
      last = ts
      const stuck = sticks ? eventAt(world, 'stuck_sensor', site, ts) : undefined
      const measured = stuck ? of.measure(stuck.from, stuck.from - cadence_s * 1000) : of.measure(ts, since)
      return recordsOf(device, ts, measured)
    },
  }
}

function recordsOf(device: string, ts: number, measured: Values | readonly Values[]) {
  const each = Array.isArray(measured) ? (measured as readonly Values[]) : [measured as Values]
  return each.map((values, index) => ({ device, ts: ts + index * apartMs, values }))
}

/** A simulated report of an office, once a day. */
export interface DailyReport {
  readonly type: DeviceTypeId
  readonly device: string
  /** Hour of the day at which it is sent, which is also the time of its records. */
  readonly hour: number
  /** Which days have one. */
  has(day: number): boolean
  report(day: number): Values | readonly Values[]
}

/** How often a daily report is looked for, in s: live values are at most that late. */
const dailyCadence_s = 3600

/** Sends a report with the first collection from its hour on. */
export function daily(site: Site, { type, device, hour, has, report }: DailyReport): Source {
  let last: number | undefined
  return {
    name: device,
    cadence_s: dailyCadence_s,
    fill_cadence_s: dailyCadence_s,
    devices: () => [birthOf(site, device, type, deviceTypes[type].title.vi, dayMs / 1000)],
    collect(ts) {
      const since = last !== undefined && last < ts ? last : ts - dailyCadence_s * 1000
      last = ts
      const records = []
      for (let day = dayOf(since); day <= dayOf(ts); day++) {
        const at = startOf(day) + hour * hourMs
        if (since < at && at <= ts && has(day)) records.push(...recordsOf(device, at, report(day)))
      }
      return records
    },
  }
}

/**
 * Whether a collection after `since` is one of every fifth, on which what matters less is measured, too: live values are
 * then not too rare, and a filled past not too big.
 */
export function isFifth(since: number, ts: number): boolean {
  return isDue(since, ts, 5 * (ts - since))
}

/** Whether a multiple of `everyMs` lies in `(since, ts]`. */
export function isDue(since: number, ts: number, everyMs: number): boolean {
  return Math.floor(since / everyMs) < Math.floor(ts / everyMs)
}

/** What a model has for the sites of some kinds. */
export function forKinds<T>(kinds: readonly SiteKind[], build: (site: Site, world: World) => readonly T[]) {
  return (site: Site, world: World): readonly T[] =>
    site.kind !== undefined && kinds.includes(site.kind) ? build(site, world) : []
}
