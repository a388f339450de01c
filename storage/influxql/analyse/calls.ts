import { refuse } from '../errors.ts'
import { leaves } from '../evaluate.ts'
import { type Aggregate, aggregates } from '../functions/aggregates.ts'
import { type Special, specials } from '../functions/specials.ts'
import { type Transformation, transformations } from '../functions/transformations.ts'
import type { CallExpression, Expression, Position, Reference, SelectStatement } from '../syntax/ast.ts'
import type { Windows } from '../windows.ts'

/** A column of the answer. */
export interface Column {
  readonly name: string
  readonly expression: Expression
  /** Where it stands in the query. */
  readonly at: Position
}

/** An aggregate, many of which share one query. */
export interface AggregateCall {
  readonly kind: 'aggregate'
  readonly expression: CallExpression
  readonly called: Aggregate
  readonly argument: Reference
  /** As in `count(distinct(x))`. */
  readonly distinct: boolean
  readonly numbers: readonly number[]
}

export interface SpecialCall {
  readonly kind: 'special'
  readonly expression: CallExpression
  readonly called: Special
  readonly argument: Reference
  readonly tags: readonly Reference[]
  readonly parameter: bigint
}

export interface TransformationCall {
  readonly kind: 'transformation'
  readonly expression: CallExpression
  readonly called: Transformation
  readonly argument: Call | Reference
  readonly parameter: bigint
}

/** A function that a SELECT calls. */
export type Call = AggregateCall | SpecialCall | TransformationCall

/** What a SELECT asks for: calls, and plain fields and tags. */
export interface Asked {
  readonly calls: readonly Call[]
  readonly references: readonly Reference[]
}

const second = 1_000_000_000n

/** Functions of InfluxQL that this store does not know: a clear word is better than "undefined". */
const unsupported: ReadonlySet<string> = new Set(
  `holt_winters holt_winters_with_fit histogram exponential_moving_average double_exponential_moving_average
  triple_exponential_moving_average relative_strength_index kaufmans_efficiency_ratio kaufmans_adaptive_moving_average
  triple_exponential_derivative chande_momentum_oscillator`.split(/\s+/),
)

/** @throws IocError QUERY_INVALID for what InfluxQL, or this store, does not know */
export function readColumns(columns: readonly Column[], windows: Windows | undefined): Asked {
  const calls = new Map<string, Call>()
  const references: Reference[] = []
  for (const { expression, at } of columns) {
    const found = leaves(expression)
    if (found.length === 0) throw refuse('field must contain at least one variable', at)
    for (const leaf of found) {
      if (leaf.kind === 'reference') references.push(leaf)
      else if (leaf.kind !== 'call') throw refuse(`invalid ${leaf.kind} in SELECT clause`, at)
      else calls.set(callKey(leaf), readCall(leaf, windows))
    }
  }
  return { calls: [...calls.values()], references }
}

/** Equal for equal calls. */
export function callKey(call: CallExpression): string {
  return JSON.stringify([call.name, call.arguments.map(argumentKey)])
}

/** Equal for references to the same field or tag. */
export function referenceKey({ name, of }: Reference): string {
  return JSON.stringify({ name, of })
}

function argumentKey(argument: Expression): unknown {
  if (argument.kind === 'reference') return referenceKey(argument)
  if (argument.kind === 'call') return callKey(argument)
  return 'value' in argument ? String(argument.value) : argument.kind
}

function readCall(expression: CallExpression, windows: Windows | undefined): Call {
  const { name } = expression
  const transformation = transformations.get(name)
  if (transformation) return readTransformation(expression, transformation, windows)
  const special = specials.get(name)
  if (special) return readSpecial(expression, special)
  const aggregate = aggregates.get(name)
  if (aggregate) return readAggregate(expression, aggregate)
  throw refuse(unsupported.has(name) ? `${name}() is not supported` : `undefined function: ${name}()`, expression.at)
}

function readAggregate(expression: CallExpression, aggregate: Aggregate): AggregateCall {
  const { name } = expression
  expectArguments(expression, (aggregate.numbers ?? 0) + 1)
  const [first, ...rest] = expression.arguments
  const distinct = name === 'count' && first?.kind === 'call' && first.name === 'distinct'
  if (distinct) expectArguments(first as CallExpression, 1)
  const argument = fieldArgument(name, distinct ? (first as CallExpression).arguments[0] : first)
  const numbers = rest.map((number) => {
    if (number.kind !== 'number') throw refuse(`expected float argument in ${name}()`)
    return Number(number.value)
  })
  return { kind: 'aggregate', expression, called: aggregate, argument, distinct, numbers }
}

