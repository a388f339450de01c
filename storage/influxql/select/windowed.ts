import type { Value } from '../source.ts'
import type { Call } from './calls.ts'
import { checkSize, type SelectContext } from './context.ts'
import { fillColumn } from './fill.ts'
import type { Stream, Streams } from './stream.ts'
import { callType } from './types.ts'
import { windowStart, windowTime } from './windows.ts'

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
  const { statement, windows, filled: range, now, descending, measurement } = context
  const none = statement.fill.kind === 'none'
  if (!windows || (none && !placesWindows(context))) return descending ? reversed(stream) : stream
  const first = range.from === undefined ? (stream.times[0] as bigint) : windowStart(windows, range.from)
  const last = windowStart(windows, range.to ?? now)
  const count = Number((last - first) / windows.interval) + 1
  if (!none) checkSize(context, count * context.groups.length)
  const times = Array.from({ length: Math.max(count, 0) }, (_, index) => first + BigInt(index) * windows.interval)
  const values: Value[] = times.map(() => null)
  const nothing: Value[] = (stream.others[0] ?? []).map(() => null)
  const others = times.map(() => nothing)
  stream.times.forEach((start, row) => {
    const place = Number((start - first) / windows.interval)
    // The windows of a subquery may begin before the range.
    if (place < 0 || place >= times.length) return
    values[place] = stream.values[row] ?? null
    others[place] = stream.others[row] ?? nothing
  })
  const whole = none ? withoutEmpty({ times, values, others }) : { times, values, others }
  const ordered = descending ? reversed(whole) : whole
  const type = callType(measurement, call) ?? 'float'
  // InfluxDB counts windows from 1970 by a division that cuts towards it.
  const linear = statement.fill.kind === 'linear'
  const places = linear ? ordered.times.map((start) => windowTime(windows, start) / windows.interval) : []
  const empty = call.kind === 'aggregate' ? call.aggregate.empty : undefined
  fillColumn(ordered.values, statement.fill, places, type, empty)
  return ordered
}

function withoutEmpty({ times, values, others }: Stream): Stream {
  const present = <T>(list: readonly T[]) => list.filter((_, place) => values[place] !== null)
  return { times: present(times), values: present(values), others: present(others) }
}

function reversed({ times, values, others }: Stream): Stream {
  return { times: times.toReversed(), values: values.toReversed(), others: others.toReversed() }
}
