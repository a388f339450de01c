import type { LevelReading } from '@ioc/contract/messages/incidents.ts'

/** How a reading goes through the limits of its indicator, with what is needed for a change. */
export interface LevelTrack {
  /** The level that holds: 0 normal to 3 critical. */
  readonly level: number
  /** When it began, by event time. */
  readonly since: number
  /** Evaluations in a row that call for another level, and the first of them. */
  readonly pending: { readonly level: number; readonly count: number; readonly first: number } | null
  /** Event time of the newest evaluation. */
  readonly ts: number
}

/** Evaluations in a row, each of a later event time, that change the level. */
const minEvaluations = 2
/** Part of the span between the limits that a value must be back within a limit. */
const deadbandShare = 0.05
/** A value whose newest measurement is older, in ms, does not raise the level: late data amends history, but pages nobody. */
const maxAgeMs = 3_600_000

const names = ['attention', 'warning', 'critical'] as const
export const levelNames = ['normal', ...names] as const

/**
 * The track after a reading; the same object where nothing changed that must be kept. A level rises with the limit itself,
 * and falls when the value is back by the deadband; both need two evaluations in a row.
 */
export function trackLevel(
  before: LevelTrack | undefined,
  reading: LevelReading,
  deadband: number | undefined,
  now: number,
): LevelTrack | undefined {
  const { value, ts, direction, limits } = reading
  if (before && ts <= before.ts) return before
  const held = before?.level ?? 0
  const band = deadband ?? deadbandShare * spanOf(limits)
  const wanted = levelAt(value, direction, limits, held, band)
  if (wanted === held) {
    if (!before || before.pending === null) return before
    return held === 0 ? undefined : { ...before, pending: null, ts }
  }
  if (wanted > held && ts < now - maxAgeMs) return before
  const isSame = before?.pending && Math.sign(before.pending.level - held) === Math.sign(wanted - held)
  const { count, first } = isSame ? before.pending : { count: 0, first: ts }
  if (count + 1 < minEvaluations)
    return { level: held, since: before?.since ?? ts, pending: { level: wanted, count: count + 1, first }, ts }
  return wanted === 0
    ? undefined
    : { level: wanted, since: held === 0 ? first : (before?.since ?? first), pending: null, ts }
}

/** The level of a value: a limit that holds is left only by more than the deadband. */
function levelAt(
  value: number,
  direction: LevelReading['direction'],
  limits: LevelReading['limits'],
  held: number,
  band: number,
): number {
  let level = 0
  for (const [index, name] of names.entries()) {
    const limit = limits[name]
    if (limit === undefined) continue
    const distance = direction === 'above' ? value - limit : limit - value
    if (distance > 0 || (held >= index + 1 && distance > -band)) level = index + 1
  }
  return level
}

/** From the first limit to the last; of a single limit, its size. */
function spanOf(limits: LevelReading['limits']): number {
  const given = names.flatMap((name) => limits[name] ?? [])
  const [first = 0] = given
  const last = given.at(-1) ?? first
  return Math.abs(given.length > 1 ? last - first : first)
}
