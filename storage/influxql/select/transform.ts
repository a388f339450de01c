import type { Value } from '../source.ts'
import type { Call } from './calls.ts'
import type { SelectContext } from './context.ts'
import type { Stream, Streams } from './stream.ts'

/** What a transformation makes of streams. Points without a value are passed over. */
export function transform(
  { descending }: SelectContext,
  { transformation, parameter }: Extract<Call, { kind: 'transformation' }>,
  streams: Streams,
): Streams {
  const result = new Map<number, Stream>()
  for (const [gid, { times, values }] of streams) {
    const step = transformation.start(parameter, descending)
    const kept: Stream = { times: [], values: [], others: [] }
    times.forEach((time, index) => {
      const value = values[index] as Value
      const next = value === null ? undefined : step(time, value)
      if (next === undefined) return
      kept.times.push(time)
      kept.values.push(next)
      kept.others.push([])
    })
    if (kept.times.length > 0) result.set(gid, kept)
  }
  return result
}
