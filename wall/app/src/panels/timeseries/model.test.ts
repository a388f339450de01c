import { describe, expect, test, vi } from 'vitest'
import type { FieldConfig, Panel } from '../../../../shared/boards/board.ts'
import type { Frame } from '../../fields/frame.ts'

vi.stubGlobal('matchMedia', () => ({ matches: false }))
const { framesOfPanel } = await import('../../fields/pipeline.ts')
const { lanesOf } = await import('../state-timeline/states.ts')
const { isolatedPoints } = await import('./isolated.ts')
const { chartOf, maxStrong } = await import('./model.ts')

const minute = 60_000
/** Midnight in the display zone, where bars of days begin. */
const start = Date.parse('2026-11-30T00:00:00+07:00')
const panel = (defaults: FieldConfig, part: Partial<Panel> = {}): Panel => ({
  id: 1,
  type: 'timeseries',
  gridPos: { x: 0, y: 0, w: 12, h: 8 },
  fieldConfig: { defaults, overrides: [] },
  targets: [{ refId: 'A', query: '', resultFormat: 'time_series', alias: '$tag_name' }],
  ...part,
})
const frames = (
  one: Panel,
  series: Readonly<Record<string, readonly (readonly [number, number | string | null])[]>>,
): Frame[] =>
  framesOfPanel(
    one,
    {
      results: [
        {
          refId: 'A',
          series: Object.entries(series).map(([name, points]) => ({
            name: 'm',
            tags: { name },
            columns: ['time', 'value'],
            values: points.map(([time, value]) => [start + time * minute, value]),
          })),
        },
      ],
    },
    { tag: (_tag, value) => value },
  )
const chart = (defaults: FieldConfig, series: Parameters<typeof frames>[1], part: Partial<Panel> = {}) => {
  const one = panel(defaults, part)
  return chartOf(one, frames(one, series))
}
const custom = (options: Readonly<Record<string, unknown>>): FieldConfig => ({ custom: options })

