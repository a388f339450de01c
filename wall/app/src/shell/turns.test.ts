import { expect, test } from 'vitest'
import { boardsWithData, nextBoard, nightAfter } from './turns.ts'

test('boards without values are skipped, and those that need none are not', () => {
  const indicatorsOf = new Map([
    ['home', ['a', 'b']],
    ['health', ['c']],
    ['devices', []],
  ])
  expect(boardsWithData(['home', 'health', 'devices', 'unknown'], indicatorsOf, new Set(['b']))).toEqual([
    'home',
    'devices',
  ])
})

test('boards follow each other in a ring', () => {
  const uids = ['a', 'b', 'c']
  expect(nextBoard(uids, uids, 'a')).toBe('b')
  expect(nextBoard(uids, uids, 'c')).toBe('a')
  expect(nextBoard(uids, ['a', 'c'], 'a')).toBe('c')
  expect(nextBoard(uids, ['a'], 'a')).toBeUndefined()
  expect(nextBoard(uids, ['b'], 'elsewhere')).toBe('b')
})

test.each([
  ['2026-11-30T14:00:00+07:00', '2026-12-01T03:30:00+07:00'],
  ['2026-11-30T03:29:59+07:00', '2026-11-30T03:30:00+07:00'],
  ['2026-11-30T03:30:00+07:00', '2026-12-01T03:30:00+07:00'],
])('a wall opened at %s loads the page again at %s', (opened, next) => {
  expect(nightAfter(Date.parse(opened))).toBe(Date.parse(next))
})
