import { rowTurns } from '../../turns.ts'
import type { AnswerSeries, Value } from '../source.ts'
import { type Call, type ReferenceExpression, rowMaker } from './calls.ts'
import { checkSize, type SelectContext } from './context.ts'
import { type Blank, blankOf, put } from './fill.ts'
import type { Group } from './group.ts'
import { seriesOf } from './rows.ts'
import type { Stream, Streams } from './stream.ts'
import { callType, castType, givenType, referenceType } from './types.ts'

/** Puts the streams of calls side by side, as rows of their times. */
export async function zip(
  context: SelectContext,
  calls: readonly Call[],
  references: readonly ReferenceExpression[],
  streams: readonly Streams[],
): Promise<AnswerSeries[]> {
  const { fill } = context.statement
  const blanks = [
    ...calls.map((call): Blank => {
      // Of what has no type, a field that is stored nowhere being called, nothing is ever filled.
      const type = callType(context.measurement, call) ?? givenType(call) ?? castType(call.expression)
      return type === undefined ? { value: null } : blankOf(fill, type)
    }),
    ...references.map((reference) => blankOf(fill, referenceType(context.measurement, reference))),
  ]
  const answer: AnswerSeries[] = []
  let size = 0
  const turn = rowTurns()
  for (const [gid, group] of context.groups.entries()) {
    const ofGroup = streams.map((one) => paged(context, one.get(gid)))
    if (ofGroup.every(({ times }) => times.length === 0)) continue
    const series = await zipGroup(context, group, { calls, references, streams: ofGroup, blanks, turn })
    size += series.values.length
    checkSize(context, size)
    answer.push(series)
  }
  return context.descending ? answer.toReversed() : answer
}

const empty: Stream = { times: [], values: [], others: [] }

/** LIMIT and OFFSET count the points of each call, before they meet those of others. */
function paged({ statement: { limit, offset = 0 } }: SelectContext, stream = empty): Stream {
  if (!limit && offset === 0) return stream
  const end = limit ? offset + limit : undefined
  const cut = <T>(list: T[]) => list.slice(offset, end)
  return { times: cut(stream.times), values: cut(stream.values), others: cut(stream.others) }
}

interface Zipped {
  readonly calls: readonly Call[]
  readonly references: readonly ReferenceExpression[]
  readonly streams: readonly Stream[]
  readonly turn: () => Promise<void> | undefined
  readonly blanks: readonly Blank[]
}

async function zipGroup(
  context: SelectContext,
  group: Group,
  { calls, references, streams, blanks, turn }: Zipped,
): Promise<AnswerSeries> {
  const next = streams.map(() => 0)
  const leafValues: Value[] = [...calls, ...references].map(() => null)
  const make = rowMaker(context.columns, { calls, references }, leafValues)
  const rows: Value[][] = []
  for (;;) {
    const time = earliest(streams, next, context.descending)
    if (time === undefined) break
    for (let index = 0; index < streams.length; index++) {
      const stream = streams[index] as Stream
      const at = next[index] as number
      if (stream.times[at] === time) {
        leafValues[index] = stream.values[at] ?? null
        stream.others[at]?.forEach((value, place) => {
          put(leafValues, blanks, value, calls.length + place)
        })
        next[index] = at + 1
      } else put(leafValues, blanks, null, index)
    }
    rows.push(make(time))
    const waiting = turn()
    if (waiting) await waiting
  }
  return seriesOf(context, group, rows)
}

/** The time of the next row: the first that any stream has left. */
function earliest(streams: readonly Stream[], next: readonly number[], descending: boolean): bigint | undefined {
  let first: bigint | undefined
  for (let index = 0; index < streams.length; index++) {
    const time = streams[index]?.times[next[index] as number]
    if (time === undefined) continue
    if (first === undefined || (descending ? time > first : time < first)) first = time
  }
  return first
}
