import { rowTurns } from '../../turns.ts'
import { type Asked, type Column, callKey, referenceKey } from '../analyse/calls.ts'
import { castType, referenceType } from '../analyse/types.ts'
import { type RowStep, rowPage } from '../compile/compile.ts'
import type { Group } from '../compile/groups.ts'
import { checkSize, type Scan } from '../compile/scan.ts'
import { evaluate, leaves } from '../evaluate.ts'
import type { AnswerSeries, Rows, SourceSeries, Value } from '../source.ts'
import type { Expression, Reference } from '../syntax/ast.ts'
import { type Blank, blankOf, put } from './fill.ts'
import type { Stream, Streams } from './stream.ts'

/** The series of a SELECT of plain fields and tags, of rows that come ordered by group. */
export async function shapeRows(scan: Scan, { columns, unordered }: RowStep, read: Rows): Promise<AnswerSeries[]> {
  const { relation, references, fill, descending } = scan
  const { rowCount, columns: found } = unordered ? byTime(read, descending) : read
  checkSize(scan, rowCount)
  const [gids = [], times = [], sids = [], ...values] = found
  const readers = rowReaders(scan, references, columns, sids, values)
  const blanks = references.map((reference) => blankOf(fill, referenceType(relation, reference)))
  const { limit, offset } = rowPage(scan)
  const answer: AnswerSeries[] = []
  const turn = rowTurns()
  let start = 0
  for (let row = 1; row <= rowCount; row++) {
    if (row < rowCount && gids[row] === gids[start]) continue
    const group = scan.groups[Number(gids[start])]
    const first = start + offset
    const last = limit === undefined ? row : Math.min(row, first + limit)
    if (group && first < last) {
      const current: Value[] = references.map(() => null)
      const make = rowMaker(scan.columns, scan, current)
      const rows: Value[][] = []
      for (let place = first; place < last; place++) {
        readers.forEach((value, index) => {
          put(current, blanks, value(place), index)
        })
        rows.push(make(times[place] as bigint))
        const waiting = turn()
        if (waiting) await waiting
      }
      answer.push(seriesOf(scan, group, rows))
    }
    start = row
  }
  return answer
}

/** Puts the streams of the calls of a scan side by side, as rows of their times. */
export async function zip(scan: Scan, streams: readonly Streams[]): Promise<AnswerSeries[]> {
  const { relation, calls, callTypes, references, fill } = scan
  const blanks = [
    ...calls.map((call): Blank => {
      // Of what has no type, a field that is stored nowhere being called, nothing is ever filled.
      const type = callTypes.get(call) ?? castType(call.expression)
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

/**
 * Makes rows: their time, then a cell for each column.
 * @param leafValues the values of the calls and then of the references that are asked for, of the row that is being made
 */
function rowMaker(columns: readonly Column[], asked: Asked, leafValues: readonly Value[]): (time: bigint) => Value[] {
  const places = placesOf(columns, asked)
  const lookup = (leaf: Expression) => leafValues[places.get(leaf) as number] ?? null
  let time: Value = null
  const cells = [
    () => time,
    ...columns.map(({ expression }) => {
      const place = places.get(expression)
      // Most columns are one call, or one field.
      return place === undefined ? () => evaluate(expression, lookup) : () => leafValues[place] ?? null
    }),
  ]
  const called = (cell: () => Value) => cell()
  return (at) => {
    time = at
    return cells.map(called)
  }
}

/** For each field, tag and call in the columns its place among the calls, and then the references, that are asked for. */
function placesOf(columns: readonly Column[], { calls, references }: Asked): ReadonlyMap<Expression, number> {
  const keys = new Map([
    ...calls.map((call, place) => [callKey(call.expression), place] as const),
    ...references.map((reference, place) => [referenceKey(reference), calls.length + place] as const),
  ])
  const keyOf = (leaf: Expression) => {
    if (leaf.kind === 'call') return callKey(leaf)
    return leaf.kind === 'reference' ? referenceKey(leaf) : ''
  }
  const found = columns.flatMap(({ expression }) => leaves(expression))
  return new Map(found.map((leaf) => [leaf, keys.get(keyOf(leaf)) ?? -1]))
}

/** For each of some fields and tags, what gives its value in each of the rows of a query. */
export function rowReaders(
  { relation, groups }: Scan,
  references: readonly Reference[],
  columns: readonly string[],
  sids: readonly Value[],
  values: readonly Value[][],
): ((row: number) => Value)[] {
  const bySid = new Map<Value, SourceSeries>()
  for (const group of groups) for (const series of group.series) bySid.set(series.sid, series)
  return references.map((reference) => {
    const field = relation.field(reference)
    if (field) {
      const column = values[columns.indexOf(field.column)] ?? []
      return (row) => column[row] ?? null
    }
    return (row) => relation.shownTag(bySid.get(sids[row] ?? null), reference) ?? null
  })
}

/** Puts rows, their time first, into the shape of an answer. */
function seriesOf({ relation, columns, timeName }: Scan, group: Group, values: Value[][]): AnswerSeries {
  return {
    name: relation.name,
    ...(group.tags && { tags: group.tags }),
    timed: true,
    columns: [timeName, ...columns.map(({ name }) => name)],
    values,
  }
}

/** Puts rows in the order of their second column, in which most of them come. */
export function byTime(read: Rows, descending: boolean): Rows {
  const times = (read.columns[1] ?? []) as bigint[]
  const rising = times.every((time, row) => row === 0 || (times[row - 1] as bigint) <= time)
  if (rising && !descending) return read
  const places = times.map((_, row) => row)
  if (!rising) places.sort((a, b) => ((times[a] as bigint) < (times[b] as bigint) ? -1 : 1))
  if (descending) places.reverse()
  return { ...read, columns: read.columns.map((column) => places.map((row) => column[row] as Value)) }
}
