import { expect, test } from 'vitest'
import { boardsWithData, nextBoard, nextScreen, nightAfter } from './turns.ts'

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

test('a board longer than the screen is shown by screens, none of which begins within a panel that fits', () => {
  const rows = [0, 300, 600, 900].map((top) => ({ top, bottom: top + 300 }))
  expect(nextScreen(rows, { top: 0, bottom: 700 })).toBe(600)
  expect(nextScreen(rows, { top: 600, bottom: 1300 })).toBeUndefined()
  expect(nextScreen(rows, { top: 0, bottom: 1200 })).toBeUndefined()
  // A panel that is longer than the screen.
  expect(nextScreen([{ top: 0, bottom: 1500 }], { top: 0, bottom: 700 })).toBe(700)
  expect(nextScreen([], { top: 0, bottom: 700 })).toBeUndefined()
})

test.each([
  ['2026-11-30T14:00:00+07:00', '2026-12-01T03:30:00+07:00'],
  ['2026-11-30T03:29:59+07:00', '2026-11-30T03:30:00+07:00'],
  ['2026-11-30T03:30:00+07:00', '2026-12-01T03:30:00+07:00'],
])('a wall opened at %s loads the page again at %s', (opened, next) => {
  expect(nightAfter(Date.parse(opened))).toBe(Date.parse(next))
})
