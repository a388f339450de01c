import type { CaseRecord } from '@ioc/contract/messages/cases.ts'
import type { DeviceBirth } from '@ioc/contract/messages/status.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import { maxLifeDays } from './cases.ts'
import { dayMs } from './local-time.ts'
import type { CaseSource, Source } from './model.ts'

/** How densely sources are collected: as they are live, or more coarsely for the past. */
export type Density = 'live' | 'fill'

/** Seconds between two looks at sources of cases. */
const caseCadence_s = { live: 30, fill: 3_600 } as const

/**
 * What the sources of one site have to say, in the order of time. Each is collected at whole multiples of its cadence since
 * 1970, so that it does not matter when a simulation began, or where it was interrupted.
 */
export interface Timeline {
  /** Devices of all sources, each with its type and the cadence at which it is collected. */
  devices(density: Density): DeviceBirth[]
  /** When there is something to collect next after `ts`; `Infinity` without sources. */
  measurementsAfter(ts: number, density: Density): number
  casesAfter(ts: number, density: Density): number
  /** Records of the sources that are due at `ts`. */
  measurementsAt(ts: number, density: Density): MeasurementRecord[]
  cases(from: number, to: number): CaseRecord[]
  /**
   * What is to be known of cases where records begin at `ts`: the newest version until then of those that are open, or that
   * windows from about then on still count. In the order of time.
   */
  casesUntil(ts: number): CaseRecord[]
}

/** How long ago a case was closed that a window of a month still counts, which ends a week before records begin, in ms. */
const maxClosedAgeMs = 40 * dayMs

export function createTimeline(sources: readonly Source[], caseSources: readonly CaseSource[]): Timeline {
  const devices = (density: Density): DeviceBirth[] => [
    ...sources.flatMap((source) =>
      source.devices().map((device) => ({ ...device, cadence_s: declaredCadence_s(source, device, density) })),
    ),
    ...caseSources.flatMap((source) => source.devices()),
  ]
  const types = new Map(devices('live').map(({ id, type }) => [id, type]))
  const withType = <R extends { readonly device: string; readonly type?: string }>(record: R): R => {
    const type = record.type ?? types.get(record.device)
    return type === undefined ? record : { ...record, type }
  }
  const cadenceMs = (source: Source, density: Density) =>
    1_000 * (density === 'live' ? source.cadence_s : Math.max(source.cadence_s, source.fill_cadence_s))
  const cases = (from: number, to: number) =>
    caseSources.flatMap((source) => source.changes(from, to).map(withType)).sort((a, b) => a.ts - b.ts)
  return {
    devices,
    measurementsAfter: (ts, density) =>
      Math.min(...sources.map((source) => nextMultiple(ts, cadenceMs(source, density)))),
    casesAfter: (ts, density) =>
      caseSources.length === 0 ? Number.POSITIVE_INFINITY : nextMultiple(ts, caseCadence_s[density] * 1_000),
    measurementsAt: (ts, density) =>
      sources
        .filter((source) => ts % cadenceMs(source, density) === 0)
        .flatMap((source) => source.collect(ts).map(withType)),
    cases,
    casesUntil(ts) {
      const newest = new Map(cases(ts - maxLifeDays * dayMs, ts).map((one) => [`${one.device} ${one.case.id}`, one]))
      return [...newest.values()]
        .filter(({ case: { closed } }) => typeof closed !== 'number' || closed > ts - maxClosedAgeMs)
        .sort((a, b) => a.ts - b.ts)
    },
  }
}

/** A report of the day is looked for each hour, and comes once a day: it is never expected more often than it declares. */
function declaredCadence_s(source: Source, device: DeviceBirth, density: Density): number {
  const live = device.cadence_s ?? source.cadence_s
  return density === 'live' ? live : Math.max(live, source.fill_cadence_s)
}

function nextMultiple(ts: number, cadenceMs: number): number {
  return (Math.floor(ts / cadenceMs) + 1) * cadenceMs
}
