import { expect, test } from 'vitest'
import { indicator } from '../indicators/indicator.ts'
import { count } from './aggregates/aggregates.ts'
import { planStreams } from './plan.ts'

const counted = (id: string, limit: number, where = ({ pm25 = 0 }: { pm25?: number }) => pm25 > limit) =>
  indicator({
    id,
    title: { vi: 'thử', en: 'test' },
    unit: '1',
    source: 'air_quality',
    window: { kind: 'tumbling', size_s: 60 },
    scopes: ['device'],
    where,
    aggregates: { value: count('pm25') },
    value: ({ value }) => value,
  })

test('filters of the same text that filter differently share no panes', () => {
  const shared = ({ pm25 = 0 }: { pm25?: number }) => pm25 > 3
  const plans = planStreams([counted('a', 1), counted('b', 2), counted('c', 3, shared), counted('d', 3, shared)], false)
  expect(plans.map(({ groups }) => groups.flatMap(({ readers }) => readers.map((one) => one.indicator.id)))).toEqual([
    ['a'],
    ['b'],
    ['c', 'd'],
  ])
  expect(new Set(plans.map(({ id }) => id)).size).toBe(3)
})
