/** Lets `perSecond` things through each second, evenly; what was not used in a twentieth of a second is not saved up. */
export class Pace {
  readonly #perMs: number
  readonly #most: number
  #tokens: number
  #at = 0

  constructor(perSecond: number) {
    this.#perMs = perSecond / 1000
    this.#most = Math.max(1, perSecond / 20)
    this.#tokens = this.#most
  }

  /** Takes one if it may go now; returns the ms to wait otherwise, 0 when it was taken. `now` in ms, monotonic. */
  take(now: number): number {
    this.#tokens = Math.min(this.#most, this.#tokens + (now - this.#at) * this.#perMs)
    this.#at = now
    if (this.#tokens < 1) return (1 - this.#tokens) / this.#perMs
    this.#tokens -= 1
    return 0
  }
}
