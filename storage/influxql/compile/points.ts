import type { SpecialCall } from '../analyse/calls.ts'
import type { Selector } from '../functions/aggregates.ts'
import type { RelationField } from '../relation/relation.ts'
import { lookupSql } from '../sql.ts'
import { windowSql } from '../windows.ts'
import { fromWhere, groupedSql, isAlone } from './rows.ts'
import type { Scan } from './scan.ts'

/** SQL of the group, window, time, series, value and other fields of each point that a selector chooses. */
export function pointSql(
  scan: Scan,
  selector: Selector,
  numbers: readonly number[],
  field: RelationField,
  others: readonly string[],
): string {
  const { windows, descending } = scan
  const { bucket } = windowSql(windows)
  const { column: f } = field
  const present = `t.${f} IS NOT NULL`
  if (selector.by !== 'place') {
    const alone = isAlone(scan)
    const key = selector.key(`t.${f}`, alone, field.type)
    // The plain functions pass over nulls, and would take another field from another point.
    const chosen = ['time', 'sid', f, ...others].map((column) => `${selector.by}_null(t.${column}, ${key})`)
    return groupedSql(scan, bucket, !alone, chosen, present)
  }
  return placedSql(fromWhere(scan, present), bucket, f, others, selector, numbers, descending ? 'DESC' : 'ASC')
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
  scan: Scan,
  { called, parameter, tags }: SpecialCall,
  field: RelationField,
  others: readonly string[],
): string {
  const { windows, descending, relation, groups } = scan
  const { column: f } = field
  const part = tags.length > 0 ? partSql(scan, tags) : undefined
  return called.sql({
    ...windowSql(windows),
    f,
    others,
    rows: fromWhere(scan, `t.${f} IS NOT NULL`),
    interval: windows?.interval,
    parameter,
    part,
    ofSeries: part === seriesPart && relation.uniqueTimes,
    single: !windows && groups.length === 1,
    order: descending ? 'DESC' : 'ASC',
    sequence: relation.sequence(descending),
  })
}

/** Where each combination of tags is that of one series. */
const seriesPart = 't.sid'

/** SQL of a number for each combination of tags that a row of `t` may have. */
function partSql({ groups }: Scan, tags: readonly { readonly name: string }[]): string {
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
