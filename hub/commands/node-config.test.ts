import { expect, test } from 'vitest'
import { lineDiff } from './node-config.ts'

test('two texts differ by lines', () => {
  expect(lineDiff(['a', 'b', 'c', 'd'], ['a', 'c', 'x', 'd'])).toEqual(['  a', '- b', '  c', '+ x', '  d'])
  expect(lineDiff([], ['a'])).toEqual(['+ a'])
  expect(lineDiff(['a', 'a'], ['a'])).toEqual(['  a', '- a'])
  expect(lineDiff(['a'], ['a'])).toEqual(['  a'])
})

test('texts of flows, which have many lines, are compared without a table of all pairs', () => {
  const long = Array.from({ length: 50_000 }, (_, at) => `line ${at}`)
  expect(lineDiff(long, long.with(25_000, 'x')).filter((line) => !line.startsWith(' '))).toEqual([
    '- line 25000',
    '+ x',
  ])
  expect(lineDiff(long, [...long].reverse())).toHaveLength(100_000)
})
