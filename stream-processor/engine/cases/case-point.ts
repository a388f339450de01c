import type { CaseRecord } from '@ioc/contract/messages/cases.ts'
import type { Level, Scope } from '@ioc/contract/messages/live.ts'
import type { CaseIndicator } from '../../indicators/case-indicator.ts'

/** A case as a record says it, with the place that the record came from. */
export interface CaseClaim {
  readonly site: string
  readonly device: string
  readonly area: string | undefined
  readonly type: string
  readonly ts: number
  readonly case: CaseRecord['case']
}

/** Whose cases are counted: those of a place, and of one value of the attribute that the indicator groups by. */
export interface CasePlace {
  readonly scope: Scope
  /** `site/device`, the site, the area, or `district`. */
  readonly key: string
  readonly area?: string
  readonly site?: string
  readonly device?: string
  /** The value of the attribute; `-` of cases that have none, `+` of all values beyond the limit. */
  readonly group?: string
}

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

export interface CaseOutput {
  readonly points: CasePoint[]
  readonly deadlines: CaseDeadline[]
}
