import { expect, test } from 'vitest'
import { addFlips, type Flips, flapPercent, isFlapping } from './flapping.ts'

const minute = 60_000

/** One slot a minute; `1`: its state differs from the one before. */
function played(changes: string): Flips {
  let flips: Flips | undefined
  for (const [index, change] of [...changes].entries()) flips = addFlips(flips, index * minute, change === '1')
  return flips as Flips
}

test('the newest change weighs 1.25, the oldest 0.75, all of them together 100 %', () => {
  expect(flapPercent(played('1'))).toBeCloseTo(6.25)
  expect(flapPercent(played(`1${'0'.repeat(19)}`))).toBeCloseTo(3.75)
  expect(flapPercent(played('1'.repeat(20)))).toBeCloseTo(100)
  expect(flapPercent(played(`1${'0'.repeat(20)}`))).toBe(0)
})

test('flapping begins at 20 % and ends at 5 %', () => {
  expect(isFlapping(played('111'), false)).toBe(false)
  expect(isFlapping(played('1111'), false)).toBe(true)
  expect(isFlapping(played(`1111${'0'.repeat(16)}`), true)).toBe(true)
  expect(isFlapping(played(`1111${'0'.repeat(19)}`), true)).toBe(false)
})

test('changes within one slot are one; slots that passed count as quiet; a clock that went back adds none', () => {
  const once = addFlips(undefined, 5 * minute, true)
  expect(addFlips(once, 5 * minute + 30_000, true)).toEqual(once)
  expect(flapPercent(addFlips(once, 500 * minute, false))).toBe(0)
  expect(addFlips(once, 0, true).bits).toBe(1)
})
