import { rowTurns } from '../../turns.ts'
import type { StepOf } from '../compile/compile.ts'
import { groupPlace } from '../compile/rows.ts'
import type { Rows, Value } from '../source.ts'
import { byTime, rowReaders } from './answer.ts'
import type { Stream, Streams } from './stream.ts'
import { windowed } from './windowed.ts'

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

async function shapeAggregates({ scan, calls }: StepOf<'aggregates'>, rows: Rows): Promise<Streams[]> {
  const [gids = [], buckets = [], ...values] = rows.columns
  const placeOf = groupPlace(scan)
  const turn = rowTurns()
  const streams: Streams[] = []
  for (const [index, call] of calls.entries()) {
    const builder = new StreamBuilder()
    for (const [row, value] of (values[index] ?? []).entries()) {
      if (value !== null) builder.add(placeOf(gids[row]), buckets[row], value, noOthers)
      const waiting = turn()
      if (waiting) await waiting
    }
    streams.push(windowed(scan, call, builder.streams))
  }
  return streams
}

const noOthers: Value[] = []

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
  for (let row = 0; row < rowCount; row++) builder.add(Number(gids[row]), times[row], values[row] ?? null, noOthers)
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
      kept.others.push(noOthers)
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
