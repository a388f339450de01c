import type { Value } from '../source.ts'
import { type AggregateCall, type Call, callField, fieldColumns, type ReferenceExpression } from './calls.ts'
import { checkSize, type SelectContext } from './context.ts'
import { fillColumn } from './fill.ts'
import { fromWhere, isAlone, rowOrder } from './groups.ts'
import { pointSql, rowLookup, specialSql } from './points.ts'
import { transform } from './transform.ts'
import { callType } from './types.ts'
import { widened, windowSql, windowStart, windowTime } from './windows.ts'

/** The points that a call has in one group, in the order of the answer. */
export interface Stream {
  readonly times: bigint[]
  readonly values: Value[]
  /** For each point the values of the other fields and tags that were asked for. */
  readonly others: Value[][]
}

/** The streams of a call by the place of their group; a group without points has none. */
export type Streams = ReadonlyMap<number, Stream>

/**
 * Runs the calls of a SELECT.
 * @param references other fields and tags that the points of the one call are asked for
 */
export async function runCalls(
  context: SelectContext,
  calls: readonly Call[],
  references: readonly ReferenceExpression[],
): Promise<Streams[]> {
  const results = new Map<Call, Streams>()
  const shared: AggregateCall[] = []
  for (const call of calls) {
    if (call.kind === 'transformation') results.set(call, await transformed(context, call))
    else if (call.kind === 'special') results.set(call, await special(context, call, references))
    else if (calls.length === 1 && call.aggregate.selector && (!context.windows || references.length > 0)) {
      results.set(call, await selectedPoints(context, call, references))
    } else shared.push(call)
  }
  if (shared.length > 0) {
    const streams = await aggregated(context, shared)
    shared.forEach((call, index) => {
      results.set(call, streams[index] as Streams)
    })
  }
  return calls.map((call) => results.get(call) as Streams)
}

async function aggregated(context: SelectContext, calls: readonly AggregateCall[]): Promise<Streams[]> {
  const { source, measurement } = context
  const alone = isAlone(context)
  const columns = calls.map((call, index) => {
    const field = callField(measurement, call.expression, call.argument, call.aggregate.takes)
    if (!field) return `NULL AS c${index}`
    const f = `t.f${field.id}`
    const sql = call.distinct
      ? `nullif(count(DISTINCT ${f}), 0)`
      : call.aggregate.sql(f, field.type, call.numbers, alone)
    return `${sql} AS c${index}`
  })
  const result = await source.read(
    `SELECT gid, ${bucketSql(context)} AS bucket, ${columns.join(', ')} ${fromWhere(context)}
     GROUP BY gid, bucket ORDER BY gid, bucket`,
  )
  const [gids = [], buckets = [], ...values] = result.columns
  return calls.map((call, index) => {
    const builder = new StreamBuilder()
    const column = values[index] ?? []
    for (let row = 0; row < result.rowCount; row++) {
      if (column[row] !== null) builder.add(gids[row], buckets[row], column[row] ?? null, [])
    }
    return windowed(context, call, builder.streams)
  })
}

/** The points that a selector chooses, with their times or other fields. */
async function selectedPoints(
  context: SelectContext,
  call: AggregateCall,
  references: readonly ReferenceExpression[],
): Promise<Streams> {
  const field = callField(context.measurement, call.expression, call.argument, call.aggregate.takes)
  if (!field || !call.aggregate.selector) return new Map()
  const sql = pointSql(
    context,
    call.aggregate.selector,
    call.numbers,
    field,
    fieldColumns(context.measurement, references),
  )
  const streams = await readPoints(context, sql, references, !context.windows)
  return context.windows ? windowed(context, call, streams) : streams
}

async function special(
  context: SelectContext,
  call: Extract<Call, { kind: 'special' }>,
  references: readonly ReferenceExpression[],
): Promise<Streams> {
  const field = callField(context.measurement, call.expression, call.argument, call.special.takes)
  if (!field) return new Map()
  const sql = specialSql(context, call, field, fieldColumns(context.measurement, references))
  const streams = await readPoints(context, sql, references, call.special.selector)
  if (call.special.selector) return streams
  return windowed(context, call, streams)
}

