import { grown } from '../../grown.ts'

/** As it was saved, or as a checkpoint is saving it. */
const clean = 0
/** Has changed since the checkpoint under way began, and is for the next. */
const dirty = 1
/** Has not changed since the checkpoint under way began, which has still to copy it. */
const due = 2

/**
 * Which pages have changed since they were last saved. A checkpoint does not hold up the stream: at its beginning it only
 * notes which pages are due, and copies a page when it comes to it, or before the page changes (copy on write).
 */
export class DirtyPages<Copy> {
  readonly #copy: (page: number) => Copy
  #states: Uint8Array
  /** Copies of those that changed before the checkpoint came to them. */
  #early: Copy[] = []

  /** @param copy of a page as it is now; it must stay as it is until the next checkpoint */
  constructor(count: number, copy: (page: number) => Copy) {
    this.#copy = copy
    this.#states = new Uint8Array(count)
  }

  grow(count: number): void {
    this.#states = grown(this.#states, count)
  }

  /** To be called before a page changes. */
  touch(page: number): void {
    if (this.#states[page] !== dirty) this.#mark(page)
  }

  #mark(page: number): void {
    if (this.#states[page] === due) this.#early.push(this.#copy(page))
    this.#states[page] = dirty
  }

  /**
   * The pages that have changed since the last call, as they are now, while they go on changing. To be gone through once,
   * before the next call.
   */
  take(): Iterable<Copy> {
    this.#early = []
    for (let page = 0; page < this.#states.length; page++) {
      if (this.#states[page] === dirty) this.#states[page] = due
    }
    return this.#copies(this.#early)
  }

  *#copies(early: Copy[]): Iterable<Copy> {
    for (let page = 0; page < this.#states.length; page++) {
      if (this.#states[page] !== due) continue
      this.#states[page] = clean
      yield this.#copy(page)
    }
    yield* early
  }
}
