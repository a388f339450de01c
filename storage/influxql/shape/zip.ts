import { rowTurns } from '../../turns.ts'
import { callType, castType, givenType, referenceType } from '../analyse/types.ts'
import type { Group } from '../compile/groups.ts'
import { checkSize, type Scan } from '../compile/scan.ts'
import type { AnswerSeries, Value } from '../source.ts'
import { type Blank, blankOf, put } from './fill.ts'
import { rowMaker, seriesOf } from './row.ts'
import type { Stream, Streams } from './stream.ts'

/** Puts the streams of the calls of a scan side by side, as rows of their times. */
export async function zip(scan: Scan, streams: readonly Streams[]): Promise<AnswerSeries[]> {
  const { relation, calls, references, fill } = scan
  const blanks = [
    ...calls.map((call): Blank => {
      // Of what has no type, a field that is stored nowhere being called, nothing is ever filled.
      const type = callType(relation, call) ?? givenType(call) ?? castType(call.expression)
      return type === undefined ? { value: null } : blankOf(fill, type)
    }),
    ...references.map((reference) => blankOf(fill, referenceType(relation, reference))),
  ]
  const answer: AnswerSeries[] = []
  let size = 0
  const turn = rowTurns()
  for (const [gid, group] of scan.groups.entries()) {
    const ofGroup = streams.map((one) => paged(scan, one.get(gid)))
    if (ofGroup.every(({ times }) => times.length === 0)) continue
    const series = await zipGroup(scan, group, { streams: ofGroup, blanks, turn })
    size += series.values.length
    checkSize(scan, size)
    answer.push(series)
  }
  return scan.descending ? answer.toReversed() : answer
}

const empty: Stream = { times: [], values: [], others: [] }

/** LIMIT and OFFSET count the points of each call, before they meet those of others. */
function paged({ limit, offset = 0 }: Scan, stream = empty): Stream {
  if (!limit && offset === 0) return stream
  const end = limit ? offset + limit : undefined
  const cut = <T>(list: T[]) => list.slice(offset, end)
  return { times: cut(stream.times), values: cut(stream.values), others: cut(stream.others) }
}

interface Zipped {
  readonly streams: readonly Stream[]
  readonly turn: () => Promise<void> | undefined
  readonly blanks: readonly Blank[]
}

async function zipGroup(scan: Scan, group: Group, { streams, blanks, turn }: Zipped): Promise<AnswerSeries> {
  const next = streams.map(() => 0)
  const leafValues: Value[] = blanks.map(() => null)
  const make = rowMaker(scan.columns, scan, leafValues)
  const rows: Value[][] = []
  for (;;) {
    const time = earliest(streams, next, scan.descending)
    if (time === undefined) break
    for (let index = 0; index < streams.length; index++) {
      const stream = streams[index] as Stream
      const at = next[index] as number
      if (stream.times[at] === time) {
        leafValues[index] = stream.values[at] ?? null
        stream.others[at]?.forEach((value, place) => {
          put(leafValues, blanks, value, streams.length + place)
        })
        next[index] = at + 1
      } else put(leafValues, blanks, null, index)
    }
    rows.push(make(time))
    const waiting = turn()
    if (waiting) await waiting
  }
  return seriesOf(scan, group, rows)
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
