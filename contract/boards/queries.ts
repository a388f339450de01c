import { displayZone } from '../display-zone.ts'
import type { Scope } from '../messages/live.ts'

/**
 * InfluxQL of the boards. Whoever draws a board recognises by its query which indicator a panel shows, and can keep the
 * panel up to date from the live topics: builder and parser therefore stand side by side.
 */

/** A value, or a dashboard variable such as `$site`; `$area` with several values becomes a regular expression. */
export type TagValue = string

export interface IndicatorQuery {
  readonly id: string
  readonly scope: Scope
  /** Tags that the values have, such as `{ area: '$area' }`. */
  readonly tags?: Readonly<Record<string, TagValue>>
  /** Tags that there is a series for each value of, such as `['area']` or `['group']`. */
  readonly by?: readonly string[]
}

/** An indicator that a query asks for, with the variables of the board put in or not. */
export type IndicatorReference = Required<IndicatorQuery>

/**
 * The history of an indicator, thinned to the width of a panel: a mean for each interval. `spacing` is how often there
 * is a value: at least every few hours, or for each day and longer.
 */
export function indicatorHistory(query: IndicatorQuery, spacing: Spacing = 'hours'): string {
  return `SELECT mean("value") AS "value" ${indicatorRange(query)} ${perInterval(query.by, spacing)}`
}

export type Spacing = 'hours' | 'days'
const timeOf: Readonly<Record<Spacing, string>> = { hours: 'time($__interval)', days: 'time($__interval, 1ms)' }

/**
 * The end of a query that has a value for each interval of its panel. Days begin at midnight in the display zone. The value of a
 * day is stamped with the midnight that ends it: intervals of `days` begin just after, so that it counts to its day.
 */
export function perInterval(by: readonly string[] = [], spacing: Spacing = 'hours'): string {
  return `GROUP BY ${[timeOf[spacing], ...by.map(quoted)].join(', ')} fill(none) tz('${displayZone}')`
}

/** How a query of `perInterval` spaces its values. */
export function spacingOf(query: string): Spacing {
  return query.includes(timeOf.days) ? 'days' : 'hours'
}

/** The newest value of an indicator in the time range; in a table of several ones, each has a column name of its own. */
export function indicatorLatest(query: IndicatorQuery, column = 'value'): string {
  const groups = (query.by ?? []).map(quoted).join(', ')
  return `SELECT last("value") AS ${quoted(column)} ${indicatorRange(query)}${groups === '' ? '' : ` GROUP BY ${groups}`}`
}

/**
 * The target of an indicator over time, where the places and groups of the query have the same: a mean of different ones
 * would be nobody's. The time comes first in the condition: a target has no newer value on the live topics.
 */
export function targetHistory(query: IndicatorQuery, spacing: Spacing = 'hours'): string {
  const range = `FROM "indicator" WHERE $timeFilter AND ${conditionsOf(query)}`
  const inner = `SELECT mean("target") AS "target", spread("target") AS "spread" ${range} ${perInterval([], spacing)}`
  return `SELECT "target" FROM (${inner}) WHERE "spread" = 0`
}

/** Points of no samples were retracted, and are left out. */
function indicatorRange(query: IndicatorQuery): string {
  return `FROM "indicator" WHERE ${conditionsOf(query)} AND "samples" > 0 AND $timeFilter`
}

const conditionsOf = ({ id, scope, tags = {} }: IndicatorQuery): string =>
  Object.entries({ id, scope, ...tags })
    .map(([tag, value]) => condition(tag, value))
    .join(' AND ')

/** Compares a tag with a literal or with a variable, which may stand for several values. */
export function condition(tag: string, value: TagValue): string {
  return value.startsWith('$') ? `${quoted(tag)} =~ /^${value}$/` : `${quoted(tag)} = '${value.replaceAll("'", "\\'")}'`
}

/** The indicator that a query of this module asks for; undefined for any other query. */
export function indicatorOf(query: string): IndicatorReference | undefined {
  const [, where = '', by = ''] =
    /FROM "indicator" WHERE (.*?) AND \$timeFilter(?: GROUP BY (.*?))?(?: fill\(none\) tz\('[^']*'\))?$/.exec(query) ??
    []
  const { id, scope, ...tags } = Object.fromEntries(
    [...where.matchAll(/"(\w+)" (?:= '([^']*)'|=~ \/\^(\$\w+)\$\/)/g)].map(([, tag, literal, variable]) => [
      tag,
      literal ?? variable ?? '',
    ]),
  )
  if (id === undefined || scope === undefined) return undefined
  return { id, scope: scope as Scope, tags, by: [...by.matchAll(/"(\w+)"/g)].map(([, tag]) => tag ?? '') }
}

const quoted = (name: string): string => `"${name}"`
