import type { FieldType } from '../../line-protocol/point.ts'
import { selectSeries } from '../condition.ts'
import { refuse } from '../errors.ts'
import { leaves } from '../evaluate.ts'
import { transformations } from '../functions/transformations.ts'
import type { Answer, AnswerSeries, QuerySource, SourceMeasurement } from '../source.ts'
import type { Expression, Fill, SelectStatement } from '../syntax/ast.ts'
import { type Clock, splitTime, type TimeRange, timeValue } from '../time.ts'
import { type Asked, type Call, readColumns } from './calls.ts'
import type { SelectContext } from './context.ts'
import { expandColumns, expandDimensions } from './expand.ts'
import { type Group, groupSeries } from './groups.ts'
import { resolveSources, tagKeys } from './resolve.ts'
import { selectRows } from './rows.ts'
import { runCalls } from './streams.ts'
import { derivedMeasurements, type InnerAnswer } from './subquery.ts'
import { addTypes, columnTypes } from './types.ts'
import { type Windows, widened } from './windows.ts'
import { zip } from './zip.ts'

/** What a subquery has from the query around it. */
interface Outer {
  readonly range: TimeRange
  readonly windows: Windows | undefined
  readonly dimensions: readonly string[]
  /** The tags that the outermost query groups by: what SLIMIT counts series by, even in a subquery. */
  readonly outermost: readonly string[]
  readonly descending: boolean
  readonly seriesLimit: number | undefined
  readonly seriesOffset: number | undefined
}

/** A SELECT of which everything is known but its data. */
interface Plan extends Outer {
  readonly statement: SelectStatement
  readonly rest: Expression | undefined
  readonly now: bigint
}

/**
 * Runs a SELECT.
 * @param now nanoseconds
 * @throws IocError QUERY_INVALID
 */
export async function runSelect(source: QuerySource, statement: SelectStatement, now: bigint): Promise<Answer> {
  const { series } = await selectWithin(source, statement, now, undefined)
  return { series, zone: statement.zone }
}

async function selectWithin(
  source: QuerySource,
  statement: SelectStatement,
  now: bigint,
  outer: Outer | undefined,
): Promise<InnerAnswer> {
  const plan = await planSelect(source, statement, now, outer)
  const measurements = await resolveSources(source, measurementsOf(statement))
  const subqueries = subqueriesOf(statement)
  if (subqueries.length === 0) return select(source, plan, measurements)
  const levels: InnerAnswer[][] = []
  for (const range of innerRanges(plan)) {
    const answers: InnerAnswer[] = []
    for (const subquery of subqueries) answers.push(await selectSubquery(source, subquery, { ...plan, range }))
    levels.push(answers)
  }
  const { tables, derived } = derivedMeasurements(levels)
  return source.scratch(tables, (read) => select({ ...source, read }, plan, sorted([...measurements, ...derived])))
}

async function selectSubquery(source: QuerySource, statement: SelectStatement, outer: Plan): Promise<InnerAnswer> {
  // Windows without a value mean nothing to the query around them, and are not made.
  const fill: Fill = statement.fill.kind === 'null' && hasCalls(statement) ? { kind: 'none' } : statement.fill
  const answer = await selectWithin(source, { ...statement, fill }, outer.now, outer)
  const own = new Set(await dimensionsOf(source, statement))
  return { ...answer, hidden: outer.dimensions.filter((name) => !own.has(name)) }
}

function hasCalls({ fields }: SelectStatement): boolean {
  return fields.some(({ expression }) => leaves(expression).some(({ kind }) => kind === 'call'))
}

/** The times that subqueries look at: the range, and with one window more for each transformation that is in another. */
function innerRanges({ range, windows, descending, statement }: Plan): TimeRange[] {
  if (!windows) return [range]
  return Array.from({ length: nesting(statement) + 1 }, (_, level) =>
    widened(range, windows, descending, BigInt(level)),
  )
}

function measurementsOf({ sources }: SelectStatement) {
  return sources.flatMap((one) => (one.kind === 'measurement' ? [one] : []))
}

function subqueriesOf({ sources }: SelectStatement): SelectStatement[] {
  return sources.flatMap((one) => (one.kind === 'subquery' ? [one.statement] : []))
}

