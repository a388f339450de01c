import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { placeTime } from './clock.ts'

const arrival = 1_764_000_000_000
const second = 1_000
const minute = 60_000
const day = 86_400_000

describe('a record of a node', () => {
  const at = (age: number, offset: number) => placeTime(arrival + offset - age, arrival + offset, arrival)

  test.each([
    ['is right', 0],
    ['is ahead by 59 s', 59 * second],
    ['is behind, or its line delays, by 5 minutes', -5 * minute],
  ])('whose clock %s is placed at the time that it claims', (_what, offset) => {
    expect(at(minute, offset)).toEqual({ ts: arrival + offset - minute, claimed: undefined, moved: undefined })
  })

  test.each([
    ['is ahead by 61 s', 61 * second],
    ['is behind by more than 5 minutes', -5 * minute - 1],
    ['is three days behind', -3 * day],
    ['is a year ahead', 365 * day],
    ['begins at 1970', minute - arrival],
  ])('whose clock %s is placed by its age', (_what, offset) => {
    expect(at(10 * second, offset)).toEqual({
      ts: arrival - 10 * second,
      claimed: arrival + offset - 10 * second,
      moved: 'corrected',
    })
  })

  test('is not later than its arrival where it claims to be later than it was sent', () => {
    expect(at(-day, -3 * day)).toMatchObject({ ts: arrival, moved: 'corrected' })
    expect(placeTime(arrival, -9e18, arrival)).toMatchObject({ ts: arrival, moved: 'corrected' })
  })

  test('that is older than any time can be is refused', () => {
    expect(placeTime(-9e18, 60_000, arrival)).toMatchObject({ fault: expect.stringContaining('too far apart') })
  })

  test.each([
    ['seconds', 1e3],
    ['microseconds', 1e-3],
    ['nanoseconds', 1e-6],
  ])('in %s, where all of the message is', (_what, unit) => {
    const placed = placeTime((arrival - 10 * second) / unit, arrival / unit, arrival)
    // A double holds nanoseconds to a quarter of a microsecond.
    expect(placed).toMatchObject({ ts: arrival - 10 * second, moved: undefined })
  })

  test('in another unit than the message is refused', () => {
    expect(placeTime(arrival / 1000, arrival, arrival)).toEqual({ fault: expect.stringContaining('not in seconds') })
    expect(placeTime(arrival * 1000, arrival, arrival)).toEqual({
      fault: expect.stringContaining('not in microseconds'),
    })
  })
})

describe('a record that does not say when it was sent', () => {
  test.each([
    ['of 1970', 50_000],
    ['negative', -5],
    ['in seconds of long ago', 1_600_000_000],
    ['of the year 5000', 95_617_584_000_000],
  ])('is of its arrival where its time is %s', (_what, ts) => {
    expect(placeTime(ts, undefined, arrival)).toEqual({ ts: arrival, claimed: ts, moved: 'corrected' })
  })

  test('is clamped where it lies ahead, and else where it claims to be', () => {
    expect(placeTime(arrival + day, undefined, arrival)).toMatchObject({ ts: arrival, moved: 'clamped' })
    expect(placeTime(arrival - 30 * day, undefined, arrival)).toMatchObject({
      ts: arrival - 30 * day,
      moved: undefined,
    })
    expect(placeTime(undefined, undefined, arrival)).toMatchObject({ ts: arrival, moved: undefined })
  })

  test('in seconds is read where that is near its arrival', () => {
    expect(placeTime(arrival / 1000 - 10, undefined, arrival)).toMatchObject({
      ts: arrival - 10 * second,
      moved: undefined,
    })
  })
})

test('whatever is claimed, a placed time can be true and can be stored', () => {
  const time = fc.double({ min: -9e18, max: 9e18, noNaN: true })
  fc.assert(
    fc.property(time, fc.option(time, { nil: undefined }), (ts, sent) => {
      const placed = placeTime(ts, sent, arrival)
      if ('fault' in placed) return
      expect(Number.isSafeInteger(placed.ts) && placed.ts > 0 && placed.ts <= arrival + minute).toBe(true)
      if (placed.claimed !== undefined) expect(BigInt.asIntN(64, BigInt(placed.claimed))).toBe(BigInt(placed.claimed))
    }),
  )
})
