import { fieldOf } from '../condition.ts'
import { refuse } from '../errors.ts'
import { leaves } from '../evaluate.ts'
import { type Aggregate, aggregates } from '../functions.ts'
import type { SourceField, SourceMeasurement } from '../source.ts'
import type { Expression } from '../syntax/ast.ts'
import type { Column } from './expand.ts'

export type CallExpression = Extract<Expression, { kind: 'call' }>
export type ReferenceExpression = Extract<Expression, { kind: 'reference' }>

/** A function that a SELECT calls. */
export interface Call {
  readonly expression: CallExpression
  readonly aggregate: Aggregate
  readonly argument: ReferenceExpression
  /** As in `count(distinct(x))`. */
  readonly distinct: boolean
  readonly numbers: readonly number[]
}

/** What a SELECT asks for: calls, and plain fields and tags. */
export interface Asked {
  readonly calls: readonly Call[]
  readonly references: readonly ReferenceExpression[]
  /** The field of `SELECT distinct(x)`, which answers with many rows. */
  readonly distinct: ReferenceExpression | undefined
}

/** Functions of InfluxQL that this store does not know yet: a clear word is better than "undefined". */
const unsupported: ReadonlySet<string> = new Set(
  `integral mode bottom top sample derivative non_negative_derivative difference non_negative_difference elapsed
  moving_average cumulative_sum holt_winters holt_winters_with_fit histogram abs acos asin atan atan2 ceil cos exp floor
  ln log log2 log10 pow round sin sqrt tan exponential_moving_average double_exponential_moving_average
  triple_exponential_moving_average relative_strength_index kaufmans_efficiency_ratio kaufmans_adaptive_moving_average
  triple_exponential_derivative chande_momentum_oscillator`.split(/\s+/),
)

/** @throws IocError QUERY_INVALID for what InfluxQL, or this store, does not know */
export function readColumns(columns: readonly Column[]): Asked {
  const calls = new Map<string, Call>()
  const references: ReferenceExpression[] = []
  let distinct: ReferenceExpression | undefined
  for (const { expression } of columns) {
    for (const leaf of leaves(expression)) {
      if (leaf.kind === 'reference') references.push(leaf)
      else if (leaf.kind !== 'call') throw refuse(`invalid ${leaf.kind} in SELECT clause`)
      else if (leaf.name === 'distinct') distinct = readDistinct(leaf)
      else calls.set(callKey(leaf), readCall(leaf))
    }
  }
  if (distinct && columns.length + calls.size > 1) {
    throw refuse('aggregate function distinct() cannot be combined with other functions or fields')
  }
  if (distinct && columns[0]?.expression.kind !== 'call') throw refuse('distinct() cannot stand in a calculation')
  return { calls: [...calls.values()], references, distinct }
}

/** Equal for equal calls. */
export function callKey(call: CallExpression): string {
  return JSON.stringify([call.name, call.arguments.map(argumentKey)])
}

function argumentKey(argument: Expression): unknown {
  if (argument.kind === 'reference') return [argument.name, argument.of]
  if (argument.kind === 'call') return callKey(argument)
  return argument.kind === 'number' ? String(argument.value) : argument.kind
}

function readCall(expression: CallExpression): Call {
  const { name } = expression
  const aggregate = aggregates.get(name)
  if (!aggregate) throw refuse(unsupported.has(name) ? `${name}() is not supported` : `undefined function: ${name}()`)
  const expected = aggregate.numbers + 1
  if (expression.arguments.length !== expected) {
    throw refuse(`invalid number of arguments for ${name}, expected ${expected}, got ${expression.arguments.length}`)
  }
  const [first, ...rest] = expression.arguments
  const distinct = name === 'count' && first?.kind === 'call' && first.name === 'distinct'
  const argument = distinct ? readDistinct(first as CallExpression) : first
  if (argument?.kind !== 'reference') throw refuse(`expected field argument in ${name}()`)
  const numbers = rest.map((number) => {
    if (number.kind !== 'number') throw refuse(`expected float argument in ${name}()`)
    return Number(number.value)
  })
  return { expression, aggregate, argument, distinct, numbers }
}

function readDistinct(call: CallExpression): ReferenceExpression {
  const [argument, ...more] = call.arguments
  if (argument?.kind !== 'reference' || more.length > 0) throw refuse('expected field argument in distinct()')
  return argument
}

/**
 * The field that a call is about; `undefined` where the measurement has none of this name.
 * @throws IocError QUERY_INVALID for a field of a type that the function does not take
 */
export function callField(measurement: SourceMeasurement, call: Call): SourceField | undefined {
  const field = fieldOf(measurement, call.argument)
  if (field && !call.aggregate.takes.includes(field.type)) {
    throw refuse(`unsupported ${call.expression.name}() of a ${field.type}: field ${field.name}`)
  }
  return field
}

/**
 * Checks, for one measurement, that functions are called on fields of types that they take, and that only numbers are
 * calculated with. It is checked whether or not there are points, so that a mistake never looks like an empty answer.
 * @throws IocError QUERY_INVALID
 */
export function checkTypes(measurement: SourceMeasurement, columns: readonly Column[], calls: readonly Call[]): void {
  for (const call of calls) callField(measurement, call)
  for (const { expression } of columns) {
    if (expression.kind !== 'binary') continue
    for (const leaf of leaves(expression)) {
      const type = leafType(measurement, leaf)
      if (type === 'boolean' || type === 'string')
        throw refuse(`type error: incompatible types: a ${type} in a calculation`)
    }
  }
}

/** Functions whose value is one of the field's. The others give numbers. */
const keepsType: ReadonlySet<string> = new Set(['min', 'max', 'first', 'last'])

function leafType(measurement: SourceMeasurement, leaf: Expression): string | undefined {
  if (leaf.kind === 'reference') {
    const isTag = measurement.series.some(({ tags }) => tags.has(leaf.name))
    return fieldOf(measurement, leaf)?.type ?? (isTag ? 'string' : undefined)
  }
  const [argument] = leaf.kind === 'call' && keepsType.has(leaf.name) ? leaf.arguments : []
  return argument?.kind === 'reference' ? fieldOf(measurement, argument)?.type : undefined
}
