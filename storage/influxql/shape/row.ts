import { type Asked, type Column, callKey, referenceKey } from '../analyse/calls.ts'
import type { Group } from '../compile/groups.ts'
import type { Scan } from '../compile/scan.ts'
import { evaluate, leaves } from '../evaluate.ts'
import type { AnswerSeries, SourceSeries, Value } from '../source.ts'
import type { Expression, Reference } from '../syntax/ast.ts'

/**
 * Makes rows: their time, then a cell for each column.
 * @param leafValues the values of the calls and then of the references that are asked for, of the row that is being made
 */
export function rowMaker(
  columns: readonly Column[],
  asked: Asked,
  leafValues: readonly Value[],
): (time: bigint) => Value[] {
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
export function seriesOf({ relation, columns, timeName }: Scan, group: Group, values: Value[][]): AnswerSeries {
  return {
    name: relation.name,
    ...(group.tags && { tags: group.tags }),
    timed: true,
    columns: [timeName, ...columns.map(({ name }) => name)],
    values,
  }
}
