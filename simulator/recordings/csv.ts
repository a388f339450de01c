import { createReadStream } from 'node:fs'

/** A row of a CSV file, with the number of the line on which it begins, from 1. */
export interface CsvRow {
  readonly line: number
  readonly fields: readonly string[]
}

/** Characters of a row, at most: a quote that is never closed must not take the whole file into memory. */
const maxRowChars = 1 << 20

/**
 * Reads a CSV file (RFC 4180) row by row: fields may be quoted, and then hold separators, line breaks, and quotes written
 * twice. Blank lines are left out.
 * @throws Error for a file that cannot be read, or a row that does not end
 */
export async function* readCsv(path: string, separator: string): AsyncGenerator<CsvRow> {
  let line = 1
  let start = 1
  let fields: string[] = []
  let field = ''
  let length = 0
  let isQuoted = false
  let wasQuote = false
  const endField = () => {
    fields.push(field)
    field = ''
  }
  const endRow = (): CsvRow | undefined => {
    endField()
    const row = { line: start, fields }
    fields = []
    length = 0
    start = line
    return row.fields.length === 1 && row.fields[0]?.trim() === '' ? undefined : row
  }
  for await (const chunk of createReadStream(path, 'utf8') as AsyncIterable<string>) {
    for (const letter of line === 1 && length === 0 ? chunk.replace(/^\uFEFF/, '') : chunk) {
      if (++length > maxRowChars) throw new Error(`line ${start}: a quoted field does not end`)
      if (letter === '\n') line++
      if (isQuoted) {
        if (letter !== '"') field += letter
        else {
          isQuoted = false
          wasQuote = true
        }
        continue
      }
      if (letter === '"') {
        // Of two quotes within a quoted field, one is meant.
        if (wasQuote) field += '"'
        isQuoted = true
      } else if (letter === separator) endField()
      else if (letter === '\n') {
        const row = endRow()
        if (row) yield row
      } else if (letter !== '\r') field += letter
      wasQuote = false
    }
  }
  if (isQuoted) throw new Error(`line ${start}: a quoted field does not end`)
  const last = field !== '' || fields.length > 0 ? endRow() : undefined
  if (last) yield last
}
