import { rowTurns } from '../../turns.ts'
import { referenceType } from '../analyse/types.ts'
import { type RowStep, rowPage } from '../compile/compile.ts'
import { checkSize, type Scan } from '../compile/scan.ts'
import type { AnswerSeries, Rows, Value } from '../source.ts'
import { blankOf, put } from './fill.ts'
import { byTime } from './order.ts'
import { rowMaker, rowReaders, seriesOf } from './row.ts'

/** The series of a SELECT of plain fields and tags, of rows that come ordered by group. */
export async function shapeRows(scan: Scan, { columns, unordered }: RowStep, read: Rows): Promise<AnswerSeries[]> {
  const { relation, references, fill, descending } = scan
  const { rowCount, columns: found } = unordered ? byTime(read, descending) : read
  checkSize(scan, rowCount)
  const [gids = [], times = [], sids = [], ...values] = found
  const readers = rowReaders(scan, references, columns, sids, values)
  const blanks = references.map((reference) => blankOf(fill, referenceType(relation, reference)))
  const { limit, offset } = rowPage(scan)
  const answer: AnswerSeries[] = []
  const turn = rowTurns()
  let start = 0
  for (let row = 1; row <= rowCount; row++) {
    if (row < rowCount && gids[row] === gids[start]) continue
    const group = scan.groups[Number(gids[start])]
    const first = start + offset
    const last = limit === undefined ? row : Math.min(row, first + limit)
    if (group && first < last) {
      const current: Value[] = references.map(() => null)
      const make = rowMaker(scan.columns, scan, current)
      const rows: Value[][] = []
      for (let place = first; place < last; place++) {
        readers.forEach((value, index) => {
          put(current, blanks, value(place), index)
        })
        rows.push(make(times[place] as bigint))
        const waiting = turn()
        if (waiting) await waiting
      }
      answer.push(seriesOf(scan, group, rows))
    }
    start = row
  }
  return answer
}
