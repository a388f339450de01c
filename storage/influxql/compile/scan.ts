import type { Reading, SelectPlan } from '../analyse/plan.ts'
import { refuse } from '../errors.ts'
import type { Matching, QuerySource } from '../source.ts'
import { selectSeries } from './condition.ts'
import { type Group, groupSeries } from './groups.ts'

/** What a plan reads of one relation, with the series that its condition lets through. */
export interface Scan extends SelectPlan, Omit<Reading, 'condition'>, Bounds {
  readonly groups: readonly Group[]
  /** SQL over `t` of what is left of the condition; empty where every row of the series counts. */
  readonly condition: string
  /** How many windows before the first of the answer the range begins. */
  readonly level: number
}

/** Most rows, and most values, of an answer. */
type Bounds = Pick<QuerySource, 'maxRows' | 'maxValues'>

/** Finds the series of a relation; `undefined` where there are none. */
export async function scanOf(
  matching: Matching,
  { maxRows, maxValues }: Bounds,
  plan: SelectPlan,
  reading: Reading,
): Promise<Scan | undefined> {
  const { relation } = reading
  const { series, sql } = await selectSeries(matching, relation, reading.condition)
  const all = groupSeries(series, plan.dimensions)
  const groups = relation.countsSeries ? pagedGroups(all, plan) : all
  return groups.length === 0 ? undefined : { ...plan, ...reading, condition: sql, groups, level: 0, maxRows, maxValues }
}

/** SLIMIT and SOFFSET, which count in the order of the names of the tags that a group has, then of their values. */
function pagedGroups(groups: Group[], { seriesLimit, seriesOffset, outermost }: SelectPlan): Group[] {
  if (!seriesLimit && seriesOffset === 0) return groups
  const keyOf = ({ tags }: Group) => {
    const present = outermost.filter((name) => tags?.[name])
    return [...present, ...present.map((name) => tags?.[name])].join('|')
  }
  const keys = [...new Set(groups.map(keyOf))].sort()
  const kept = new Set(keys.slice(seriesOffset, seriesLimit ? seriesOffset + seriesLimit : undefined))
  return groups.filter((group) => kept.has(keyOf(group)))
}

/** @throws IocError QUERY_INVALID for more rows, or values, than an answer may have */
export function checkSize({ maxRows, maxValues, columns }: Bounds & Pick<Scan, 'columns'>, rows: number): void {
  if (rows > maxRows) throw refuse(`the answer has more than ${maxRows} rows`)
  checkValues({ maxValues }, rows * (columns.length + 1))
}

/** @throws IocError QUERY_INVALID for more values than an answer may have */
export function checkValues({ maxValues }: Pick<Bounds, 'maxValues'>, values: number): void {
  if (values > maxValues) throw refuse(tooManyValues)
}

export const tooManyValues = 'the answer has too many values: select fewer columns, or a shorter time range'
