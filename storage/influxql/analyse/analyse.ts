import { refuse } from '../errors.ts'
import { foldConstants, leaves, referencesIn } from '../evaluate.ts'
import { specials } from '../functions/specials.ts'
import { transformations } from '../functions/transformations.ts'
import { DerivedRelation } from '../relation/derived.ts'
import { addTypes, type ColumnType, type Relation } from '../relation/relation.ts'
import { TableRelation } from '../relation/table.ts'
import type { Catalog } from '../source.ts'
import type { Expression, Fill, SelectStatement } from '../syntax/ast.ts'
import { type Clock, intersection, splitTime, type TimeRange, timeValue } from '../time.ts'
import { aligned, type NamedWindows, type Windows, widened } from '../windows.ts'
import { checkAsked, readColumns } from './calls.ts'
import { dimensionsOf, expandColumns } from './expand.ts'
import type { Reading, SelectPlan } from './plan.ts'
import { resolveSources, subqueriesOf } from './resolve.ts'
import { castToOne, checkCasts, referenceType, typesOf } from './types.ts'

/** Subqueries of one statement: transformations around them execute each more than once. */
const maxSubqueries = 100

/**
 * Finds out what a SELECT means, without its data. Nothing is read but the catalog.
 * @param now nanoseconds
 * @throws IocError QUERY_INVALID
 */
export function analyse(catalog: Catalog, statement: SelectStatement, now: bigint): Promise<SelectPlan> {
  return analyseWithin(catalog, statement, now, undefined)
}

/** What a subquery has from the query around it. */
interface Outer
  extends Pick<
    SelectPlan,
    'range' | 'limits' | 'dimensions' | 'outermost' | 'descending' | 'seriesLimit' | 'seriesOffset'
  > {
  readonly named: NamedWindows | undefined
  /** How many more subqueries there may be. */
  readonly budget: { left: number }
}

/** What is known of a statement before what it reads. */
interface Frame extends Outer {
  readonly windows: Windows | undefined
  readonly condition: Expression | undefined
  /** The tags that it groups by itself: those that its wildcards leave out. */
  readonly ownDimensions: readonly string[]
}

async function analyseWithin(
  catalog: Catalog,
  asked: SelectStatement,
  now: bigint,
  outer: Outer | undefined,
): Promise<SelectPlan> {
  const fields = asked.fields.map((field) => ({ ...field, expression: foldConstants(field.expression) }))
  const statement = { ...asked, fields }
  const frame = await frameOf(catalog, statement, now, outer)
  const tables = (await resolveSources(catalog, statement)).map((one) => new TableRelation(one))
  const subqueries = await analyseSubqueries(catalog, statement, now, frame)
  const relations: Relation[] = [...tables, ...derivedRelations(subqueries[0] ?? [])]
  relations.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  return planOf(catalog, statement, now, { frame, relations, subqueries, outer })
}

async function frameOf(
  catalog: Catalog,
  statement: SelectStatement,
  now: bigint,
  outer: Outer | undefined,
): Promise<Frame> {
  const clock: Clock = { now, zone: statement.zone }
  const { rest, ...own } = splitTime(statement.where, clock)
  const named = readWindows(statement, clock) ?? (outer?.named && { ...outer.named, inherited: true })
  const range = outer ? intersection(own.range, outer.range) : own.range
  if (named && range.to === undefined) range.to = now
  const windows = named && aligned(named, range, now, reachOf(statement, named.interval))
  const descending = outer ? outer.descending : statement.descending === true
  if (statement.descending !== undefined && statement.descending !== descending) {
    throw refuse('subqueries must be ordered in the same direction as the query itself')
  }
  const ownDimensions = await dimensionsOf(catalog, statement)
  const dimensions = [...new Set([...ownDimensions, ...(outer?.dimensions ?? [])])].sort()
  return {
    range,
    limits: outer?.limits ?? (windows ? widened(range, windows, descending, BigInt(extraWindows(statement))) : range),
    condition: rest,
    named,
    windows,
    descending,
    dimensions,
    ownDimensions,
    outermost: outer?.outermost ?? dimensions,
    seriesLimit: (statement.seriesLimit ?? 0) + (outer?.seriesLimit ?? 0),
    seriesOffset: (statement.seriesOffset ?? 0) + (outer?.seriesOffset ?? 0),
    budget: outer?.budget ?? { left: maxSubqueries },
  }
}

