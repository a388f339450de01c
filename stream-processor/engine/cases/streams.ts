import { type CaseTypeId, caseTypes } from '@ioc/contract/case-types/table.ts'
import type { Scope } from '@ioc/contract/messages/live.ts'
import type { CaseIndicator, CaseWindow } from '../../indicators/case-indicator.ts'
import type { Series } from './series.ts'
import { gridOf, longestOf, type PaneGrid } from './window-ends.ts'

/** Indicators that share panes: of the same cases, grouped by the same attribute, for the same scope. */
export interface Stream {
  readonly id: string
  readonly scope: Scope
  /** Which of the type's grouping attributes; -1 for none. */
  readonly group: number
  /** The bit of the condition that its cases meet; 0 for all cases. */
  readonly condition: number
  readonly grid: PaneGrid
  readonly windows: readonly StreamWindow[]
  /** By the number of the place, then by the number of the attribute's value. */
  readonly byPlace: (Series | undefined)[][]
  readonly byName: Map<string, Series>
  readonly series: Series[]
}

export interface StreamWindow {
  readonly window: CaseWindow
  readonly indicators: readonly CaseIndicator[]
}

/** What is kept of the cases of one type, so that its indicators can be computed, and no more. */
export interface CasePlan {
  readonly type: CaseTypeId
  /** Attributes that indicators are grouped by. */
  readonly groupBy: readonly string[]
  readonly conditions: readonly NonNullable<CaseIndicator['where']>[]
  readonly streams: readonly Stream[]
  /** The longest window, in ms; 0 without windows. */
  readonly longestMs: number
}

/** A condition is a bit of a whole number of 32 bits. */
const maxConditions = 32

export function planCases(indicators: readonly CaseIndicator[]): CasePlan[] {
  return (Object.keys(caseTypes) as CaseTypeId[]).map((type) => planType(type, indicators))
}

function planType(type: CaseTypeId, indicators: readonly CaseIndicator[]): CasePlan {
  const own = indicators.filter(({ source }) => source === type)
  const groupBy = [...new Set(own.flatMap(({ by }) => by ?? []))]
  const conditions = [...new Set(own.flatMap(({ where }) => where ?? []))]
  if (conditions.length > maxConditions) throw new RangeError(`${type}: more than ${maxConditions} conditions`)
  const scoped = own.flatMap((indicator) => indicator.scopes.map((scope) => ({ indicator, scope })))
  const shared = Map.groupBy(scoped, ({ indicator: { by, where }, scope }) => {
    const condition = where ? conditions.indexOf(where) : -1
    return `${type}/${by ?? ''}/${condition < 0 ? '' : condition}/${scope}`
  })
  const streams = [...shared].map(([id, members]): Stream => {
    const { scope, indicator } = members[0] as (typeof members)[number]
    const { by, where } = indicator
    const windows = Map.groupBy(members, (member) => JSON.stringify(member.indicator.window))
    return {
      id,
      scope,
      group: by === undefined ? -1 : groupBy.indexOf(by),
      condition: where ? 1 << conditions.indexOf(where) : 0,
      grid: gridOf(members.map((member) => member.indicator.window)),
      windows: [...windows.values()].map((alike) => ({
        window: (alike[0] as (typeof alike)[number]).indicator.window,
        indicators: alike.map((member) => member.indicator),
      })),
      byPlace: [],
      byName: new Map(),
      series: [],
    }
  })
  const longestMs = Math.max(0, ...own.map(({ window }) => longestOf(window)))
  return { type, groupBy, conditions, streams, longestMs }
}

/** Says what rows hold. Rows that were kept for other declarations do not have what these need. */
export function shapeOf(plans: readonly CasePlan[]): string {
  const kept = plans.map(({ type, groupBy, conditions, longestMs }) => {
    return { type, groupBy, conditions: conditions.map(String), longestMs }
  })
  return JSON.stringify(kept)
}
