interface Entry<T> {
  readonly time: number
  readonly one: T
}

/**
 * At most one time for each thing, the earliest first. A time that moves later keeps its entry, which is looked at again
 * when it comes up: most times move, and are over before anybody asks for them.
 */
export class Timers<T> {
  readonly #timeOf: (one: T) => number
  /** A binary heap. An entry is void where its thing waits in another one by now. */
  readonly #heap: Entry<T>[] = []
  /** The time of the entry that each thing waits in, never later than its own. */
  readonly #waiting = new Map<T, number>()

  /** @param timeOf when a thing is due, in ms; `Infinity` for never */
  constructor(timeOf: (one: T) => number) {
    this.#timeOf = timeOf
  }

  /** The time of a thing may have changed. */
  set(one: T): void {
    const time = this.#timeOf(one)
    if (time >= (this.#waiting.get(one) ?? Number.POSITIVE_INFINITY)) return
    this.#waiting.set(one, time)
    this.#push({ time, one })
  }

  /** The thing whose time is the earliest of all and before `beforeMs`: it then has none until it is set. */
  take(beforeMs: number): T | undefined {
    for (let first = this.#heap[0]; first && first.time < beforeMs; first = this.#heap[0]) {
      this.#pop()
      const { one, time } = first
      if (this.#waiting.get(one) !== time) continue
      this.#waiting.delete(one)
      if (this.#timeOf(one) === time) return one
      this.set(one)
    }
    return undefined
  }

  #push(entry: Entry<T>): void {
    const heap = this.#heap
    let at = heap.push(entry) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as Entry<T>
      if (above.time <= entry.time) break
      heap[at] = above
      at = parent
    }
    heap[at] = entry
  }

  /** Removes the first entry. */
  #pop(): void {
    const heap = this.#heap
    const last = heap.pop() as Entry<T>
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child + 1 < heap.length && (heap[child + 1] as Entry<T>).time < (heap[child] as Entry<T>).time) child++
      const below = heap[child]
      if (!below || below.time >= last.time) break
      heap[at] = below
      at = child
    }
    heap[at] = last
  }
}
