import type { IndicatorDescriptor, Level } from '@ioc/contract/messages/live.ts'
import type { Place } from './place.ts'

/** A value of an indicator for one of its windows. */
export interface IndicatorPoint {
  readonly indicator: IndicatorDescriptor
  readonly place: Place
  /** End of the window: ms since 1970, UTC. */
  readonly ts: number
  /** `undefined` takes back what was given out for this time before. */
  readonly value: number | undefined
  readonly level: Level
  readonly samples: number
}

/** Every numeric metric of a device over an hour or a day. */
export interface RollupPoint {
  /** As `air_quality_1h`. */
  readonly measurement: string
  readonly place: Place
  /** Start of the hour or day: ms since 1970, UTC. */
  readonly ts: number
  readonly metrics: readonly {
    readonly metric: string
    readonly count: number
    readonly mean: number
    readonly min: number
    readonly max: number
  }[]
}

/** Where windows give out their values. */
export interface Sink {
  readonly points: IndicatorPoint[]
  readonly rollups: RollupPoint[]
}

/** Where a device is, or a site as a whole. */
export interface Position {
  readonly area: string | undefined
  readonly site: string
  /** undefined: the site. */
  readonly device: string | undefined
  readonly name: string | null
  /** Degrees, WGS 84. */
  readonly lat: number
  readonly lon: number
  readonly ts: number
}
