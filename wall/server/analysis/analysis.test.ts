import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareAreas } from './compare.ts'
import { periodAt, periodOf, previousOf, yearBefore } from './periods.ts'
import { project } from './trend.ts'
import { findUnusual, robustScore } from './unusual.ts'

describe('periods', () => {
  test.each([
    ['2026', '2026-01-01T00:00:00+07:00', '2027-01-01T00:00:00+07:00', '2025', '2025'],
    ['2026-Q1', '2026-01-01T00:00:00+07:00', '2026-04-01T00:00:00+07:00', '2025-Q4', '2025-Q1'],
    ['2026-12', '2026-12-01T00:00:00+07:00', '2027-01-01T00:00:00+07:00', '2026-11', '2025-12'],
    ['2024-02-29', '2024-02-29T00:00:00+07:00', '2024-03-01T00:00:00+07:00', '2024-02-28', '2023-02-28'],
  ])('%s has its days, the one before, and that of the year before', (name, from, to, previous, before) => {
    const period = periodOf(name)
    expect([period.from, period.to]).toEqual([Date.parse(from), Date.parse(to)])
    expect(previousOf(period).name).toBe(previous)
    expect(yearBefore(period).name).toBe(before)
    expect(periodAt(period.unit, period.to - 1).name).toBe(name)
  })

  test.each(['2026-13', '2026-02-30', '26', '2026-Q5', '2026-1', 'x'])('%s is none', (name) => {
    expect(() => periodOf(name)).toThrow('is none')
  })
})

describe('areas compared', () => {
  const area = (key: string, value: number | null, target: number | null = null) => ({
    key,
    value,
    previous: null,
    year_before: value === null ? null : 10,
    target,
  })
  const ranks = (better: 'at_least' | 'at_most' | null) =>
    compareAreas([area('a', 5), area('b', null), area('c', 9, 8), area('d', 5), area('e', 1)], better).map((one) => [
      one.key,
      one.rank,
    ])

  test('are ranked by what is better, equal ones share a rank, and without a value there is none', () => {
    expect(ranks('at_least')).toEqual([
      ['c', 1],
      ['a', 2],
      ['d', 2],
      ['e', 4],
      ['b', null],
    ])
    expect(ranks('at_most')).toEqual([
      ['e', 1],
      ['a', 2],
      ['d', 2],
      ['c', 4],
      ['b', null],
    ])
    expect(ranks(null)).toEqual(ranks('at_least'))
    const [best] = compareAreas([area('c', 9, 8)], null)
    expect(best).toMatchObject({ target_difference: 1, year_before_difference: -1, previous_difference: null })
  })

  test('have the ranks that sorting them gives', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 9 }), fc.boolean(), (values, isLow) => {
        const sorted = [...values].sort((a, b) => (isLow ? a - b : b - a))
        const compared = compareAreas(
          values.map((value, index) => area(`${index}`, value)),
          isLow ? 'at_most' : 'at_least',
        )
        for (const { value, rank } of compared) expect(rank).toBe(sorted.indexOf(value as number) + 1)
      }),
    )
  })
})

describe('a projection', () => {
  const series = (values: readonly number[]) => values.map((value, index) => ({ index, value }))

  test('repeats the last season, with a range that grows with the root of the seasons', () => {
    // A season of 4; the second is one more than the first, the third two more than the second.
    const history = series([1, 2, 3, 4, 2, 3, 4, 5, 4, 5, 6, 7])
    const found = project(history, 20, [4])
    const deviation = Math.sqrt((4 * 1 + 4 * 4) / 8)
    expect(found).toMatchObject({ season: 4 })
    const { points } = found as Exclude<typeof found, string>
    expect(points.map(({ value }) => value)).toEqual([4, 5, 6, 7, 4, 5, 6, 7, 4])
    expect(points[0]?.high).toBeCloseTo(4 + 1.959964 * deviation, 9)
    expect(points[0]?.low).toBeCloseTo(Math.max(0, 4 - 1.959964 * deviation), 9)
    expect(points[4]?.high).toBeCloseTo(4 + 1.959964 * deviation * Math.SQRT2, 9)
    expect(points[8]?.high).toBeCloseTo(4 + 1.959964 * deviation * Math.sqrt(3), 9)
  })

  test('is exact for what repeats exactly, and reaches no further than history does', () => {
    const history = series(Array.from({ length: 48 }, (_, index) => index % 24))
    const found = project(history, 10_000, [168, 24]) as Exclude<ReturnType<typeof project>, string>
    expect(found.season).toBe(24)
    expect(found.points).toHaveLength(48)
    for (const { index, value, low, high } of found.points)
      expect([value, low, high]).toEqual(Array(3).fill(index % 24))
  })

  test('says why there is none', () => {
    expect(project([], 9, [4])).toBe('no history')
    expect(project(series([1, 2, 3, 4, 5]), 9, [4])).toContain('too little history: 5 values')
    expect(project(series([1, 2, 3, 4, 5, 6, 7, 8, 9]), 19, [4])).toContain('at least 8 pairs')
  })

  test('goes back another season over a gap', () => {
    const history = series(Array.from({ length: 16 }, (_, index) => index % 4)).filter(({ index }) => index !== 12)
    const found = project(history, 16, [4]) as Exclude<ReturnType<typeof project>, string>
    expect(found.points).toMatchObject([{ index: 16, value: 0 }])
  })
})

describe('unusual values', () => {
  const week = 7 * 86_400_000
  const hour = 3_600_000
  const at = (weeks: readonly number[], value: number) => [
    ...weeks.map((one, index) => ({ ts: (index + 1) * week, value: one })),
    { ts: (weeks.length + 1) * week, value },
  ]
  const find = (weeks: readonly number[], value: number, limit = 3.5) =>
    findUnusual(at(weeks, value), { from: (weeks.length + 1) * week, limit, weeks: 8 })

  test('are those far from the median of the same hour of the weeks before', () => {
    // Median 11.5, distances 1.5 0.5 0.5 1.5: their median is 1.
    expect(find([10, 11, 12, 13], 17)).toMatchObject([{ value: 17, median: 11.5, compared: 4, score: 5.5 * 0.67449 }])
    expect(find([10, 11, 12, 13], 13)).toEqual([])
    expect(find([10, 11, 12, 13], 6)[0]?.score).toBeCloseTo(-5.5 * 0.67449, 9)
  })

  test('are judged by the mean deviation where more than half are equal, and always unusual where all are', () => {
    // Distances 0 0 0 0 5: their mean is 1.
    expect(robustScore(16, [10, 10, 10, 10, 15])).toEqual({ median: 10, score: 6 * 0.797885 })
    expect(find([10, 10, 10, 10], 10.1)).toMatchObject([{ score: null, median: 10 }])
    expect(find([10, 10, 10, 10], 10)).toEqual([])
  })

  test('are none where fewer weeks are known', () => {
    expect(find([10, 11, 12], 1_000)).toEqual([])
  })

  test('are compared with the same hour of the week only', () => {
    const noise = Array.from({ length: 5 * 168 }, (_, index) => ({ ts: index * hour, value: 1_000 }))
    const series = new Map([...noise, ...at([10, 11, 12, 13], 12)].map((one) => [one.ts, one]))
    const found = findUnusual([...series.values()], { from: 5 * week, limit: 3.5, weeks: 4 })
    expect(found).toEqual([])
  })
})
