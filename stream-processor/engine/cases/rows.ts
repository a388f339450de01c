/**
 * Versions of cases, a row each: four doubles, then whole numbers, side by side in one buffer, because a version is read
 * as a whole. Row 0 is the version that has come in last, before it is known whether it stays.
 */
export interface Rows {
  /** Doubles of a row: the row's first is `row * stride`. */
  readonly stride: number
  doubles: Float64Array
  /** The same bytes: the row's first is `row * stride * 2 + 8`. */
  ints: Int32Array
}

/** Doubles: ms since 1970. `Infinity` is no due time, and not closed. */
export const opened = 0
export const due = 1
export const closed = 2
export const ts = 3

/** Whole numbers, after the doubles. */
export const flags = 8
export const timerPlace = 9
export const device = 10
export const area = 11
/** Bit `i`: the case meets condition `i` of its type's indicators. */
export const conditions = 12
/** The first attribute that indicators are grouped by. */
export const groups = 13

/** Of `flags`: the due time of this version has been given out as passed. */
export const passed = 1
/** Of `flags`: changed since it was last saved. */
export const unsaved = 2

export const incoming = 0

const firstCapacity = 64

export function createRows(groupCount: number): Rows {
  const stride = Math.ceil((groups + groupCount) / 2)
  const doubles = new Float64Array(firstCapacity * stride)
  return { stride, doubles, ints: new Int32Array(doubles.buffer) }
}

/** Makes room for `row`. */
export function growRows(rows: Rows, row: number): void {
  if ((row + 1) * rows.stride <= rows.doubles.length) return
  const grown = new Float64Array(Math.ceil((row * 3) / 2 + 1) * rows.stride)
  grown.set(rows.doubles)
  rows.doubles = grown
  rows.ints = new Int32Array(grown.buffer)
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

/** Copies the version, but not its flags nor where it stands among the timers. */
export function copyVersion(rows: Rows, from: number, to: number): void {
  const { doubles, ints, stride } = rows
  for (let column = 0; column <= ts; column++) {
    doubles[to * stride + column] = doubles[from * stride + column] as number
  }
  for (let column = device; column < stride * 2; column++) {
    ints[to * stride * 2 + column] = ints[from * stride * 2 + column] as number
  }
}

/** From when on a case counts as overdue, while it is open. */
export function overdueFrom(rows: Rows, row: number): number {
  return Math.max(timeAt(rows, row, opened), timeAt(rows, row, due))
}
