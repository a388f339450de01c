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

/** Makes streams of rows, in the order in which they come. */
export class StreamBuilder {
  readonly streams = new Map<number, Stream>()

  /** @param gid place of the group */
  add(gid: number, time: Value | undefined, value: Value, others: Value[]): void {
    let stream = this.streams.get(gid)
    if (!stream) {
      stream = { times: [], values: [], others: [] }
      this.streams.set(gid, stream)
    }
    stream.times.push(time as bigint)
    stream.values.push(value)
    stream.others.push(others)
  }
}

/** Puts values into the windows of their groups, ascending. */
export class FrameBuilder {
  readonly values = new Map<number, Value[]>()
  readonly #windows: number

  constructor(windows: number) {
    this.#windows = windows
  }

  /** @param gid place of the group */
  add(gid: number, window: number, value: Value): void {
    let values = this.values.get(gid)
    if (!values) {
      values = Array.from({ length: this.#windows }, () => null)
      this.values.set(gid, values)
    }
    values[window] = value
  }
}
