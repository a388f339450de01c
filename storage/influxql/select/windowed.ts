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
  const { windows, range, descending } = context
  const result = new Map<number, Stream>()
  const start = call.kind === 'special' && call.special.atZero ? 0n : (range.from ?? 0n)
  for (const [gid, stream] of streams) {
    if (!windows) {
      result.set(gid, { ...stream, times: stream.times.map(() => start) })
      continue
    }
    const fills = call.kind === 'aggregate' || call.special.fills
    const distinct = call.expression.name === 'distinct'
    const filled = fills ? fill(context, call, stream) : descending && !distinct ? reversed(stream) : stream
    result.set(gid, { ...filled, times: filled.times.map((start) => windowTime(windows, start)) })
  }
  return result
}

function fill(context: SelectContext, call: Exclude<Call, { kind: 'transformation' }>, stream: Stream): Stream {
  const { statement, windows, descending, measurement } = context
  const none = statement.fill.kind === 'none'
  if (!windows || (none && !placesWindows(context))) return descending ? reversed(stream) : stream
  const all = inWindows(context, windows, stream)
  const ordered = none ? withoutEmpty(all, all.times.length) : all
  const type = callType(measurement, call) ?? 'float'
  // InfluxDB counts windows from 1970 by a division that cuts towards it.
  const linear = statement.fill.kind === 'linear'
  const places = linear ? ordered.times.map((start) => windowTime(windows, start) / windows.interval) : []
  const empty = call.kind === 'aggregate' ? call.aggregate.empty : undefined
  fillColumn(ordered.values, statement.fill, places, type, empty)
  return ordered
}

/**
 * The windows of the answer in its order, with what the stream has of them. Those of a subquery may come before the first
 * of the range: InfluxDB answers with them, and counts each for one of the range, the next that is empty. What comes after
 * the last is reached through empty ones.
 */
function inWindows(context: SelectContext, windows: Windows, { times: starts, values, others }: Stream): Stream {
  const { statement, range, now, descending, groups } = context
  const earliest = starts[0] as bigint
  const start = range.from === undefined ? earliest : windowStart(windows, range.from)
  const first = descending && earliest < start ? earliest : start
  const last = windowStart(windows, range.to ?? now)
  const count = Math.max(Number((last - first) / windows.interval) + 1, 0)
  if (statement.fill.kind !== 'none') checkSize(context, count * groups.length)
  const nothing: Value[] = (others[0] ?? []).map(() => null)
  const known: Stream = {
    times: Array.from({ length: count }, (_, index) => first + BigInt(index) * windows.interval),
    values: Array.from({ length: count }, () => null),
    others: Array.from({ length: count }, () => nothing),
  }
  const before: Stream = { times: [], values: [], others: [] }
  starts.forEach((time, row) => {
    const place = Number((time - first) / windows.interval)
    const within = place >= 0 && place < count
    const stream = within ? known : before
    const at = within ? place : before.times.length
    stream.times[at] = time
    stream.values[at] = values[row] ?? null
    stream.others[at] = others[row] ?? nothing
  })
  const [earlier, rest] = descending ? [reversed(before), reversed(known)] : [before, known]
  if (earlier.times.length === 0) return rest
  const left = withoutEmpty(rest, earlier.times.length)
  return {
    times: [...earlier.times, ...left.times],
    values: [...earlier.values, ...left.values],
    others: [...earlier.others, ...left.others],
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
