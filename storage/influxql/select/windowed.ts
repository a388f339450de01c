import type { Value } from '../source.ts'
import type { Call } from './calls.ts'
import { checkSize, type SelectContext } from './context.ts'
import { fillColumn } from './fill.ts'
import type { Stream, Streams } from './stream.ts'
import { callType } from './types.ts'
import { type Windows, windowStart, windowTime } from './windows.ts'

/** Windows of all groups that are put in their places here although most of them may be empty, at most. */
const mostEmpty = 20_000

/** Whether `windowed` finds the place of each window by its start, so that those of a function may come in any order. */
export function placesWindows({ windows, range, now, statement, measurement, groups }: SelectContext): boolean {
  if (!windows) return true
  // Those of a subquery may begin before the range.
  if (measurement.derived || range.from === undefined) return false
  const count = ((range.to ?? now) - range.from) / windows.interval + 2n
  return statement.fill.kind !== 'none' || count * BigInt(groups.length) <= mostEmpty
}

/** Gives streams whose times are the starts of windows, ascending or in any order that `placesWindows` allows, the times and the order of the answer, filled. */
export function windowed(
  context: SelectContext,
  call: Exclude<Call, { kind: 'transformation' }>,
  streams: Streams,
): Streams {
  const { windows, range, descending, statement } = context
  const start = call.kind === 'special' && call.special.atZero ? 0n : (range.from ?? 0n)
  const distinct = call.expression.name === 'distinct'
  const fills = call.kind === 'aggregate' || call.special.fills
  const places = fills && (statement.fill.kind !== 'none' || placesWindows(context))
  const result = new Map<number, Stream>()
  for (const [gid, stream] of streams) {
    if (!windows) {
      result.set(gid, { ...stream, times: stream.times.map(() => start) })
      continue
    }
    const ordered = places ? inWindows(context, windows, stream) : descending && !distinct ? reversed(stream) : stream
    const timed = { ...ordered, times: ordered.times.map((start) => windowTime(windows, start)) }
    result.set(gid, places ? filled(context, windows, call, timed) : timed)
  }
  return result
}

/** The windows of an answer, all as long as each other, which its groups have in common. */
export interface Frame {
  readonly windows: Windows
  readonly first: bigint
  /** The times of all, in the order of the answer. */
  readonly times: bigint[]
}

/** `undefined` where a group may have windows of its own, or clocks turn: `windowed` finds the places of points. */
export function frameOf(context: SelectContext): Frame | undefined {
  const { windows, descending, groups, source } = context
  if (!windows || windows.zone !== undefined || !placesWindows(context)) return undefined
  const { first, count } = spanOf(context, windows, 0n)
  // Too many are an error only where there is a point. From before 1970 to a time may be more than 64 bits.
  if (count * groups.length > source.maxRows || first < 0n) return undefined
  const times = Array.from({ length: count }, (_, place) => first + BigInt(place) * windows.interval)
  return { windows, first, times: descending ? times.reverse() : times }
}

/**
 * The stream of a group in the order of the answer, filled.
 * @param values one for each window of the frame, ascending
 */
export function framed(
  context: SelectContext,
  call: Exclude<Call, { kind: 'transformation' }>,
  { windows, times }: Frame,
  values: Value[],
): Stream {
  return filled(context, windows, call, { times, values: context.descending ? values.reverse() : values, others: [] })
}

/** A stream of all windows with what takes the place of those that are empty, or without them. */
function filled(
  { statement: { fill }, measurement }: SelectContext,
  { interval }: Windows,
  call: Exclude<Call, { kind: 'transformation' }>,
  stream: Stream,
): Stream {
  if (fill.kind === 'none') return withoutEmpty(stream, stream.times.length)
  // InfluxDB counts windows from 1970 by a division that cuts towards it.
  const places = fill.kind === 'linear' ? stream.times.map((time) => time / interval) : []
  const empty = call.kind === 'aggregate' ? call.aggregate.empty : undefined
  fillColumn(stream.values, fill, places, callType(measurement, call) ?? 'float', empty)
  return stream
}

