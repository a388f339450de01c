import type { Site } from '@ioc/contract/district/sites.ts'
import type { CaseRecord } from '@ioc/contract/messages/cases.ts'
import type { DeviceBirth } from '@ioc/contract/messages/status.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import type { Calendar } from '@ioc/runtime/district/calendar.ts'
import type { ScenarioEvent } from './scenarios/scenario.ts'

/** What a model knows of the district that it simulates. Times are in ms since 1970, UTC. */
export interface World {
  /** The same seed gives the same district, day by day. */
  readonly seed: number
  readonly calendar: Calendar
  /** The named events of the scenario that are on at `ts`. */
  eventsAt(ts: number): readonly ScenarioEvent[]
}

/**
 * A simulated source of measurements, as a collector of the agent is one: devices, and their records. What it says of a
 * time is a function of the seed and the time, so that history and live values fit together after any restart.
 */
export interface Source {
  readonly name: string
  /** Seconds between two collections: live, and where the past is filled in. */
  readonly cadence_s: number
  readonly fill_cadence_s: number
  devices(): DeviceBirth[]
  /** What its devices measure at `ts`. Called with rising times. */
  collect(ts: number): MeasurementRecord[]
}

/** A simulated source of cases. */
export interface CaseSource {
  readonly name: string
  devices(): DeviceBirth[]
  /** The versions of cases that come about in `(from, to]`, in the order of their times. */
  changes(from: number, to: number): CaseRecord[]
}

/** What is simulated at a site; `undefined` where the model has nothing for its kind. */
export interface Model {
  readonly name: string
  readonly sources?: (site: Site, world: World) => readonly Source[]
  readonly cases?: (site: Site, world: World) => readonly CaseSource[]
}
