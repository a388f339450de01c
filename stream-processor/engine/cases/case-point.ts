import type { CaseRecord } from '@ioc/contract/messages/cases.ts'
import type { Level, LiveIndicator } from '@ioc/contract/messages/live.ts'
import type { CaseIndicator } from '../../indicators/case-indicator.ts'
import type { LiveSource } from '../live-source.ts'
import type { Fault } from '../measurement.ts'
import type { Place } from '../place.ts'

/** A record of a case that is not validated yet, with the place that it came from. */
export interface CaseClaim {
  readonly site: string
  readonly device: string
  readonly area: string | undefined
  readonly type: string
  readonly ts: number
  readonly case: CaseRecord['case']
}

/** A value of an indicator at the end of one of its windows. */
export interface CasePoint {
  readonly indicator: CaseIndicator
  readonly place: Place
  /** End of the window, in ms. */
  readonly ts: number
  /** `undefined`: cases have changed, and the window has no value any more; one that was emitted before is void. */
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

/** Receives the validation errors of a record of a batch. */
export type OnFaults = (index: number, faults: readonly Fault[]) => unknown

/** Where values and deadlines are appended. */
export interface CaseOutput {
  readonly points: { push(point: CasePoint): unknown }
  readonly deadlines: { push(deadline: CaseDeadline): unknown }
}

/** What a live topic shows: the value of the window that the clock is in, as far as it is known. */
export interface CurrentValue extends LiveSource {
  readonly indicator: CaseIndicator
  readonly place: Place
  read(): LiveIndicator | undefined | null
}

/** How many cases that are not known yet a message may add, and those that were refused for it. */
export interface CaseRoom {
  left: number
  readonly refused: string[]
}
