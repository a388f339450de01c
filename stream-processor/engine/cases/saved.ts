import type { CasePlace } from './case-point.ts'

/** A case in memory, as it is saved: what a commune calls it, and what is kept of its newest version. */
export interface SavedCase extends CaseKey {
  readonly device: string
  readonly area: string | null
  /** Times in ms. */
  readonly opened: number
  readonly due: number | null
  readonly closed: number | null
  readonly ts: number
  /** Values of the attributes that indicators are grouped by. */
  readonly groups: readonly string[]
  /** Bit `i`: it meets condition `i`. */
  readonly conditions: number
  /** The due time has been given out as passed. */
  readonly passed: boolean
}

/** Communes number their dossiers independently: a case is known by all three. */
export interface CaseKey {
  readonly type: string
  readonly site: string
  readonly id: string
}

/**
 * What changed since the last checkpoint, as plain data. Panes are not in it: they follow from the cases, because a case
 * that has left memory was opened and closed before all windows.
 */
export interface CaseChanges {
  /** What the declarations keep of a case; a state of another shape is computed anew from the log. */
  readonly shape: string
  /** The clock as it was last handed in, in ms; `null` before. */
  readonly clock: number | null
  /** To be deleted, before `cases` are put: a case may have left and come back. */
  readonly removed: readonly CaseKey[]
  readonly cases: readonly SavedCase[]
  /** All keys whose windows are still to be given out again; it replaces what was saved before. */
  readonly amended: readonly { readonly stream: string; readonly place: CasePlace; readonly fromMs: number }[]
}
