import type { NameFilter, ShowStatement, ShowSubject, Statement } from './ast.ts'
import { parseLimits, parseMeasurements, parseOrder, parsePage, parseWhere } from './clauses.ts'
import { Cursor } from './cursor.ts'
import { parseError, type Token } from './lexer.ts'
import type { Parameters } from './parameters.ts'
import { parseSelect } from './select.ts'
import { refuseUnsupported, retention, unsupportedStatement } from './unsupported.ts'

/** Statements of one query, at most. */
const maxStatements = 1_000

interface Query {
  readonly statements: Statement[]
  /** All regular expressions in them, which only the engine can tell to be such. */
  readonly regexes: readonly Token[]
}

/**
 * Parses InfluxQL: one or more statements, parted by `;`.
 * @param parameters values of `$name`
 * @throws IocError QUERY_INVALID with line and character
 */
export function parseQuery(text: string, parameters: Parameters = new Map()): Query {
  const cursor = new Cursor(text, parameters)
  const statements: Statement[] = []
  for (;;) {
    while (cursor.takeOperator(';'));
    if (cursor.isEnd()) return { statements, regexes: cursor.regexes }
    if (statements.length === maxStatements) {
      throw parseError(`a query has at most ${maxStatements} statements`, cursor.token.at)
    }
    statements.push(parseStatement(cursor))
    if (!cursor.isEnd() && !cursor.isOperator(';')) throw cursor.expected(';, EOF')
  }
}

function parseStatement(cursor: Cursor): Statement {
  refuseUnsupported(cursor)
  if (cursor.takeWord('SELECT')) return parseSelect(cursor)
  if (cursor.takeWord('SHOW')) return parseShow(cursor)
  if (cursor.takeWord('CREATE')) {
    cursor.expectWord('DATABASE')
    const name = cursor.expectName()
    if (cursor.isWord('WITH')) throw unsupportedStatement('CREATE DATABASE ... WITH', retention, cursor)
    return { kind: 'create database', name }
  }
  throw cursor.expected('SELECT, SHOW, CREATE DATABASE')
}

function parseShow(cursor: Cursor): Statement {
  if (cursor.takeWord('DATABASES')) return { kind: 'show databases' }
  if (cursor.takeWord('RETENTION')) {
    cursor.expectWord('POLICIES')
    return { kind: 'show retention policies', database: parseOn(cursor) }
  }
  const subject = parseSubject(cursor)
  const database = parseOn(cursor)
  let filter = subject === 'measurements' ? parseWith(cursor, 'MEASUREMENT') : undefined
  const sources = subject !== 'measurements' && cursor.takeWord('FROM') ? parseMeasurements(cursor) : []
  if (subject === 'tag values') {
    filter = parseWith(cursor, 'KEY')
    if (!filter) throw cursor.expected('WITH')
  }
  const where = subject === 'field keys' ? undefined : parseWhere(cursor)
  parseOrder(cursor)
  const statement: ShowStatement = {
    kind: 'show',
    subject,
    database,
    sources,
    with: filter,
    where,
    // Only of tag keys InfluxDB lets the series be counted, and then does not count them.
    ...(subject === 'tag keys' ? parseLimits(cursor) : parsePage(cursor)),
  }
  return statement
}

function parseSubject(cursor: Cursor): ShowSubject {
  if (cursor.takeWord('MEASUREMENTS')) return 'measurements'
  if (cursor.takeWord('SERIES')) return 'series'
  if (cursor.takeWord('FIELD')) {
    cursor.expectWord('KEYS')
    return 'field keys'
  }
  if (cursor.takeWord('TAG')) {
    if (cursor.takeWord('KEYS')) return 'tag keys'
    cursor.expectWord('VALUES')
    return 'tag values'
  }
  throw cursor.expected('DATABASES, RETENTION POLICIES, MEASUREMENTS, SERIES, TAG KEYS, TAG VALUES, FIELD KEYS')
}

function parseOn(cursor: Cursor): string {
  return cursor.takeWord('ON') ? cursor.expectName() : ''
}

function parseWith(cursor: Cursor, what: 'MEASUREMENT' | 'KEY'): NameFilter | undefined {
  if (!cursor.takeWord('WITH')) return undefined
  cursor.expectWord(what)
  if (what === 'KEY' && cursor.takeWord('IN')) {
    const names: string[] = []
    cursor.expectOperator('(')
    do names.push(cursor.expectName())
    while (cursor.takeOperator(','))
    cursor.expectOperator(')')
    return { kind: 'in', names, negated: false }
  }
  for (const operator of what === 'KEY' ? (['=~', '!~'] as const) : (['=~'] as const)) {
    if (!cursor.takeOperator(operator)) continue
    const regex = cursor.takeRegex()
    if (!regex) throw cursor.expected('regex')
    return { kind: 'regex', source: regex.text, negated: operator === '!~' }
  }
  const negated = what === 'KEY' && cursor.takeOperator('!=')
  if (!negated) cursor.expectOperator('=')
  return { kind: 'in', names: [cursor.expectName()], negated }
}
