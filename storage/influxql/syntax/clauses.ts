import { isZone } from '../zone.ts'
import type { Dimension, Expression, Fill, Limits, MeasurementSource } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { parseExpression } from './expression.ts'
import { parseError } from './lexer.ts'

/** `FROM a, "db"."rp"."m", /regex/`, with FROM already taken. */
export function parseMeasurements(cursor: Cursor): MeasurementSource[] {
  const sources: MeasurementSource[] = []
  do sources.push(parseMeasurement(cursor))
  while (cursor.takeOperator(','))
  return sources
}

export function parseMeasurement(cursor: Cursor): MeasurementSource {
  const parts: string[] = []
  for (;;) {
    const regex = cursor.takeRegex()
    if (regex) return source(parts, '', regex.text)
    // `"db".."m"` leaves the policy to the default.
    if (cursor.isOperator('.') && parts.length === 1) parts.push('')
    else parts.push(cursor.expectName())
    if (parts.length === 3 || !cursor.takeOperator('.'))
      return source(parts.slice(0, -1), parts.at(-1) ?? '', undefined)
  }
}

function source(path: readonly string[], name: string, regex: string | undefined): MeasurementSource {
  const [policy = '', database = ''] = path.toReversed()
  return { kind: 'measurement', database, policy, name, regex }
}

export function parseWhere(cursor: Cursor): Expression | undefined {
  return cursor.takeWord('WHERE') ? parseExpression(cursor) : undefined
}

export function parseGroupBy(cursor: Cursor): Dimension[] {
  if (!cursor.takeWord('GROUP')) return []
  cursor.expectWord('BY')
  const dimensions: Dimension[] = []
  do dimensions.push(parseDimension(cursor))
  while (cursor.takeOperator(','))
  if (dimensions.filter((dimension) => dimension.kind === 'time').length > 1) {
    throw parseError('multiple time dimensions not allowed', cursor.token.at)
  }
  return dimensions
}

function parseDimension(cursor: Cursor): Dimension {
  const { token } = cursor
  const expression = parseExpression(cursor)
  switch (expression.kind) {
    case 'wildcard':
      if (expression.of !== 'field') return { kind: 'wildcard' }
      break
    case 'regex':
      return { kind: 'regex', source: expression.source }
    case 'reference':
      if (expression.name !== 'time') return { kind: 'tag', name: expression.name }
      break
    case 'call':
      if (expression.name === 'time') return parseTimeDimension(expression)
      break
    default:
      break
  }
  throw parseError('only time() calls and tags allowed in dimensions', token.at)
}

function parseTimeDimension(call: Extract<Expression, { kind: 'call' }>): Dimension {
  const [interval, offset, ...more] = call.arguments
  if (!interval || more.length > 0) throw parseError('time dimension expected 1 or 2 arguments', call.at)
  if (interval.kind !== 'duration') {
    throw parseError('time dimension must have duration argument', call.at)
  }
  return { kind: 'time', interval: interval.value, offset }
}

export function parseFill(cursor: Cursor): Fill {
  if (!cursor.isWord('FILL') || cursor.peek().text !== '(') return { kind: 'null' }
  const { at } = cursor.take()
  cursor.expectOperator('(')
  const value = parseExpression(cursor)
  cursor.expectOperator(')')
  if (value.kind === 'number') return { kind: 'number', value: value.value }
  const word = value.kind === 'reference' ? value.name.toLowerCase() : ''
  if (word === 'null' || word === 'none' || word === 'previous' || word === 'linear') return { kind: word }
  throw parseError('fill requires an argument, e.g.: 0, null, none, previous, linear', at)
}

/** `ORDER BY time DESC`: whether it descends; `undefined` where there is no such clause. */
export function parseOrder(cursor: Cursor): boolean | undefined {
  if (!cursor.takeWord('ORDER')) return undefined
  cursor.expectWord('BY')
  if (cursor.takeWord('DESC')) return true
  if (cursor.takeWord('ASC')) return false
  const { token } = cursor
  if (cursor.expectName() !== 'time') throw parseError('only ORDER BY time supported at this time', token.at)
  if (cursor.isOperator(',')) throw parseError('only ORDER BY time supported at this time', cursor.token.at)
  if (cursor.takeWord('DESC')) return true
  cursor.takeWord('ASC')
  return false
}

export function parseLimits(cursor: Cursor): Limits {
  const page = parsePage(cursor)
  return { ...page, seriesLimit: parseCount(cursor, 'SLIMIT'), seriesOffset: parseCount(cursor, 'SOFFSET') }
}

/** LIMIT and OFFSET alone. */
export function parsePage(cursor: Cursor): Limits {
  const [limit, offset] = [parseCount(cursor, 'LIMIT'), parseCount(cursor, 'OFFSET')]
  return { limit, offset, seriesLimit: undefined, seriesOffset: undefined }
}

function parseCount(cursor: Cursor, word: string): number | undefined {
  return cursor.takeWord(word) ? cursor.expectCount() : undefined
}

/** `tz('Asia/Ho_Chi_Minh')`. */
export function parseZone(cursor: Cursor): string | undefined {
  if (!cursor.isWord('TZ')) return undefined
  cursor.take()
  cursor.expectOperator('(')
  const { token } = cursor
  if (token.kind !== 'string') throw cursor.expected('string')
  cursor.take()
  cursor.expectOperator(')')
  if (token.text === '') return 'UTC'
  if (!isZone(token.text)) throw parseError(`unable to find time zone ${token.text}`, token.at)
  return token.text
}
