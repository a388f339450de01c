import { propertyRuns } from '@ioc/runtime/testing/property-runs.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { suiteQueries } from '../../suite.ts'
import type { Statement } from '../syntax/ast.ts'
import { parseQuery } from '../syntax/parse.ts'
import { formatQuery } from './format.ts'
import { queries } from './queries.ts'

describe('the formatter', () => {
  it.each([
    ['select  mean( x )*2 from m where time>now()-1h', 'SELECT mean(x) * 2 FROM m WHERE time > now() - 1h'],
    ['SELECT -x, -(a + b), a - (b - c) FROM m', 'SELECT -1 * x, -1 * (a + b), a - (b - c) FROM m'],
    ['SELECT "a b"::field, \'it\\\'s\' FROM "db".."m"', "SELECT \"a b\"::field, 'it\\'s' FROM db..m"],
    [
      'SELECT x FROM m GROUP BY time(90s, -1m), /a\\/b/, * fill(1.50)',
      'SELECT x FROM m GROUP BY time(90s, -1m), /a\\/b/, * fill(1.5)',
    ],
    ['SELECT "select" FROM (SELECT 1e FROM m)', undefined],
    [
      'SHOW TAG VALUES FROM m WITH KEY IN (a, "b c") WHERE a =~ /x/ LIMIT 3',
      'SHOW TAG VALUES FROM m WITH KEY IN (a, "b c") WHERE a =~ /x/ LIMIT 3',
    ],
  ])('formats %s', (written, formatted) => {
    if (formatted === undefined) expect(() => parseQuery(written)).toThrow()
    else expect(formatQuery(parseQuery(written).statements)).toBe(formatted)
  })

  it.each([...suiteQueries])('gives back what it was made from: %s', (query) => {
    expectRoundTrip(parseQuery(query).statements)
  })

  it('gives back any statement that it was made from', () => {
    fc.assert(
      fc.property(queries, (statements) => {
        expectRoundTrip(statements)
      }),
      { numRuns: propertyRuns(500) },
    )
  })
})

function expectRoundTrip(statements: readonly Statement[]): void {
  const formatted = formatQuery(statements)
  expect(withoutPositions(parseQuery(formatted).statements)).toEqual(withoutPositions(statements))
}

function withoutPositions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPositions)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (key === 'at' ? [] : [[key, withoutPositions(inner)]])),
  )
}
