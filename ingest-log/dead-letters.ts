import { open } from 'lmdb'
import { committed } from './committed.ts'

/** A payload, or one record of it, that was acknowledged but cannot be stored; kept with the reason. */
export interface DeadLetter {
  /** milliseconds since 1970, UTC */
  readonly arrival: number
  readonly site: string
  readonly node: string
  readonly channel: string
  readonly code: string
  readonly reason: string
  /** As it came; the first 64 KiB of it. */
  readonly payload: Uint8Array
}

/** When it arrived, and its id. */
export type LetterKey = [arrival: number, id: string]

export interface DeadLetters {
  /** `id` makes a letter that is written twice the same letter; without it each is a new one. */
  add(letter: DeadLetter, id?: string): Promise<void>
  /** The newest first. */
  list(limit: number): DeadLetter[]
  count(): number
  /** All of them, the oldest first, each with its key. */
  entries(): Iterable<{ readonly key: LetterKey; readonly letter: DeadLetter }>
  remove(key: LetterKey): Promise<void>
  stop(): Promise<void>
}

const payloadLimit = 65_536

/** Opens the dead letters in a folder; several processes may. The oldest go when there are more than `max`. */
export function openDeadLetters(path: string, max: number): DeadLetters {
  const db = open<DeadLetter, LetterKey>({ path, encoding: 'msgpack', overlappingSync: false })
  let written = 0

  return {
    async add(letter, id = `${process.pid}-${written}`) {
      written++
      const kept = { ...letter, payload: letter.payload.subarray(0, payloadLimit) }
      await committed(db.put([letter.arrival, id], kept))
      const excess = db.getCount() - max
      if (excess <= 0) return
      const oldest = [...db.getKeys({ limit: excess })]
      await committed(
        db.transaction(() => {
          for (const key of oldest) db.remove(key)
        }),
      )
    },
    list: (limit) => [...db.getRange({ reverse: true, limit })].map(({ value }) => value),
    count: () => db.getCount(),
    entries: () => [...db.getRange()].map(({ key, value }) => ({ key, letter: value })),
    async remove(key) {
      await committed(db.remove(key))
    },
    stop: () => db.close(),
  }
}
