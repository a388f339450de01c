/**
 * Cases, a row each with its newest version: four doubles, then whole numbers, then the id, side by side, because they
 * are read together. Row 0 is the version that has come in last, before it is known whether it stays. Rows stand in pages,
 * so that a million of them grow without ever being copied.
 */
export interface Rows {
  /** Doubles of a row. */
  readonly stride: number
  readonly groupCount: number
  /** Where the bytes of the id start in the row. */
  readonly idAt: number
  /** Pages of `pageRows` rows each, and the same bytes as whole numbers and as bytes. */
  readonly doubles: Float64Array[]
  readonly ints: Int32Array[]
  readonly bytes: Uint8Array<ArrayBuffer>[]
}

/** Doubles: ms since 1970. `Infinity` is no due time, and not closed. */
export const opened = 0
export const due = 1
export const closed = 2
export const ts = 3

/** Whole numbers, after the doubles. */
export const flags = 8
export const timerPlace = 9
export const idHash = 10
export const site = 11
export const device = 12
export const area = 13
/** Bit `i`: the case meets condition `i` of its type's indicators. */
export const conditions = 14
/** The first attribute that indicators are grouped by. */
export const groups = 15

/** Room for an id, of which one byte is its length: a dossier's number and a UUID fit. */
export const idBytes = 40

/** Of `flags`: the due time of this version has been given out as passed. */
export const passed = 1
/** Of `flags`: changed since it was last saved. */
export const unsaved = 2

export const incoming = 0

const pageBits = 10
const pageRows = 1 << pageBits
const rowMask = pageRows - 1

export function createRows(groupCount: number): Rows {
  const idAt = (groups + groupCount) * 4
  const rows = { stride: Math.ceil((idAt + idBytes) / 8), groupCount, idAt, doubles: [], ints: [], bytes: [] }
  makeRoom(rows, incoming)
  return rows
}

/** Makes room for `row`: the one after the last, or an earlier one. */
export function makeRoom(rows: Rows, row: number): void {
  if (row >> pageBits < rows.doubles.length) return
  const page = new Float64Array(pageRows * rows.stride)
  rows.doubles.push(page)
  rows.ints.push(new Int32Array(page.buffer))
  rows.bytes.push(new Uint8Array(page.buffer))
}

export function timeAt(rows: Rows, row: number, column: number): number {
  return (rows.doubles[row >> pageBits] as Float64Array)[(row & rowMask) * rows.stride + column] as number
}

export function setTime(rows: Rows, row: number, column: number, value: number): void {
  ;(rows.doubles[row >> pageBits] as Float64Array)[(row & rowMask) * rows.stride + column] = value
}

export function intAt(rows: Rows, row: number, column: number): number {
  return (rows.ints[row >> pageBits] as Int32Array)[(row & rowMask) * rows.stride * 2 + column] as number
}

export function setInt(rows: Rows, row: number, column: number, value: number): void {
  ;(rows.ints[row >> pageBits] as Int32Array)[(row & rowMask) * rows.stride * 2 + column] = value
}

/** The page that a row is in, and where its id starts there. */
export function idPage(rows: Rows, row: number): Uint8Array<ArrayBuffer> {
  return rows.bytes[row >> pageBits] as Uint8Array<ArrayBuffer>
}

export function idStart(rows: Rows, row: number): number {
  return (row & rowMask) * rows.stride * 8 + rows.idAt
}

/** Copies what a version says: not what the row knows of its case beside it. */
export function copyVersion(rows: Rows, from: number, to: number): void {
  for (let column = opened; column <= ts; column++) setTime(rows, to, column, timeAt(rows, from, column))
  const end = groups + rows.groupCount
  for (let column = device; column < end; column++) setInt(rows, to, column, intAt(rows, from, column))
}

/** From when on a case counts as overdue, while it is open. */
export function overdueFrom(rows: Rows, row: number): number {
  return Math.max(timeAt(rows, row, opened), timeAt(rows, row, due))
}
