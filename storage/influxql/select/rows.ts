import { fieldOf } from '../condition.ts'
import { evaluate } from '../evaluate.ts'
import type { Selector } from '../functions.ts'
import type { AnswerSeries, SourceSeries, Value } from '../source.ts'
import type { Expression } from '../syntax/ast.ts'
import { seriesOf } from './aggregate.ts'
import { type Call, callField, type ReferenceExpression } from './calls.ts'
import type { SelectContext } from './context.ts'
import { fromWhere } from './groups.ts'
import { windowSql, windowTime } from './windows.ts'

/** Runs a SELECT of plain fields and tags. */
export async function selectRows(
  context: SelectContext,
  references: readonly ReferenceExpression[],
): Promise<AnswerSeries[]> {
  const { source, measurement, groups, selection, range, statement } = context
  const fields = fieldColumns(context, references)
  // Tags alone do not make a row.
  if (fields.size === 0) return []
  const order = statement.descending ? 'DESC' : 'ASC'
  const present = [...fields.values()].map((column) => `t.${column} IS NOT NULL`).join(' OR ')
  const from = fromWhere(measurement, groups, selection, range)
  const { limit, offset = 0 } = statement
  const page = limit && groups.length === 1 ? ` LIMIT ${limit + offset}` : ''
  const { rowCount, columns } = await source.read(
    `SELECT gid, t.time, t.sid, ${[...fields.values()].map((column) => `t.${column}`).join(', ')}
     ${from}${from.includes(' WHERE ') ? ' AND ' : ' WHERE '}(${present})
     ORDER BY gid ${order}, t.time ${order}, rank ${order}${page}`,
  )
  const [gids = [], times = [], sids = [], ...values] = columns
  const lookup = rowLookup(context, [...fields.keys()], sids, values)
  return split(context, rowCount, gids, (row) => [
    times[row] as bigint,
    ...context.columns.map(({ expression }) => evaluate(expression, (leaf) => lookup(leaf, row))),
  ])
}

/**
 * Runs a SELECT of one selector whose point is asked for more than its value: its time, or other fields and tags.
 */
export async function selectPoint(
  context: SelectContext,
  call: Call,
  references: readonly ReferenceExpression[],
): Promise<AnswerSeries[]> {
  const { source, measurement, windows } = context
  const field = callField(measurement, call)
  const selector = call.aggregate.selector
  if (!field || !selector) return []
  const others = fieldColumns(context, references)
  const { rowCount, columns } = await source.read(
    pointSql(context, call, selector, `f${field.id}`, [...others.values()]),
  )
  const [gids = [], buckets = [], times = [], sids = [], selected = [], ...values] = columns
  const lookup = rowLookup(context, [...others.keys()], sids, values)
  return split(context, rowCount, gids, (row) => [
    windows ? windowTime(windows, buckets[row] as bigint) : (times[row] as bigint),
    ...context.columns.map(({ expression }) =>
      evaluate(expression, (leaf) => (leaf.kind === 'call' ? (selected[row] ?? null) : lookup(leaf, row))),
    ),
  ])
}

/** SQL of the group, window, time, series, value and other fields of each point that a selector chooses. */
function pointSql(
  context: SelectContext,
  call: Call,
  selector: Selector,
  f: string,
  others: readonly string[],
): string {
  const { measurement, groups, selection, range, windows, statement, now } = context
  const bucket = windows ? windowSql(windows, range, now) : '0::BIGINT'
  const from = fromWhere(measurement, groups, selection, range)
  const rows = `${from}${from.includes(' WHERE ') ? ' AND ' : ' WHERE '}t.${f} IS NOT NULL`
  const order = statement.descending ? 'DESC' : 'ASC'
  if (selector.by !== 'place') {
    const key = selector.key(
      `t.${f}`,
      groups.every(({ series }) => series.length === 1),
    )
    // The plain functions pass over nulls, and would take another field from another point.
    const chosen = ['time', 'sid', f, ...others].map((column) => `${selector.by}_null(t.${column}, ${key})`)
    return `SELECT gid, ${bucket} AS bucket, ${chosen.join(', ')} ${rows}
      GROUP BY gid, bucket ORDER BY gid ${order}, bucket ${order}`
  }
  const place = selector.place(call.numbers, 'count(*) OVER (PARTITION BY gid, bucket)')
  return `SELECT gid, bucket, time, sid, f${others.map((column) => `, o${column}`).join('')} FROM (
      SELECT gid, rank, ${bucket} AS bucket, t.time AS time, t.sid AS sid, t.${f} AS f
        ${others.map((column) => `, t.${column} AS o${column}`).join('')} ${rows}
    ) QUALIFY row_number() OVER (PARTITION BY gid, bucket ORDER BY ${selector.order}) = ${place}
    ORDER BY gid ${order}, bucket ${order}`
}

/** Runs `SELECT distinct(x)`. */
export async function selectDistinct(context: SelectContext, reference: ReferenceExpression): Promise<AnswerSeries[]> {
  const { source, measurement, groups, selection, range, windows, statement, now } = context
  const field = fieldOf(measurement, reference)
  if (!field) return []
  const from = fromWhere(measurement, groups, selection, range)
  const order = statement.descending ? 'DESC' : 'ASC'
  const { rowCount, columns } = await source.read(
    `SELECT gid, ${windows ? windowSql(windows, range, now) : '0::BIGINT'} AS bucket, t.f${field.id} AS f
     ${from}${from.includes(' WHERE ') ? ' AND ' : ' WHERE '}t.f${field.id} IS NOT NULL
     GROUP BY ALL ORDER BY gid ${order}, bucket ${order}, min(t.time), f`,
  )
  const [gids = [], buckets = [], values = []] = columns
  return split(context, rowCount, gids, (row) => [
    windows ? windowTime(windows, buckets[row] as bigint) : (range.from ?? 0n),
    values[row] ?? null,
  ])
}

/** The fields among the references, by name, with their columns. */
function fieldColumns({ measurement }: SelectContext, references: readonly ReferenceExpression[]): Map<string, string> {
  const columns = new Map<string, string>()
  for (const reference of references) {
    const field = fieldOf(measurement, reference)
    if (field) columns.set(field.name, `f${field.id}`)
  }
  return columns
}

function rowLookup(
  { measurement, groups }: SelectContext,
  names: readonly string[],
  sids: readonly Value[],
  values: readonly Value[][],
): (leaf: Expression, row: number) => Value {
  const place = new Map(names.map((name, index) => [name, index]))
  const bySid = new Map<Value, SourceSeries>()
  for (const group of groups) for (const series of group.series) bySid.set(series.sid, series)
  return (leaf, row) => {
    if (leaf.kind !== 'reference') return null
    if (fieldOf(measurement, leaf)) return values[place.get(leaf.name) as number]?.[row] ?? null
    return bySid.get(sids[row] ?? null)?.tags.get(leaf.name) ?? null
  }
}

/** Parts rows, which come ordered by group, into the series of the answer. */
function split(
  context: SelectContext,
  rowCount: number,
  gids: readonly Value[],
  build: (row: number) => Value[],
): AnswerSeries[] {
  const answer: AnswerSeries[] = []
  let start = 0
  for (let row = 1; row <= rowCount; row++) {
    if (row < rowCount && gids[row] === gids[start]) continue
    const group = context.groups[Number(gids[start])]
    const first = start
    if (group) {
      const rows = Array.from({ length: row - first }, (_, index) => build(first + index))
      answer.push(seriesOf(context, group, rows))
    }
    start = row
  }
  return answer
}
