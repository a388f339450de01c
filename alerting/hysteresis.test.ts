import type { LevelReading } from '@ioc/contract/messages/incidents.ts'
import { expect, test } from 'vitest'
import { type LevelTrack, trackLevel } from './hysteresis.ts'

const now = 10_000_000

/** Levels after each of the values, which come a minute apart. */
function levels(values: readonly number[], of: Partial<LevelReading> = {}, deadband?: number): number[] {
  let track: LevelTrack | undefined
  return values.map((value, index) => {
    const limits = { attention: 10, warning: 20, critical: 30 }
    const reading = {
      thing: 'indicator/x/site/a',
      value,
      ts: now + index * 60_000,
      direction: 'above',
      limits,
    } as const
    track = trackLevel(track, { ...reading, ...of }, deadband, now + index * 60_000)
    return track?.level ?? 0
  })
}

test('a level rises and falls with the second evaluation in a row', () => {
  expect(levels([25, 5, 25, 25, 5, 25, 5, 5])).toEqual([0, 0, 0, 2, 2, 2, 2, 0])
  expect(levels([35, 25, 35, 35])).toEqual([0, 2, 2, 3])
})

test('a level falls only when the value is back by the deadband: 5 % of the span, or as declared', () => {
  expect(levels([21, 21, 19.5, 19.5, 18, 18])).toEqual([0, 2, 2, 2, 2, 1])
  expect(levels([21, 21, 18, 18, 15, 15], {}, 4)).toEqual([0, 2, 2, 2, 2, 1])
})

test('of an indicator whose low values are bad, and of one with a single limit', () => {
  const below = { direction: 'below', limits: { attention: 98, critical: 80 } } as const
  expect(levels([97, 97, 79, 79, 98.5, 98.5, 99, 99], below)).toEqual([0, 1, 1, 3, 3, 1, 1, 0])
  expect(levels([11, 11, 9.8, 9.8, 9, 9], { limits: { warning: 10 } })).toEqual([0, 2, 2, 2, 2, 0])
})

test('the same measurement twice is one evaluation, and one of more than an hour ago raises nothing', () => {
  expect(levels([25, 25, 25], { ts: now })).toEqual([0, 0, 0])
  let track: LevelTrack | undefined
  for (const ts of [0, 1, 2]) {
    track = trackLevel(
      track,
      { thing: 'indicator/x/site/a', value: 25, ts, direction: 'above', limits: { warning: 20 } },
      undefined,
      now,
    )
  }
  expect(track).toBeUndefined()
})