/**
 * The first window of an answer, by its start in local time, and how many there are.
 * @param earliest the first that a group has a point in
 */
function spanOf(context: SelectContext, windows: Windows, earliest: bigint): { first: bigint; count: number } {
  const { range, now, descending, measurement } = context
  const start = range.from === undefined ? earliest : windowStart(windows, range.from)
  const first = descending && earliest < start && measurement.derived ? earliest : start
  const last = windowStart(windows, range.to ?? now)
  const count = Math.max(Number((last - first) / windows.interval) + 1, 0)
  return { first, count }
}

/**
 * The windows of the answer in its order, with what the stream has of them. Those of a subquery may come before the first
 * of the range: InfluxDB answers with them, and counts each for one of the range, the next that is empty. What comes after
 * the last is reached through empty ones.
 */
function inWindows(context: SelectContext, windows: Windows, stream: Stream): Stream {
  const span = askedFor(context, windows, stream, spanOf(context, windows, stream.times[0] as bigint))
  const { first, count } = span
  const { times: starts, values, others } = span.stream
  if (context.statement.fill.kind !== 'none') checkSize(context, count * context.groups.length)
  const nothing: Value[] = (others[0] ?? []).map(() => null)
  const known = {
    times: Array.from({ length: count }, (_, index) => first + BigInt(index) * windows.interval),
    values: Array.from({ length: count }, (): Value => null),
    others: Array.from({ length: count }, () => nothing),
  }
  const before: typeof known = { times: [], values: [], others: [] }
  starts.forEach((time, row) => {
    const place = Number((time - first) / windows.interval)
    const within = place >= 0 && place < count
    const stream = within ? known : before
    const at = within ? place : before.times.length
    stream.times[at] = time
    stream.values[at] = values[row] ?? null
    stream.others[at] = others[row] ?? nothing
  })
  const [earlier, rest] = context.descending ? [reversed(before), reversed(known)] : [before, known]
  if (earlier.times.length === 0) return rest
  const left = withoutEmpty(rest, earlier.times.length)
  return {
    times: [...earlier.times, ...left.times],
    values: [...earlier.values, ...left.values],
    others: [...earlier.others, ...left.others],
  }
}

/**
 * The windows that LIMIT and OFFSET ask for, and the stream's points in them. Without an earliest time there may be windows
 * for years after the last point. A line goes on to the next point.
 */
function askedFor(
  { statement: { limit, offset = 0, fill }, descending, measurement }: SelectContext,
  { interval }: Windows,
  stream: Stream,
  { first, count }: { first: bigint; count: number },
): { first: bigint; count: number; stream: Stream } {
  if (!limit || measurement.derived || offset + limit >= count) return { first, count, stream }
  /** Where a window stands in the order of the answer. */
  const placeOf = (start: bigint) => {
    const place = Number((start - first) / interval)
    return descending ? count - 1 - place : place
  }
  const places = stream.times.map(placeOf)
  const after = fill.kind === 'linear' ? places.filter((place) => place >= offset + limit) : []
  const kept = after.length > 0 ? after.reduce((a, b) => Math.min(a, b)) + 1 : offset + limit
  const keep = <T>(list: readonly T[]) => list.filter((_, row) => (places[row] as number) < kept)
  return {
    first: descending ? first + BigInt(count - kept) * interval : first,
    count: kept,
    stream: { times: keep(stream.times), values: keep(stream.values), others: keep(stream.others) },
  }
}

/** Leaves out the first windows that are empty, so many at most. */
function withoutEmpty({ times, values, others }: Stream, most: number): Stream {
  let left = most
  const keeps = values.map((value) => value !== null || left-- <= 0)
  const kept = <T>(list: readonly T[]) => list.filter((_, place) => keeps[place])
  return { times: kept(times), values: kept(values), others: kept(others) }
}

function reversed({ times, values, others }: Stream): Stream {
  return { times: times.toReversed(), values: values.toReversed(), others: others.toReversed() }
}
