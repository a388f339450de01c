import type { Series } from './series.ts'

/**
 * Of each series, by its number, the counts of the pane that it counts in now, and whether it was touched: side by side
 * in a line of memory, because that is where most cases are counted. They are added to the other panes when these are
 * read.
 */
export interface Tallies {
  /** `tallyWidth` doubles a series: the number of the pane, then counts in the order in which panes have them. */
  numbers: Float64Array
  readonly series: Series[]
}

export const tallyWidth = 8

/** Whether the current values of the series may have changed since they were last asked for. */
export const touched = 6

/** The number of the pane where there is none. */
export const noPane = Number.NEGATIVE_INFINITY

export const createTallies = (): Tallies => ({ numbers: new Float64Array(64 * tallyWidth), series: [] })

/** Gives the next number to a series. */
export function addTally(tallies: Tallies, make: (number: number) => Series): Series {
  const number = tallies.series.length
  const { numbers } = tallies
  if (number * tallyWidth === numbers.length) {
    tallies.numbers = new Float64Array(numbers.length * 2)
    tallies.numbers.set(numbers)
  }
  tallies.numbers[number * tallyWidth] = noPane
  const one = make(number)
  tallies.series.push(one)
  return one
}
