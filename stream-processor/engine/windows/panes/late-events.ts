import { grown } from '../../grown.ts'

/** Late events in the order in which they came, `[series, pane, ts, …inputs]` each, to be saved. */
export class LateEvents {
  /** Doubles of one. */
  readonly width: number
  #events = new Float64Array(0)
  /** Those that were taken last. */
  #taken = new Float64Array(0)
  #used = 0

  constructor(inputs: number) {
    this.width = 3 + inputs
  }

  note(series: number, pane: number, ts: number, values: Float64Array): void {
    const { width } = this
    const at = this.#used
    if (this.#events.length < at + width) {
      this.#events = grown(this.#events, Math.max(64 * width, 2 * this.#events.length))
    }
    const events = this.#events
    events[at] = series
    events[at + 1] = pane
    events[at + 2] = ts
    for (let index = 3; index < width; index++) events[at + index] = values[index - 3] as number
    this.#used = at + width
  }

  /** Those since the last call. They are valid until the next call. */
  take(): Float64Array {
    const taken = this.#events
    const used = this.#used
    this.#events = this.#taken
    this.#taken = taken
    this.#used = 0
    return taken.subarray(0, used)
  }
}
