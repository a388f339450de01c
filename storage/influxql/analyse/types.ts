import type { FieldType } from '../../line-protocol/point.ts'
import { refuse } from '../errors.ts'
import { bitwise } from '../evaluate.ts'
import { aggregates } from '../functions/aggregates.ts'
import { mathFunctions } from '../functions/math.ts'
import { specials } from '../functions/specials.ts'
import { transformations } from '../functions/transformations.ts'
import { type ColumnType, type Relation, stronger } from '../relation/relation.ts'
import type { BinaryExpression, Expression, Reference } from '../syntax/ast.ts'
import { type Call, callKey } from './calls.ts'
import type { Reading } from './plan.ts'

/**
 * The types of calls, and of those that they transform; `undefined` where a type is that of a field that the relation does not
 * have.
 * @throws IocError QUERY_INVALID for what a function does not take
 */
function callTypes(relation: Relation, calls: readonly Call[]): Map<Call, FieldType | undefined> {
  const types = new Map<Call, FieldType | undefined>()
  const visit = (call: Call): FieldType | undefined => {
    const { expression, called, argument } = call
    const ofField = argument.kind === 'reference'
    const type = ofField ? relation.field(argument)?.type : visit(argument)
    if (type && !called.takes.includes(type)) {
      const which = ofField ? `: field ${argument.name}` : ''
      throw refuse(`unsupported ${expression.name}() of a ${type}${which}`, ofField ? expression.at : undefined)
    }
    const own = type && (called.gives === 'same' ? type : called.gives)
    types.set(call, own ?? givenType(call))
    return own
  }
  calls.forEach(visit)
  return types
}

/** The type that a call gives whatever its field; `undefined` where it is the field's. */
function givenType({ called: { gives }, argument }: Call): FieldType | undefined {
  if (gives !== 'same') return gives
  return argument.kind === 'reference' ? undefined : givenType(argument)
}

/** The type of a field, or of a tag, or that of a cast; `undefined` where the relation has neither. */
export function referenceType(relation: Relation, reference: Reference): FieldType | undefined {
  return relation.field(reference)?.type ?? (relation.hasTag(reference) ? 'string' : castType(reference))
}

/**
 * The types of columns and calls, for one relation; `undefined` where it has nothing of what is asked for. They are found
 * whether or not there are points, so that a mistake never looks like an empty answer.
 * @throws IocError QUERY_INVALID for a function of a type that it does not take, and for a calculation with text
 */
export function typesOf(
  relation: Relation,
  { columns, calls }: Pick<Reading, 'columns' | 'calls'>,
): { readonly columns: Map<string, ColumnType>; readonly calls: Reading['callTypes'] } {
  const found = callTypes(relation, calls)
  const types = new Map(calls.map((call) => [callKey(call.expression), found.get(call)]))
  const typeOf = (expression: Expression): FieldType | undefined => {
    switch (expression.kind) {
      case 'number':
        return typeof expression.value === 'bigint' ? 'integer' : 'float'
      case 'reference':
        return referenceType(relation, expression)
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
    isTag(relation, expression) ? 'tag' : (typeOf(expression) ?? castType(expression))
  return { columns: new Map(columns.map(({ name, expression }) => [name, columnType(expression)])), calls: found }
}

function isTag(relation: Relation, expression: Expression): boolean {
  if (expression.kind !== 'reference') return false
  const ofTag = expression.of === 'tag' && !relation.field(expression)
  return ofTag || relation.typeOf(expression.name) === 'tag'
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

/** An expression in which each name that is of several types in the relations has the one that it is taken for. */
export function castToOne(expression: Expression, relations: readonly Relation[]): Expression {
  switch (expression.kind) {
    case 'reference': {
      const { name, of } = expression
      if (of !== '' && of !== 'field') return expression
      const type = typeIn(relations, name)
      const differs = relations.some((one) => one.typeOf(name) !== type)
      return differs && type ? { ...expression, of: type } : expression
    }
    case 'call':
      return { ...expression, arguments: expression.arguments.map((one) => castToOne(one, relations)) }
    case 'binary':
      return {
        ...expression,
        left: castToOne(expression.left, relations),
        right: castToOne(expression.right, relations),
      }
    default:
      return expression
  }
}

/** What a name is taken for where it is of several types. */
export function typeIn(relations: readonly Relation[], name: string): ColumnType {
  return relations.map((one) => one.typeOf(name)).reduce(stronger, undefined)
}

/**
 * Checks casts that are not those of stored fields, where InfluxDB's answers follow no rule that could be told.
 * @throws IocError QUERY_INVALID
 */
export function checkCasts(
  relations: readonly Relation[],
  references: readonly Reference[],
  withSubqueries: boolean,
): void {
  for (const reference of references) {
    const { name, of, at } = reference
    const types = relations.flatMap((one) => one.field({ ...reference, of: '' })?.type ?? [])
    if (of === 'unsigned' && types.some((type) => type !== of)) throw refuse(`${name} cannot be cast to unsigned`, at)
    if (of !== '' && withSubqueries && !relations.some((one) => one.canCast(reference))) {
      throw refuse(`${name} of a subquery cannot be cast to ${of}`, at)
    }
  }
}
