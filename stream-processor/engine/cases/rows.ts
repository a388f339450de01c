/**
 * Cases, a row each with its newest version: four doubles, then whole numbers, then the id, side by side in one buffer,
 * because they are read together. Row 0 is the version that has come in last, before it is known whether it stays.
 */
export interface Rows {
  /** Doubles of a row: the row's first is `row * stride`. */
  readonly stride: number
  readonly groupCount: number
  /** Where the bytes of the id start in the row. */
  readonly idAt: number
  doubles: Float64Array
  /** The same bytes. */
  ints: Int32Array
  bytes: Uint8Array<ArrayBuffer>
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

const firstCapacity = 64

export function createRows(groupCount: number): Rows {
  const idAt = (groups + groupCount) * 4
  const stride = Math.ceil((idAt + idBytes) / 8)
  return { stride, groupCount, idAt, ...viewsOf(new Float64Array(firstCapacity * stride)) }
}

/** Makes room for `row`. */
export function growRows(rows: Rows, row: number): void {
  if ((row + 1) * rows.stride <= rows.doubles.length) return
  const grown = new Float64Array(Math.ceil((row * 3) / 2 + 1) * rows.stride)
  grown.set(rows.doubles)
  Object.assign(rows, viewsOf(grown))
}

function viewsOf(doubles: Float64Array<ArrayBuffer>): Pick<Rows, 'doubles' | 'ints' | 'bytes'> {
  return { doubles, ints: new Int32Array(doubles.buffer), bytes: new Uint8Array(doubles.buffer) }
}

export function timeAt(rows: Rows, row: number, column: number): number {
  return rows.doubles[row * rows.stride + column] as number
}

export function intAt(rows: Rows, row: number, column: number): number {
  return rows.ints[row * rows.stride * 2 + column] as number
}

export function setInt(rows: Rows, row: number, column: number, value: number): void {
  rows.ints[row * rows.stride * 2 + column] = value
}

export function setTime(rows: Rows, row: number, column: number, value: number): void {
  rows.doubles[row * rows.stride + column] = value
}

/** Copies what a version says: not what the row knows of its case beside it. */
export function copyVersion(rows: Rows, from: number, to: number): void {
  const { doubles, ints, stride, groupCount } = rows
  for (let column = 0; column <= ts; column++) {
    doubles[to * stride + column] = doubles[from * stride + column] as number
  }
  for (let column = device; column < groups + groupCount; column++) {
    ints[to * stride * 2 + column] = ints[from * stride * 2 + column] as number
  }
}

/** From when on a case counts as overdue, while it is open. */
export function overdueFrom(rows: Rows, row: number): number {
  return Math.max(timeAt(rows, row, opened), timeAt(rows, row, due))
}
