import { grown } from '../../grown.ts'

const unchanged = 0
/** Has changed since the checkpoint under way began, and is for the next. */
const changed = 1
/** Has not changed since the checkpoint under way began, which has still to take it. */
const due = 2

/**
 * Pieces of what is to be saved, and which of them have changed. A checkpoint does not hold up the stream: it only notes what
 * is due, and copies a piece when it comes to it, or before the piece changes again.
 */
export class Pieces<Copy> {
  readonly #copy: (piece: number) => Copy
  #states: Uint8Array
  /** Copies of those that changed before the checkpoint came to them. */
  #early: Copy[] = []

  /** @param copy of a piece as it is now; it must stay as it is until the next checkpoint */
  constructor(count: number, copy: (piece: number) => Copy) {
    this.#copy = copy
    this.#states = new Uint8Array(count)
  }

  grow(count: number): void {
    this.#states = grown(this.#states, count)
  }

  /** To be called before a piece changes. */
  touch(piece: number): void {
    if (this.#states[piece] !== changed) this.#note(piece)
  }

  #note(piece: number): void {
    if (this.#states[piece] === due) this.#early.push(this.#copy(piece))
    this.#states[piece] = changed
  }

  /**
   * What has changed since the last call, as it is now. To be called when what it gave the last time has been gone through;
   * that is once, while the pieces change.
   */
  take(): Iterable<Copy> {
    this.#early = []
    for (let piece = 0; piece < this.#states.length; piece++) {
      if (this.#states[piece] === changed) this.#states[piece] = due
    }
    return this.#copies(this.#early)
  }

  *#copies(early: Copy[]): Iterable<Copy> {
    for (let piece = 0; piece < this.#states.length; piece++) {
      if (this.#states[piece] !== due) continue
      this.#states[piece] = unchanged
      yield this.#copy(piece)
    }
    yield* early
  }
}
