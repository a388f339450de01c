import { parentPort, workerData } from 'node:worker_threads'
import XLSX from '@e965/xlsx'
import { parse } from 'csv-parse/sync'
import iconv from 'iconv-lite'
import { type Cell, maxCells, type ParseAnswer, type ParseRequest, type Sheet, type SheetRow } from './sheets.ts'

function answer(request: ParseRequest): ParseAnswer {
  try {
    const sheets = request.isText ? [parseText(request)] : parseWorkbook(request)
    const cells = sheets.reduce((sum, { rows }) => sum + rows.reduce((inner, row) => inner + row.cells.length, 0), 0)
    return cells > maxCells
      ? { refused: { vi: `tệp có quá ${maxCells} ô`, en: `the file has more than ${maxCells} cells` } }
      : { sheets }
  } catch (error) {
    const { message } = error as Error
    return { refused: { vi: `không đọc được tệp: ${message}`, en: `the file cannot be read: ${message}` } }
  }
}

function parseText({ bytes, encoding, delimiter }: ParseRequest): Sheet {
  const text = decode(Buffer.from(bytes), encoding).normalize('NFC')
  // A line that Excel writes and reads, as `sep=;`.
  const [first = '', declared] = /^sep=(.)\r?\n/.exec(text) ?? []
  const body = text.slice(first.length)
  const skipped = first === '' ? 0 : 1
  const records = parse(body, {
    delimiter: declared ?? delimiters[delimiter] ?? mostLikelyDelimiter(body),
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    info: true,
  }) as unknown as readonly { readonly info: { readonly lines: number }; readonly record: readonly string[] }[]
  return { name: '', rows: records.map(({ info, record }) => ({ number: info.lines + skipped, cells: record })) }
}

const delimiters: Readonly<Record<string, string>> = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' }

/** Lines that decide the delimiter, at most. */
const maxVotes = 50

/** The delimiter that most lines have in the same number: a decimal comma is in some fields of some lines only. */
function mostLikelyDelimiter(text: string): string {
  const lines = text.split(/\r?\n/, maxVotes).filter((line) => line.trim() !== '')
  const score = (mark: string): number => {
    const counts = lines.map((line) => line.replace(/"[^"]*"/g, '').split(mark).length - 1).filter((count) => count > 0)
    const frequency = new Map<number, number>()
    for (const count of counts) frequency.set(count, (frequency.get(count) ?? 0) + 1)
    return Math.max(0, ...frequency.values())
  }
  // Of equals the first: a comma may also be a decimal mark.
  return [';', '\t', '|', ','].reduce((best, mark) => (score(mark) > score(best) ? mark : best))
}

function decode(bytes: Buffer, encoding: string): string {
  if (encoding !== 'auto') return iconv.decode(bytes, encoding)
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return iconv.decode(bytes, 'utf-16le')
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return iconv.decode(bytes, 'utf-16be')
  // Every other byte of Latin letters in UTF-16 is zero.
  if (bytes.subarray(0, 200).includes(0)) return iconv.decode(bytes, bytes[0] === 0 ? 'utf-16be' : 'utf-16le')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return iconv.decode(bytes, 'windows-1258')
  }
}

function parseWorkbook({ bytes, sheet }: ParseRequest): Sheet[] {
  const book = XLSX.read(bytes, {
    type: 'array',
    dense: true,
    cellNF: true,
    cellHTML: false,
    cellFormula: false,
    sheetRows: maxCells,
  })
  const names = sheet === undefined ? book.SheetNames : book.SheetNames.filter((name) => name.trim() === sheet.trim())
  if (names.length === 0) throw new Error(`no sheet "${sheet}"`)
  return names.map((name) => ({ name, rows: rowsOf(book.Sheets[name]) }))
}

type WorkCell = XLSX.CellObject | undefined

function rowsOf(sheet: XLSX.WorkSheet | undefined): SheetRow[] {
  const rows = ((sheet as { '!data'?: (WorkCell[] | undefined)[] } | undefined)?.['!data'] ?? []) as (
    | WorkCell[]
    | undefined
  )[]
  const read: SheetRow[] = []
  for (const [index, cells] of rows.entries()) {
    if (cells) read.push({ number: index + 1, cells: Array.from(cells, cellOf) })
  }
  return read
}

/** The value that the sheet shows as computed last: formulas are not evaluated. */
function cellOf(cell: WorkCell): Cell {
  if (!cell || cell.v === undefined || cell.v === null) return null
  if (cell.t === 'e') return cell.w ?? '#REF!'
  if (cell.t === 'n' && typeof cell.z === 'string' && XLSX.SSF.is_date(cell.z)) return dateText(cell.v as number)
  return cell.v instanceof Date ? cell.v.toISOString() : cell.v
}

/** A date of the district's clocks: a sheet has no zone. */
function dateText(days: number): string | number {
  const parts = XLSX.SSF.parse_date_code(days)
  if (!parts) return days
  const two = (n: number) => String(n).padStart(2, '0')
  const date = `${String(parts.y).padStart(4, '0')}-${two(parts.m)}-${two(parts.d)}`
  return Number.isInteger(days) ? date : `${date}T${two(parts.H)}:${two(parts.M)}:${two(Math.floor(parts.S))}`
}

// A thread of its own, which its parent ends when it takes too long or too much memory.
parentPort?.postMessage(answer(workerData as ParseRequest))
