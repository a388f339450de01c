import type { DeviceTypeId, deviceTypes } from '@ioc/contract/device-types/table.ts'
import type { IndicatorDescriptor, Levels, Scope } from '@ioc/contract/messages/live.ts'

type NumericMetric<T extends DeviceTypeId> = {
  [M in keyof (typeof deviceTypes)[T]['metrics']]: (typeof deviceTypes)[T]['metrics'][M] extends { kind: 'number' }
    ? M
    : never
}[keyof (typeof deviceTypes)[T]['metrics']] &
  string

/** What a window knows of one metric. All of it can be merged. */
export interface Aggregate {
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
}

/** An indicator: what is computed, from what, over which time, for whom, and how to judge it. */
export interface Indicator extends IndicatorDescriptor {
  readonly source: DeviceTypeId
  readonly metric: string
  /** A pure function of the metric's aggregate over the window. */
  readonly value: (aggregate: Aggregate) => number
}

/** A declaration whose metric is checked against its device type by the compiler. */
export function indicator<const T extends DeviceTypeId>(
  declaration: Omit<Indicator, 'source' | 'metric'> & { readonly source: T; readonly metric: NumericMetric<T> },
): Indicator {
  return declaration
}

export const mean = (aggregate: Aggregate): number => aggregate.sum / aggregate.count
export const max = (aggregate: Aggregate): number => aggregate.max

export type { Levels, Scope }

/** What others may know of an indicator: all but its function. */
export function describeIndicator(declaration: Indicator): IndicatorDescriptor {
  const { value: _value, metric: _metric, ...descriptor } = declaration
  return descriptor
}
