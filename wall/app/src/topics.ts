import { type Signal, signal } from '@preact/signals'

/**
 * The last value of each topic of one kind. Each has a signal of its own, so that a new value draws one card again
 * and not the page; `keys` changes only when a topic comes or goes.
 */
export class Topics<T> {
  readonly keys: Signal<readonly string[]> = signal([])
  readonly #values = new Map<string, Signal<T>>()
  #changed = false

  set(topic: string, value: T): void {
    const known = this.#values.get(topic)
    if (known) {
      known.value = value
      return
    }
    this.#values.set(topic, signal(value))
    this.#changed = true
  }

  delete(topic: string): void {
    if (this.#values.delete(topic)) this.#changed = true
  }

  clear(): void {
    this.#values.clear()
    this.#changed = true
  }

  /** Publishes which topics there are, after a batch. */
  settle(): void {
    if (!this.#changed) return
    this.#changed = false
    this.keys.value = [...this.#values.keys()].sort()
  }

  /** The value of one topic; whoever reads it is told when it changes. */
  get(topic: string): T | undefined {
    const known = this.#values.get(topic)
    // One that is not there yet may come.
    if (!known) void this.keys.value
    return known?.value
  }

  /** All values, in the order of their topics. */
  all(): T[] {
    return this.keys.value.flatMap((topic) => {
      const value = this.get(topic)
      return value === undefined ? [] : [value]
    })
  }
}
