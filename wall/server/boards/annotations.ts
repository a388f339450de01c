import { isIocError } from '@ioc/contract/errors.ts'
import type { Annotation, Board } from '../../shared/boards/board.ts'
import type { BoardAnnotations, BoardMark, QuerySeries } from '../../shared/boards/panel-data.ts'
import { parseTime } from '../../shared/time-range.ts'
import type { Variables } from './interpolate.ts'
import { interpolate } from './interpolate.ts'
import { questionOf } from './time-range.ts'

/** Marks that one answer holds, the newest ones. */
const maxMarks = 500

export interface AnnotationsRequest {
  readonly from: string
  readonly to: string
  readonly variables: Variables
}

/**
 * Runs the annotation queries of a board. A measurement that does not exist has no marks, and neither has a query that
 * the store refuses: events are beside the panels, and must not hide them.
 * @throws IocError PAYLOAD_INVALID; STORE_UNREACHABLE, STORE_UNAUTHORIZED when the store answers none of the queries
 */
export async function readAnnotations(
  board: Board,
  request: AnnotationsRequest,
  read: (statement: string, keepMs: number) => Promise<readonly QuerySeries[]>,
  now = Date.now(),
): Promise<BoardAnnotations> {
  const { range, keepMs, macros } = questionOf(board, request, maxMarks, undefined, now)
  const shown = (board.annotations?.list ?? []).flatMap((annotation) => {
    const query = annotation.query ?? annotation.target?.query
    return annotation.enable && query ? [{ annotation, query }] : []
  })
  const marks = await Promise.all(
    shown.map(async ({ annotation, query }) => {
      try {
        const series = await read(interpolate(query, request.variables, macros), keepMs)
        return series.flatMap((one) => marksOf(annotation, one))
      } catch (error) {
        if (isIocError(error, 'QUERY_INVALID')) return []
        throw error
      }
    }),
  )
  const newestFirst = marks.flat().sort((a, b) => b.from - a.from)
  return { ...range, marks: newestFirst.slice(0, maxMarks) }
}

/** The rows of one series, by the columns that the annotation names. */
function marksOf(annotation: Annotation, { columns, values, tags = {} }: QuerySeries): BoardMark[] {
  const { name, iconColor = '', titleColumn, textColumn, tagsColumn, timeEndColumn } = annotation
  return values.flatMap((row): BoardMark[] => {
    const cell = (column: string | undefined) => {
      if (column === undefined || column === '') return ''
      return String(row[columns.indexOf(column)] ?? tags[column] ?? '')
    }
    const from = row[columns.indexOf('time')]
    if (typeof from !== 'number') return []
    const end = timeOf(cell(timeEndColumn))
    return [
      {
        from,
        to: end !== undefined && end > from ? end : from,
        name,
        colour: iconColor,
        title: cell(titleColumn),
        text: cell(textColumn),
        tags: (tagsColumn ?? '')
          .split(',')
          .map((column) => cell(column.trim()))
          .filter((tag) => tag !== ''),
      },
    ]
  })
}

/** A time in ms since 1970 or in ISO 8601. */
const timeOf = (text: string): number | undefined => (text === '' ? undefined : parseTime(text, 0))
