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

const maxPayloadBytes = 65_536

/** So that the letters of one node are found, each has a key with the node before its own. */
type NodeKey = [node: string, arrival: number, id: string]

/** Sorts after all letters and before all keys of nodes: in keys, numbers stand before texts. */
const afterLetters: [string] = ['']
/** Letters written after which the counts of nodes are read again, since another process writes too. */
const recountEvery = 1_000
/** Letters of one transaction, at most: it holds the event loop of its process. */
const maxPerTransaction = 1_000

/**
 * Opens the dead letters in a folder; several processes may. When there are more than `max`, the oldest of the node that has
 * the most goes, so that no node evicts the letters of others.
 */
export function openDeadLetters(path: string, max: number): DeadLetters {
  const db = open<DeadLetter | 0, LetterKey | NodeKey>({
    path,
    noSubdir: false,
    encoding: 'msgpack',
    overlappingSync: false,
  })
  let written = 0
  let counts: Map<string, number> | undefined
  let putSinceCount = 0
  const waiting: Waiting[] = []
  let running: Promise<void> | undefined

  /** How many letters each node has. */
  function countByNode(): Map<string, number> {
    const byNode = new Map<string, number>()
    for (const [node] of db.getKeys({ start: afterLetters as unknown as NodeKey })) {
      byNode.set(node as string, (byNode.get(node as string) ?? 0) + 1)
    }
    return byNode
  }

  function letters(): number {
    return db.getKeysCount({ end: afterLetters as unknown as LetterKey })
  }

  /** Letters of an earlier version are not found by node yet. */
  function indexOld(): void {
    if (db.getCount() === 2 * letters()) return
    for (const { key, value } of db.getRange({ end: afterLetters as unknown as LetterKey })) {
      if (value !== 0) db.put([nodeOf(value), ...(key as LetterKey)], 0)
    }
  }

  /** The node with the most letters; of those that have as many, the one that writes. */
  function largest(byNode: ReadonlyMap<string, number>, own: string): string {
    let found = own
    for (const [node, count] of byNode) if (count > (byNode.get(found) ?? 0)) found = node
    return found
  }

  function put(letter: DeadLetter, id: string): void {
    if (!counts) indexOld()
    if (!counts || putSinceCount >= recountEvery) {
      counts = countByNode()
      putSinceCount = 0
    }
    putSinceCount++
    const node = nodeOf(letter)
    const key: LetterKey = [letter.arrival, id]
    if (!db.doesExist(key)) counts.set(node, (counts.get(node) ?? 0) + 1)
    db.put(key, { ...letter, payload: letter.payload.subarray(0, maxPayloadBytes) })
    db.put([node, ...key], 0)
  }

  /** Evicts what exceeds the limit; `own` is the node that wrote last. */
  function evict(byNode: Map<string, number>, own: string): void {
    const evicted = new Map<string, number>()
    for (let excess = db.getCount() / 2 - max; excess > 0; excess--) {
      const node = largest(byNode, own)
      byNode.set(node, (byNode.get(node) ?? 0) - 1)
      evicted.set(node, (evicted.get(node) ?? 0) + 1)
    }
    for (const [node, limit] of evicted) evictOldest(node, limit)
  }

  /** One range for all of them: within a transaction each range that is opened costs half a millisecond. */
  function evictOldest(node: string, limit: number): void {
    const oldest = [...db.getKeys({ start: [node, 0, ''], limit })] as Partial<NodeKey>[]
    for (const [owner, arrival, id] of oldest) {
      if (owner !== node || arrival === undefined || id === undefined) {
        // Another process has evicted what was counted here.
        counts = undefined
        return
      }
      db.remove([arrival, id])
      db.remove([node, arrival, id])
    }
    if (oldest.length < limit) counts = undefined
  }

  /** What arrives while one commit is under way is one transaction after it: a flood costs few of them. */
  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting.splice(0, maxPerTransaction)
      try {
        await committed(
          db.transaction(() => {
            for (const { letter, id } of group) put(letter, id)
            const last = group.at(-1)
            if (counts && last) evict(counts, nodeOf(last.letter))
          }),
        )
        for (const { resolve } of group) resolve()
      } catch (error) {
        // What the transaction counted is not there.
        counts = undefined
        for (const { reject } of group) reject(error as Error)
      }
    }
    running = undefined
  }

  return {
    add(letter, id = `${process.pid}-${written}`) {
      written++
      return new Promise((resolve, reject) => {
        waiting.push({ letter, id, resolve, reject })
        running ??= run()
      })
    },
    list: (limit) =>
      [...db.getRange({ reverse: true, limit, start: afterLetters as unknown as LetterKey })].flatMap(({ value }) =>
        value === 0 ? [] : [value],
      ),
    count: letters,
    stop: async () => {
      await running
      await db.close()
    },
    entries: () =>
      [...db.getRange({ end: afterLetters as unknown as LetterKey })].flatMap(({ key, value }) =>
        value === 0 ? [] : [{ key: key as LetterKey, letter: value }],
      ),
    async remove(key) {
      const letter = db.get(key)
      await committed(
        db.transaction(() => {
          db.remove(key)
          if (letter) db.remove([nodeOf(letter), ...key])
        }),
      )
      counts = undefined
    },
  }
}

interface Waiting {
  readonly letter: DeadLetter
  readonly id: string
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

function nodeOf({ site, node }: DeadLetter): string {
  return `${site}/${node}`
}
