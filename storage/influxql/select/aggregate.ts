import { refuse } from '../errors.ts'
import { evaluate } from '../evaluate.ts'
import type { AnswerSeries, Value } from '../source.ts'
import { type Call, type CallExpression, callField, callKey } from './calls.ts'
import type { SelectContext } from './context.ts'
import { fillColumn } from './fill.ts'
import { fromWhere, type Group } from './groups.ts'
import { type Windows, windowSql, windowStart, windowTime } from './windows.ts'

/** Rows of one group: the start of each window, and the value of each call in it. */
interface Computed {
  readonly starts: bigint[]
  readonly values: Value[][]
}

/** Runs a SELECT of aggregates. */
export async function selectAggregates(context: SelectContext, calls: readonly Call[]): Promise<AnswerSeries[]> {
  const { groups, windows, range, statement } = context
  const computed = await compute(context, calls)
  const place = new Map(calls.map((call, index) => [callKey(call.expression), index]))
  const answer: AnswerSeries[] = []
  groups.forEach((group, gid) => {
    const rows = computed.get(gid)
    if (!rows) return
    const filled = windows ? fill(context, windows, rows, calls) : rows
    const values = filled.starts.map((start, row): Value[] => [
      windows ? windowTime(windows, start) : (range.from ?? 0n),
      ...context.columns.map(({ expression }) =>
        evaluate(expression, (leaf) => {
          const index = place.get(callKey(leaf as CallExpression)) as number
          return filled.values[index]?.[row] ?? null
        }),
      ),
    ])
    answer.push(seriesOf(context, group, values))
  })
  checkSize(
    context,
    answer.reduce((sum, series) => sum + series.values.length, 0),
  )
  return statement.descending ? answer.toReversed() : answer
}

async function compute(context: SelectContext, calls: readonly Call[]): Promise<Map<number, Computed>> {
  const { source, measurement, groups, selection, range, windows, now } = context
  const alone = groups.every((group) => group.series.length === 1)
  const columns = calls.map((call, index) => {
    const field = callField(measurement, call)
    if (!field) return `NULL AS c${index}`
    const f = `t.f${field.id}`
    const sql = call.distinct
      ? `nullif(count(DISTINCT ${f}), 0)`
      : call.aggregate.sql(f, field.type, call.numbers, alone)
    return `${sql} AS c${index}`
  })
  const bucket = windows ? windowSql(windows, range, now) : '0::BIGINT'
  const result = await source.read(
    `SELECT gid, ${bucket} AS bucket, ${columns.join(', ')} ${fromWhere(measurement, groups, selection, range)}
     GROUP BY gid, bucket ORDER BY gid, bucket`,
  )
  return collect(result.rowCount, result.columns)
}

function collect(rowCount: number, columns: Value[][]): Map<number, Computed> {
  const [gids = [], buckets = [], ...values] = columns
  const computed = new Map<number, Computed>()
  for (let row = 0; row < rowCount; row++) {
    const gid = Number(gids[row])
    // Rows of which no field was asked for make no window.
    if (values.every((column) => column[row] === null)) continue
    let group = computed.get(gid)
    if (!group) {
      group = { starts: [], values: values.map(() => []) }
      computed.set(gid, group)
    }
    group.starts.push(buckets[row] as bigint)
    values.forEach((column, index) => {
      group.values[index]?.push(column[row] ?? null)
    })
  }
  return computed
}

function fill(context: SelectContext, windows: Windows, rows: Computed, calls: readonly Call[]): Computed {
  const { statement, range, now } = context
  if (statement.fill.kind === 'none') return statement.descending ? reversed(rows) : rows
  const first = range.from === undefined ? (rows.starts[0] as bigint) : windowStart(windows, range.from)
  const last = windowStart(windows, range.to ?? now)
  const count = Number((last - first) / windows.interval) + 1
  checkSize(context, count * context.groups.length)
  const starts = Array.from({ length: Math.max(count, 0) }, (_, index) => first + BigInt(index) * windows.interval)
  const values = rows.values.map((column) => {
    const whole: Value[] = starts.map(() => null)
    rows.starts.forEach((start, row) => {
      whole[Number((start - first) / windows.interval)] = column[row] ?? null
    })
    return whole
  })
  const all: Computed = { starts, values }
  const ordered = statement.descending ? reversed(all) : all
  ordered.values.forEach((column, index) => {
    fillColumn(column, statement.fill, calls[index]?.aggregate.empty)
  })
  return ordered
}

function reversed({ starts, values }: Computed): Computed {
  return { starts: starts.toReversed(), values: values.map((column) => column.toReversed()) }
}

function checkSize({ source }: SelectContext, rows: number): void {
  if (rows > source.maxRows) throw refuse(`the answer has more than ${source.maxRows} rows`)
}

/** Puts rows, their time first, into the shape of an answer, as many as were asked for. */
export function seriesOf(
  { statement, measurement, columns }: SelectContext,
  group: Group,
  values: Value[][],
): AnswerSeries {
  const from = statement.offset ?? 0
  const to = statement.limit ? from + statement.limit : undefined
  return {
    name: measurement.name,
    ...(group.tags && { tags: group.tags }),
    columns: ['time', ...columns.map(({ name }) => name)],
    values: from > 0 || to !== undefined ? values.slice(from, to) : values,
  }
}
