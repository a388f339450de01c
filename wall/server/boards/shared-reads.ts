import type { QuerySeries } from '../../shared/boards/panel-data.ts'

interface Kept {
  readonly answer: Promise<readonly QuerySeries[]>
  /** By the monotonic clock; infinite while the store has not answered. */
  until: number
  cells: number
}

/** Cells of all answers that are kept: about 100 MB. */
const maxCells = 2_000_000

/** Asks the store each question once, however many walls ask it: answers are shared while they are read, and shortly after. */
export class SharedReads {
  readonly #ask: (statement: string, client: string) => Promise<readonly QuerySeries[]>
  /** By statement, the oldest first. */
  readonly #kept = new Map<string, Kept>()
  #cells = 0
  /** Questions that the store was asked. */
  asked = 0

  constructor(ask: (statement: string, client: string) => Promise<readonly QuerySeries[]>) {
    this.#ask = ask
  }

  /** The answer of a statement, which may be up to `keepMs` old. Errors are not kept. */
  read(statement: string, keepMs: number, client: string): Promise<readonly QuerySeries[]> {
    const known = this.#kept.get(statement)
    if (known && performance.now() < known.until) return known.answer
    if (known) this.#drop(statement, known)
    this.asked++
    const kept: Kept = { answer: this.#ask(statement, client), until: Number.POSITIVE_INFINITY, cells: 0 }
    this.#kept.set(statement, kept)
    kept.answer.then(
      (series) => {
        kept.until = performance.now() + keepMs
        kept.cells = series.reduce((sum, { columns, values }) => sum + columns.length * values.length, 1)
        this.#cells += kept.cells
        setTimeout(() => this.#drop(statement, kept), keepMs).unref()
        this.#limit()
      },
      () => this.#drop(statement, kept),
    )
    return kept.answer
  }

  /** Answers that are kept, or being read. */
  get size(): number {
    return this.#kept.size
  }

  #limit(): void {
    for (const [statement, kept] of this.#kept) {
      if (this.#cells <= maxCells) return
      if (kept.until < Number.POSITIVE_INFINITY) this.#drop(statement, kept)
    }
  }

  #drop(statement: string, kept: Kept): void {
    if (this.#kept.get(statement) !== kept) return
    this.#cells -= kept.cells
    this.#kept.delete(statement)
  }
}
