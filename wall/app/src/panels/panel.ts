import type { ComponentType } from 'preact'
import type { Panel } from '../../../shared/boards/board.ts'
import type { Comparison } from '../../../shared/boards/panel-data.ts'
import type { Frame } from '../fields/frame.ts'

/** What a panel draws. It fills the box that it is in, and follows the box when that changes. */
export interface PanelProps {
  readonly panel: Panel
  readonly frames: readonly Frame[]
  /** The time range that is shown, in ms since 1970, UTC. */
  readonly from: number
  readonly to: number
  readonly comparison?: Comparison
  /** Why there is none, where there should be one. */
  readonly comparisonError?: string
  /** Puts the variables of the board and the values of a row into the URL of a link. */
  readonly linkTo: (url: string, labels?: Readonly<Record<string, string>>) => string
}

export type PanelComponent = ComponentType<PanelProps>
