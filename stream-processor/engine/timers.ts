import { grown } from './grown.ts'

/**
 * At most one time for each row, the earliest first. Times stand in spans of about an hour, as they come; only those of
 * the span that the clock is in are put in order. A time that moves later stays where it is, and is looked at again when
 * it comes up: most times move, and are over before anybody asks for them.
 */
export interface Timers {
  /** The time of a row may have changed. */
  set(row: number): void
  /** A row whose time, the earliest of all, is before `beforeMs`: it then has none until it is set. -1 without one. */
  take(beforeMs: number): number
}

/** What is known of a row: kept by whoever keeps the rows. */
export interface TimedRows {
  /** In ms since 1970; `Infinity` for none. */
  timeOf(row: number): number
  /** Which span the row waits in, as it was last told to `wait`: `notWaiting` at first. */
  waitsIn(row: number): number
  wait(row: number, span: number): void
}

export const notWaiting = -1
/** Among those that are in order. */
const inOrder = -2

const spanMs = 2 ** 22

export function createTimers({ timeOf, waitsIn, wait }: TimedRows): Timers {
  /** Rows by span, after the newest that was put in order. A row that waits elsewhere by now is one too many. */
  const spans = new Map<number, number[]>()
  let earliestSpan = Number.POSITIVE_INFINITY
  let orderedTo = Number.NEGATIVE_INFINITY
  const ordered = createHeap()

  function set(row: number): void {
    const time = timeOf(row)
    if (time === Number.POSITIVE_INFINITY) return
    const span = Math.floor(time / spanMs)
    const before = waitsIn(row)
    if (span <= orderedTo) {
      wait(row, inOrder)
      ordered.push(row, time)
    } else if (before !== inOrder && (before === notWaiting || span < before)) {
      wait(row, span)
      const rows = spans.get(span)
      if (rows) rows.push(row)
      else spans.set(span, [row])
      earliestSpan = Math.min(earliestSpan, span)
    }
  }

  function orderEarliest(): void {
    const rows = spans.get(earliestSpan) as number[]
    spans.delete(earliestSpan)
    orderedTo = earliestSpan
    earliestSpan = Number.POSITIVE_INFINITY
    for (const span of spans.keys()) earliestSpan = Math.min(earliestSpan, span)
    for (const row of rows) {
      if (waitsIn(row) !== orderedTo) continue
      wait(row, notWaiting)
      set(row)
    }
  }

  return {
    set,
    take(beforeMs) {
      for (;;) {
        // One that was looked at again may wait in a span that has come as well by now.
        while (earliestSpan * spanMs < beforeMs) orderEarliest()
        const time = ordered.earliest()
        if (time >= beforeMs) return -1
        const row = ordered.pop()
        if (waitsIn(row) !== inOrder) continue
        wait(row, notWaiting)
        if (timeOf(row) === time) return row
        set(row)
      }
    },
  }
}

const fanOut = 4
const firstCapacity = 64

/** Rows by their times, with four children a node. */
function createHeap() {
  let times = new Float64Array(firstCapacity)
  let rows = new Int32Array(firstCapacity)
  let size = 0

  function put(place: number, row: number, time: number): void {
    times[place] = time
    rows[place] = row
  }

  function sink(row: number, time: number): void {
    let place = 0
    for (;;) {
      const first = place * fanOut + 1
      if (first >= size) break
      const last = Math.min(first + fanOut, size)
      let least = first
      for (let child = first + 1; child < last; child++) {
        if ((times[child] as number) < (times[least] as number)) least = child
      }
      const leastTime = times[least] as number
      if (time <= leastTime) break
      put(place, rows[least] as number, leastTime)
      place = least
    }
    put(place, row, time)
  }

  return {
    earliest: () => (size === 0 ? Number.POSITIVE_INFINITY : (times[0] as number)),
    push(row: number, time: number): void {
      if (size === rows.length) {
        times = grown(times, size * 2)
        rows = grown(rows, size * 2)
      }
      let place = size++
      while (place > 0) {
        const parent = ((place - 1) / fanOut) | 0
        const parentTime = times[parent] as number
        if (parentTime <= time) break
        put(place, rows[parent] as number, parentTime)
        place = parent
      }
      put(place, row, time)
    },
    pop(): number {
      const row = rows[0] as number
      size--
      if (size > 0) sink(rows[size] as number, times[size] as number)
      return row
    },
  }
}
