import { readFileSync, renameSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureFolder } from '@ioc/runtime/process.ts'

/** The state of a collector, in its own folder: how far its source has been read. */
export class StateFile<T> {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  get #path(): string {
    return join(this.#folder, 'state.json')
  }

  /** The state, or `undefined` where there is none. A damaged one is kept beside it. */
  read(): T | undefined {
    let text: string
    try {
      text = readFileSync(this.#path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
    try {
      return JSON.parse(text) as T
    } catch {
      renameSync(this.#path, `${this.#path}.damaged`)
      return undefined
    }
  }

  /** Replaces the state, on disk when it returns: after a power cut there is the old or the new one. */
  async write(state: T): Promise<void> {
    ensureFolder(this.#folder)
    const next = `${this.#path}.new`
    const file = await open(next, 'w')
    try {
      await file.writeFile(JSON.stringify(state))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(next, this.#path)
  }
}
