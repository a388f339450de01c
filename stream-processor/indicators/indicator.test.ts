import { describe, expect, expectTypeOf, test } from 'vitest'
import { mean, sum } from '../engine/aggregates/aggregates.ts'
import { describeIndicator, indicator, type MetricOf } from './indicator.ts'
import { caseIndicators, domains, indicators } from './table.ts'

const common = {
  id: 'test',
  title: { vi: 'thử', en: 'test' },
  about: { vi: 'Thử.', en: 'A test.' },
  unit: '1',
  source: 'air_quality',
  window: { kind: 'tumbling', size_s: 60 },
  scopes: ['device'],
} as const

describe('indicator', () => {
  test('a metric that the device type does not declare does not compile', () => {
    indicator({ ...common, aggregates: { value: mean('pm25') }, value: ({ value }) => value })
    // @ts-expect-error: misspelt
    indicator({ ...common, aggregates: { value: mean('pm52') }, value: ({ value }) => value })
    // @ts-expect-error: of another device type
    indicator({ ...common, aggregates: { value: sum('rain_mm') }, value: ({ value }) => value })
    // @ts-expect-error: not an aggregate of this indicator
    indicator({ ...common, aggregates: { value: mean('pm25') }, value: ({ other }) => other })
    // @ts-expect-error: grouped by a number
    indicator({ ...common, aggregates: { value: mean('pm25') }, by: 'pm10', value: ({ value }) => value })
    expectTypeOf<MetricOf<'traffic', 'string'>>().toEqualTypeOf<'vehicle_class' | 'direction'>()
  })

  test('says what it is made of, and nothing of how', () => {
    const one = indicator({
      ...common,
      aggregates: { mean: mean('pm25'), sum: sum('pm10') },
      unconfirmed: { vi: 'tất cả', en: 'everything' },
      value: ({ mean, sum }) => mean + sum,
    })
    expect(describeIndicator(one)).toEqual({
      ...common,
      formula: 'mean(pm25), sum(pm10)',
      unconfirmed: { vi: 'tất cả', en: 'everything' },
    })
  })
})

describe('the table of indicators', () => {
  test('has each id once', () => {
    const ids = [...indicators, ...caseIndicators].map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('declares those of tumbling windows that grow with what is added up', () => {
    const additive = /^(?:sum|count|increase|weightedSum)\(/
    const tumbling = indicators.filter(({ window }) => window.kind === 'tumbling')
    const grows = tumbling.filter((one) => {
      if (one.kind !== 'measured') return false
      const aggregates = Object.entries(one.aggregates)
      if (!aggregates.every(([, { text }]) => additive.test(text))) return false
      const resultOf = (each: number) => one.value(Object.fromEntries(aggregates.map(([name]) => [name, each])))
      return resultOf(2) !== resultOf(1)
    })
    const ids = (some: readonly { readonly id: string }[]) => some.map(({ id }) => id).sort()
    expect(ids(tumbling.filter(({ accumulates }) => accumulates === true))).toEqual(ids(grows))
    expect(ids(grows)).toContain('traffic_flow_1h')
  })

  test('has what each derived indicator takes', () => {
    const inputs = indicators.flatMap((one) => (one.kind === 'derived' ? Object.values(one.inputs) : []))
    const all = domains.flatMap((domain) => domain.indicators)
    for (const { indicator: input } of inputs) expect(all).toContain(input)
  })

  test('gives each derived indicator no scope that an input lacks', () => {
    for (const one of indicators) {
      if (one.kind !== 'derived') continue
      for (const { indicator: input } of Object.values(one.inputs)) {
        expect(input.scopes).toEqual(expect.arrayContaining([...one.scopes]))
      }
    }
  })
})
