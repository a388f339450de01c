import type { BinaryOperator, Expression } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { parseError } from './lexer.ts'

/** How strongly operators bind. */
export const precedence: ReadonlyMap<string, number> = new Map<BinaryOperator, number>([
  ['OR', 1],
  ['AND', 2],
  ['=', 3],
  ['!=', 3],
  ['<', 3],
  ['<=', 3],
  ['>', 3],
  ['>=', 3],
  ['=~', 3],
  ['!~', 3],
  ['+', 4],
  ['-', 4],
  ['|', 4],
  ['^', 4],
  ['*', 5],
  ['/', 5],
  ['%', 5],
  ['&', 5],
])

/** What may follow `::`. */
const casts: ReadonlySet<string> = new Set(['float', 'integer', 'unsigned', 'string', 'boolean', 'field', 'tag'])

/** Expressions nested deeper than this are refused, before they exhaust the stack. */
const maxDepth = 200

export function parseExpression(cursor: Cursor, least = 1, depth = 0): Expression {
  if (depth > maxDepth) throw parseError('expression is nested too deeply', cursor.token.at)
  let left = parseOperand(cursor, depth)
  for (;;) {
    const { token } = cursor
    const operator = (token.kind === 'word' ? token.text.toUpperCase() : token.text) as BinaryOperator
    const strength = token.kind === 'word' || token.kind === 'operator' ? precedence.get(operator) : undefined
    if (strength === undefined || strength < least) return left
    cursor.take()
    const right =
      operator === '=~' || operator === '!~' ? parseRegex(cursor) : parseExpression(cursor, strength + 1, depth + 1)
    left = { kind: 'binary', operator, left, right, at: token.at }
  }
}

function parseRegex(cursor: Cursor): Expression {
  const regex = cursor.takeRegex()
  if (!regex) throw cursor.expected('regex')
  return { kind: 'regex', source: regex.text, at: regex.at }
}

function parseOperand(cursor: Cursor, depth: number): Expression {
  const { token } = cursor
  switch (token.kind) {
    case 'string':
      cursor.take()
      return { kind: 'string', value: token.text, at: token.at }
    case 'integer': {
      cursor.take()
      const value = BigInt(token.text)
      if (BigInt.asUintN(64, value) !== value && BigInt.asIntN(64, value) !== value) {
        throw parseError('unable to parse integer', token.at)
      }
      return { kind: 'number', value }
    }
    case 'number':
      cursor.take()
      return { kind: 'number', value: Number(token.text) }
    case 'duration':
      cursor.take()
      return { kind: 'duration', value: token.duration }
    case 'regex':
      return parseRegex(cursor)
    case 'operator':
      return parseOperatorOperand(cursor, depth)
    case 'word':
      if (/^(true|false)$/i.test(token.text)) {
        cursor.take()
        return { kind: 'boolean', value: token.text.toLowerCase() === 'true' }
      }
      if (cursor.isWord('DISTINCT')) return parseDistinct(cursor, depth)
      break
    default:
      break
  }
  if (!cursor.isName()) throw cursor.expected('identifier, string, number, bool')
  cursor.take()
  if (token.kind === 'word' && cursor.isOperator('(')) {
    return { kind: 'call', name: token.text.toLowerCase(), arguments: parseArguments(cursor, depth), at: token.at }
  }
  let of = ''
  if (cursor.takeOperator('::')) {
    of = cursor.token.text.toLowerCase()
    if (cursor.token.kind !== 'word' || !casts.has(of)) throw cursor.expected([...casts].join(', '))
    cursor.take()
  }
  return { kind: 'reference', name: token.text, of, at: token.at }
}

function parseOperatorOperand(cursor: Cursor, depth: number): Expression {
  const { at } = cursor.token
  if (cursor.takeOperator('(')) {
    const inner = parseExpression(cursor, 1, depth + 1)
    cursor.expectOperator(')')
    return inner
  }
  if (cursor.takeOperator('*')) {
    if (!cursor.takeOperator('::')) return { kind: 'wildcard', of: 'any' }
    const of = cursor.token.text.toLowerCase()
    if (of !== 'field' && of !== 'tag') throw cursor.expected('field or tag')
    cursor.take()
    return { kind: 'wildcard', of }
  }
  if (cursor.isOperator('/')) return parseRegex(cursor)
  const negative = cursor.takeOperator('-')
  if (!negative && !cursor.takeOperator('+')) throw cursor.expected('identifier, string, number, bool')
  const operand = parseOperand(cursor, depth + 1)
  if (!negative) return operand
  if (operand.kind === 'number') {
    if (typeof operand.value === 'bigint' && operand.value > 2n ** 63n) {
      throw parseError(`constant -${operand.value} underflows int64`, at)
    }
    return { kind: 'number', value: -operand.value }
  }
  if (operand.kind === 'duration') return { kind: 'duration', value: -operand.value }
  return { kind: 'binary', operator: '*', left: { kind: 'number', value: -1n }, right: operand, at }
}

/** `DISTINCT x` is `distinct(x)`. */
function parseDistinct(cursor: Cursor, depth: number): Expression {
  const { at } = cursor.take()
  if (cursor.isOperator('(')) return { kind: 'call', name: 'distinct', arguments: parseArguments(cursor, depth), at }
  const reference: Expression = { kind: 'reference', name: cursor.token.text, of: '', at: cursor.token.at }
  cursor.expectName()
  return { kind: 'call', name: 'distinct', arguments: [reference], at }
}

function parseArguments(cursor: Cursor, depth: number): Expression[] {
  cursor.expectOperator('(')
  const list: Expression[] = []
  if (cursor.takeOperator(')')) return list
  do list.push(parseExpression(cursor, 1, depth + 1))
  while (cursor.takeOperator(','))
  if (!cursor.takeOperator(')')) throw cursor.expected(', )')
  return list
}