describe('a chart', () => {
  test('has its series on one axis of times', () => {
    const { times, lines } = chart(
      {},
      {
        a: [
          [0, 1],
          [1, 2],
        ],
        b: [
          [1, 5],
          [2, 6],
        ],
      },
    )
    expect(times.map((time) => time - start)).toEqual([0, minute, 2 * minute])
    expect(lines.map(({ title, values }) => [title, values])).toEqual([
      ['a', [1, 2, undefined]],
      ['b', [undefined, 5, 6]],
    ])
  })

  test.each([
    ['stay open', {}, [1, 2, 3, null, 4]],
    ['are closed where the board says so', { spanNulls: true }, [1, 2, 3, 4]],
    ['are closed up to a length', { spanNulls: 20 * minute }, [1, 2, 3, 4]],
  ])('gaps %s', (_name, options, values) => {
    expect(
      chart(custom(options), {
        a: [
          [0, 1],
          [1, 2],
          [2, 3],
          [12, 4],
        ],
      }).lines[0]?.values,
    ).toEqual(values)
  })

  test('a gap lasts although another series has points in it', () => {
    const b = Array.from({ length: 13 }, (_value, time): [number, number] => [time, 0])
    const { lines } = chart(
      {},
      {
        a: [
          [0, 1],
          [1, 2],
          [2, 3],
          [12, 4],
        ],
        b,
      },
    )
    expect(lines[0]?.values).toEqual([1, 2, 3, ...Array(9).fill(null), 4])
  })

  test('a null of the query is a gap', () => {
    expect(
      chart(
        {},
        {
          a: [
            [0, 1],
            [1, null],
            [2, 3],
          ],
        },
      ).lines[0]?.values,
    ).toEqual([1, null, 3])
  })

  test('stacks each series on those before it', () => {
    const stacked = custom({ stacking: { mode: 'normal', group: 'A' } })
    const { lines } = chart(stacked, {
      a: [
        [0, 1],
        [1, 2],
      ],
      b: [[0, 10]],
      c: [
        [0, 100],
        [1, 200],
      ],
    })
    expect(lines.map(({ drawn, below }) => [drawn, below])).toEqual([
      [[1, 2], undefined],
      [[11, 2], 0],
      [[111, 202], 1],
    ])
    expect(lines[2]?.values).toEqual([100, 200])
  })

  test('a stacked line keeps its value where only another one has a live point', () => {
    const stacking = { mode: 'normal', group: 'A' }
    const points = [0, 10, 20].map((time): [number, number] => [time, 1])
    const { lines } = chart(custom({ stacking }), { a: points, b: [...points, [23, 2]] })
    expect(lines.map(({ drawn }) => drawn)).toEqual([
      [1, 1, 1, 1],
      [2, 2, 2, 3],
    ])
  })

  test.each([
    ['a live value', [[1440 + 615, 5]], [[1440, 5]]],
    ['a value at another time of the day', [[100, 3]], [[0, 3]]],
    [
      'values of two days',
      [
        [60, 3],
        [1440 + 60, 4],
      ],
      [
        [0, 3],
        [1440, 4],
      ],
    ],
  ] as const)('%s takes the bar of its interval', (_name, later, expected) => {
    const { times, lines } = chart(
      custom({ drawStyle: 'bars' }),
      {
        a: [
          [0, 1],
          [1440, 2],
        ],
        b: later,
      },
      { interval: '1d' },
    )
    const [, b] = lines
    const bars = times.flatMap((time, index) => {
      const value = b?.values[index]
      return typeof value === 'number' ? [[(time - start) / minute, value]] : []
    })
    expect(bars).toEqual(expected)
    expect(times).toHaveLength(2)
  })

  test('bars stand side by side unless they are stacked', () => {
    const beside = (options: Readonly<Record<string, unknown>>) =>
      chart(custom({ drawStyle: 'bars', ...options }), { a: [[0, 1]], b: [[0, 2]], c: [[0, 3]] }).lines.map(
        ({ style }) => style.beside,
      )
    expect(beside({})).toEqual([0, 1, 2].map((index) => ({ index, count: 3 })))
    expect(beside({ stacking: { mode: 'normal' } })).toEqual([undefined, undefined, undefined])
    expect(beside({ hideFrom: { viz: true, legend: false, tooltip: false } })).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  test.each([
    ['a water level', { unit: 'suffix: m' }, {}],
    ['a share', { unit: 'percent', custom: { axisSoftMin: 70 } }, { softMin: 70 }],
    ['bars', { custom: { drawStyle: 'bars' } }, { softMin: 0 }],
  ])('the axis of %s begins where the board or its lengths say', (_name, config, limits) => {
    expect(chart(config, { a: [[0, 1041]] }).scales[0]?.limits).toEqual(limits)
  })

  test('stacks shares of a hundred', () => {
    const { lines, scales } = chart(custom({ stacking: { mode: 'percent' } }), {
      a: [
        [0, 1],
        [1, 0],
      ],
      b: [
        [0, 3],
        [1, 0],
      ],
    })
    expect(lines.map(({ drawn }) => drawn)).toEqual([
      [25, 0],
      [100, 0],
    ])
    expect(scales[0]?.isPercentOfStack).toBe(true)
  })

  test('has an axis for each of two units', () => {
    const overrides = [
      { matcher: { id: 'byName', options: 'b' }, properties: [{ id: 'unit', value: 'lengthmm' }] },
      { matcher: { id: 'byName', options: 'c' }, properties: [{ id: 'custom.axisPlacement', value: 'hidden' }] },
    ]
    const { scales } = chart(
      {},
      { a: [[0, 1]], b: [[0, 1]], c: [[0, 1]] },
      {
        fieldConfig: { defaults: { unit: 'percent', custom: { axisSoftMax: 100 } }, overrides },
      },
    )
    expect(scales.map(({ side, limits }) => [side, limits])).toEqual([
      ['left', { softMax: 100 }],
      ['right', { softMax: 100 }],
      ['hidden', { softMax: 100 }],
    ])
  })

  test('draws six series strongly', () => {
    const series = Object.fromEntries(
      Array.from({ length: 9 }, (_value, index) => [`s${index}`, [[0, index]] as [number, number][]]),
    )
    const { lines } = chart({}, series)
    expect(lines.filter(({ isStrong }) => isStrong)).toHaveLength(maxStrong)
    expect(new Set(lines.slice(0, maxStrong).map(({ colour }) => colour)).size).toBe(maxStrong)
    expect(lines.at(-1)?.colour).toBe('var(--muted)')
  })

  test('has limits only where the board draws them', () => {
    const steps = [
      { value: null, color: 'text' },
      { value: 70, color: 'yellow' },
      { value: 95, color: 'red' },
    ]
    const thresholds = { mode: 'absolute', steps } as const
    const limits = (mode: string) =>
      chart({ thresholds, custom: { thresholdsStyle: { mode } } }, { a: [[0, 1]], b: [[0, 2]] }).limits
    expect(limits('off')).toEqual([])
    expect(limits('dashed').map(({ value, level }) => [value, level])).toEqual([
      [70, 1],
      [95, 3],
    ])
  })

  test('where low is bad, a limit has the level below it', () => {
    const steps = [
      { value: null, color: 'red' },
      { value: 2, color: 'orange' },
      { value: 5, color: 'text' },
    ]
    const below = { thresholds: { mode: 'absolute', steps }, custom: { thresholdsStyle: { mode: 'line' } } } as const
    expect(chart(below, { a: [[0, 1]] }).limits.map(({ value, level }) => [value, level])).toEqual([
      [2, 3],
      [5, 2],
    ])
  })

  test('leaves out what the board hides', () => {
    const [line] = chart(custom({ hideFrom: { viz: true, legend: true, tooltip: false } }), { a: [[0, 1]] }).lines
    expect(line).toMatchObject({ isHidden: true, inLegend: false, inTooltip: true })
  })
})

test.each([
  [
    [1, null, 2, 3, null, 4],
    [0, 5],
  ],
  [[1, undefined, 2], []],
  [[null, undefined, 1, undefined, null], [2]],
  [[], []],
])('of %j the points %j stand alone', (values, expected) => {
  expect(isolatedPoints(values)).toEqual(expected)
})

describe('states', () => {
  const mappings: FieldConfig['mappings'] = [
    { type: 'value', options: { '1': { text: 'Chạy' }, '0': { text: 'Dừng', color: 'red' } } },
  ]
  const lanes = (points: readonly (readonly [number, number | null])[], mergeValues = true) =>
    lanesOf(frames(panel({ mappings }), { a: points }), start + 10 * minute, mergeValues)[0]?.stretches.map(
      ({ from, to, text, level }) => [(from - start) / minute, (to - start) / minute, text, level],
    )

  test('hold until the next one, and equal neighbours are one', () => {
    expect(
      lanes([
        [0, 1],
        [2, 1],
        [4, 0],
        [6, 1],
        [8, 1],
      ]),
    ).toEqual([
      [0, 4, 'Chạy', 0],
      [4, 6, 'Dừng', 3],
      [6, 10, 'Chạy', 0],
    ])
    expect(
      lanes(
        [
          [0, 1],
          [2, 1],
        ],
        false,
      ),
    ).toEqual([
      [0, 2, 'Chạy', 0],
      [2, 10, 'Chạy', 0],
    ])
  })

  test('end where values are missing', () => {
    expect(
      lanes([
        [0, 1],
        [1, 1],
        [2, 1],
        [9, 0],
      ]),
    ).toEqual([
      [0, 3, 'Chạy', 0],
      [9, 10, 'Dừng', 3],
    ])
    expect(
      lanes([
        [0, 1],
        [2, null],
        [4, 0],
      ]),
    ).toEqual([
      [0, 2, 'Chạy', 0],
      [4, 10, 'Dừng', 3],
    ])
  })
})
