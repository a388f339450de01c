import { createReadStream } from 'node:fs'

/** What a CSV file has wrong, and on which line and in which field, counted from 0, it begins. */
export class CsvFault extends Error {
  readonly line: number
  readonly field: number

  constructor(reason: string, line: number, field: number) {
    super(reason)
    this.line = line
    this.field = field
  }
}

/** A row of a CSV file, with the number of the line on which it begins, from 1. */
export interface CsvRow {
  readonly line: number
  readonly fields: readonly string[]
}

const endless = 'a quoted field does not end'

/** Characters of a row, at most: a quote that is never closed must not take the whole file into memory. */
const maxRowChars = 1 << 20

/**
 * Reads a CSV file (RFC 4180) row by row: fields may be quoted, and then hold separators, line breaks, and quotes written
 * twice. A quote within a field that does not begin with one is a letter. Blank lines are left out.
 * @throws CsvFault for a row that does not end, or a text that is not UTF-8; Error for a file that cannot be read
 */
export async function* readCsv(path: string, separator: string): AsyncGenerator<CsvRow> {
  let line = 1
  let start = 1
  let fields: string[] = []
  let field = ''
  let length = 0
  let isQuoted = false
  let wasQuote = false
  const fault = (reason: string) => new CsvFault(reason, start, fields.length)
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
      if (++length > maxRowChars) throw fault(isQuoted ? endless : 'the row does not end')
      // The decoder's replacement character.
      if (letter === '\uFFFD') throw fault('the text is not UTF-8: save the file with that encoding')
      if (letter === '\n') line++
      if (isQuoted) {
        if (letter !== '"') field += letter
        else {
          isQuoted = false
          wasQuote = true
        }
        continue
      }
      if (letter === '"' && (wasQuote || field === '')) {
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
  if (isQuoted) throw fault(endless)
  const last = field !== '' || fields.length > 0 ? endRow() : undefined
  if (last) yield last
}
