/**
 * The two queues of a partition. What an agent sends again after it was cut off stands in a lane of its own, so that
 * what is measured now does not wait behind it.
 */
export const laneNames = ['live', 'backlog'] as const
export type LaneName = (typeof laneNames)[number]

/** One of something for each lane of a partition. */
export type ByLane<T> = Readonly<Record<LaneName, T>>

/** How many partitions a log is opened with, so that each of `partitions` has its lanes. */
export function partitionsWithLanes(partitions: number): number {
  return partitions * laneNames.length
}

/**
 * Where the lanes of a partition are in the log: the backlogs come after the live lanes, which are where partitions
 * were before they had lanes.
 */
export function lanesOf(partition: number, partitions: number): ByLane<number> {
  return { live: partition, backlog: partitions + partition }
}
