import { createContext } from 'preact'

/** A stretch of time that charts mark: an incident, maintenance, an event. */
export interface TimeMark {
  readonly from: number
  readonly to: number
  readonly colour: string
  readonly text: string
}

export interface BoardScope {
  readonly marks: readonly TimeMark[]
}

/** What the panels of one board share. */
export const BoardContext = createContext<BoardScope>({ marks: [] })
