import type { Value } from '../source.ts'

/** The points that a call has in one group, in the order of the answer. */
export interface Stream {
  readonly times: bigint[]
  readonly values: Value[]
  /** For each point the values of the other fields and tags that were asked for. */
  readonly others: Value[][]
}

/** The streams of a call by the place of their group; a group without points has none. */
export type Streams = ReadonlyMap<number, Stream>
