import { rowTurns } from '../../turns.ts'
import type { StepOf } from '../compile/compile.ts'
import { groupPlace } from '../compile/rows.ts'
import type { Rows, Value } from '../source.ts'
import { byTime, rowReaders } from './answer.ts'
import type { Stream, Streams } from './stream.ts'
import { framed, windowed } from './windowed.ts'

/** The streams of the calls of a step, of the rows that its SQL answered with. */
export async function shapeStep(step: StepOf<'aggregates' | 'points' | 'values'>, rows: Rows): Promise<Streams[]> {
  switch (step.kind) {
    case 'aggregates':
      return shapeAggregates(step, rows)
    case 'points':
      return [shapePoints(step, rows)]
    case 'values':
      return [shapeValues(step, rows)]
  }
}

async function shapeAggregates({ scan, calls, frame }: StepOf<'aggregates'>, rows: Rows): Promise<Streams[]> {
  const [gids = [], buckets = [], ...values] = rows.columns
  const placeOf = groupPlace(scan)
  const turn = rowTurns()
  const streams: Streams[] = []
  for (const [index, call] of calls.entries()) {
    const column = values[index] ?? []
    if (frame) {
      const builder = new FrameBuilder(frame.times.length)
      await eachValue(column, turn, (value, row) => builder.add(placeOf(gids[row]), buckets[row] as number, value))
      streams.push(new Map([...builder.values].map(([gid, values]) => [gid, framed(scan, call, frame, values)])))
    } else {
      const builder = new StreamBuilder()
      await eachValue(column, turn, (value, row) => builder.add(placeOf(gids[row]), buckets[row], value, []))
      streams.push(windowed(scan, call, builder.streams))
    }
  }
  return streams
}

/** Calls `use` with the values of a column that are there, and gives way to others in between. */
async function eachValue(
  column: readonly Value[],
  turn: () => Promise<void> | undefined,
  use: (value: Value, row: number) => void,
): Promise<void> {
  for (let row = 0; row < column.length; row++) {
    const value = column[row] ?? null
    if (value !== null) use(value, row)
    const waiting = turn()
    if (waiting) await waiting
  }
}

function shapePoints(step: StepOf<'points'>, { rowCount, columns }: Rows): Streams {
  const { scan, keepsTime } = step
  const [call] = step.calls
  const [gids = [], buckets = [], times = [], sids = [], values = [], ...others] = columns
  const readers = rowReaders(scan, scan.references, step.columns, sids, others)
  const placeOf = groupPlace(scan)
  const builder = new StreamBuilder()
  for (let row = 0; row < rowCount; row++) {
    const other = readers.map((read) => read(row))
    builder.add(placeOf(gids[row]), keepsTime ? times[row] : buckets[row], values[row] ?? null, other)
  }
  return keepsTime ? builder.streams : windowed(scan, call, builder.streams)
}

function shapeValues({ scan, unordered }: StepOf<'values'>, rows: Rows): Streams {
  const { rowCount, columns } = unordered ? byTime(rows, scan.descending) : rows
  const [gids = [], times = [], values = []] = columns
  const builder = new StreamBuilder()
  for (let row = 0; row < rowCount; row++) builder.add(Number(gids[row]), times[row], values[row] ?? null, [])
  return builder.streams
}

/** What a transformation makes of streams. Points without a value are passed over. */
export function transform(
  { scan, calls: [{ called, parameter }] }: StepOf<'transformation'>,
  streams: Streams,
): Streams {
  const result = new Map<number, Stream>()
  for (const [gid, { times, values }] of streams) {
    const step = called.start(parameter, scan.descending)
    const kept: Stream = { times: [], values: [], others: [] }
    times.forEach((time, index) => {
      const value = values[index] as Value
      const next = value === null ? undefined : step(time, value)
      if (next === undefined) return
      kept.times.push(time)
      kept.values.push(next)
      kept.others.push([])
    })
    if (kept.times.length > 0) result.set(gid, kept)
  }
  return result
}

/** Makes streams of rows, in the order in which they come. */
class StreamBuilder {
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
class FrameBuilder {
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
