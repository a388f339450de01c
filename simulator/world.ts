import type { Site } from '@ioc/contract/district/sites.ts'
import type { Calendar } from '@ioc/runtime/district/calendar.ts'
import { concerns } from './events.ts'
import type { World } from './model.ts'
import type { EventKind, ScenarioEvent } from './scenarios/scenario.ts'

/** @param events with times in ms since 1970, UTC */
export function createWorld(seed: number, calendar: Calendar, events: readonly ScenarioEvent[]): World {
  // Models ask for each of their values: what is on changes at these times alone.
  const times = [...new Set(events.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b)
  const since = times.map((time) => events.filter(({ from, to }) => from <= time && time < to))
  return {
    seed,
    calendar,
    eventsAt: (ts) => since[countUntil(times, ts) - 1] ?? [],
  }
}

/** How many of the times, which rise, are at `ts` or before it. */
function countUntil(times: readonly number[], ts: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] as number) <= ts) low = middle + 1
    else high = middle
  }
  return low
}

/** Events in which an agent has no connection: it goes on collecting, and sends what it kept when they are over. */
const offlineKinds: readonly EventKind[] = ['power_cut', 'offline_backfill']

/** By how much an agent's clock is ahead during `wrong_clock`, in ms. */
export const wrongClockMs = 3 * 3_600_000

/** The events that move the agent of a site rather than its values. */
export function transportEventsOf(events: readonly ScenarioEvent[], site: Site): TransportEvents {
  const own = events.filter((event) => concerns(event, site))
  const find = (kinds: readonly EventKind[], ts: number) =>
    own.find(({ kind, from, to }) => kinds.includes(kind) && from <= ts && ts < to)
  const times = own
    .filter(({ kind }) => kind === 'wrong_clock' || offlineKinds.includes(kind))
    .flatMap(({ from, to }) => [from, to])
    .sort((a, b) => a - b)
  return {
    offlineSince: (ts) => find(offlineKinds, ts)?.from,
    clockErrorMs: (ts) => (find(['wrong_clock'], ts) ? wrongClockMs : 0),
    nextChange: (ts) => times.find((time) => time > ts),
  }
}

/** Times are those of the simulation. */
export interface TransportEvents {
  /** Since when the agent has had no connection at `ts`; `undefined` while it has one. */
  offlineSince(ts: number): number | undefined
  clockErrorMs(ts: number): number
  /** When one of them begins or ends after `ts`. */
  nextChange(ts: number): number | undefined
}
