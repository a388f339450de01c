/**
 * Partial aggregates. A column is what a pane keeps of one metric: a few doubles in the pane's row, or a cell of its
 * own where the size depends on the values. Everything that an aggregate needs is a column, so that aggregates share
 * what they have in common, and every column can be merged: panes to windows, devices to sites, partitions to a
 * district.
 *
 * Laws, for all columns: the identity changes nothing; merging is associative; merging the columns of two parts gives
 * the column of the whole. For columns that are not `ordered` merging is also commutative, whatever the times.
 */
export type Column = RowColumn | CellColumn

interface Named {
  /** Says what it is and its parameters, as `decay:60000`: columns of one metric with the same name are one column. */
  readonly name: string
}

/** A fixed number of doubles in the row. */
export interface RowColumn extends Named {
  readonly kind: 'row'
  readonly width: number
  /** What the doubles are, for whoever looks at them; times in ms end in `ts`. */
  readonly parts: readonly string[]
  /** The doubles of no event at all. */
  readonly identity: readonly number[]
  /** Adds an event. Events of an ordered column come in order of time, and by value where times are equal. */
  add(row: Float64Array, at: number, ts: number, value: number): void
  /** `out = left ⊕ right`; `out` may be the place of either. In an ordered column all of `left` is before `right`. */
  merge(
    out: Float64Array,
    outAt: number,
    left: Float64Array,
    leftAt: number,
    right: Float64Array,
    rightAt: number,
  ): void
  /** Present if the order of events counts. */
  readonly ordered?: Ordered
}

/** What an ordered column needs beyond merging: a value goes on after its event, into later windows too. */
export interface Ordered {
  /** How long a value holds after its event when no other follows, in ms. */
  readonly holdMs: number
  /** Time of the newest event of a row, in ms, or `undefined` if it has none; and its value. */
  lastTs(row: Float64Array, at: number): number | undefined
  lastValue(row: Float64Array, at: number): number
  /**
   * Makes the row of what a window `[from, …)` inherits of an event before it, at most `holdMs` before `from`. It goes to
   * the left of the window's own rows; its `lastTs` is still the time of the event.
   */
  carry(row: Float64Array, at: number, ts: number, value: number, from: number): void
  /**
   * Closes the row of a window `[from, to)`, in ms: afterwards rows of different devices are added number by number,
   * and are what an aggregate reads. The identity closes to zeros.
   */
  close(row: Float64Array, at: number, from: number, to: number): void
}

/** Numbers of which the first says how many there are, itself included. A cell without events is not there. */
export type Cell = number[]

/** A cell beside the row, whose size depends on the values. */
export interface CellColumn extends Named {
  readonly kind: 'cell'
  /** Adds an event to a cell, or to none, and returns the cell, which may be the same one. */
  add(cell: Cell | undefined, ts: number, value: number): Cell
  /** Merges two cells into a third one. */
  merge(left: Cell, right: Cell): Cell
}

/** What an aggregate reads: a merged row, and the cells beside it. */
export interface Merged {
  readonly row: Float64Array
  readonly cells: readonly (Cell | undefined)[]
  /** Start and end of the window, in ms. */
  readonly from: number
  readonly to: number
}

/**
 * An aggregate of a metric, as declarations use it. `undefined` where the window has no value of the metric.
 * @typeParam M the names of metrics that it may be of
 */
export interface Aggregate<M extends string = string> {
  readonly metric: M
  /** As it is written in a formula: `mean(pm25)`. */
  readonly text: string
  /** What it is computed from. */
  readonly columns: readonly Column[]
  /** Turns a value of the metric into what the columns take; NaN leaves the event out. Values that are numbers need none. */
  readonly input?: AggregateInput
  /** @param at where each of `columns` stands: the first double in the row, or the index of the cell */
  readonly read: (merged: Merged, at: readonly number[]) => number | undefined
}

export interface AggregateInput {
  /** Inputs of one metric with the same name are one input. */
  readonly name: string
  /** @param values all values of the measurement */
  readonly of: (value: number | string | boolean, values: Readonly<Record<string, unknown>>) => number
}
