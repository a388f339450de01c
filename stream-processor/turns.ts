import type { ByLane, LaneName } from '@ioc/ingest-log/lanes.ts'

/** Says which lane of a partition is next. */
export interface Turns {
  /**
   * The lane whose head is to be taken, or none for now.
   * @param hasHead which lanes have a batch to take
   * @param linesInFlight lines that wait for the store
   */
  next(hasHead: ByLane<boolean>, linesInFlight: number): LaneName | undefined
  /** A batch of so many bytes was taken. */
  took(lane: LaneName, bytes: number): void
}

/** Lines that may wait for the store before reading stops: the log on disk is the queue, not the memory. */
export const maxLinesInFlight = 40_000
/** Of these the backlog may fill so many: what is live finds the others free. Two large batches keep the store busy. */
export const maxBacklogLinesInFlight = 20_000
/**
 * What the backlog gets of the work even where the live lane never ends, as a share of bytes: a batch costs about what
 * its bytes cost, here and at the store. Enough that no agent waits for ever, little enough that nobody sees it.
 */
export const backlogShare = 0.1

/** Most that the backlog may have saved up of its share, in bytes: more would be a pause of what is live. */
export const maxCredit = 256 << 10

/**
 * The live lane first; the backlog gets what is left, and beside a live lane that never ends its share. So what is live
 * waits for the batch of the backlog under way, or for a few that are small.
 */
export function createTurns(): Turns {
  let credit = 0

  return {
    next(hasHead, linesInFlight) {
      if (linesInFlight > maxLinesInFlight) return undefined
      if (hasHead.backlog && credit > 0) return 'backlog'
      if (hasHead.live) return 'live'
      return hasHead.backlog && linesInFlight <= maxBacklogLinesInFlight ? 'backlog' : undefined
    },
    took(lane, bytes) {
      if (lane === 'live') credit = Math.min(maxCredit, credit + (bytes * backlogShare) / (1 - backlogShare))
      // What was left over is not counted.
      else if (credit > 0) credit -= bytes
    },
  }
}
