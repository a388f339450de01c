import type { SelectedField, SelectStatement, Source } from './ast.ts'
import { parseFill, parseGroupBy, parseLimits, parseMeasurement, parseOrder, parseWhere, parseZone } from './clauses.ts'
import type { Cursor } from './cursor.ts'
import { parseExpression } from './expression.ts'
import { parseError } from './lexer.ts'
import { rollups, unsupportedStatement } from './unsupported.ts'

/** Subqueries nested deeper than this are refused: each holds its answer in memory. */
const maxDepth = 16

/** A SELECT, with the word already taken. */
export function parseSelect(cursor: Cursor, depth = 0): SelectStatement {
  if (depth > maxDepth) throw parseError('subqueries are nested too deeply', cursor.token.at)
  const fields: SelectedField[] = []
  do {
    const { at } = cursor.token
    const expression = parseExpression(cursor)
    fields.push({ expression, alias: cursor.takeWord('AS') ? cursor.expectName() : undefined, at })
  } while (cursor.takeOperator(','))
  if (cursor.isWord('INTO')) throw unsupportedStatement('SELECT ... INTO', rollups, cursor)
  cursor.expectWord('FROM')
  return {
    kind: 'select',
    fields,
    sources: parseSources(cursor, depth),
    where: parseWhere(cursor),
    dimensions: parseGroupBy(cursor),
    fill: parseFill(cursor),
    descending: parseOrder(cursor),
    ...parseLimits(cursor),
    zone: parseZone(cursor),
  }
}

function parseSources(cursor: Cursor, depth: number): Source[] {
  const sources: Source[] = []
  do {
    if (cursor.takeOperator('(')) {
      cursor.expectWord('SELECT')
      sources.push({ kind: 'subquery', statement: parseSelect(cursor, depth + 1) })
      cursor.expectOperator(')')
    } else sources.push(parseMeasurement(cursor))
  } while (cursor.takeOperator(','))
  return sources
}
