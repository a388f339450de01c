import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../testing/case-history.ts'
import { Timers } from './timers.ts'

const hourMs = 3_600_000

/** A row gets another time, or none; or what comes before a time is taken. */
type Step = { readonly row: number; readonly time: number } | { readonly takenBefore: number }

/** Times fall often on each other. */
const times = fc.integer({ min: 0, max: 40 }).map((quarters) => (quarters * hourMs) / 4)

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ row: fc.integer({ min: 1, max: 5 }), time: fc.option(times) }) },
    { weight: 2, arbitrary: fc.record({ takenBefore: times }) },
  ),
  { maxLength: 40 },
)

const toStep = (step: { row: number; time: number | null } | { takenBefore: number }): Step =>
  'row' in step ? { row: step.row, time: step.time ?? Number.POSITIVE_INFINITY } : step

test('each thing is taken once its time has come, the earliest first, however often that moves', () => {
  const pass = (history: readonly Step[]) => {
    const due = new Map<number, number>()
    const timers = new Timers<number>((row) => due.get(row) ?? Number.POSITIVE_INFINITY)
    for (const step of history) {
      if ('row' in step) {
        due.set(step.row, step.time)
        timers.set(step.row)
        continue
      }
      const expected = [...due].filter(([, time]) => time < step.takenBefore)
      const taken: [number, number][] = []
      for (let row = timers.take(step.takenBefore); row !== undefined; row = timers.take(step.takenBefore)) {
        taken.push([row, due.get(row) as number])
        due.delete(row)
      }
      expect(taken.map(([, time]) => time)).toEqual(expected.map(([, time]) => time).sort((a, b) => a - b))
      expect(new Map(taken)).toEqual(new Map(expected))
    }
  }
  fc.assert(
    fc.property(
      steps.map((all) => all.map(toStep)),
      pass,
    ),
    runs,
  )
})
