/**
 * At most one time for each row, the earliest first: a heap of four children a node, which knows where each row stands,
 * so that a time is moved or dropped without a search. What it costs does not grow with how far ahead the times lie.
 */
export interface Timers {
  /** Sets, moves, or with `Infinity` drops the time of a row. */
  set(row: number, time: number): void
  /** The earliest time; `Infinity` if there is none. */
  earliest(): number
  /** Removes the earliest and returns its row. Only where `earliest()` is finite. */
  pop(): number
}

/** Where a row stands in the heap: kept by whoever keeps the rows. */
export interface TimerPlaces {
  /** -1 where the row has no time. */
  get(row: number): number
  set(row: number, place: number): void
}

const fanOut = 4
const firstCapacity = 64

export function createTimers(places: TimerPlaces): Timers {
  let times = new Float64Array(firstCapacity)
  let rows = new Int32Array(firstCapacity)
  let size = 0

  function put(place: number, row: number, time: number): void {
    times[place] = time
    rows[place] = row
    places.set(row, place)
  }

  function rise(from: number, row: number, time: number): void {
    let place = from
    while (place > 0) {
      const parent = ((place - 1) / fanOut) | 0
      const parentTime = times[parent] as number
      if (parentTime <= time) break
      put(place, rows[parent] as number, parentTime)
      place = parent
    }
    put(place, row, time)
  }

  function sink(from: number, row: number, time: number): void {
    let place = from
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

  function drop(place: number): void {
    places.set(rows[place] as number, -1)
    size--
    if (place === size) return
    const row = rows[size] as number
    const time = times[size] as number
    if (time < (times[place] as number)) rise(place, row, time)
    else sink(place, row, time)
  }

  return {
    set(row, time) {
      const place = places.get(row)
      if (time === Number.POSITIVE_INFINITY) {
        if (place >= 0) drop(place)
        return
      }
      if (place < 0) {
        if (size === rows.length) {
          times = grown(times, new Float64Array(size * 2))
          rows = grown(rows, new Int32Array(size * 2))
        }
        rise(size++, row, time)
        return
      }
      const before = times[place] as number
      if (time < before) rise(place, row, time)
      else if (time > before) sink(place, row, time)
    },
    earliest: () => (size === 0 ? Number.POSITIVE_INFINITY : (times[0] as number)),
    pop() {
      const row = rows[0] as number
      drop(0)
      return row
    },
  }
}

function grown<T extends Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from)
  return to
}
