import type { IndicatorReference } from '@ioc/contract/boards/queries.ts'

/** `GET /api/boards`: the boards in the order of the menu. */
export interface BoardList {
  readonly boards: readonly BoardEntry[]
  /** Where Grafana has the same boards at the same paths, without a slash at its end; null: nowhere. */
  readonly grafana: string | null
}

export interface BoardEntry {
  readonly uid: string
  readonly title: { readonly vi: string; readonly en: string }
  readonly tags: readonly string[]
  /** Indicators that its panels show, by id: where a figure leads. */
  readonly indicators: readonly string[]
}

/** `GET /api/boards/{uid}/variables?var-…`: the choices of the board's variables, each as of the ones before it. */
export interface BoardVariables {
  readonly variables: Readonly<Record<string, readonly VariableOption[]>>
}

export interface VariableOption {
  readonly value: string
  /** As people call it: the name of an area, site or device. */
  readonly text: string
}

/** `GET /api/boards/{uid}/panels/{id}?from=&to=&width=&var-…`: what the queries of a panel returned. */
export interface PanelData {
  /** The time range, in ms since 1970, UTC; `now` is read by the server's clock. */
  readonly from: number
  readonly to: number
  readonly interval_ms: number
  readonly results: readonly QueryResult[]
  /** Of a panel of type `stat` that shows one indicator at one place. */
  readonly comparison?: Comparison
  /** Why there is none, where there should be one. */
  readonly comparison_error?: string
}

export interface QueryResult {
  readonly refId: string
  readonly series: readonly QuerySeries[]
  /** The indicator that the query asks for, with the variables put in: its values go on in the live topics. */
  readonly indicator?: IndicatorReference
  /** The values of `$area`-like tags that are chosen, by tag, where there are several. */
  readonly chosen?: Readonly<Record<string, readonly string[]>>
  /** Why there is no answer; the other queries have theirs. */
  readonly error?: string
}

/** As InfluxDB returns it; times in ms. */
export interface QuerySeries {
  readonly name: string
  readonly tags?: Readonly<Record<string, string>>
  readonly columns: readonly string[]
  readonly values: readonly (readonly Cell[])[]
}

export type Cell = number | string | boolean | null

/** `GET /api/boards/{uid}/annotations?from=&to=&var-…`: the events that charts mark, the newest first. */
export interface BoardAnnotations {
  /** The time range, in ms since 1970, UTC. */
  readonly from: number
  readonly to: number
  readonly marks: readonly BoardMark[]
}

export interface BoardMark {
  readonly from: number
  /** As `from` where the event is of one moment. */
  readonly to: number
  /** Of the annotation that it is of, and its colour as the board names it. */
  readonly name: string
  readonly colour: string
  readonly title: string
  readonly text: string
  readonly tags: readonly string[]
}

/** What a figure is compared with. */
export interface Comparison {
  /** The value one period before: of the same hour a week ago, of the last month, of the last year. */
  readonly previous: { readonly ts: number; readonly value: number } | null
  readonly period: 'week' | 'month' | 'quarter' | 'year'
  readonly target: number | null
  /** The window of the present value is not over: it covers less than the one before. */
  readonly provisional?: boolean
}