/** Reads rows of group, window, time, series, value and other fields. */
async function readPoints(
  context: SelectContext,
  sql: string,
  references: readonly ReferenceExpression[],
  keepsTime: boolean,
): Promise<Streams> {
  const { rowCount, columns } = await context.source.read(sql)
  const [gids = [], buckets = [], times = [], sids = [], values = [], ...others] = columns
  const lookup = rowLookup(context, [...fieldColumns(context.measurement, references).keys()], sids, others)
  const builder = new StreamBuilder()
  for (let row = 0; row < rowCount; row++) {
    const other = references.map((reference) => lookup(reference, row))
    builder.add(gids[row], keepsTime ? times[row] : buckets[row], values[row] ?? null, other)
  }
  return builder.streams
}

async function transformed(context: SelectContext, call: Extract<Call, { kind: 'transformation' }>): Promise<Streams> {
  const { windows, range, descending } = context
  const wider =
    windows && call.transformation.widens
      ? { ...context, level: context.level + 1, range: widened(range, windows, descending, 1n) }
      : context
  if (call.input.kind !== 'reference') {
    const [streams = new Map<number, Stream>()] = await runCalls(wider, [call.input], [])
    return transform(context, call, streams)
  }
  const field = callField(context.measurement, call.expression, call.input, call.transformation.takes)
  if (!field) return new Map()
  const f = `t.f${field.id}`
  const { rowCount, columns } = await context.source.read(
    `SELECT gid, t.time, ${f} ${fromWhere(wider, `${f} IS NOT NULL`)} ${rowOrder(context)}`,
  )
  const [gids = [], times = [], values = []] = columns
  const builder = new StreamBuilder()
  for (let row = 0; row < rowCount; row++) builder.add(gids[row], times[row], values[row] ?? null, [])
  return transform(context, call, builder.streams)
}

class StreamBuilder {
  readonly streams = new Map<number, Stream>()

  add(gid: Value | undefined, time: Value | undefined, value: Value, others: Value[]): void {
    const place = Number(gid)
    let stream = this.streams.get(place)
    if (!stream) {
      stream = { times: [], values: [], others: [] }
      this.streams.set(place, stream)
    }
    stream.times.push(time as bigint)
    stream.values.push(value)
    stream.others.push(others)
  }
}

/** SQL of the window of a row; one for all where there are no windows. */
function bucketSql({ windows, range, now }: SelectContext): string {
  return windows ? windowSql(windows, range, now).bucket : '0::BIGINT'
}

/** Gives streams whose times are the starts of windows, ascending, the times and the order of the answer, filled. */
function windowed(context: SelectContext, call: Exclude<Call, { kind: 'transformation' }>, streams: Streams): Streams {
  const { windows, range, descending } = context
  const result = new Map<number, Stream>()
  for (const [gid, stream] of streams) {
    if (!windows) {
      result.set(gid, { ...stream, times: stream.times.map(() => range.from ?? 0n) })
      continue
    }
    const fills = call.kind === 'aggregate' || call.special.fills
    const distinct = call.expression.name === 'distinct'
    const filled = fills ? fill(context, call, stream) : descending && !distinct ? reversed(stream) : stream
    result.set(gid, { ...filled, times: filled.times.map((start) => windowTime(windows, start)) })
  }
  return result
}

function fill(context: SelectContext, call: Exclude<Call, { kind: 'transformation' }>, stream: Stream): Stream {
  const { statement, windows, range, now, descending, measurement } = context
  if (!windows || statement.fill.kind === 'none') return descending ? reversed(stream) : stream
  const first = range.from === undefined ? (stream.times[0] as bigint) : windowStart(windows, range.from)
  const last = windowStart(windows, range.to ?? now)
  const count = Number((last - first) / windows.interval) + 1
  checkSize(context, count * context.groups.length)
  const times = Array.from({ length: Math.max(count, 0) }, (_, index) => first + BigInt(index) * windows.interval)
  const values: Value[] = times.map(() => null)
  const nothing: Value[] = (stream.others[0] ?? []).map(() => null)
  const others = times.map(() => nothing)
  stream.times.forEach((start, row) => {
    const place = Number((start - first) / windows.interval)
    values[place] = stream.values[row] ?? null
    others[place] = stream.others[row] ?? nothing
  })
  const whole = { times, values, others }
  const ordered = descending ? reversed(whole) : whole
  const type = callType(measurement, call) ?? 'float'
  // InfluxDB counts windows from 1970 by a division that cuts towards it.
  const places = ordered.times.map((start) => windowTime(windows, start) / windows.interval)
  const empty = call.kind === 'aggregate' ? call.aggregate.empty : undefined
  fillColumn(ordered.values, statement.fill, places, type, empty)
  return ordered
}

function reversed({ times, values, others }: Stream): Stream {
  return { times: times.toReversed(), values: values.toReversed(), others: others.toReversed() }
}
