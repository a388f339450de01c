import { describe, expect, test } from 'vitest'
import { indicator } from '../indicators/indicator.ts'
import { createSavedState, testEngine } from '../testing/engine.ts'
import { recordsOf } from '../testing/play.ts'
import { count, max, mean, quantile } from './aggregates/aggregates.ts'
import type { Aggregate } from './aggregates/column.ts'
import { planStreams, renamedStreams } from './plan.ts'

const t0 = 1_764_000_000_000

const declare = (id: string, aggregate: Aggregate<'pm25'>, size_s = 60, more: object = {}) =>
  indicator({
    id,
    title: { vi: 'thử', en: 'test' },
    about: { vi: 'Thử.', en: 'A test.' },
    unit: '1',
    source: 'air_quality',
    window: { kind: 'sliding', size_s, every_s: 60 },
    scopes: ['device'],
    aggregates: { value: aggregate },
    value: ({ value }) => value,
    ...more,
  })

const counted = (id: string, limit: number, where = ({ pm25 = 0 }: { pm25?: number }) => pm25 > limit) =>
  declare(id, count('pm25'), 60, { where })

test('only indicators that share a filter share panes', () => {
  const shared = ({ pm25 = 0 }: { pm25?: number }) => pm25 > 3
  const plans = planStreams([counted('a', 1), counted('b', 2), counted('c', 3, shared), counted('d', 3, shared)], false)
  expect(plans.map(({ groups }) => groups.flatMap(({ readers }) => readers.map((one) => one.indicator.id)))).toEqual([
    ['a'],
    ['b'],
    ['c', 'd'],
  ])
  expect(new Set(plans.map(({ id }) => id)).size).toBe(3)
})

test.each([
  ['one with a text', ['a|(x) => x || y|s', 'a||s'], [['a|(x) => x || y|s', 'a|where:one@0|s']]],
  ['two with a text', ['a|(x) => x|s', 'a|(y) => y|s'], []],
  ['only one without a filter', ['a||s'], []],
  ['one of another shape', ['a|(x) => x|t'], []],
  ['the present one', ['a|where:one@0|s', 'a|(x) => x|s'], []],
  ['one of another filter', ['a|where:two@0|s'], []],
] as const)('a saved stream is known again by what surrounds its filter: %s', (_, saved, expected) => {
  expect(renamedStreams(['a|where:one@0|s', 'a||s'], saved)).toEqual(expected)
})

test('a saved stream that may be either of two is none of them', () => {
  expect(renamedStreams(['a|where:one@0|s', 'a|where:two@0|s'], ['a|(x) => x|s'])).toEqual([])
})

describe('a state that was saved with other indicators', () => {
  const devices = ['1', '2', '3', '4', '5']
  /** Each device measures a hundred times its name, each minute. */
  const records = recordsOf(
    Array.from({ length: 60 }, (_, minute) =>
      devices.map((device) => {
        const [ts, pm25] = [t0 + minute * 60_000, 100 * Number(device)]
        return { type: 'air_quality', site: 's', device, ts, values: { pm25 } }
      }),
    ).flat(),
  )

  const one = declare('one', mean('pm25'), 600)

  test.each([
    ['another column', declare('other', max('pm25'))],
    ['another cell', declare('other', quantile('pm25', 0.5))],
    ['a longer window', declare('other', mean('pm25'), 200 * 24 * 3600)],
  ])('is not taken for what it is not: %s', (_, other) => {
    const state = createSavedState()
    const first = testEngine({ indicators: [one], archiveOf: state.archiveOf })
    first.process({ offset: 0, records: records.slice(0, 150), next: 150 })
    state.take(first.changes({ live: 150, backlog: 0 }))
    const second = testEngine({ indicators: [other, one], archiveOf: state.archiveOf })
    second.restore(state.saved())
    const { points } = second.process({ offset: 150, records: records.slice(150), next: 300 })
    const values = points.filter(({ indicator: { id } }) => id === 'one')
    expect(values.length).toBeGreaterThan(100)
    for (const { place, value } of values) expect(value).toBe(100 * Number(place.device))
  })
})
