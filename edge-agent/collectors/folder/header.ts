import { labelKey } from '../../mapping/labels.ts'
import type { Row } from '../../mapping/mapping.ts'
import type { Cell, Sheet, SheetRow } from './sheets.ts'

/** Rows of titles above the header, at most. */
const maxTitleRows = 50
/** Rows of a header whose cells are merged, at most. */
const maxHeaderRows = 3

export interface Table {
  readonly rows: readonly Row[]
}

/**
 * Finds the table that has the wanted columns. The header is the last row of the first run of rows under whose labels all of
 * them are; a cell that is merged with the one above has its label. Returns the columns that are missing where no row fits.
 */
export function findTable(
  sheets: readonly Sheet[],
  wanted: readonly string[],
): Table | { readonly missing: readonly string[] } {
  let missing: readonly string[] = wanted
  for (const { rows } of sheets) {
    let header: { readonly index: number; readonly columns: ReadonlyMap<string, number> } | undefined
    for (let index = 0; index < Math.min(rows.length, maxTitleRows); index++) {
      const columns = columnsAt(rows, index)
      const without = wanted.filter((name) => !columns.has(labelKey(name)))
      if (without.length < missing.length) missing = without
      if (without.length === 0) header = { index, columns }
      else if (header) break
    }
    if (header)
      return {
        rows: rows
          .slice(header.index + 1)
          .filter(hasValue)
          .map((row) => tableRow(row, header.columns)),
      }
  }
  return { missing }
}

/** The column of each label, where `index` is the last row of the header. */
function columnsAt(rows: readonly SheetRow[], index: number): Map<string, number> {
  const header = rows.slice(Math.max(0, index - maxHeaderRows + 1), index + 1)
  const columns = new Map<string, number>()
  const [last] = header.slice(-1)
  if (!last || !hasValue(last)) return columns
  const width = Math.max(...header.map(({ cells }) => cells.length))
  for (let column = 0; column < width; column++) {
    const label = header.map(({ cells }) => cells[column]).findLast((cell) => cell !== undefined && !isEmpty(cell))
    const key = labelKey(String(label ?? ''))
    if (key !== '' && !columns.has(key)) columns.set(key, column)
  }
  return columns
}

function tableRow({ number, cells }: SheetRow, columns: ReadonlyMap<string, number>): Row {
  return {
    label: String(number),
    get(name) {
      const column = columns.get(labelKey(name))
      return column === undefined ? undefined : (cells[column] ?? null)
    },
  }
}

function hasValue({ cells }: SheetRow): boolean {
  return cells.some((cell) => !isEmpty(cell))
}

function isEmpty(cell: Cell): boolean {
  return cell === null || (typeof cell === 'string' && cell.trim() === '')
}
