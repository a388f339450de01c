import type { CasePlace } from './case-point.ts'
import type { NewNames } from './names.ts'
import type { DeclaredAttribute } from './rows.ts'

/**
 * A page of rows as it stood in memory. Its timers, homes and the conditions that are met are of no meaning in it, and may
 * change until it is written.
 */
export interface SavedPage {
  readonly page: number
  readonly bytes: Uint8Array
  /** Ids that do not fit into their row. */
  readonly ids: readonly (readonly [row: number, id: string])[]
}

/** The cases of one type: which attributes a row has, what its numbers stand for, and the pages. */
export interface SavedTable {
  readonly type: string
  readonly attributes: readonly DeclaredAttribute[]
  /** It is all of it: what was saved of the type before is to be deleted first. */
  readonly whole: boolean
  readonly names: readonly (NewNames & { readonly dictionary: string })[]
  readonly pages: readonly SavedPage[]
}

/**
 * What changed since the last checkpoint, or all of it. Panes are not in it: they follow from the cases, because a case
 * that has left memory was opened and closed before all windows. So a state that was saved under other indicators holds
 * all that present ones need, but for the cases that had left memory: a longer window than any before does not see them.
 */
export interface CaseChanges {
  /** The clock as it was last handed in, in ms; `null` before. */
  readonly clock: number | null
  /** Says under which indicators windows were given out: under others the newest are given out again. */
  readonly indicators: string
  /** All keys whose windows are still to be given out again; it replaces what was saved before. */
  readonly amended: readonly { readonly stream: string; readonly place: CasePlace; readonly fromMs: number }[]
  readonly tables: readonly SavedTable[]
}
