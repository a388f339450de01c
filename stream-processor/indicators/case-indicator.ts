import type { CaseTypeId, caseTypes } from '@ioc/contract/case-types/table.ts'
import type { IndicatorDescriptor, Window } from '@ioc/contract/messages/live.ts'
import { marked, type Revised } from './revised.ts'

/**
 * What a window `[from, to)` knows of the cases of a key, all of it at `to`: what happens at `to` belongs to the next
 * window, so that backlog = backlog of the window before + received − closed.
 */
export interface CaseFigures {
  /** Opened in the window. */
  readonly received: number
  /** Closed in the window. */
  readonly closed: number
  /** Closed in the window, on or before the due time; a case that is due at no time is always on time. */
  readonly closedOnTime: number
  /** Opened before `to` and not closed before it. */
  readonly backlog: number
  /** Of the backlog, those whose due time is before `to`. */
  readonly overdue: number
  /** Mean of closed − opened of those closed in the window, in ms; `undefined` if there are none. */
  readonly handlingMeanMs: number | undefined
  /**
   * A quantile of closed − opened of those closed in the window, within one per cent, in ms: of `n` in order of size,
   * the one at place `⌊q·(n−1)⌋`. `undefined` if there are none.
   * @param q between 0 and 1: 0.5 is the median
   */
  handlingQuantileMs(q: number): number | undefined
}

/** An indicator of cases: what is computed, from what, over which time, for whom, and how to judge it. */
export interface CaseIndicator extends IndicatorDescriptor, Revised {
  readonly kind: 'cases'
  readonly source: CaseTypeId
  readonly window: Window
  /** Which cases count. A pure function; indicators that share the function share what they are computed from. */
  readonly where?: (attributes: Readonly<Record<string, unknown>>) => boolean
  /** Closed cases that a window needs before its value has a level: of fewer, one case weighs too much. 0 if not given. */
  readonly minClosed?: number
  /** A pure function. `undefined` where the figures give no value, as a rate of nothing. */
  readonly value: (figures: CaseFigures) => number | undefined
}

type Declared<T extends CaseTypeId> = (typeof caseTypes)[T]['attributes']

interface Kinds {
  string: string
  number: number
  boolean: boolean
}

/** The attributes of a case of a type. Any may be absent. */
export type CaseAttributes<T extends CaseTypeId> = {
  readonly [A in keyof Declared<T>]?:
    | (Declared<T>[A] extends { readonly kind: infer K extends keyof Kinds } ? Kinds[K] : never)
    | null
}

/** A declaration whose attributes are checked against its case type by the compiler. */
export function caseIndicator<const T extends CaseTypeId>(
  declaration: Omit<CaseIndicator, 'kind' | 'source' | 'by' | 'where'> & {
    readonly source: T
    readonly by?: keyof Declared<T> & string
    readonly where?: (attributes: CaseAttributes<T>) => boolean
  },
): CaseIndicator {
  // The engine gives a condition the attributes of its own type only, with the kinds that the type declares.
  return { kind: 'cases', ...marked(declaration as Omit<CaseIndicator, 'kind'>) }
}
