/** What is older than this when it arrives is of a backlog, in ms. */
const minBacklogAgeMs = 600_000
/** How long results wait at most for the end of a backlog that is being read, in ms. */
export const maxCatchUpMs = 300_000

/** @param ts of an event, in ms, and when it arrived */
export function isOfBacklog(ts: number, arrival: number): boolean {
  return arrival - ts > minBacklogAgeMs
}

/**
 * How long nothing must arrive before the clock says that nothing more will. While a backlog is read, the next message of a
 * node may come after those of all others: a clock that went to the present in between would make late whatever follows.
 * @param newest time of the newest event, and when the last one arrived, in ms
 */
export function patienceMs(idleMs: number, newest: number, arrival: number, isCatchingUp: boolean): number {
  return isCatchingUp && isOfBacklog(newest, arrival) ? Math.max(idleMs, maxCatchUpMs) : idleMs
}
