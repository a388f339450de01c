import { grown } from '../grown.ts'
import type { Series } from './series.ts'

/**
 * Of each series, by its number, the counts of the pane that it counts in now, side by side in a line of memory,
 * because that is where most cases are counted. They are added to the other panes when these are read.
 */
export interface Tallies {
  /** `tallyWidth` doubles a series: the number of the pane, then counts in the order in which panes have them. */
  numbers: Float64Array
  /** Of each series `mostPending` handling times that are not among its others yet: pane and bin, negative to take back. */
  pending: Float64Array
  readonly series: Series[]
}

export const tallyWidth = 8
export const mostPending = 8

/** How many handling times are pending. */
export const pendingCount = 6

/** The number of the pane where there is none. */
export const noPane = Number.NEGATIVE_INFINITY

const firstCapacity = 64

export const createTallies = (): Tallies => ({
  numbers: new Float64Array(firstCapacity * tallyWidth),
  pending: new Float64Array(firstCapacity * mostPending),
  series: [],
})

/** Gives the next number to a series. */
export function addTally(tallies: Tallies, make: (number: number) => Series): Series {
  const number = tallies.series.length
  if (number * tallyWidth === tallies.numbers.length) {
    tallies.numbers = grown(tallies.numbers, number * 2 * tallyWidth)
    tallies.pending = grown(tallies.pending, number * 2 * mostPending)
  }
  tallies.numbers[number * tallyWidth] = noPane
  const one = make(number)
  tallies.series.push(one)
  return one
}
