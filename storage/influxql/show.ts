import { checkDatabase, resolveSources } from './analyse/resolve.ts'
import { selectSeries } from './compile/condition.ts'
import { refuse } from './errors.ts'
import { referencesIn } from './evaluate.ts'
import { matchingBy } from './regexes.ts'
import { TableRelation } from './relation/table.ts'
import {
  type Answer,
  type AnswerSeries,
  type Catalog,
  type Matching,
  type QuerySource,
  type SourceMeasurement,
  type SourceSeries,
  tagNames,
  type Value,
} from './source.ts'
import type { Expression, NameFilter, ShowStatement } from './syntax/ast.ts'
import { splitTime, type TimeRange } from './time.ts'

/** Runs a SHOW of what is stored. */
export async function runShow(source: QuerySource, statement: ShowStatement, now: bigint): Promise<Answer> {
  const matching = matchingBy(source.read)
  const catalog: Catalog = { ...source, matching }
  checkDatabase(catalog, statement.database)
  const { range, rest } = splitTime(statement.where, { now, zone: undefined })
  const bounded = range.from !== undefined || range.to !== undefined
  if (bounded && statement.subject === 'measurements') {
    throw refuse("SHOW MEASUREMENTS doesn't support time in WHERE clause")
  }
  const cast = referencesIn(rest).find(({ of }) => of !== '' && of !== 'tag')
  if (cast) throw refuse(`${cast.name} cannot be cast to ${cast.of} here: SHOW compares tags`, cast.at)
  if (rest && ordersTags(rest)) throw refuse('invalid tag comparison operator')
  const everything = [{ kind: 'measurement', database: '', policy: '', name: '', regex: '' } as const]
  const sources = statement.sources.length > 0 ? statement.sources : everything
  const measurements = await resolveSources(catalog, { sources })
  const series: AnswerSeries[] = []
  const all: Value[][] = []
  for (const measurement of measurements) {
    if (statement.subject === 'measurements') {
      if (measurement.series.length > 0 && (!rest || (await holds(matching, measurement, rest))))
        all.push([measurement.name])
      continue
    }
    const matched = rest
      ? (await selectSeries(matching, new TableRelation(measurement), rest)).series
      : measurement.series
    const selected = bounded ? await seriesWithin(source, measurement, matched, range) : matched
    if (selected.length === 0) continue
    switch (statement.subject) {
      case 'series':
        for (const { key } of selected) all.push([key])
        break
      case 'field keys': {
        const fields = [...measurement.fields.values()].filter(({ committed }) => committed)
        const values = fields.map(({ name, type }): Value[] => [name, type]).sort(byFirst)
        series.push({ name: measurement.name, columns: ['fieldKey', 'fieldType'], values })
        break
      }
      case 'tag keys': {
        const values = [...tagNames(selected)].sort().map((key) => [key])
        series.push({ name: measurement.name, columns: ['tagKey'], values })
        break
      }
      case 'tag values': {
        const values = await tagValues(matching, selected, statement.with)
        series.push({ name: measurement.name, columns: ['key', 'value'], values })
        break
      }
      default:
        statement.subject satisfies never
    }
  }
  if (statement.subject === 'measurements') {
    const shown = await filtered(
      matching,
      all.map(([name]) => name as string),
      statement.with,
    )
    series.push({ name: 'measurements', columns: ['name'], values: shown.map((name) => [name]) })
  }
  if (statement.subject === 'series') series.push({ columns: ['key'], values: all.sort(byFirst) })
  return { series: page(series, statement) }
}

/**
 * Whether a condition holds for a measurement as such. InfluxDB asks no more than this: that it has the tag, and that one
 * of the tag's values is as it says; or none, where it says which it must not be.
 */
async function holds(matching: Matching, measurement: SourceMeasurement, condition: Expression): Promise<boolean> {
  if (condition.kind !== 'binary') throw refuse('invalid condition: expected a comparison')
  const { operator, left, right } = condition
  if (operator === 'AND' || operator === 'OR') {
    const one = await holds(matching, measurement, left)
    const other = await holds(matching, measurement, right)
    return operator === 'AND' ? one && other : one || other
  }
  const equal = operator === '=' || operator === '=~'
  if (!equal && operator !== '!=' && operator !== '!~') throw refuse('invalid tag comparison operator')
  if (left.kind !== 'reference') throw refuse(`left side of '${operator}' must be a tag key`)
  const values = new Set(
    left.name === '_name' ? [measurement.name] : measurement.series.flatMap(({ tags }) => tags.get(left.name) ?? []),
  )
  if (right.kind === 'regex') return values.size > 0 && (await matching(right.source, values)).size > 0 === equal
  if (right.kind !== 'string') throw refuse(`right side of '${operator}' must be a tag value string`)
  return values.size > 0 && values.has(right.value) === equal
}

/** Whether a condition asks which of a tag's values comes first, which only a SELECT answers: with nothing. */
function ordersTags(condition: Expression): boolean {
  if (condition.kind !== 'binary') return false
  const { operator, left, right } = condition
  if (operator === 'AND' || operator === 'OR') return ordersTags(left) || ordersTags(right)
  return ['<', '<=', '>', '>='].includes(operator) && (left.kind === 'string' || right.kind === 'string')
}

const week = 7n * 86_400_000_000_000n

/** A Monday: weeks begin there, in UTC. In nanoseconds. */
const monday = 4n * 86_400_000_000_000n

/**
 * The series that have points within a time. Whole weeks count, as where InfluxDB asks which of its shards hold a series:
 * by default each is of a week.
 */
async function seriesWithin(
  source: QuerySource,
  { table }: SourceMeasurement,
  series: readonly SourceSeries[],
  { from, to }: TimeRange,
): Promise<SourceSeries[]> {
  const weekOf = (time: bigint) => time - ((((time - monday) % week) + week) % week)
  const conditions = [
    ...(from === undefined ? [] : [`time >= ${weekOf(from)}`]),
    ...(to === undefined ? [] : [`time < ${weekOf(to) + week}`]),
  ]
  const { columns } = await source.read(`SELECT DISTINCT sid FROM ${table} WHERE ${conditions.join(' AND ')}`)
  const stored = new Set(columns[0])
  return series.filter(({ sid }) => stored.has(sid))
}

async function tagValues(matching: Matching, series: readonly SourceSeries[], filter: NameFilter | undefined) {
  const keys = new Set(series.flatMap(({ tags }) => [...tags.keys()]))
  const values: Value[][] = []
  for (const key of (await filtered(matching, [...keys], filter)).sort()) {
    const distinct = new Set(series.flatMap(({ tags }) => tags.get(key) ?? []))
    for (const value of [...distinct].sort()) values.push([key, value])
  }
  return values
}

async function filtered(matching: Matching, names: readonly string[], filter: NameFilter | undefined) {
  if (!filter) return [...names]
  const chosen = filter.kind === 'in' ? new Set(filter.names) : await matching(filter.source, names)
  return names.filter((name) => chosen.has(name) !== filter.negated)
}

function byFirst(a: readonly Value[], b: readonly Value[]): number {
  return (a[0] as string) < (b[0] as string) ? -1 : 1
}

function page(series: readonly AnswerSeries[], { limit, offset = 0 }: ShowStatement): AnswerSeries[] {
  return series
    .map((one) => ({ ...one, values: one.values.slice(offset, limit ? offset + limit : undefined) }))
    .filter(({ values }) => values.length > 0)
}
