import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import { ReduceDataOptionsBuilder } from '@grafana/grafana-foundation-sdk/common'
import {
  type DynamicConfigValue,
  type GridPos,
  MappingType,
  type Panel,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard'
import type { IndicatorQuery } from '@ioc/contract/boards/queries.ts'
import { groupTitles } from '@ioc/contract/group-titles.ts'
import type { IndicatorDescriptor, Levels, Scope } from '@ioc/contract/messages/live.ts'
import { declared } from './declarations.ts'
import type { Language, Text } from './text.ts'
import { thresholds } from './thresholds.ts'
import { decimalsOf, grafanaUnit } from './units.ts'

/** What a panel needs to know of the board that it is on. */
export interface Context {
  readonly uid: string
  readonly language: Language
}

export interface PanelBuilder extends Builder<Panel> {
  id(id: number): PanelBuilder
  gridPos(position: GridPos): PanelBuilder
}

/** A panel that has a size, and gets its place and its id from the board. */
export interface PanelSpec {
  readonly w: number
  readonly h: number
  /** Its place, on boards that lay out their panels themselves. */
  readonly x?: number
  readonly y?: number
  readonly build: (context: Context) => PanelBuilder
}

export const sized = (panel: PanelSpec, w: number, h: number): PanelSpec => ({ ...panel, w, h })
export const placed = (panel: PanelSpec, x: number, y: number, w: number, h: number): PanelSpec => ({
  ...panel,
  ...{ x, y, w, h },
})

/** How a value is shown: what indicators and metrics have in common. */
export interface Shown {
  readonly title: Text
  readonly unit: string
  /** Of an indicator: its device or case type. */
  readonly source?: string
  /** Decides the digits after the comma, with the unit. */
  readonly name: string
  readonly levels?: Levels | undefined
  /** Digits after the comma, where the unit and the name do not say. */
  readonly decimals?: number
}

export const shownOf = ({ id, title, unit, source, levels }: IndicatorDescriptor): Shown => ({
  ...{ title, unit, source, levels },
  name: id,
})

/** Tags by which a board's variables choose places of a scope, and those that tell its series apart. */
export const placesOf: Readonly<
  Record<Scope, { readonly tags: Readonly<Record<string, string>>; readonly by: string[] }>
> = {
  district: { tags: {}, by: [] },
  area: { tags: { area: '$area' }, by: ['area'] },
  site: { tags: { area: '$area', site: '$site' }, by: ['site'] },
  device: { tags: { area: '$area', site: '$site' }, by: ['site', 'device'] },
}

/** The query of an indicator at the places that the board's variables choose. */
export function at(id: string, scope: Scope, more: Partial<IndicatorQuery> = {}): IndicatorQuery {
  const { by } = declared(id)
  const place = placesOf[scope]
  return { id, scope, tags: place.tags, by: [...place.by, ...(by === undefined ? [] : ['group'])], ...more }
}

export const aliasOf = ({ by = [] }: IndicatorQuery): string => by.map((tag) => `$tag_${tag}`).join(' · ')

export const newest = () => new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false)
export const noValue = { vi: 'chưa có dữ liệu', en: 'no data yet' } as const satisfies Text

/** A band of a level that has a name for each whole number, such as fire danger I to V: the name is shown. */
export function bandMappings({ bands = [] }: IndicatorDescriptor, language: Language): ValueMapping[] {
  const isRanked =
    bands.length > 1 && bands.every(({ to }, index) => index === 0 || to - (bands[index - 1]?.to ?? 0) === 1)
  if (!isRanked) return []
  const options = Object.fromEntries(
    bands.map(({ to, title }, index) => [String(to), { text: title[language], index }]),
  )
  return [{ type: MappingType.ValueToText, options }]
}

interface Field {
  unit(unit: string): this
  decimals(decimals: number): this
  thresholds(steps: ReturnType<typeof thresholds>): this
  noValue(text: string): this
}

/** Sets how the values of a panel are shown. */
export function show<P extends Field>(
  panel: P,
  { unit, source, name, levels, decimals }: Shown,
  { language }: Context,
): P {
  const digits = decimals ?? decimalsOf(unit, name)
  panel
    .unit(grafanaUnit(unit, language, source))
    .thresholds(thresholds(levels))
    .noValue(noValue[language])
  return digits === undefined ? panel : panel.decimals(digits)
}

/** Groups that are sent as identifiers have words. */
export function withGroupTitles<P extends { overrideByName(name: string, properties: DynamicConfigValue[]): P }>(
  panel: P,
  { by }: IndicatorDescriptor,
  language: Language,
): P {
  for (const [name, title] of Object.entries(groupTitles[by ?? ''] ?? {})) {
    panel.overrideByName(name, [{ id: 'displayName', value: title[language] }])
  }
  return panel
}
