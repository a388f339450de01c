import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSimulationClock } from './clock.ts'

const hourMs = 3_600_000

test('at speed 60, two hours of the past are played in about two minutes, and then it is now', () => {
  let present = 10 * hourMs
  const clock = createSimulationClock(present - 2 * hourMs, 60, () => present)
  expect([clock.now(), clock.speed()]).toEqual([8 * hourMs, 60])
  expect(clock.msUntil(9 * hourMs)).toBe(60_000)
  present += 60_000
  expect(clock.now()).toBe(9 * hourMs)
  expect(clock.msUntil(9 * hourMs)).toBe(0)
  present += 65_000
  expect([clock.now(), clock.speed()]).toEqual([present, 1])
  expect(clock.msUntil(present + 5)).toBe(5)
})

test('it never shows a time to come, never runs back, and shows a time once `msUntil` it has passed', () => {
  const steps = fc.array(fc.nat(5 * hourMs), { maxLength: 30 })
  fc.assert(
    fc.property(
      fc.nat(100 * hourMs),
      fc.integer({ min: 1, max: 5_000 }),
      steps,
      fc.nat(200 * hourMs),
      (age, speed, gaps, ahead) => {
        const start = 1_000 * hourMs
        let present = start
        const clock = createSimulationClock(speed === 1 ? start : start - age, speed, () => present)
        let last = clock.now()
        for (const gap of gaps) {
          present += gap
          const now = clock.now()
          expect(now).toBeLessThanOrEqual(present)
          expect(now).toBeGreaterThanOrEqual(last)
          last = now
        }
        const wanted = last + ahead
        present += clock.msUntil(wanted)
        expect(clock.now()).toBeGreaterThanOrEqual(wanted - 1)
      },
    ),
  )
})