/** The plans of subqueries, by level. */
async function analyseSubqueries(
  catalog: Catalog,
  statement: SelectStatement,
  now: bigint,
  frame: Frame,
): Promise<SelectPlan[][]> {
  const subqueries = subqueriesOf(statement)
  if (subqueries.length === 0) return []
  const dimensions = innerDimensions(statement, frame)
  const levels: SelectPlan[][] = []
  for (const range of innerRanges(statement, frame)) {
    const plans: SelectPlan[] = []
    for (const subquery of subqueries) {
      if (frame.budget.left-- <= 0) throw refuse('the query has too many nested subqueries')
      // Windows without a value mean nothing to the query around them, and are not made.
      const fill: Fill = subquery.fill.kind === 'null' && hasCalls(subquery) ? { kind: 'none' } : subquery.fill
      plans.push(await analyseWithin(catalog, { ...subquery, fill }, now, { ...frame, range, dimensions }))
    }
    levels.push(plans)
  }
  return levels
}

/** A relation for each name that answers of subqueries have; one without a name where they read nothing. */
function derivedRelations(plans: readonly SelectPlan[]): Relation[] {
  const namesOf = ({ names }: SelectPlan) => (names.length > 0 ? names : [''])
  return [...new Set(plans.flatMap(namesOf))].map(
    (name, place) =>
      new DerivedRelation(
        name,
        plans.filter((plan) => namesOf(plan).includes(name)),
        place,
      ),
  )
}

async function planOf(
  catalog: Catalog,
  statement: SelectStatement,
  now: bigint,
  parts: {
    readonly frame: Frame
    readonly relations: readonly Relation[]
    readonly subqueries: readonly (readonly SelectPlan[])[]
    readonly outer: Outer | undefined
  },
): Promise<SelectPlan> {
  const { frame, relations, subqueries, outer } = parts
  const { windows, ownDimensions, condition, named: _named, budget: _budget, ...rest } = frame
  const expanded = await expandColumns(catalog, relations, statement, ownDimensions)
  const columns = expanded.filter(({ expression }) => !isTimeColumn(expression))
  const plan = {
    ...rest,
    windows,
    hidden: outer?.dimensions.filter((name) => !ownDimensions.includes(name)) ?? [],
    timeName: statement.fields.find(({ expression, alias }) => alias && isTimeColumn(expression))?.alias ?? 'time',
    fill: statement.fill,
    limit: statement.limit,
    offset: statement.offset,
    now,
  }
  // Wildcards that nothing matches ask for nothing.
  const nothing = { names: [], types: new Map(), reads: [], subqueries: [], byTime: true, ofPoints: true, known: false }
  if (expanded.length === 0) return { ...plan, ...nothing }
  const written = { columns, ...readColumns(columns, windows), condition }
  checkAsked(written, statement, windows)
  const cast = relations.length < 2 ? written : castAll(written, relations, windows)
  const references = [...statement.fields.flatMap((one) => referencesIn(one.expression)), ...referencesIn(condition)]
  checkCasts(relations, references, subqueries.length > 0)
  const types = new Map<string, ColumnType>()
  const reads = relations.map((relation) => readingOf(relation, written, cast, types))
  if (reads.length === 0) addTypes(types, typesOf(new TableRelation(noMeasurement), written).columns)
  const ofRows = written.calls.every(({ kind }) => kind === 'transformation')
  return {
    ...plan,
    names: relations.map(({ name }) => name),
    types,
    reads,
    subqueries,
    byTime: windows !== undefined || (ofRows && relations.every(({ byTime }) => byTime)),
    ofPoints:
      written.calls.every((call) => call.kind === 'transformation' && call.argument.kind === 'reference') &&
      relations.every(({ ofPoints }) => ofPoints),
    known: written.references.some((reference) => relations.some((one) => referenceType(one, reference))),
  }
}

/** In place of a measurement where there is none: a cast has its type all the same. */
const noMeasurement = { name: '', table: '', committed: true, fields: new Map(), series: [] }

type Question = Omit<Reading, 'relation' | 'callTypes'>

