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
  const atZero = call.kind === 'special' && call.special.atZero
  const distinct = call.expression.name === 'distinct'
  const result = new Map<number, Stream>()
  const fills = call.kind === 'aggregate' || call.special.fills
  const inFrame = fills && (statement.fill.kind !== 'none' || placesWindows(context))
  let frame: Frame | undefined
  for (const [gid, stream] of streams) {
    if (!windows) {
      const start = atZero ? 0n : (range.from ?? 0n)
      result.set(gid, { ...stream, times: stream.times.map(() => start) })
    } else if (inFrame) {
      // Without a time to begin at, each group begins with its first point.
      if (!frame || context.filled.from === undefined) frame = frameOf(context, windows, stream.times[0] as bigint)
      const { values, others } = putInPlaces(frame, windows, stream)
      result.set(gid, framed(context, call, frame, values, others))
    } else {
      const ordered = descending && !distinct ? reversed(stream) : stream
      result.set(gid, { ...ordered, times: ordered.times.map((start) => windowTime(windows, start)) })
    }
  }
  return result
}

/** The windows of an answer, which its groups have in common. */
export interface Frame {
  /** Start of the first, in local time. */
  readonly first: bigint
  /** In the order of the answer. */
  readonly times: bigint[]
  /** Numbers of the windows, likewise, where a line is drawn through them. */
  readonly places: readonly bigint[]
}

/**
 * @param earliest start of the first window, for where the question does not say when to begin
 * @throws IocError QUERY_INVALID for more windows than an answer may have
 */
export function frameOf(context: SelectContext, windows: Windows, earliest = 0n): Frame {
  const { statement, filled, now, descending } = context
  const first = filled.from === undefined ? earliest : windowStart(windows, filled.from)
  const last = windowStart(windows, filled.to ?? now)
  const count = Math.max(Number((last - first) / windows.interval) + 1, 0)
  if (statement.fill.kind !== 'none') checkSize(context, count * context.groups.length)
  const times = Array.from({ length: count }, (_, index) =>
    windowTime(windows, first + BigInt(index) * windows.interval),
  )
  if (descending) times.reverse()
  // InfluxDB counts windows from 1970 by a division that cuts towards it.
  const places = statement.fill.kind === 'linear' ? times.map((time) => time / windows.interval) : []
  return { first, times, places }
}

function putInPlaces(
  { first, times }: Frame,
  { interval }: Windows,
  stream: Stream,
): Pick<Stream, 'values' | 'others'> {
  const values: Value[] = times.map(() => null)
  const nothing: Value[] = (stream.others[0] ?? []).map(() => null)
  const others = nothing.length > 0 ? times.map(() => nothing) : []
  stream.times.forEach((start, row) => {
    const place = Number((start - first) / interval)
    // The windows of a subquery may begin before the range.
    if (place < 0 || place >= times.length) return
    values[place] = stream.values[row] ?? null
    if (nothing.length > 0) others[place] = stream.others[row] ?? nothing
  })
  return { values, others }
}

/**
 * The stream of a group in the order of the answer, filled.
 * @param values for each window of the frame, ascending
 * @param others likewise, other fields and tags where they are asked for
 */
export function framed(
  { measurement, statement: { fill }, descending }: SelectContext,
  call: Exclude<Call, { kind: 'transformation' }>,
  { times, places }: Frame,
  values: Value[],
  others: Value[][] = [],
): Stream {
  if (descending) {
    values.reverse()
    others.reverse()
  }
  if (fill.kind === 'none') return withoutEmpty({ times, values, others })
  const empty = call.kind === 'aggregate' ? call.aggregate.empty : undefined
  fillColumn(values, fill, places, callType(measurement, call) ?? 'float', empty)
  return { times, values, others }
}

function withoutEmpty({ times, values, others }: Stream): Stream {
  const present = <T>(list: readonly T[]) => list.filter((_, place) => values[place] !== null)
  return { times: present(times), values: present(values), others: present(others) }
}

function reversed({ times, values, others }: Stream): Stream {
  return { times: times.toReversed(), values: values.toReversed(), others: others.toReversed() }
}
