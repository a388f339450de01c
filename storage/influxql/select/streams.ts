import { rowTurns } from '../../turns.ts'
import type { Value } from '../source.ts'
import { type AggregateCall, type Call, callField, fieldColumns, type ReferenceExpression } from './calls.ts'
import { checkValues, type SelectContext } from './context.ts'
import { groupedSql, groupPlace, isAlone, readRows } from './groups.ts'
import { pointSql, rowReaders, specialSql } from './points.ts'
import { FrameBuilder, type Stream, StreamBuilder, type Streams } from './stream.ts'
import { transform } from './transform.ts'
import { framed, frameOf, placesWindows, windowed } from './windowed.ts'
import { placeSql, widened, windowSql } from './windows.ts'

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
  let points = 0
  const keep = (call: Call, streams: Streams) => {
    for (const { times } of streams.values()) points += times.length
    checkValues(context.source, points)
    results.set(call, streams)
  }
  for (const call of calls) {
    if (call.kind === 'transformation') keep(call, await transformed(context, call))
    else if (call.kind === 'special') keep(call, await special(context, call, references))
    else if (calls.length === 1 && call.aggregate.selector && (!context.windows || references.length > 0)) {
      keep(call, await selectedPoints(context, call, references))
    } else shared.push(call)
  }
  if (shared.length > 0) {
    const streams = await aggregated(context, shared)
    shared.forEach((call, index) => {
      keep(call, streams[index] as Streams)
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
  const frame = frameOf(context)
  const bucket = frame ? placeSql(frame.windows, frame.first) : bucketSql(context)
  const result = await source.read(groupedSql(context, bucket, !placesWindows(context), columns))
  const [gids = [], buckets = [], ...values] = result.columns
  const placeOf = groupPlace(context)
  const turn = rowTurns()
  const streams: Streams[] = []
  for (const [index, call] of calls.entries()) {
    const column = values[index] ?? []
    if (frame) {
      const builder = new FrameBuilder(frame.times.length)
      await eachValue(column, turn, (value, row) => builder.add(placeOf(gids[row]), buckets[row] as number, value))
      const groups = [...builder.values].map(([gid, values]) => [gid, framed(context, call, frame, values)] as const)
      streams.push(new Map(groups))
    } else {
      const builder = new StreamBuilder()
      await eachValue(column, turn, (value, row) => builder.add(placeOf(gids[row]), buckets[row], value, []))
      streams.push(windowed(context, call, builder.streams))
    }
  }
  return streams
}

/** Takes the values of a column that are there, and gives way to others in between. */
async function eachValue(
  column: readonly Value[],
  turn: () => Promise<void> | undefined,
  take: (value: Value, row: number) => void,
): Promise<void> {
  for (let row = 0; row < column.length; row++) {
    const value = column[row] ?? null
    if (value !== null) take(value, row)
    const waiting = turn()
    if (waiting) await waiting
  }
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
  const readers = rowReaders(context, references, fieldColumns(context.measurement, references), sids, others)
  const placeOf = groupPlace(context)
  const builder = new StreamBuilder()
  for (let row = 0; row < rowCount; row++) {
    const other = readers.map((read) => read(row))
    builder.add(placeOf(gids[row]), keepsTime ? times[row] : buckets[row], values[row] ?? null, other)
  }
  return builder.streams
}

async function transformed(context: SelectContext, call: Extract<Call, { kind: 'transformation' }>): Promise<Streams> {
  const wider = call.transformation.widens ? withOneMore(context) : context
  if (call.input.kind !== 'reference') {
    // LIMIT counts what the transformation makes of its windows.
    const unlimited = { ...wider.statement, limit: undefined, offset: undefined }
    const statement = staysEmpty(unlimited, call.input) ? { ...unlimited, fill: { kind: 'none' as const } } : unlimited
    const [streams = new Map<number, Stream>()] = await runCalls({ ...wider, statement }, [call.input], [])
    return transform(context, call, streams)
  }
  const field = callField(context.measurement, call.expression, call.input, call.transformation.takes)
  if (!field) return new Map()
  const f = `t.f${field.id}`
  const { rowCount, columns } = await readRows(wider, [f], context.source.maxRows + 1, `${f} IS NOT NULL`)
  const [gids = [], times = [], values = []] = columns
  const builder = new StreamBuilder()
  for (let row = 0; row < rowCount; row++) builder.add(Number(gids[row]), times[row], values[row] ?? null, [])
  return transform(context, call, builder.streams)
}

/** Whether windows without points have no value, which a transformation leaves out: there may be millions of them. */
function staysEmpty({ fill }: SelectContext['statement'], input: Call): boolean {
  if (fill.kind !== 'null' || input.kind === 'transformation') return false
  return input.kind !== 'aggregate' || input.aggregate.empty === undefined
}

/** One window more, before the first of the answer: what a transformation compares that one with. */
function withOneMore(context: SelectContext): SelectContext {
  const { windows, range, descending, level } = context
  if (!windows) return context
  return { ...context, level: level + 1, range: widened(range, windows, descending, 1n) }
}

/** SQL of the window of a row; one for all where there are no windows. */
function bucketSql({ windows }: SelectContext): string {
  return windows ? windowSql(windows).bucket : '0::BIGINT'
}
