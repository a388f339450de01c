import { refuse } from './errors.ts'
import { callMath, mathFunctions } from './functions/math.ts'
import type { Value } from './source.ts'
import type { BinaryOperator, Expression } from './syntax/ast.ts'

/** Gives the values of what an expression is made of: its fields, tags and calls. */
type Lookup = (leaf: Expression) => Value

/**
 * The value of an expression, with InfluxDB's arithmetic: integers stay integers, except when divided. It may be infinite,
 * or NaN, from which more may be calculated.
 */
export function evaluate(expression: Expression, lookup: Lookup): Value {
  switch (expression.kind) {
    case 'number':
      return expression.value
    case 'binary':
      return calculate(expression.operator, evaluate(expression.left, lookup), evaluate(expression.right, lookup))
    case 'call': {
      const math = mathFunctions.get(expression.name)
      if (!math) return lookup(expression)
      return callMath(
        math,
        expression.arguments.map((argument) => evaluate(argument, lookup)),
      )
    }
    default:
      return lookup(expression)
  }
}

function calculate(operator: BinaryOperator, left: Value, right: Value): Value {
  if (typeof left === 'bigint' && typeof right === 'bigint' && operator !== '/') {
    return integerResult(operator, left, right)
  }
  if (!isNumber(left) || !isNumber(right) || bitwise.has(operator)) return null
  return floatResult(operator, Number(left), Number(right))
}

function isNumber(value: Value): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

function integerResult(operator: BinaryOperator, left: bigint, right: bigint): bigint {
  const result = {
    '+': () => left + right,
    '-': () => left - right,
    '*': () => left * right,
    '%': () => (right === 0n ? 0n : left % right),
    '&': () => left & right,
    '|': () => left | right,
    '^': () => left ^ right,
  }[operator as '+' | '-' | '*' | '%' | '&' | '|' | '^']
  return BigInt.asIntN(64, result())
}

function floatResult(operator: BinaryOperator, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return right === 0 ? 0 : left / right
    default:
      return left % right
  }
}

/** Replaces functions of constants by their values, as InfluxDB does before it names columns. */
export function foldConstants(expression: Expression): Expression {
  switch (expression.kind) {
    case 'binary':
      return { ...expression, left: foldConstants(expression.left), right: foldConstants(expression.right) }
    case 'call': {
      const folded = { ...expression, arguments: expression.arguments.map(foldConstants) }
      const isMath = mathFunctions.get(folded.name)?.arguments === folded.arguments.length
      const value = isMath && folded.arguments.every(isConstant) ? evaluate(folded, () => null) : null
      return isNumber(value) ? { kind: 'number', value } : folded
    }
    default:
      return expression
  }
}

export function isConstant(expression: Expression): boolean {
  if (expression.kind === 'binary') return isConstant(expression.left) && isConstant(expression.right)
  return expression.kind === 'number'
}

/** Operators on the bits of integers. */
export const bitwise: ReadonlySet<string> = new Set(['&', '|', '^'])
export const arithmetic: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', ...bitwise])

/**
 * The fields, tags and calls that an expression is made of, in order.
 * @throws IocError QUERY_INVALID for an operator or a number of arguments that it cannot have
 */
export function leaves(expression: Expression): Expression[] {
  switch (expression.kind) {
    case 'number':
      return []
    case 'binary':
      if (!arithmetic.has(expression.operator)) throw refuse(`invalid operator ${expression.operator} in SELECT clause`)
      return [...leaves(expression.left), ...leaves(expression.right)]
    case 'call': {
      const math = mathFunctions.get(expression.name)
      if (!math) return [expression]
      const { length } = expression.arguments
      if (length !== math.arguments) {
        throw refuse(`invalid number of arguments for ${expression.name}, expected ${math.arguments}, got ${length}`)
      }
      return expression.arguments.flatMap(leaves)
    }
    default:
      return [expression]
  }
}

/** The fields and tags that an expression names, wherever in it. */
export function referencesIn(expression: Expression | undefined): Extract<Expression, { kind: 'reference' }>[] {
  switch (expression?.kind) {
    case 'reference':
      return [expression]
    case 'call':
      return expression.arguments.flatMap(referencesIn)
    case 'binary':
      return [...referencesIn(expression.left), ...referencesIn(expression.right)]
    default:
      return []
  }
}
