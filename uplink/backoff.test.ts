import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backoffMs, defaultBackoff } from './backoff.ts'
import { Pace } from './pace.ts'

describe('backoff', () => {
  it('stays within its bounds, and is slower after a refusal', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
        const wait = backoffMs(failures, false, defaultBackoff, random)
        expect(wait).toBeGreaterThanOrEqual(defaultBackoff.minMs / 2)
        expect(wait).toBeLessThanOrEqual(defaultBackoff.maxMs)
        expect(backoffMs(failures, true, defaultBackoff, random)).toBeGreaterThanOrEqual(defaultBackoff.refusedMs / 2)
      }),
    )
  })
})

describe('pace', () => {
  it('lets no more through than its rate and what it may save up', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.array(fc.nat(300), { maxLength: 200 }), (rate, gaps) => {
        const pace = new Pace(rate)
        let now = 0
        let taken = 0
        for (const gap of gaps) {
          now += gap
          while (pace.take(now) === 0) taken += 1
        }
        expect(taken).toBeLessThanOrEqual(Math.max(1, rate / 20) + (now * rate) / 1000 + 1e-6)
      }),
    )
  })
})
