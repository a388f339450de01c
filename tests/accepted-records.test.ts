import { sites, worldOf } from '@ioc/simulator/testing/example-district.ts'
import { expect, test } from 'vitest'
import { districtEngine, fed, logOf } from './harness/played-district.ts'

const dayMs = 86_400_000
/** Monday, 26 October 2026, midnight in Asia/Ho_Chi_Minh. */
const from = Date.UTC(2026, 9, 25, 17)

test('every record of a week of all example sites is accepted, without a fault, a dead letter or a duplicate', () => {
  const world = worldOf()
  const engine = districtEngine({ world, sites }, [], [])
  const totals = { measurements: 0, deadLetters: [] as string[], failures: [] as string[] }
  // A day at a time, so that a week of messages is not held at once.
  for (let day = 0; day < 7; day++) {
    const span = { from: from + day * dayMs, to: from + (day + 1) * dayMs }
    const log = logOf({ world, sites, density: 'fill', ...span })
    for (const { measurements, deadLetters, failures } of fed(engine, log, span.to, 1_000)) {
      totals.measurements += measurements.length
      totals.deadLetters.push(...deadLetters.map(({ letter }) => JSON.stringify(letter)))
      totals.failures.push(...failures.map(({ message }) => message))
    }
  }
  expect(totals.deadLetters.slice(0, 5)).toEqual([])
  expect(totals.failures).toEqual([])
  expect(totals.measurements).toBeGreaterThan(100_000)
  expect(engine.counts).toMatchObject({ faults: 0, duplicates: 0, tooLate: 0, failures: 0 })
})
