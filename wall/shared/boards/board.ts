/**
 * The part of Grafana's dashboard JSON (schema version 1) that the boards use and the page draws. `supported.ts` lists
 * the options; a board that uses another one fails the tests.
 */
export interface Board {
  readonly uid: string
  readonly title: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly panels: readonly Panel[]
  readonly templating?: { readonly list: readonly Variable[] }
  readonly annotations?: { readonly list: readonly Annotation[] }
  readonly links?: readonly BoardLink[]
  readonly time?: { readonly from: string; readonly to: string }
  /** How often the panels are read again, as `10s`; empty: never. */
  readonly refresh?: string
}

export const panelTypes = [
  'timeseries',
  'stat',
  'gauge',
  'bargauge',
  'table',
  'state-timeline',
  'geomap',
  'text',
] as const
export type PanelType = (typeof panelTypes)[number]

export interface Panel {
  readonly id: number
  /** `row` is a heading, whose panels follow it, or are in `panels` while it is collapsed. */
  readonly type: PanelType | 'row'
  readonly title?: string
  readonly description?: string
  /** Of 24 columns; a unit of height is 30 px and a gap of 8 px. */
  readonly gridPos: GridPos
  readonly targets?: readonly Target[]
  readonly options?: Readonly<Record<string, unknown>>
  readonly fieldConfig?: { readonly defaults: FieldConfig; readonly overrides: readonly FieldOverride[] }
  readonly transformations?: readonly { readonly id: string; readonly options: Readonly<Record<string, unknown>> }[]
  readonly links?: readonly Link[]
  /** The smallest interval of its queries, as `10s`. */
  readonly interval?: string
  readonly timeFrom?: string
  readonly transparent?: boolean
  /** The variable of which there is a copy of the panel for each chosen value. */
  readonly repeat?: string
  readonly repeatDirection?: 'h' | 'v'
  readonly maxPerRow?: number
  readonly collapsed?: boolean
  readonly panels?: readonly Panel[]
}

export interface GridPos {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

export interface Target {
  readonly refId: string
  readonly query: string
  readonly resultFormat: 'time_series' | 'table'
  /** Name of the series; `$tag_area` stands for the value of a tag. */
  readonly alias?: string
  readonly hide?: boolean
}

export interface FieldConfig {
  readonly displayName?: string
  readonly unit?: string
  readonly decimals?: number
  readonly min?: number
  readonly max?: number
  readonly noValue?: string
  readonly color?: { readonly mode: string; readonly fixedColor?: string }
  readonly thresholds?: { readonly mode: 'absolute' | 'percentage'; readonly steps: readonly ThresholdStep[] }
  readonly mappings?: readonly Mapping[]
  readonly links?: readonly Link[]
  readonly custom?: Readonly<Record<string, unknown>>
}

export interface ThresholdStep {
  /** null: from minus infinity. */
  readonly value: number | null
  readonly color: string
}

export interface FieldOverride {
  readonly matcher: { readonly id: string; readonly options?: unknown }
  readonly properties: readonly { readonly id: string; readonly value?: unknown }[]
}

export type Mapping =
  | { readonly type: 'value'; readonly options: Readonly<Record<string, MappingResult>> }
  | {
      readonly type: 'range'
      readonly options: { readonly from: number | null; readonly to: number | null; readonly result: MappingResult }
    }
  | { readonly type: 'special'; readonly options: { readonly match: string; readonly result: MappingResult } }

export interface MappingResult {
  readonly text?: string
  readonly color?: string
  readonly index?: number
}

export interface Link {
  readonly title: string
  readonly url: string
  readonly targetBlank?: boolean
}

export interface BoardLink extends Link {
  readonly type: 'link' | 'dashboards'
  readonly keepTime?: boolean
  readonly includeVars?: boolean
  /** Of type `dashboards`: boards that have one of these. */
  readonly tags?: readonly string[]
}

export interface Variable {
  readonly name: string
  readonly label?: string
  readonly type: 'query' | 'custom' | 'constant' | 'textbox'
  readonly query: string
  readonly multi?: boolean
  readonly includeAll?: boolean
  readonly allValue?: string
  readonly hide?: number
  readonly regex?: string
  readonly current?: { readonly text?: string | readonly string[]; readonly value?: string | readonly string[] }
  readonly options?: readonly { readonly text: string; readonly value: string; readonly selected?: boolean }[]
}

export interface Annotation {
  readonly name: string
  readonly enable: boolean
  readonly hide?: boolean
  readonly iconColor?: string
  readonly query?: string
  readonly target?: { readonly query?: string; readonly textEditor?: boolean }
  readonly textColumn?: string
  readonly tagsColumn?: string
  readonly titleColumn?: string
  /** The end of an event that lasts. */
  readonly timeEndColumn?: string
}
