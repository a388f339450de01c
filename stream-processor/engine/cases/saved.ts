import type { Place } from '../place.ts'
import type { CaseVersion } from './case-version.ts'

/** Cases of one page: fewer are written where few change, more where many do. */
const casesPerPage = 32

/** The page that a case is saved in, by its number. */
export const pageOf = (number: number): number => Math.floor(number / casesPerPage)

/** The cases of one page, each with its number; none where all of them are gone. */
export interface SavedPage {
  readonly page: number
  readonly cases: readonly (readonly [number: number, version: CaseVersion])[]
}

/** The pages of one type's cases that have changed, or all of them. */
export interface SavedTable {
  readonly type: string
  readonly pages: readonly SavedPage[]
}

/** Puts cases into their pages. */
export function toPages(cases: SavedPage['cases']): SavedPage[] {
  const pages = Map.groupBy(cases, ([number]) => pageOf(number))
  return [...pages].map(([page, own]) => ({ page, cases: own }))
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
