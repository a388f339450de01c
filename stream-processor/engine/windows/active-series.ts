import { grown } from '../grown.ts'

const firstCapacity = 64

/** Series that the clock has something to do for. Adding one again is cheap. */
export class ActiveSeries {
  #isActive = new Uint8Array(firstCapacity)
  #list: number[] = []

  has(series: number): boolean {
    return this.#isActive[series] === 1
  }

  add(series: number): void {
    if (this.#isActive[series] !== 1) this.#addNew(series)
  }

  #addNew(series: number): void {
    if (series >= this.#isActive.length) this.#isActive = grown(this.#isActive, 2 * (series + 1))
    this.#isActive[series] = 1
    this.#list.push(series)
  }

  /** Goes through all of them; those that are done leave. */
  sweep(isDone: (series: number) => boolean): void {
    const list = this.#list
    for (let index = list.length - 1; index >= 0; index--) {
      const series = list[index] as number
      if (!isDone(series)) continue
      this.#isActive[series] = 0
      list[index] = list.at(-1) as number
      list.pop()
    }
  }
}
