import type { ThingId } from '@ioc/contract/messages/incidents.ts'
import type { GraphEntry } from '../graph.ts'

/** What a thing that is lost by itself is lost since, in ms. */
export type Losses = ReadonlyMap<ThingId, number>

export interface Expected {
  /** The things that are to have an incident of a loss, and since when they are lost. */
  readonly roots: ReadonlyMap<ThingId, number>
  /** What is cut off, the roots included. */
  readonly gone: ReadonlySet<ThingId>
}

/**
 * The incidents of losses that there must be when nothing has changed for long: the definitions, applied to all things
 * again and again until nothing changes. No times of grace, no order, no memory.
 */
export function expectedLosses(entries: readonly GraphEntry[], own: Losses): Expected {
  const things = entries.map(({ thing }) => thing)
  const parents = new Map(entries.map(({ thing, parents: of }) => [thing, of]))
  const childrenOf = (thing: ThingId) => things.filter((one) => parents.get(one)?.includes(thing))
  const isNode = (thing: ThingId) => thing.startsWith('node/')

  const lost = new Map<ThingId, number>(own)
  untilStable(lost, () => {
    for (const thing of things) {
      if (lost.has(thing)) continue
      const children = childrenOf(thing)
      const times = children
        .filter((child) => lost.has(child) && (!isNode(child) || own.has(child)))
        .map((child) => lost.get(child) as number)
        .sort((a, b) => a - b)
      // The smallest number that is a share of 60 %, and two; of a site with a single node, one.
      let needed = 1
      while (needed < 0.6 * children.length || needed < 2) needed++
      if (thing.startsWith('site/') && children.length === 1) needed = 1
      if (times.length >= needed) lost.set(thing, times[needed - 1] as number)
    }
  })

  const reached = new Set<ThingId>()
  untilStable(reached, () => {
    for (const thing of things) {
      const isConnected = isNode(thing) && !own.has(thing)
      const isAbove = !isNode(thing) && childrenOf(thing).some((child) => reached.has(child))
      if (isConnected || isAbove) reached.add(thing)
    }
  })

  const covered = new Set<ThingId>()
  untilStable(covered, () => {
    for (const thing of things) {
      const of = parents.get(thing) ?? []
      const isAlone = of.length > 0 && of.every((parent) => lost.has(parent) || covered.has(parent))
      if (isAlone && (lost.has(thing) || !reached.has(thing))) covered.add(thing)
    }
  })

  const roots = new Map([...lost].filter(([thing]) => !covered.has(thing)))
  return { roots, gone: new Set([...lost.keys(), ...covered]) }
}

function untilStable(set: { readonly size: number }, once: () => void): void {
  for (let before = -1; before !== set.size; ) {
    before = set.size
    once()
  }
}
