import { rowTurns } from '../../turns.ts'
import type { AnswerSeries, Value } from '../source.ts'
import { fieldColumns, type ReferenceExpression, rowMaker } from './calls.ts'
import { checkSize, type SelectContext } from './context.ts'
import { blankOf, put } from './fill.ts'
import type { Group } from './group.ts'
import { readRows } from './groups.ts'
import { rowReaders } from './points.ts'
import { referenceType } from './types.ts'

/** Runs a SELECT of plain fields and tags. */
export async function selectRows(
  context: SelectContext,
  references: readonly ReferenceExpression[],
): Promise<AnswerSeries[]> {
  const { source, measurement, groups, statement } = context
  const fields = fieldColumns(measurement, references)
  // Tags alone do not make a row, except where a subquery already made it.
  if (measurement.derived ? !context.known : fields.length === 0) return []
  const columns = fields.map((column) => `t.${column}`)
  const present = columns.map((column) => `${column} IS NOT NULL`).join(' OR ')
  const { limit, offset = 0 } = page(context)
  const most = limit && groups.length === 1 ? Math.min(limit + offset, source.maxRows + 1) : source.maxRows + 1
  const result = await readRows(context, ['t.sid', ...columns], most, ...(measurement.derived ? [] : [`(${present})`]))
  const [gids = [], times = [], sids = [], ...values] = result.columns
  const readers = rowReaders(context, references, fields, sids, values)
  const blanks = references.map((reference) => blankOf(statement.fill, referenceType(measurement, reference)))
  return split(context, result.rowCount, gids, () => {
    const current: Value[] = references.map(() => null)
    const make = rowMaker(context.columns, { calls: [], references }, current)
    return (row) => {
      readers.forEach((read, place) => {
        put(current, blanks, read(row), place)
      })
      return make(times[row] as bigint)
    }
  })
}

/** Without a LIMIT, InfluxDB answers an OFFSET over what is stored with one row. */
function page({ statement: { limit, offset = 0 }, measurement }: SelectContext) {
  return { limit: limit || (offset > 0 && !measurement.derived ? 1 : undefined), offset }
}

/**
 * Parts rows, which come ordered by group, into the series of the answer.
 * @param begin gives, for a new series, what makes its rows, one after the other
 */
async function split(
  context: SelectContext,
  rowCount: number,
  gids: readonly Value[],
  begin: () => (row: number) => Value[],
): Promise<AnswerSeries[]> {
  checkSize(context, rowCount)
  const { limit, offset } = page(context)
  const answer: AnswerSeries[] = []
  const turn = rowTurns()
  let start = 0
  for (let row = 1; row <= rowCount; row++) {
    if (row < rowCount && gids[row] === gids[start]) continue
    const group = context.groups[Number(gids[start])]
    const first = start + offset
    const last = limit === undefined ? row : Math.min(row, first + limit)
    if (group && first < last) {
      const build = begin()
      const rows: Value[][] = []
      for (let place = first; place < last; place++) {
        rows.push(build(place))
        const waiting = turn()
        if (waiting) await waiting
      }
      answer.push(seriesOf(context, group, rows))
    }
    start = row
  }
  return answer
}

/** Puts rows, their time first, into the shape of an answer. */
export function seriesOf(
  { measurement, columns, timeName }: SelectContext,
  group: Group,
  values: Value[][],
): AnswerSeries {
  return {
    name: measurement.name,
    ...(group.tags && { tags: group.tags }),
    timed: true,
    columns: [timeName, ...columns.map(({ name }) => name)],
    values,
  }
}
