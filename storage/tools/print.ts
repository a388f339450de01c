import { formatTime } from '../influxql/zone.ts'

export type AnswerCell = string | number | bigint | boolean | null

/** A series of an answer, as InfluxDB's JSON has it; integers whole. */
export interface AnswerTable {
  readonly name?: string
  readonly tags?: Readonly<Record<string, string>>
  readonly columns: readonly string[]
  readonly values?: readonly (readonly AnswerCell[])[]
}

/** Times in nanoseconds are printed as text of a zone; others as they came. */
export type TimeText = { readonly zone: string } | 'as given'

/** Each series: its name and tags as a heading, then aligned columns, numbers to the right. */
export function tableText(series: readonly AnswerTable[], time: TimeText): string {
  return series.map((one) => `${heading(one)}${aligned(one, time)}`).join('\n')
}

function heading({ name, tags }: AnswerTable): string {
  const words = [name ?? '', ...Object.entries(tags ?? {}).map(([key, value]) => `${key}=${value}`)]
  const text = words.filter((word) => word !== '').join('  ')
  return text === '' ? '' : `${text}\n`
}

function aligned({ columns, values = [] }: AnswerTable, time: TimeText): string {
  const cells = values.map((row) => row.map((cell, index) => plain(cellText(cell, columns[index], index, time))))
  const widths = columns.map((name, index) => Math.max(width(name), ...cellWidths(cells, index)))
  const right = columns.map((_, index) => values.every((row) => typeof row[index] !== 'string'))
  const line = (row: readonly string[], fill = ' ') =>
    row
      .map((text, index) => {
        const space = fill.repeat((widths[index] ?? 0) - width(text))
        // Times and texts stand to the left.
        return right[index] && !(index === 0 && columns[0] === 'time') ? space + text : text + space
      })
      .join('  ')
      .trimEnd()
  const rule = line(
    columns.map(() => ''),
    '-',
  )
  return `${[line(columns), rule, ...cells.map((row) => line(row))].join('\n')}\n`
}

function* cellWidths(cells: readonly (readonly string[])[], index: number) {
  for (const row of cells) yield width(row[index] ?? '')
}

const graphemes = new Intl.Segmenter()

/** Columns that text takes on a terminal; wide letters take two. */
function width(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  let columns = 0
  for (const { segment } of graphemes.segment(text)) {
    columns += /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}]/u.test(
      segment,
    )
      ? 2
      : 1
  }
  return columns
}

/** Text of one line, without what would move the cursor. */
function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, (letter) => (letter === '\n' ? '\\n' : letter === '\t' ? '\\t' : '\ufffd'))
}

function cellText(cell: AnswerCell | undefined, column: string | undefined, index: number, time: TimeText): string {
  if (cell === null || cell === undefined) return ''
  const isTime = index === 0 && column === 'time' && time !== 'as given'
  if (isTime && (typeof cell === 'bigint' || typeof cell === 'number')) return formatTime(BigInt(cell), time.zone)
  return Object.is(cell, -0) ? '-0' : String(cell)
}

/** CSV (RFC 4180): name, a column for each tag, the answer's columns; a new head line, after an empty one, where these change. */
export function csvText(series: readonly AnswerTable[], time: TimeText): string {
  let text = ''
  let head = ''
  for (const { name, tags = {}, columns, values = [] } of series) {
    const line = csvLine([...(name === undefined ? [] : ['name']), ...Object.keys(tags), ...columns])
    if (line !== head) {
      text += `${text === '' ? '' : '\n'}${line}`
      head = line
    }
    const start = [...(name === undefined ? [] : [name]), ...Object.values(tags)]
    for (const row of values) {
      text += csvLine([
        ...start,
        ...row.map((cell, index) => (cell === null ? null : cellText(cell, columns[index], index, time))),
      ])
    }
  }
  return text
}

/** A line of CSV. Empty text is quoted, so that it is not taken for nothing. */
export function csvLine(cells: readonly (string | null)[]): string {
  const quoted = cells.map((cell) => {
    if (cell === null) return ''
    return cell === '' || /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
  })
  return `${quoted.join(',')}\n`
}
