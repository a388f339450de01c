import { selectSeries } from '../condition.ts'
import { refuse } from '../errors.ts'
import { foldConstants, leaves, referencesIn } from '../evaluate.ts'
import { type Answer, type AnswerSeries, type QuerySource, type SourceMeasurement, valueCount } from '../source.ts'
import type { Expression, Fill, SelectStatement } from '../syntax/ast.ts'
import { type Asked, type Call, readColumns } from './calls.ts'
import { checkCasts, withCasts } from './casts.ts'
import { checkAsked } from './checks.ts'
import type { Column } from './column.ts'
import type { SelectContext } from './context.ts'
import { expandColumns } from './expand.ts'
import type { Group } from './group.ts'
import { groupSeries } from './groups.ts'
import {
  dimensionsOf,
  innerDimensions,
  innerRanges,
  measurementsOf,
  type Outer,
  type Plan,
  planSelect,
  subqueriesOf,
} from './plan.ts'
import { resolveSources } from './resolve.ts'
import { selectRows } from './rows.ts'
import { runCalls } from './streams.ts'
import { derivedMeasurements, type InnerAnswer } from './subquery.ts'
import { addTypes, type ColumnType, castToOne, columnTypes, referenceType } from './types.ts'
import type { Windows } from './windows.ts'
import { zip } from './zip.ts'

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
  asked: SelectStatement,
  now: bigint,
  outer: Outer | undefined,
): Promise<InnerAnswer> {
  const fields = asked.fields.map((field) => ({ ...field, expression: foldConstants(field.expression) }))
  const statement = { ...asked, fields }
  const plan = await planSelect(source, statement, now, outer)
  const measurements = await resolveSources(source, measurementsOf(statement))
  const subqueries = subqueriesOf(statement)
  if (subqueries.length === 0) return select(source, plan, measurements)
  const levels: InnerAnswer[][] = []
  let maxValues = source.maxValues
  const dimensions = innerDimensions(plan)
  for (const range of innerRanges(plan)) {
    const answers: InnerAnswer[] = []
    for (const subquery of subqueries) {
      const answer = await selectSubquery({ ...source, maxValues }, subquery, { ...plan, range, dimensions })
      maxValues -= valueCount(answer.series)
      answers.push(answer)
    }
    levels.push(answers)
  }
  const { tables, derived } = derivedMeasurements(levels)
  return source.scratch(tables, (read) => select({ ...source, read }, plan, sorted([...measurements, ...derived])))
}

async function selectSubquery(source: QuerySource, statement: SelectStatement, outer: Plan): Promise<InnerAnswer> {
  if (outer.budget.left-- <= 0) throw refuse('the query has too many nested subqueries')
  // Windows without a value mean nothing to the query around them, and are not made.
  const fill: Fill = statement.fill.kind === 'null' && hasCalls(statement) ? { kind: 'none' } : statement.fill
  const answer = await selectWithin(source, { ...statement, fill }, outer.now, outer)
  const own = new Set(await dimensionsOf(source, statement))
  return { ...answer, hidden: outer.dimensions.filter((name) => !own.has(name)) }
}

function hasCalls({ fields }: SelectStatement): boolean {
  return fields.some(({ expression }) => leaves(expression).some(({ kind }) => kind === 'call'))
}

function sorted(measurements: SourceMeasurement[]): SourceMeasurement[] {
  return measurements.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

async function select(
  source: QuerySource,
  plan: Plan,
  measurements: readonly SourceMeasurement[],
): Promise<InnerAnswer> {
  const { statement, dimensions, ownDimensions, windows, descending } = plan
  const expanded = await expandColumns(source, measurements, statement, ownDimensions)
  // Wildcards that nothing matches ask for nothing.
  if (expanded.length === 0) return { series: [], types: new Map(), hidden: [], timed: true, descending, plain: true }
  const columns = expanded.filter(({ expression }) => !isTimeColumn(expression))
  const timeName = statement.fields.find(({ expression, alias }) => alias && isTimeColumn(expression))?.alias ?? 'time'
  const plain = { columns, asked: readColumns(columns, windows), rest: plan.rest }
  checkAsked(plain.asked, statement, windows)
  const typed = withOneType(plain, measurements, windows)
  const known = plain.asked.references.some((reference) => measurements.some((one) => referenceType(one, reference)))
  checkCasts(measurements, [
    ...statement.fields.flatMap((one) => referencesIn(one.expression)),
    ...referencesIn(plan.rest),
  ])
  const series: AnswerSeries[] = []
  const types = new Map<string, ColumnType>()
  if (measurements.length === 0) addTypes(types, columnTypes(nothing, columns, plain.asked.calls))
  // Descending turns the order of series round too.
  for (const stored of descending ? measurements.toReversed() : measurements) {
    // Rows of a subquery, and conditions on them, are of whatever type they are.
    const { columns, asked } = stored.derived && plain.asked.calls.length === 0 ? plain : typed
    const { rest } = stored.derived ? plain : typed
    const references = [...columns.flatMap((one) => referencesIn(one.expression)), ...referencesIn(rest)]
    const measurement = withCasts(stored, references)
    addTypes(types, columnTypes(measurement, columns, asked.calls))
    const selection = await selectSeries(source, measurement, rest)
    const all = groupSeries(selection.series, dimensions)
    const groups = measurement.derived ? all : limited(all, plan)
    if (groups.length === 0) continue
    const context = {
      ...plan,
      source,
      measurement,
      columns,
      timeName,
      groups,
      selection,
      level: 0,
      known,
    }
    for (const one of await run(context, asked)) if (one.values.length > 0) series.push(one)
  }
  const ofRows = plain.asked.calls.every(({ kind }) => kind === 'transformation')
  const timed = windows !== undefined || (ofRows && measurements.every(({ derived }) => derived?.timed !== false))
  const ofPoints = (call: Call) => call.kind === 'transformation' && call.input.kind === 'reference'
  const unchanged = plain.asked.calls.every(ofPoints) && measurements.every(({ derived }) => !derived)
  return { series, types, hidden: [], timed, descending, plain: unchanged }
}

/** In place of a measurement where there is none: a cast has its type all the same. */
const nothing: SourceMeasurement = { name: '', table: '', committed: true, fields: new Map(), series: [] }

/** What is asked of a measurement: columns, the calls and fields in them, and the condition. */
interface Question {
  readonly columns: readonly Column[]
  readonly asked: Asked
  readonly rest: Expression | undefined
}

/** The same with names that are of several types in the measurements cast to one. */
function withOneType(
  question: Question,
  measurements: readonly SourceMeasurement[],
  windows: Windows | undefined,
): Question {
  if (measurements.length < 2) return question
  const columns = question.columns.map((one) => ({ ...one, expression: castToOne(one.expression, measurements) }))
  const rest = question.rest && castToOne(question.rest, measurements)
  return { columns, asked: readColumns(columns, windows), rest }
}

/**
 * SLIMIT and SOFFSET, which count in the order of the names of the tags that a group has, then of their values. Those of
 * a query around others were taken care of in its subqueries.
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
