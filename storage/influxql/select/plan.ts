import { refuse } from '../errors.ts'
import { leaves, referencesIn } from '../evaluate.ts'
import { specials } from '../functions/specials.ts'
import { transformations } from '../functions/transformations.ts'
import type { QuerySource } from '../source.ts'
import type { Expression, MeasurementSource, SelectStatement } from '../syntax/ast.ts'
import { type Clock, intersection, splitTime, type TimeRange, timeValue } from '../time.ts'
import { expandDimensions } from './expand.ts'
import { resolveSources, tagKeys } from './resolve.ts'
import { aligned, type NamedWindows, type Windows, widened } from './windows.ts'

/** Subqueries that one statement may run: transformations around them run each more than once. */
const maxSubqueries = 100

/** What a subquery has from the query around it. */
export interface Outer {
  readonly range: TimeRange
  /** Times before and after which nothing that is stored is looked at, even to compare a window with. */
  readonly limits: TimeRange
  readonly named: NamedWindows | undefined
  readonly dimensions: readonly string[]
  /** The tags that the outermost query groups by: what SLIMIT counts series by, even in a subquery. */
  readonly outermost: readonly string[]
  readonly descending: boolean
  readonly seriesLimit: number | undefined
  readonly seriesOffset: number | undefined
  /** How many more subqueries may be run. */
  readonly budget: { left: number }
}

/** A SELECT of which everything is known but its data. */
export interface Plan extends Outer {
  readonly statement: SelectStatement
  readonly rest: Expression | undefined
  readonly windows: Windows | undefined
  /** The tags that it groups by itself: those that its wildcards leave out. */
  readonly ownDimensions: readonly string[]
  /** Nanoseconds. */
  readonly now: bigint
}

export async function planSelect(
  source: QuerySource,
  statement: SelectStatement,
  now: bigint,
  outer: Outer | undefined,
): Promise<Plan> {
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
  const ownDimensions = await dimensionsOf(source, statement)
  const dimensions = new Set([...ownDimensions, ...(outer?.dimensions ?? [])])
  return {
    statement,
    range,
    limits: outer?.limits ?? (windows ? widened(range, windows, descending, BigInt(extraWindows(statement))) : range),
    rest,
    named,
    windows,
    descending,
    dimensions: [...dimensions].sort(),
    ownDimensions,
    outermost: outer?.outermost ?? [...dimensions].sort(),
    seriesLimit: (statement.seriesLimit ?? 0) + (outer?.seriesLimit ?? 0),
    seriesOffset: (statement.seriesOffset ?? 0) + (outer?.seriesOffset ?? 0),
    budget: outer?.budget ?? { left: maxSubqueries },
    now,
  }
}

/** The tags that a statement groups by itself. */
export async function dimensionsOf(source: QuerySource, statement: SelectStatement): Promise<string[]> {
  const measurements = await resolveSources(source, measurementsOf(statement))
  const all = measurements.flatMap(tagKeys)
  for (const subquery of subqueriesOf(statement)) all.push(...(await dimensionsOf(source, subquery)))
  return expandDimensions(source, all, statement)
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
export function innerDimensions({ dimensions, statement }: Plan): string[] {
  const called = statement.fields.flatMap(({ expression }) => leaves(expression))
  const parts = called.flatMap((leaf) =>
    leaf.kind === 'call' && specials.get(leaf.name)?.tags ? referencesIn(leaf).slice(1) : [],
  )
  return [...new Set([...dimensions, ...parts.map(({ name }) => name)])].sort()
}

/** The times that subqueries look at: the range, and with one window more for each transformation that is in another. */
export function innerRanges({ range, windows, descending, statement }: Plan): TimeRange[] {
  if (!windows) return [range]
  return Array.from({ length: nesting(statement) + 1 }, (_, level) =>
    widened(range, windows, descending, BigInt(level)),
  )
}

export function measurementsOf({ sources }: SelectStatement): MeasurementSource[] {
  return sources.flatMap((one) => (one.kind === 'measurement' ? [one] : []))
}

export function subqueriesOf({ sources }: SelectStatement): SelectStatement[] {
  return sources.flatMap((one) => (one.kind === 'subquery' ? [one.statement] : []))
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
