import { expect, test } from 'vitest'
import { pictureFaults, watchDays } from '../testing/picture-days.ts'

test('days and nights of cameras with weather, lights, insects and trees: faults are noticed, and nothing frozen is reported that is not', async () => {
  const { outcomes, cameraDays, mistakes } = await watchDays({ cameras: 4, days: 2, seed: 7, width: 96, height: 64 })
  expect(cameraDays).toBe(8)
  const frozen = [outcomes.frozen, outcomes.frozen_clock_runs]
  expect(frozen.map(({ falseAlarms }) => falseAlarms)).toEqual([0, 0])
  expect(mistakes.filter((mistake) => / frozen\w* was/.test(mistake))).toEqual([])
  // Of the times that something happened, and of those that were reported, over all kinds of faults.
  const sum = (figure: 'episodes' | 'noticed' | 'falseAlarms') =>
    pictureFaults.reduce((total, fault) => total + outcomes[fault][figure], 0)
  expect(sum('episodes')).toBeGreaterThan(10)
  expect(sum('noticed') / sum('episodes')).toBeGreaterThan(0.9)
  expect(sum('falseAlarms')).toBeLessThanOrEqual(1)
})
