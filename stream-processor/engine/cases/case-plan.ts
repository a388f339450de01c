import type { CaseType } from '@ioc/contract/case-types/case-type.ts'
import type { Scope } from '@ioc/contract/messages/live.ts'
import type { CaseIndicator } from '../../indicators/case-indicator.ts'
import { type Grid, gridOf, lengthMs, type PaneGrid, sharedGrid } from '../windows/ends.ts'
import type { DeclaredAttribute } from './attributes.ts'
import type { CaseSeries } from './case-series.ts'

/** Indicators that share panes: of the same cases, grouped by the same attribute, for the same scope. */
export interface CaseStream {
  readonly id: string
  readonly scope: Scope
  readonly by: string | undefined
  /** Which cases count; without it all. */
  readonly where: CaseIndicator['where']
  readonly grid: PaneGrid
  readonly windows: readonly StreamWindow[]
  /** By the id of the place. */
  readonly series: Map<string, CaseSeries>
  /** No window reaches back before this pane any more. */
  oldestPane: number
}

export interface StreamWindow {
  readonly grid: Grid
  readonly indicators: readonly CaseIndicator[]
}

/** What is computed from the cases of one type. */
export interface CasePlan {
  readonly type: string
  /** All that are kept of a case: those that the type declares. */
  readonly attributes: readonly DeclaredAttribute[]
  readonly streams: readonly CaseStream[]
  /** The longest window, in ms; 0 without windows. */
  readonly longestMs: number
}

export type CaseTypes = Readonly<Record<string, CaseType>>

export function planCases(indicators: readonly CaseIndicator[], types: CaseTypes): CasePlan[] {
  return Object.entries(types).map(([type, { attributes }]) => {
    const own = indicators.filter(({ source }) => source === type)
    return {
      type,
      attributes: Object.entries(attributes).map(([name, { kind }]) => ({ name, kind })),
      streams: planStreams(type, own),
      longestMs: Math.max(0, ...own.map(({ window }) => lengthMs(window))),
    }
  })
}

function planStreams(type: string, own: readonly CaseIndicator[]): CaseStream[] {
  const conditions = [...new Set(own.flatMap(({ where }) => where ?? []))]
  const scoped = own.flatMap((indicator) => indicator.scopes.map((scope) => ({ indicator, scope })))
  const shared = Map.groupBy(scoped, ({ indicator: { by, where }, scope }) => {
    return `${type}/${by ?? ''}/${where ? conditions.indexOf(where) : ''}/${scope}`
  })
  return [...shared].map(([id, members]) => {
    const { scope, indicator } = members[0] as (typeof members)[number]
    const alike = Map.groupBy(members, (member) => JSON.stringify(member.indicator.window))
    const windows = [...alike.values()].map((each): StreamWindow => {
      const shown = each.map((member) => member.indicator)
      return { grid: gridOf((shown[0] as CaseIndicator).window), indicators: shown }
    })
    return {
      id,
      scope,
      by: indicator.by,
      where: indicator.where,
      grid: sharedGrid(windows.map(({ grid }) => grid)),
      windows,
      series: new Map(),
      oldestPane: Number.NEGATIVE_INFINITY,
    }
  })
}