function sorted(measurements: SourceMeasurement[]): SourceMeasurement[] {
  return measurements.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

async function planSelect(
  source: QuerySource,
  statement: SelectStatement,
  now: bigint,
  outer: Outer | undefined,
): Promise<Plan> {
  const clock: Clock = { now, zone: statement.zone }
  const { range, rest } = splitTime(statement.where, clock)
  const own = readWindows(statement, clock)
  const windows = own ?? (outer?.windows && { ...outer.windows, inherited: true })
  if (outer) intersect(range, outer.range)
  if (windows && range.to === undefined) range.to = now
  const descending = outer ? outer.descending : statement.descending === true
  if (statement.descending !== undefined && statement.descending !== descending) {
    throw refuse('subqueries must be ordered in the same direction as the query itself')
  }
  const dimensions = new Set([...(await dimensionsOf(source, statement)), ...(outer?.dimensions ?? [])])
  return {
    statement,
    range,
    rest,
    windows,
    descending,
    dimensions: [...dimensions].sort(),
    outermost: outer?.outermost ?? [...dimensions].sort(),
    seriesLimit: (statement.seriesLimit ?? 0) + (outer?.seriesLimit ?? 0),
    seriesOffset: (statement.seriesOffset ?? 0) + (outer?.seriesOffset ?? 0),
    now,
  }
}

function intersect(range: TimeRange, outer: TimeRange): void {
  if (outer.from !== undefined && (range.from === undefined || range.from < outer.from)) range.from = outer.from
  if (outer.to !== undefined && (range.to === undefined || range.to > outer.to)) range.to = outer.to
}

/** The tags that a statement groups by itself. */
async function dimensionsOf(source: QuerySource, statement: SelectStatement): Promise<string[]> {
  const measurements = await resolveSources(source, measurementsOf(statement))
  const all = measurements.flatMap(tagKeys)
  for (const subquery of subqueriesOf(statement)) all.push(...(await dimensionsOf(source, subquery)))
  return expandDimensions(source, all, statement)
}

function readWindows(statement: SelectStatement, clock: Clock): Windows | undefined {
  const dimension = statement.dimensions.find((one) => one.kind === 'time')
  // InfluxDB takes a width of nothing, or less, for no windows.
  if (dimension?.kind !== 'time' || dimension.interval <= 0n) return undefined
  const { interval } = dimension
  const offset = dimension.offset ? timeValue(dimension.offset, clock) % interval : 0n
  return { interval, offset, zone: statement.zone, inherited: false }
}

async function select(
  source: QuerySource,
  plan: Plan,
  measurements: readonly SourceMeasurement[],
): Promise<InnerAnswer> {
  const { statement, dimensions, windows, descending } = plan
  const expanded = await expandColumns(source, measurements, statement, dimensions)
  // Wildcards that nothing matches ask for nothing.
  if (expanded.length === 0) return { series: [], types: new Map(), hidden: [], timed: true, descending }
  const columns = expanded.filter(({ expression }) => !isTimeColumn(expression))
  const asked = readColumns(columns, windows)
  checkAsked(asked, statement, windows)
  const series: AnswerSeries[] = []
  const types = new Map<string, FieldType>()
  // Descending turns the order of series round too.
  for (const measurement of descending ? measurements.toReversed() : measurements) {
    addTypes(types, columnTypes(measurement, columns, asked.calls))
    const selection = await selectSeries(source, measurement, plan.rest)
    const all = groupSeries(selection.series, dimensions)
    const groups = measurement.derived ? all : limited(all, plan)
    if (groups.length === 0) continue
    series.push(...(await run({ ...plan, source, measurement, columns, groups, selection, level: 0 }, asked)))
  }
  const timed = windows !== undefined || asked.calls.every(({ kind }) => kind === 'transformation')
  return { series: series.filter(({ values }) => values.length > 0), types, hidden: [], timed, descending }
}

/** How many windows before the first one the transformations of a statement look at: one for each that is in another. */
function nesting({ fields }: SelectStatement): number {
  const depth = (expression: Expression): number => {
    if (expression.kind === 'binary') return deepest([expression.left, expression.right])
    if (expression.kind !== 'call') return 0
    return deepest(expression.arguments) + (transformations.get(expression.name)?.widens ? 1 : 0)
  }
  const deepest = (list: readonly Expression[]) => Math.max(0, ...list.map(depth))
  return deepest(fields.map(({ expression }) => expression))
}

/**
 * SLIMIT and SOFFSET, which count in the order of the names of the tags that a group has, then of their values. Those of a query around others were taken care of in its subqueries.
 */
function limited(groups: Group[], { seriesLimit, seriesOffset = 0, outermost }: Plan): Group[] {
  if (!seriesLimit && seriesOffset === 0) return groups
  const keyOf = ({ tags }: Group) => {
    const present = outermost.filter((name) => tags?.[name])
    return [...present, ...present.map((name) => tags?.[name])].join('|')
  }
  const keys = [...new Set(groups.map(keyOf))].sort()
  const kept = new Set(keys.slice(seriesOffset, seriesLimit ? seriesOffset + seriesLimit : undefined))
  return groups.filter((group) => kept.has(keyOf(group)))
}

async function run(context: SelectContext, { calls, references }: Asked): Promise<AnswerSeries[]> {
  if (calls.length === 0) return selectRows(context, references)
  return zip(context, calls, references, await runCalls(context, calls, references))
}

/** `SELECT time, x` asks for what every answer has anyway. */
function isTimeColumn(expression: Expression): boolean {
  return expression.kind === 'reference' && expression.name === 'time'
}

/** Which functions and fields may stand together. */
function checkAsked(
  { calls, references }: Asked,
  { fill, limit }: SelectStatement,
  windows: Windows | undefined,
): void {
  if (calls.length === 0) {
    if (fill.kind === 'none' || fill.kind === 'linear') throw refuse(`fill(${fill.kind}) must be used with a function`)
    if (windows && !windows.inherited) throw refuse('GROUP BY requires at least one aggregate function')
    if (references.length === 0) throw refuse('at least 1 non-time field must be queried')
  }
  const tooMany = calls.find((call) => call.kind === 'special' && call.special.tags && limit && call.parameter > limit)
  if (tooMany) throw refuse(`${tooMany.expression.name}() cannot give more points than LIMIT lets through`)
  const single = calls.find(({ expression: { name } }) => name === 'distinct' || name === 'top' || name === 'bottom')
  if (single && (calls.length > 1 || (single.expression.name === 'distinct' && references.length > 0))) {
    throw refuse(`function ${single.expression.name}() cannot be combined with other functions or fields`)
  }
  if (calls.length > 0 && references.length > 0 && (calls.length > 1 || !isSelector(calls[0]))) {
    throw refuse('mixing aggregate and non-aggregate queries is not supported')
  }
}

function isSelector(call: Call | undefined): boolean {
  if (call?.kind === 'aggregate') return call.aggregate.selector !== undefined
  return call?.kind === 'special' && call.special.selector
}