function readSpecial(expression: CallExpression, special: Special): SpecialCall {
  const { name } = expression
  const [first, ...rest] = expression.arguments
  const argument = fieldArgument(name, first)
  if (special.parameter !== 'size') {
    if (special.parameter === 'none') expectArguments(expression, 1)
    const parameter = special.parameter === 'unit' ? readUnit(expression, second) : 0n
    return { kind: 'special', expression, called: special, argument, tags: [], parameter }
  }
  const last = rest.at(-1)
  if (!special.tags) expectArguments(expression, 2)
  if (last?.kind !== 'number' || typeof last.value !== 'bigint') {
    throw refuse(`expected integer as last argument in ${name}()`)
  }
  if (last.value < 1n) throw refuse(`limit (${last.value}) in ${name} function must be at least 1`)
  const tags = rest.slice(0, -1).map((tag) => {
    if (tag.kind !== 'reference') throw refuse(`only fields or tags are allowed in ${name}()`)
    return tag
  })
  return { kind: 'special', expression, called: special, argument, tags, parameter: last.value }
}

function readTransformation(
  expression: CallExpression,
  transformation: Transformation,
  windows: Windows | undefined,
): TransformationCall {
  const { name } = expression
  const [first] = expression.arguments
  const parameter = readParameter(expression, transformation, windows)
  if (first?.kind === 'call') {
    if (!windows) throw refuse(`${name} aggregate requires a GROUP BY interval`)
    return { kind: 'transformation', expression, called: transformation, argument: readCall(first, windows), parameter }
  }
  if (windows && !windows.inherited) throw refuse(`aggregate function required inside the call to ${name}`)
  return { kind: 'transformation', expression, called: transformation, argument: fieldArgument(name, first), parameter }
}

function readParameter(
  expression: CallExpression,
  { parameter, unit }: Transformation,
  windows: Windows | undefined,
): bigint {
  if (parameter === 'unit')
    return readUnit(expression, (unit?.windowed && windows?.interval) || (unit?.plain ?? second))
  if (parameter === 'none') {
    expectArguments(expression, 1)
    return 0n
  }
  expectArguments(expression, 2)
  const count = expression.arguments[1]
  if (count?.kind !== 'number' || typeof count.value !== 'bigint') {
    throw refuse(`second argument for ${expression.name} must be an integer`)
  }
  if (count.value <= 1n) throw refuse(`${expression.name} window must be greater than 1, got ${count.value}`)
  return count.value
}

/** The duration that may follow the field, in nanoseconds. */
function readUnit(expression: CallExpression, otherwise: bigint): bigint {
  const { name } = expression
  const [, unit] = expression.arguments
  if (!unit) {
    expectArguments(expression, 1)
    return otherwise
  }
  expectArguments(expression, 2)
  if (unit.kind !== 'duration') throw refuse(`second argument to ${name} must be a duration`)
  if (unit.value <= 0n) throw refuse('duration argument must be positive')
  return unit.value
}

function expectArguments({ name, arguments: given }: CallExpression, expected: number): void {
  if (given.length === expected) return
  throw refuse(`invalid number of arguments for ${name}, expected ${expected}, got ${given.length}`)
}

function fieldArgument(name: string, argument: Expression | undefined): Reference {
  if (argument?.kind !== 'reference') throw refuse(`expected field argument in ${name}()`)
  return argument
}

/**
 * Checks which functions and fields stand together.
 * @throws IocError QUERY_INVALID
 */
export function checkAsked(
  { calls, references }: Asked,
  { fill, limit }: SelectStatement,
  windows: Windows | undefined,
): void {
  if (calls.length === 0) {
    if (fill.kind === 'none' || fill.kind === 'linear') throw refuse(`fill(${fill.kind}) must be used with a function`)
    if (windows && !windows.inherited) throw refuse('GROUP BY requires at least one aggregate function')
    if (references.length === 0) throw refuse('at least 1 non-time field must be queried')
  }
  const tooMany = calls.find((call) => call.kind === 'special' && call.called.tags && limit && call.parameter > limit)
  if (tooMany) throw refuse(`${tooMany.expression.name}() cannot return more points than LIMIT allows`)
  const single = calls.find(({ expression: { name } }) => name === 'distinct' || name === 'top' || name === 'bottom')
  if (single && (calls.length > 1 || (single.expression.name === 'distinct' && references.length > 0))) {
    throw refuse(`function ${single.expression.name}() cannot be combined with other functions or fields`)
  }
  if (calls.length > 0 && references.length > 0 && (calls.length > 1 || !isSelector(calls[0]))) {
    throw refuse('mixing aggregate and non-aggregate queries is not supported')
  }
}

function isSelector(call: Call | undefined): boolean {
  if (call?.kind === 'aggregate') return call.called.selector !== undefined
  return call?.kind === 'special' && call.called.selector === true
}
