import type { Call } from '../analyse/calls.ts'
import { placesWindows } from '../compile/rows.ts'
import { checkSize, type Scan } from '../compile/scan.ts'
import type { Value } from '../source.ts'
import { type Windows, windowStart, windowTime } from '../windows.ts'
import { fillColumn } from './fill.ts'
import type { Stream, Streams } from './stream.ts'

/**
 * Gives streams the times and the order of the answer, and fills them.
 * @param streams with the starts of windows as times, ascending or in any order that `placesWindows` allows
 */
export function windowed(scan: Scan, call: Exclude<Call, { kind: 'transformation' }>, streams: Streams): Streams {
  const { windows, range, descending, fill } = scan
  const start = call.kind === 'special' && call.called.atZero ? 0n : (range.from ?? 0n)
  const distinct = call.expression.name === 'distinct'
  const fills = call.kind === 'aggregate' || call.called.fills
  const places = fills && (fill.kind !== 'none' || placesWindows(scan))
  const result = new Map<number, Stream>()
  for (const [gid, stream] of streams) {
    if (!windows) {
      result.set(gid, { ...stream, times: stream.times.map(() => start) })
      continue
    }
    const ordered = places ? inWindows(scan, windows, stream) : descending && !distinct ? reversed(stream) : stream
    const timed = { ...ordered, times: ordered.times.map((start) => windowTime(windows, start)) }
    result.set(gid, places ? filled(scan, windows, call, timed) : timed)
  }
  return result
}

/** A stream of all windows with what takes the place of those that are empty, or without them. */
function filled(
  { fill, callTypes }: Scan,
  { interval }: Windows,
  call: Exclude<Call, { kind: 'transformation' }>,
  stream: Stream,
): Stream {
  if (fill.kind === 'none') return withoutEmpty(stream, stream.times.length)
  // InfluxDB counts windows from 1970 by a division that cuts towards it.
  const places = fill.kind === 'linear' ? stream.times.map((time) => time / interval) : []
  const empty = call.kind === 'aggregate' ? call.called.empty : undefined
  fillColumn(stream.values, fill, places, callTypes.get(call) ?? 'float', empty)
  return stream
}

/**
 * The first window of an answer, by its start in local time, and how many there are.
 * @param earliest the first that a group has a point in
 */
function spanOf(scan: Scan, windows: Windows, earliest: bigint): { first: bigint; count: number } {
  const { range, now, descending, relation } = scan
  const start = range.from === undefined ? earliest : windowStart(windows, range.from)
  const first = descending && earliest < start && !relation.withinRange ? earliest : start
  const last = windowStart(windows, range.to ?? now)
  const count = Math.max(Number((last - first) / windows.interval) + 1, 0)
  return { first, count }
}

/**
 * The windows of the answer in its order, with what the stream has of them. Those of a subquery may come before the first
 * of the range: InfluxDB answers with them, and counts each for one of the range, the next that is empty. What comes after
 * the last is reached through empty ones.
 */
function inWindows(scan: Scan, windows: Windows, stream: Stream): Stream {
  const span = askedFor(scan, windows, stream, spanOf(scan, windows, stream.times[0] as bigint))
  const { first, count } = span
  const { times: starts, values, others } = span.stream
  if (scan.fill.kind !== 'none') checkSize(scan, count * scan.groups.length)
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
  const [earlier, rest] = scan.descending ? [reversed(before), reversed(known)] : [before, known]
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
 * for years after the last point. A line goes on to the next point. Without filling, windows that are empty do not count.
 */
function askedFor(
  { limit, offset = 0, fill, descending, relation }: Scan,
  { interval }: Windows,
  stream: Stream,
  { first, count }: { first: bigint; count: number },
): { first: bigint; count: number; stream: Stream } {
  if (!limit || fill.kind === 'none' || !relation.withinRange || offset + limit >= count)
    return { first, count, stream }
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
