/** How far ahead arrivals may run, in ms: a node that sends more than a message a ms for longer uses times again. */
const maxMoveMs = 1_000

/**
 * Times of arrival, in ms, that differ for each message of a node. A bare device without a clock is measured at the
 * arrival, and the store keeps one value for each time: of several messages in a millisecond, only the last would stay.
 * `spanMs` is how many ms up to its arrival the records of a message need: these are its own too.
 */
export function createArrivals(maxNodes: number): (node: string, now: number, spanMs?: number) => number {
  const lastOf = new Map<string, number>()
  return (node, now, spanMs = 1) => {
    const last = lastOf.get(node)
    // A last one that is far ahead was noted before the clock of the machine was set back.
    const isNear = last !== undefined && last > now - spanMs && last - now < maxMoveMs
    const arrival = isNear ? last + spanMs : now
    lastOf.delete(node)
    lastOf.set(node, arrival)
    if (lastOf.size > maxNodes) lastOf.delete(lastOf.keys().next().value as string)
    return arrival
  }
}
