import type { CaseType } from '@ioc/contract/case-types/case-type.ts'
import type { Scope } from '@ioc/contract/messages/live.ts'
import type { CaseIndicator } from '../../indicators/case-indicator.ts'
import type { DeclaredAttribute } from './rows.ts'
import type { Series } from './series.ts'
import { longestOf, type PaneGrid, sharedGrid, type WindowGrid, windowGrid } from './window-ends.ts'

/** Indicators that share panes: of the same cases, grouped by the same attribute, for the same scope. */
export interface Stream {
  readonly id: string
  readonly scope: Scope
  /** Which of the type's attributes; -1 for none. */
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
  readonly grid: WindowGrid
  readonly indicators: readonly CaseIndicator[]
}

/** What is computed from the cases of one type. */
export interface CasePlan {
  readonly type: string
  /** All that are kept of a case: those that the type declares. */
  readonly attributes: readonly DeclaredAttribute[]
  readonly conditions: readonly NonNullable<CaseIndicator['where']>[]
  readonly streams: readonly Stream[]
  /** The longest window, in ms; 0 without windows. */
  readonly longestMs: number
}

/** A condition is a bit of a whole number of 32 bits. */
const maxConditions = 32

export type CaseTypes = Readonly<Record<string, CaseType>>

export function planCases(indicators: readonly CaseIndicator[], types: CaseTypes): CasePlan[] {
  return Object.entries(types).map(([type, { attributes }]) => {
    const declared = Object.entries(attributes).map(([name, { kind }]) => ({ name, kind }))
    return planType(type, declared, indicators)
  })
}

function planType(
  type: string,
  attributes: readonly DeclaredAttribute[],
  indicators: readonly CaseIndicator[],
): CasePlan {
  const own = indicators.filter(({ source }) => source === type)
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
    const alike = Map.groupBy(members, (member) => JSON.stringify(member.indicator.window))
    const windows = [...alike.values()].map((each): StreamWindow => {
      const shown = each.map((member) => member.indicator)
      return { grid: windowGrid((shown[0] as CaseIndicator).window), indicators: shown }
    })
    return {
      id,
      scope,
      group: attributes.findIndex(({ name }) => name === by),
      condition: where ? 1 << conditions.indexOf(where) : 0,
      grid: sharedGrid(windows.map(({ grid }) => grid)),
      windows,
      byPlace: [],
      byName: new Map(),
      series: [],
    }
  })
  const longestMs = Math.max(0, ...own.map(({ window }) => longestOf(windowGrid(window))))
  return { type, attributes, conditions, streams, longestMs }
}

/** Says which values indicators give; not what a function reads from outside itself. */
export function nameIndicators(indicators: readonly CaseIndicator[]): string {
  const named = indicators.map((one) => ({ ...one, where: String(one.where), value: String(one.value) }))
  return JSON.stringify(named)
}
