import { fieldOf, tagOf } from '../condition.ts'
import type { Selector } from '../functions/aggregates.ts'
import { lookupSql, type SourceField, type SourceSeries, type Value } from '../source.ts'
import type { ReferenceExpression, SpecialCall } from './calls.ts'
import type { SelectContext } from './context.ts'
import { fromWhere, groupedSql, isAlone } from './groups.ts'
import { placesWindows } from './windowed.ts'
import { windowSql } from './windows.ts'

/** SQL of the group, window, time, series, value and other fields of each point that a selector chooses. */
export function pointSql(
  context: SelectContext,
  selector: Selector,
  numbers: readonly number[],
  field: SourceField,
  others: readonly string[],
): string {
  const { windows, descending } = context
  const bucket = windows ? windowSql(windows).bucket : '0::BIGINT'
  const f = `f${field.id}`
  const present = `t.${f} IS NOT NULL`
  if (selector.by !== 'place') {
    const key = selector.key(`t.${f}`, isAlone(context), field.type)
    // The plain functions pass over nulls, and would take another field from another point.
    const chosen = ['time', 'sid', f, ...others].map((column) => `${selector.by}_null(t.${column}, ${key})`)
    return groupedSql(context, bucket, !placesWindows(context), chosen, present)
  }
  return placedSql(fromWhere(context, present), bucket, f, others, selector, numbers, descending ? 'DESC' : 'ASC')
}

/**
 * The point at a place among the values in their order. The values alone are sorted, which is quick; then the point is
 * looked for among those that have the value at the place.
 */
function placedSql(
  rows: string,
  bucket: string,
  f: string,
  others: readonly string[],
  selector: Extract<Selector, { by: 'place' }>,
  numbers: readonly number[],
  direction: 'ASC' | 'DESC',
): string {
  const chosen = ['time', 'sid', f, ...others].map((column) => `t.${column} AS x${column}`).join(', ')
  return `WITH sorted AS (
      SELECT gid, ${bucket} AS bucket, list_sort(list(t.${f})) AS s ${rows} GROUP BY gid, bucket
    ), places AS (SELECT *, ${selector.place(numbers, 'len(s)')} AS place FROM sorted),
    wanted AS (
      SELECT gid AS wgid, bucket AS wbucket, s[place] AS value, place - list_position(s, s[place]) + 1 AS nth
      FROM places WHERE place BETWEEN 1 AND len(s)
    )
    SELECT gid, bucket, x.* EXCLUDE (gid, bucket, rank) FROM (SELECT gid, ${bucket} AS bucket, rank, ${chosen} ${rows}) x
    JOIN wanted ON wgid = gid AND wbucket = bucket AND x${f} = value
    QUALIFY row_number() OVER (PARTITION BY gid, bucket ORDER BY xtime ${direction}, rank ${direction}) = nth
    ORDER BY gid, bucket`
}

/** The same for a function that has a query of its own. */
export function specialSql(
  context: SelectContext,
  { special, parameter, tags }: SpecialCall,
  field: SourceField,
  others: readonly string[],
): string {
  const { windows, descending, measurement, groups } = context
  const f = `f${field.id}`
  const part = tags.length > 0 ? partSql(context, tags) : undefined
  const parts = windows ? windowSql(windows) : { bucket: '0::BIGINT', passed: 't.time' }
  return special.sql({
    ...parts,
    f,
    others,
    rows: fromWhere(context, `t.${f} IS NOT NULL`),
    interval: windows?.interval,
    parameter,
    part,
    ofSeries: part === seriesPart && !measurement.derived,
    single: !windows && groups.length === 1,
    order: descending ? 'DESC' : 'ASC',
    sequence: measurement.derived && !descending ? 'rank' : 'time, rank',
  })
}

/** Where each combination of tags is that of one series. */
const seriesPart = 't.sid'

/** SQL of a number for each combination of tags that a row of `t` may have. */
function partSql({ groups }: SelectContext, tags: readonly { readonly name: string }[]): string {
  const parts = new Map<string, number>()
  const bySid = new Map<number, number>()
  for (const { sid, tags: own } of groups.flatMap(({ series }) => series)) {
    const key = tags.map(({ name }) => own.get(name) ?? '').join('\0')
    const part = parts.get(key) ?? parts.size
    parts.set(key, part)
    bySid.set(sid, part)
  }
  return parts.size === bySid.size ? seriesPart : lookupSql(bySid)
}

/** For each of some fields and tags, what gives its value in each of the rows of a query. */
export function rowReaders(
  { measurement, groups }: SelectContext,
  references: readonly ReferenceExpression[],
  columns: readonly string[],
  sids: readonly Value[],
  values: readonly Value[][],
): ((row: number) => Value)[] {
  const bySid = new Map<Value, SourceSeries>()
  for (const group of groups) for (const series of group.series) bySid.set(series.sid, series)
  return references.map((reference) => {
    const field = fieldOf(measurement, reference)
    if (field) {
      const column = values[columns.indexOf(`f${field.id}`)] ?? []
      return (row) => column[row] ?? null
    }
    if (measurement.derived?.hidden.has(reference.name)) return () => null
    return (row) => tagOf(bySid.get(sids[row] ?? null), reference) ?? null
  })
}
