import { isDeepStrictEqual } from 'node:util'
import {
  area,
  beforeChange,
  createRows,
  type DeclaredAttribute,
  firstCase,
  flags,
  idBytes,
  idPage,
  idStart,
  intAt,
  layoutOf,
  makeRoom,
  pageRows,
  type Rows,
  setInt,
  setTime,
  takeBack,
  timeAt,
  ts,
} from './rows.ts'
import type { SavedPage, SavedTable } from './saved.ts'

/**
 * The pages that have changed since the last call; those of the last call have been saved. They are copied when they
 * change next, not now: however many there are, the stream stands still for no longer than it takes to name them.
 * @param idsOf ids that do not fit into their row
 */
export function takeChangedPages(rows: Rows, idsOf: (from: number, to: number) => SavedPage['ids']): SavedPage[] {
  takeBack(rows)
  const pages = rows.changedPages.map((page) => {
    rows.changed[page] = false
    rows.lent[page] = true
    return { page, bytes: rows.bytes[page] as Uint8Array, ids: idsOf(page * pageRows, (page + 1) * pageRows) }
  })
  rows.changedPages = []
  return pages
}

/**
 * Puts saved pages into rows that are empty. Of attributes that are declared otherwise than they were, those of the same
 * name and kind are kept: one that is new is absent, one that is gone is dropped.
 * @returns whether the rows are as they were saved: else all of them are to be saved again
 */
export function putBackRows(rows: Rows, { attributes, pages }: SavedTable): boolean {
  if (isDeepStrictEqual(attributes, rows.attributes)) {
    putBackPages(rows, pages)
    return true
  }
  const old = createRows(layoutOf(attributes))
  putBackPages(old, pages)
  const copy = copyBetween(old, rows)
  for (let row = firstCase; row < rowCountOf(old); row++) {
    makeRoom(rows, row)
    beforeChange(rows, row)
    copy(row)
  }
  return false
}

/** Rows that there is room for. */
export const rowCountOf = ({ doubles }: Rows): number => doubles.length * pageRows

function putBackPages(rows: Rows, pages: readonly SavedPage[]): void {
  for (const { page, bytes } of pages) {
    makeRoom(rows, page * pageRows)
    rows.bytes[page]?.set(bytes)
  }
}

/** Copies a row into the same row of another layout. */
function copyBetween(from: Rows, to: Rows): (row: number) => void {
  const copies = to.attributes.map((attribute, index) => {
    const before = from.attributes.findIndex((old) => isDeepStrictEqual(old, attribute))
    return copyAttribute(attribute, from, from.columns[before], to, to.columns[index] as number)
  })
  return (row) => {
    for (let column = 0; column <= ts; column++) setTime(to, row, column, timeAt(from, row, column))
    for (let column = flags; column <= area; column++) setInt(to, row, column, intAt(from, row, column))
    for (const copy of copies) copy(row)
    const id = idStart(from, row)
    idPage(to, row).set(idPage(from, row).subarray(id, id + idBytes), idStart(to, row))
  }
}

/** @param before the column in `from`; `undefined` if it is not there */
function copyAttribute({ kind }: DeclaredAttribute, from: Rows, before: number | undefined, to: Rows, column: number) {
  if (kind === 'number') {
    return (row: number) => setTime(to, row, column, before === undefined ? Number.NaN : timeAt(from, row, before))
  }
  return (row: number) => setInt(to, row, column, before === undefined ? 0 : intAt(from, row, before))
}
