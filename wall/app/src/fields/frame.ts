import type { Level } from '@ioc/contract/messages/live.ts'
import type { FieldConfig } from '../../../shared/boards/board.ts'
import type { Cell } from '../../../shared/boards/panel-data.ts'

/** A table of one query or one series: columns of equal length, as Grafana's data frames. */
export interface Frame {
  readonly refId: string
  readonly name: string
  readonly fields: readonly Field[]
}

/** A column with what a panel needs to draw it: overrides, mappings, thresholds and units are applied. */
export interface Field {
  /** As the query names it; `Time` for the time. */
  readonly name: string
  /** What a viewer reads: display name, alias or labels. */
  readonly title: string
  readonly kind: 'time' | 'number' | 'string' | 'boolean'
  readonly labels: Readonly<Record<string, string>>
  readonly values: readonly Cell[]
  readonly config: FieldConfig
  readonly display: (value: Cell) => DisplayValue
}

/** A value as it is shown. */
export interface DisplayValue {
  readonly text: string
  /** Follows the text after a thin space; empty without one. */
  readonly unit: string
  /** A CSS colour where the value is not normal or a mapping names one. */
  readonly colour?: string
  /** Of the threshold that it has crossed. */
  readonly level: Level
}