/** The same with names that are of several types in the relations cast to one. */
function castAll(question: Question, relations: readonly Relation[], windows: Windows | undefined): Question {
  const columns = question.columns.map((one) => ({ ...one, expression: castToOne(one.expression, relations) }))
  const condition = question.condition && castToOne(question.condition, relations)
  return { columns, ...readColumns(columns, windows), condition }
}

/** @param types those of the columns of all relations, to which it adds */
function readingOf(stored: Relation, written: Question, cast: Question, types: Map<string, ColumnType>): Reading {
  const { condition } = stored.castsRows ? cast : written
  const { columns, calls, references } = stored.castsRows || written.calls.length > 0 ? cast : written
  const named = [...columns.flatMap((one) => referencesIn(one.expression)), ...referencesIn(condition)]
  const relation = stored.withCasts(named)
  const found = typesOf(relation, { columns, calls })
  addTypes(types, found.columns)
  return { relation, columns, calls, references, condition, callTypes: found.calls }
}

/** `SELECT time, x` asks for what every answer has anyway. */
function isTimeColumn(expression: Expression): boolean {
  return expression.kind === 'reference' && expression.name === 'time'
}

function hasCalls({ fields }: SelectStatement): boolean {
  return fields.some(({ expression }) => leaves(expression).some(({ kind }) => kind === 'call'))
}

function readWindows(statement: SelectStatement, clock: Clock): NamedWindows | undefined {
  const dimension = windowsOf(statement)
  if (!dimension) return undefined
  const { interval } = dimension
  const offset = dimension.offset ? timeValue(dimension.offset, clock) % interval : 0n
  return { interval, offset, zone: statement.zone, inherited: false }
}

function windowsOf({ dimensions }: SelectStatement) {
  const dimension = dimensions.find((one) => one.kind === 'time')
  // InfluxDB takes a width of nothing, or less, for no windows.
  return dimension?.kind === 'time' && dimension.interval > 0n ? dimension : undefined
}

/** How far, at most, windows begin before the range, and rows lie beyond it: those of subqueries are where windows begin. */
function reachOf(statement: SelectStatement, inherited: bigint): bigint {
  const interval = windowsOf(statement)?.interval ?? inherited
  const own = interval * BigInt(nesting(statement) + 1)
  return subqueriesOf(statement).reduce((sum, subquery) => sum + reachOf(subquery, interval), own)
}

/** The tags that subqueries group by with it: its own, and those that `top` and `bottom` choose the best point of. */
function innerDimensions({ fields }: SelectStatement, { dimensions }: Frame): string[] {
  const called = fields.flatMap(({ expression }) => leaves(expression))
  const parts = called.flatMap((leaf) =>
    leaf.kind === 'call' && specials.get(leaf.name)?.tags ? referencesIn(leaf).slice(1) : [],
  )
  return [...new Set([...dimensions, ...parts.map(({ name }) => name)])].sort()
}

/** The times that subqueries look at: the range, and with one window more for each transformation that is in another. */
function innerRanges(statement: SelectStatement, { range, windows, descending }: Frame): TimeRange[] {
  if (!windows) return [range]
  return Array.from({ length: nesting(statement) + 1 }, (_, level) =>
    widened(range, windows, descending, BigInt(level)),
  )
}

/** How many windows before its first one a query reads at all: as many as its greediest transformation names. */
function extraWindows({ fields }: SelectStatement): number {
  const extra = (expression: Expression): number => {
    if (expression.kind === 'binary') return Math.max(extra(expression.left), extra(expression.right))
    if (expression.kind !== 'call') return 0
    const transformation = transformations.get(expression.name)
    const [, count] = expression.arguments
    const named = transformation?.parameter === 'count' && count?.kind === 'number' ? Number(count.value) : 1
    return Math.max(transformation ? named : 0, ...expression.arguments.map(extra))
  }
  return Math.max(...fields.map(({ expression }) => extra(expression)))
}

/** How many windows before the first one its transformations look at: one for each that is in another. */
function nesting({ fields }: SelectStatement): number {
  const depth = (expression: Expression): number => {
    if (expression.kind === 'binary') return Math.max(depth(expression.left), depth(expression.right))
    if (expression.kind !== 'call') return 0
    const own = transformations.get(expression.name)?.widens ? 1 : 0
    return own + Math.max(0, ...expression.arguments.map(depth))
  }
  return Math.max(...fields.map(({ expression }) => depth(expression)))
}
