import type { CaseRecord } from '@ioc/contract/messages/cases.ts'
import type { Level, LiveIndicator } from '@ioc/contract/messages/live.ts'
import type { CaseIndicator } from '../../indicators/case-indicator.ts'
import type { LiveSource } from '../live-source.ts'
import type { Fault } from '../measurement.ts'
import type { Place } from '../place.ts'

/** A case as a record says it, with the place that the record came from. */
export interface CaseClaim {
  readonly site: string
  readonly device: string
  readonly area: string | undefined
  readonly type: string
  readonly ts: number
  readonly case: CaseRecord['case']
}

/** Whose cases are counted. A group is `-` for cases that have no value, `+` for all values beyond the limit. */
export type CasePlace = Place

/** A value of an indicator at the end of one of its windows. */
export interface CasePoint {
  readonly indicator: CaseIndicator
  readonly place: CasePlace
  /** End of the window, in ms. */
  readonly ts: number
  /** `undefined`: cases have changed, and the window has no value any more; one given out before is void. */
  readonly value: number | undefined
  readonly level: Level
  /** Cases that the window knows of: open at its end, or closed in it. */
  readonly samples: number
}

/** A deadline that has passed while its case was open. */
export interface CaseDeadline {
  readonly type: string
  readonly site: string
  readonly device: string
  readonly id: string
  /** In ms. */
  readonly due: number
}

/** Hears what is wrong with a claim of a batch. */
export type OnFaults = (index: number, faults: readonly Fault[]) => unknown

/** Where values and deadlines go: arrays, of which nothing is read here. */
export interface CaseOutput {
  readonly points: { push(point: CasePoint): unknown }
  readonly deadlines: { push(deadline: CaseDeadline): unknown }
}

/** What a live topic shows: the value of the window that the clock is in, as far as it is known. */
export interface CurrentValue extends LiveSource {
  readonly indicator: CaseIndicator
  readonly place: CasePlace
  read(): LiveIndicator | undefined | null
}

/** How many cases that are not known yet a message may add, and those that were refused for it. */
export interface CaseRoom {
  left: number
  readonly refused: string[]
}
