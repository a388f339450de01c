import { selectSeries } from '../condition.ts'
import { refuse } from '../errors.ts'
import type { Answer, AnswerSeries, QuerySource } from '../source.ts'
import type { SelectStatement } from '../syntax/ast.ts'
import { type Clock, splitTime, timeValue } from '../time.ts'
import { selectAggregates } from './aggregate.ts'
import { type Asked, checkTypes, readColumns } from './calls.ts'
import type { SelectContext } from './context.ts'
import { expandColumns, expandDimensions } from './expand.ts'
import { groupSeries } from './groups.ts'
import { resolveSources } from './resolve.ts'
import { selectDistinct, selectPoint, selectRows } from './rows.ts'
import type { Windows } from './windows.ts'

/**
 * Runs a SELECT.
 * @param now nanoseconds
 */
export async function runSelect(source: QuerySource, statement: SelectStatement, now: bigint): Promise<Answer> {
  const clock: Clock = { now, zone: statement.zone }
  const measurements = await resolveSources(source, statement.sources)
  const windows = readWindows(statement, clock)
  const { range, rest } = splitTime(statement.where, clock)
  if (windows && range.to === undefined) range.to = now
  const dimensions = await expandDimensions(source, measurements, statement)
  const columns = await expandColumns(source, measurements, statement, dimensions)
  // Wildcards that nothing matches ask for nothing.
  if (columns.length === 0) return { series: [] }
  const asked = readColumns(columns.filter(({ expression }) => !isTimeColumn(expression)))
  checkAsked(asked, windows)
  const series: AnswerSeries[] = []
  // Descending turns the order of series round too.
  for (const measurement of statement.descending ? measurements.toReversed() : measurements) {
    checkTypes(measurement, columns, asked.calls)
    const selection = await selectSeries(source, measurement, rest)
    const from = statement.seriesOffset ?? 0
    const groups = groupSeries(selection.series, dimensions).slice(
      from,
      statement.seriesLimit ? from + statement.seriesLimit : undefined,
    )
    if (groups.length === 0) continue
    const shown = columns.filter(({ expression }) => !isTimeColumn(expression))
    const context = { source, statement, measurement, columns: shown, groups, selection, range, windows, now }
    series.push(...(await run(context, asked)))
  }
  return { series: series.filter(({ values }) => values.length > 0), zone: statement.zone }
}

/** `SELECT time, x` asks for what every answer has anyway. */
function isTimeColumn(expression: { readonly kind: string; readonly name?: string }): boolean {
  return expression.kind === 'reference' && expression.name === 'time'
}

function run(context: SelectContext, { calls, references, distinct }: Asked): Promise<AnswerSeries[]> {
  if (distinct) return selectDistinct(context, distinct)
  const [call] = calls
  if (!call) return selectRows(context, references)
  const asksForPoint = calls.length === 1 && call.aggregate.selector && (!context.windows || references.length > 0)
  return asksForPoint ? selectPoint(context, call, references) : selectAggregates(context, calls)
}

function checkAsked({ calls, references, distinct }: Asked, windows: Windows | undefined): void {
  if (calls.length === 0 && !distinct) {
    if (windows) throw refuse('GROUP BY requires at least one aggregate function')
    if (references.length === 0) throw refuse('at least 1 non-time field must be queried')
  }
  if (calls.length > 0 && references.length > 0 && (calls.length > 1 || !calls[0]?.aggregate.selector)) {
    throw refuse('mixing aggregate and non-aggregate queries is not supported')
  }
}

function readWindows(statement: SelectStatement, clock: Clock): Windows | undefined {
  const dimension = statement.dimensions.find((one) => one.kind === 'time')
  if (dimension?.kind !== 'time') return undefined
  const { interval } = dimension
  const offset = dimension.offset ? timeValue(dimension.offset, clock) % interval : 0n
  return { interval, offset, zone: statement.zone }
}
