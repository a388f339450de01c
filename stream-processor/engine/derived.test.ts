import type { LiveIndicator } from '@ioc/contract/messages/live.ts'
import { expect, test } from 'vitest'
import { derived, history, indicator } from '../indicators/indicator.ts'
import { testEngine } from '../testing/engine.ts'
import { recordsOf } from '../testing/play.ts'
import { mean } from './aggregates/aggregates.ts'

const minuteMs = 60_000
const t0 = 1_764_000_000_000
const common = {
  title: { vi: 'thử', en: 'test' },
  about: { vi: 'Thử.', en: 'A test.' },
  unit: '1',
  window: { kind: 'tumbling', size_s: 60 },
  scopes: ['device'],
} as const
const minute = indicator({
  ...common,
  id: 'minute',
  source: 'air_quality',
  aggregates: { value: mean('pm25') },
  value: ({ value }) => value,
})
const sum = derived({
  ...common,
  id: 'sum',
  formula: 'sum of three minutes',
  inputs: { minutes: history(minute, 3) },
  value: ({ minutes }) => minutes.reduce<number>((all, one = 0) => all + one, 0),
})

/** Minutes, and what is measured in them: the last one comes when the fourth minute has begun. */
const measured = [
  [0, 1],
  [1, 10],
  [2, 100],
  [3, 1000],
  [1.5, 20],
] as const

test('the live value of a derived indicator follows late events of its inputs', () => {
  const engine = testEngine({ indicators: [minute, sum] })
  const records = recordsOf(
    measured.map(([at, pm25]) => ({
      type: 'air_quality',
      site: 's',
      device: 'd',
      ts: t0 + at * minuteMs,
      values: { pm25 },
    })),
  )
  const live = (): LiveIndicator | undefined =>
    [...engine.windows.sources()]
      .map((source) => source.read() as LiveIndicator | undefined)
      .find((found) => found?.id === 'sum')
  const seen = records.map((record) => {
    engine.process({ offset: 0, records: [record], next: 0 })
    engine.settle()
    const found = live()
    return found && [(found.ts - t0) / minuteMs, found.value]
  })
  // At last the mean of the second minute is 15.
  expect(seen).toEqual([undefined, [1, 1], [2, 11], [3, 111], [3, 116]])
})
