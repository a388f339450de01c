import { describe, expect, test } from 'vitest'
import { type Chosen, interpolate } from './interpolate.ts'

const one = (value: string): Chosen => ({ values: [value], isAll: false })
const put = (query: string, value: Chosen) =>
  interpolate(query, new Map([['site', value]]), {
    timeFilter: 'time > 1ms',
    __interval: '10s',
    __interval_ms: '10000',
  })

describe('a variable', () => {
  test.each<[query: string, value: Chosen, expected: string]>([
    [`"site" = '$site'`, one('ka-do'), `"site" = 'ka-do'`],
    [`"site" = '\${site}'`, one('ka-do'), `"site" = 'ka-do'`],
    [`"site" = '[[site]]'`, one('ka-do'), `"site" = 'ka-do'`],
    ['"site" =~ /^$site$/', one('ka-do'), '"site" =~ /^ka-do$/'],
    [`"site" =~ /^\${site:regex}$/`, one('a.b'), '"site" =~ /^a\\.b$/'],
    ['"site" =~ /^$site$/', { values: ['a', 'b.c'], isAll: false }, '"site" =~ /^(a|b\\.c)$/'],
    ['"site" =~ /^$site$/', { values: ['a', 'b'], isAll: true }, '"site" =~ /^(a|b)$/'],
    ['"site" =~ /^$site$/', { values: ['a', 'b'], isAll: true, allPattern: '.*' }, '"site" =~ /^.*$/'],
    ['"site" =~ /^$site$/', { values: [], isAll: true }, '"site" =~ /^.*$/'],
    [
      'SELECT last("$site") / 2 FROM "a" GROUP BY time($__interval)',
      one('x'),
      'SELECT last("x") / 2 FROM "a" GROUP BY time(10s)',
    ],
    ['WHERE $timeFilter GROUP BY time($site)', one('1h'), 'WHERE time > 1ms GROUP BY time(1h)'],
  ])('in %s', (query, value, expected) => {
    expect(put(query, value)).toBe(expected)
  })

  test.each<[query: string, value: string, expected: string]>([
    [`"site" = '$site'`, "x' OR 1=1 --", `"site" = 'x\\' OR 1=1 --'`],
    [`"site" = '$site'`, "x\\' OR 1=1", `"site" = 'x\\\\\\' OR 1=1'`],
    [`"site" = '$site'`, '$timeFilter', `"site" = '$timeFilter'`],
    ['"site" =~ /^$site$/', '.*', '"site" =~ /^\\.\\*$/'],
    ['"site" =~ /^$site$/', 'a)$/ OR "site" =~ /(b', '"site" =~ /^a\\)\\$\\/ OR "site" =~ \\/\\(b$/'],
    ['"site" =~ /$site/', 'x\\', '"site" =~ /x\\x5C/'],
    ['"site" =~ /$site/', 'x\\/', '"site" =~ /x\\x5C\\//'],
    ['SELECT "$site"', '"; DROP DATABASE ioc', 'SELECT "\\"; DROP DATABASE ioc"'],
  ])('cannot change what is asked: %s with %s', (query, value, expected) => {
    expect(put(query, one(value))).toBe(expected)
  })

  test.each<[query: string, value: string, reason: RegExp]>([
    ['GROUP BY time($site)', '1h) fill(0); DROP DATABASE ioc', /number or a duration/],
    ['SELECT $site FROM x', 'value', /number or a duration/],
    [`"area" = '$area'`, 'x', /no variable area/],
    [`"site" = '\${site:raw}'`, 'x', /format raw/],
  ])('is refused: %s with %s', (query, value, reason) => {
    expect(() => put(query, one(value))).toThrow(reason)
  })
})
