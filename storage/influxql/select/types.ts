import type { FieldType } from '../../line-protocol/point.ts'
import { fieldOf, mayBeTag } from '../condition.ts'
import { refuse } from '../errors.ts'
import { bitwise } from '../evaluate.ts'
import { aggregates } from '../functions/aggregates.ts'
import { mathFunctions } from '../functions/math.ts'
import { specials } from '../functions/specials.ts'
import { transformations } from '../functions/transformations.ts'
import { type SourceMeasurement, tagNames } from '../source.ts'
import type { BinaryExpression, Expression } from '../syntax/ast.ts'
import { type Call, callField, callKey } from './calls.ts'
import type { Column } from './column.ts'

/** What a column is of; `undefined` for one that is stored nowhere. */
export type ColumnType = FieldType | 'tag' | undefined

/** The type that a call gives whatever its field; `undefined` where it is the field's. */
export function givenType(call: Call): FieldType | undefined {
  if (call.kind !== 'transformation') {
    const { gives } = call.kind === 'aggregate' ? call.aggregate : call.special
    return gives === 'same' ? undefined : gives
  }
  const { gives } = call.transformation
  if (gives !== 'same') return gives
  return call.input.kind === 'reference' ? undefined : givenType(call.input)
}

/**
 * The type of a call's values; `undefined` where the measurement has no such field.
 * @throws IocError QUERY_INVALID for what a function does not take
 */
export function callType(measurement: SourceMeasurement, call: Call): FieldType | undefined {
  const { expression } = call
  if (call.kind === 'transformation') {
    const { takes, gives } = call.transformation
    if (call.input.kind === 'reference') {
      const field = callField(measurement, expression, call.input, takes)
      return field && (gives === 'same' ? field.type : gives)
    }
    const type = callType(measurement, call.input)
    if (type && !takes.includes(type)) throw refuse(`unsupported ${expression.name}() of a ${type}`)
    return type && (gives === 'same' ? type : gives)
  }
  const { takes, gives } = call.kind === 'aggregate' ? call.aggregate : call.special
  const field = callField(measurement, expression, call.argument, takes)
  return field && (gives === 'same' ? field.type : gives)
}

/** The type of a field, or of a tag, or that of a cast; `undefined` where the measurement has neither. */
export function referenceType(
  measurement: SourceMeasurement,
  leaf: Extract<Expression, { kind: 'reference' }>,
): FieldType | undefined {
  const { derived } = measurement
  const isTag = !derived?.hidden.has(leaf.name) && mayBeTag(measurement, leaf)
  const field = fieldOf(measurement, leaf)
  return field ? field.type : isTag ? 'string' : castType(leaf)
}

/**
 * The types of columns, for one measurement; `undefined` where it has nothing of what is asked for. It is found whether or
 * not there are points, so that a mistake never looks like an empty answer.
 * @throws IocError QUERY_INVALID for a function of a type that it does not take, and for a calculation with text
 */
export function columnTypes(
  measurement: SourceMeasurement,
  columns: readonly Column[],
  calls: readonly Call[],
): Map<string, ColumnType> {
  const types = new Map(calls.map((call) => [callKey(call.expression), callType(measurement, call) ?? givenType(call)]))
  const typeOf = (expression: Expression): FieldType | undefined => {
    switch (expression.kind) {
      case 'number':
        return typeof expression.value === 'bigint' ? 'integer' : 'float'
      case 'reference':
        return referenceType(measurement, expression)
      case 'call':
        return mathFunctions.has(expression.name)
          ? mathType(expression.name, expression.arguments.map(typeOf))
          : types.get(callKey(expression))
      case 'binary':
        return calculatedType(
          expression,
          typeOf(expression.left) ?? castType(expression.left),
          typeOf(expression.right) ?? castType(expression.right),
        )
      default:
        return undefined
    }
  }
  const columnType = (expression: Expression) =>
    isTag(measurement, expression) ? 'tag' : (typeOf(expression) ?? castType(expression))
  return new Map(columns.map(({ name, expression }) => [name, columnType(expression)]))
}

