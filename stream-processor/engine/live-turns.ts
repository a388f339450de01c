import type { LiveSource } from './live-source.ts'

/** Adds the sources of at most so many things that have changed since it last did, those that have waited longest first. */
export type LiveFeed = (most: number, live: LiveSource[]) => void

/** Gives at most `most` things that have changed, from each feed in turn: one that never ends does not silence the others. */
export function createLiveTurns(feeds: readonly LiveFeed[]): (most: number) => LiveSource[] {
  let next = 0
  return (most) => {
    const live: LiveSource[] = []
    for (let turn = 0; turn < feeds.length && live.length < most; turn++) {
      feeds[next]?.(most - live.length, live)
      next = (next + 1) % feeds.length
    }
    return live
  }
}

/** A feed of what stands in a set. */
export function feedOf<T>(changed: Set<T>, sourcesOf: (one: T) => LiveSource | readonly LiveSource[]): LiveFeed {
  return (most, live) => {
    let left = most
    for (const one of changed) {
      if (left-- === 0) return
      changed.delete(one)
      const found = sourcesOf(one)
      if ('topic' in found) live.push(found)
      else for (const source of found) live.push(source)
    }
  }
}
