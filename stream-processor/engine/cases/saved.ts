import type { Place } from '../place.ts'
import type { CaseVersion } from './case-version.ts'

/** What changed about the cases of one type, or all of them: the newest version of each by its number. */
export interface SavedTable {
  readonly type: string
  readonly cases: readonly (readonly [number: number, version: CaseVersion])[]
  /** Numbers of cases that are gone. */
  readonly gone: readonly number[]
}

/**
 * What changed since the last checkpoint, or all of it. Panes are not in it: they follow from the cases, because a case
 * is evicted only after all windows that it was opened or closed in. So a state that was saved under other indicators
 * holds all that present ones need, but for the evicted cases: a longer window than any before does not see them.
 */
export interface CaseChanges {
  /** The clock as it was last handed in, in ms; `null` before. */
  readonly clock: number | null
  /** Under which indicators windows were emitted: under others the newest are emitted again. */
  readonly indicators: string
  /** All keys whose windows are still to be emitted again; it replaces what was saved before. */
  readonly amended: readonly { readonly stream: string; readonly place: Place; readonly fromMs: number }[]
  readonly tables: readonly SavedTable[]
}