function isTag(measurement: SourceMeasurement, expression: Expression): boolean {
  if (expression.kind !== 'reference') return false
  if (fieldOf(measurement, expression)) return measurement.derived?.tags.has(expression.name) === true
  return expression.of === 'tag' || kindOf(measurement, expression.name) === 'tag'
}

/** What is no number stays what it is, as InfluxDB has it: then nothing can be calculated from it. */
function mathType(name: string, [first]: readonly (FieldType | undefined)[]): FieldType | undefined {
  return mathFunctions.get(name)?.whole || first === 'string' || first === 'boolean' ? first : 'float'
}

/** The type that a calculation takes something for because it is cast, though there may be no such field. */
export function castType(expression: Expression): FieldType | undefined {
  if (expression.kind === 'call') {
    const [first] = expression.arguments
    const called =
      aggregates.get(expression.name) ?? specials.get(expression.name) ?? transformations.get(expression.name)
    return first && called?.gives === 'same' ? castType(first) : undefined
  }
  if (expression.kind !== 'reference' || expression.of === '' || expression.of === 'field') return undefined
  return expression.of === 'tag' ? 'string' : (expression.of as FieldType)
}

function calculatedType(
  { operator, at }: BinaryExpression,
  left: FieldType | undefined,
  right: FieldType | undefined,
): FieldType | undefined {
  // Of what is stored nowhere InfluxDB thinks that it fits.
  if (left === undefined || right === undefined) return left ?? right
  for (const type of [left, right]) {
    if (type === 'boolean' || type === 'string') {
      throw refuse(`type error: incompatible types: a ${type} in a calculation`, at)
    }
  }
  if (bitwise.has(operator) && (left === 'float' || right === 'float')) {
    throw refuse(`type error: incompatible types: ${left} ${operator} ${right}`, at)
  }
  return operator === '/' || left === 'float' || right === 'float' ? 'float' : left
}

/** What a name may be in several measurements: the first of these that it is in one of them, it is taken for in all. */
const precedence: readonly ColumnType[] = ['float', 'integer', 'unsigned', 'string', 'boolean', 'tag', undefined]

function stronger<T extends ColumnType>(one: T, other: T): T {
  return precedence.indexOf(one) <= precedence.indexOf(other) ? one : other
}

/** Adds the types that one more measurement has. */
export function addTypes(types: Map<string, ColumnType>, more: ReadonlyMap<string, ColumnType>): void {
  for (const [name, type] of more) types.set(name, stronger(types.get(name), type))
}

/** An expression in which each name that is of several types in the measurements has the one that it is taken for. */
export function castToOne(expression: Expression, measurements: readonly SourceMeasurement[]): Expression {
  switch (expression.kind) {
    case 'reference': {
      const { name, of } = expression
      if (of !== '' && of !== 'field') return expression
      const kind = kindIn(measurements, name)
      const differs = measurements.some((one) => kindOf(one, name) !== kind)
      return differs && kind ? { ...expression, of: kind } : expression
    }
    case 'call':
      return { ...expression, arguments: expression.arguments.map((one) => castToOne(one, measurements)) }
    case 'binary':
      return {
        ...expression,
        left: castToOne(expression.left, measurements),
        right: castToOne(expression.right, measurements),
      }
    default:
      return expression
  }
}

/** What a name is taken for where it is of several types. */
export function kindIn(measurements: readonly SourceMeasurement[], name: string): ColumnType {
  return measurements.map((one) => kindOf(one, name)).reduce(stronger, undefined)
}

function kindOf({ fields, series, derived }: SourceMeasurement, name: string): ColumnType {
  if (derived?.tags.has(name)) return 'tag'
  const field = fields.get(name)
  if (field?.committed) return field.type
  return tagNames(series).has(name) ? 'tag' : undefined
}
