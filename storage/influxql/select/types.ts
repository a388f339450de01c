import type { FieldType } from '../../line-protocol/point.ts'
import { fieldOf, tagOf } from '../condition.ts'
import { refuse } from '../errors.ts'
import { bitwise } from '../evaluate.ts'
import { aggregates } from '../functions/aggregates.ts'
import { mathFunctions } from '../functions/math.ts'
import type { SourceMeasurement } from '../source.ts'
import type { BinaryExpression, Expression } from '../syntax/ast.ts'
import { type Call, callField, callKey } from './calls.ts'
import type { Column } from './expand.ts'

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

/** The type of a field, or of a tag; `undefined` where the measurement has neither. */
export function referenceType(
  measurement: SourceMeasurement,
  leaf: Extract<Expression, { kind: 'reference' }>,
): FieldType | undefined {
  const { series, derived } = measurement
  const isTag = !derived?.hidden.has(leaf.name) && series.some((one) => tagOf(one, leaf) !== undefined)
  const field = fieldOf(measurement, leaf)
  return field ? field.type : isTag ? 'string' : undefined
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
): Map<string, FieldType | undefined> {
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
  return new Map(columns.map(({ name, expression }) => [name, typeOf(expression)]))
}

function mathType(name: string, [first]: readonly (FieldType | undefined)[]): FieldType | undefined {
  return mathFunctions.get(name)?.ofInteger ? first : 'float'
}

/** The type that a calculation takes something for because it is cast, though there may be no such field. */
function castType(expression: Expression): FieldType | undefined {
  if (expression.kind === 'call') {
    const [first] = expression.arguments
    const { gives } = aggregates.get(expression.name) ?? { gives: 'float' }
    return first && gives === 'same' ? castType(first) : undefined
  }
  if (expression.kind !== 'reference' || expression.of === '' || expression.of === 'field') return undefined
  return expression.of === 'tag' ? 'string' : (expression.of as FieldType)
}

function calculatedType(
  { operator, at }: BinaryExpression,
  left: FieldType | undefined,
  right: FieldType | undefined,
): FieldType | undefined {
  for (const type of [left, right]) {
    if (type === 'boolean' || type === 'string') {
      throw refuse(`type error: incompatible types: a ${type} in a calculation`, at)
    }
  }
  if (left === undefined || right === undefined) return undefined
  if (bitwise.has(operator) && (left === 'float' || right === 'float')) {
    throw refuse(`type error: incompatible types: ${left} ${operator} ${right}`, at)
  }
  return operator === '/' || left === 'float' || right === 'float' ? 'float' : left
}

/** Adds the types that one more measurement has; where two differ, floats hold both. */
export function addTypes(types: Map<string, FieldType>, more: ReadonlyMap<string, FieldType | undefined>): void {
  for (const [name, type] of more) if (type && types.get(name) !== 'float') types.set(name, type)
}
