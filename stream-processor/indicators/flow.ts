import type { DeviceTypeId } from '@ioc/contract/device-types/table.ts'
import type { Window } from '@ioc/contract/messages/live.ts'
import { sum } from '../engine/aggregates/aggregates.ts'
import { places } from './case-formulas.ts'
import { indicator, type MetricOf } from './indicator.ts'
import { only } from './only.ts'

/** Declares indicators of what a source counts between its records, added up over a window. */
export const flowOf =
  <const T extends DeviceTypeId>(source: T) =>
  (id: string, vi: string, en: string, metric: MetricOf<T, 'number'> & MetricOf<T>, window: Window) =>
    indicator({
      id,
      title: { vi, en },
      unit: '1',
      source,
      ...only(sum<MetricOf<T>>(metric)),
      window,
      scopes: places,
    })
