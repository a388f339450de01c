import type { DeviceTypeId } from '@ioc/contract/device-types/table.ts'
import type { Levels, Scope, Window } from '@ioc/contract/messages/live.ts'
import { type Hold, shareInState } from '../engine/aggregates/aggregates.ts'
import { type Indicator, indicator, type MetricOf } from './indicator.ts'
import { only } from './only.ts'
import { lastDay, thirtyDays } from './periods.ts'
import { unconfirmed } from './unconfirmed.ts'
import { during, type Words } from './words.ts'

/** Of what the centre watches and does not own. */
export const availabilityLevels = {
  direction: 'below',
  attention: 99,
  warning: 95,
  critical: 80,
} as const satisfies Levels

interface Watched<T extends DeviceTypeId> {
  readonly metric: MetricOf<T, 'string' | 'boolean'> & MetricOf<T>
  /** The value that the metric should have. */
  readonly good: string | boolean
  readonly hold: Hold
  readonly scopes: readonly Scope[]
  /** The window of the last hour. */
  readonly hour: Window
}

const longer: readonly (readonly [suffix: string, vi: string, en: string, Window])[] = [
  ['24h', '24 giờ', '24 h', lastDay],
  ['30d', '30 ngày', '30 d', thirtyDays],
]

/**
 * The share of its time that a device is in the state in which it should be, over an hour, a day and thirty days. Time of
 * which nothing is known does not count.
 * @param name what the ids begin with
 */
export function availability<const T extends DeviceTypeId>(
  source: T,
  name: string,
  [vi, en]: readonly [vi: string, en: string],
  /** What is so, of what: `camera có kết nối`, `a camera was online`. */
  state: Words,
  { metric, good, hold, scopes, hour }: Watched<T>,
): readonly Indicator[] {
  return [['1h', '1 giờ', '1 h', hour] as const, ...longer].map(([suffix, ofVi, ofEn, window]) =>
    indicator({
      id: `${name}_${suffix}`,
      title: { vi: `${vi}, ${ofVi}`, en: `${en}, ${ofEn}` },
      about: {
        vi: `Thời gian ${state.vi} chia cho thời gian biết được trạng thái ${during(window).vi}, tính bằng phần trăm.`,
        en: `Time in which ${state.en} divided by the time of which the state is known ${during(window).en}, in per cent.`,
      },
      unit: '%',
      source,
      ...only(shareInState<MetricOf<T>>(metric, good, hold), 100),
      formula: `100 · time with ${metric} ${good} ÷ time with a known state; a state holds for ${hold.hold_s} s`,
      window,
      scopes,
      levels: availabilityLevels,
      unconfirmed: unconfirmed.startingLevels,
    }),
  )
}
