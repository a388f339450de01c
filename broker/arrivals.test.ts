import { expect, test } from 'vitest'
import { createArrivals } from './arrivals.ts'

const arrivalsAt = (...times: readonly number[]) => {
  const arrivalOf = createArrivals(10)
  return times.map((now) => arrivalOf('s/n', now))
}

test('messages of a node in one millisecond arrive 1 ms apart', () => {
  expect(arrivalsAt(100, 100, 100, 101, 110)).toEqual([100, 101, 102, 103, 110])
})

test('a message whose records need several ms has them to itself', () => {
  const arrivalOf = createArrivals(10)
  const arrivals = [
    [100, 3],
    [100, 1],
    [102, 2],
    [104, 3],
    [200, 3],
    [202, 1],
  ] as const
  expect(arrivals.map(([now, spanMs]) => arrivalOf('s/n', now, spanMs))).toEqual([100, 101, 103, 106, 200, 202])
})

test('other nodes are not moved', () => {
  const arrivalOf = createArrivals(10)
  expect(['s/a', 's/b', 's/a'].map((node) => arrivalOf(node, 100))).toEqual([100, 100, 101])
})

test('a clock that is set back takes effect at once', () => {
  expect(arrivalsAt(5_000_000, 1_000_000, 1_000_000)).toEqual([5_000_000, 1_000_000, 1_000_001])
})

test('nothing is moved by more than a second', () => {
  const moved = arrivalsAt(...Array<number>(5_000).fill(100)).map((arrival) => arrival - 100)
  expect(Math.max(...moved)).toBe(1_000)
})
