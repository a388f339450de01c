import type { CaseAttribute } from '@ioc/contract/case-types/case-type.ts'

/** An attribute that a type of case declares. */
export interface DeclaredAttribute {
  readonly name: string
  readonly kind: CaseAttribute['kind']
}

/** Where a row has what, for the attributes that a type declares. */
export interface RowLayout {
  readonly attributes: readonly DeclaredAttribute[]
  /** Of each attribute: for a number which double of the row, else which whole number. */
  readonly columns: readonly number[]
  /** Where the bytes of the id start in the row. */
  readonly idAt: number
  /** Doubles of a row. */
  readonly stride: number
}

/**
 * Cases, a row each with its newest version: four doubles, then whole numbers, then the attributes that are numbers, then
 * the id, side by side, because they are read together. In the first page are no cases, but the versions that have come
 * in last, before it is known whether they stay. Rows stand in pages, so that a million of them grow without ever being
 * copied, and a page is saved as it is: the fewer rows it has, the less is written where few cases change.
 */
export interface Rows extends RowLayout {
  /** Pages of `pageRows` rows each, and the same bytes as whole numbers and as bytes. */
  readonly doubles: Float64Array[]
  readonly ints: Int32Array[]
  readonly bytes: Uint8Array<ArrayBuffer>[]
  /** Whether a page has changed since it was last saved, and which ones have. */
  readonly changed: boolean[]
  changedPages: number[]
  /** Whether the arrays of a page are being saved: what comes next is written into a copy. */
  readonly lent: boolean[]
  /** Pages that were copied while they were being saved, and those whose save is over: copies are made in these. */
  readonly replaced: Page[]
  readonly spare: Page[]
}

/** The bytes of a page, seen as what the columns are. */
interface Page {
  readonly doubles: Float64Array
  readonly ints: Int32Array
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Doubles: ms since 1970. `Infinity` is no due time, and not closed. */
export const opened = 0
export const due = 1
export const closed = 2
export const ts = 3

/** Whole numbers, after the doubles. */
export const flags = 8
export const timerSpan = 9
export const idHash = 10
export const site = 11
export const device = 12
export const area = 13
/** Bit `i`: the case meets condition `i` of its type's indicators. */
export const conditions = 14
/** Where the case is counted, as a number that holds until the process ends. */
export const home = 15
export const attributesAt = 16

/** Room for an id, of which one byte is its length: a dossier's number and a UUID fit. */
export const idBytes = 40

/** Of `flags`: the due time of this version has been given out as passed. */
export const passed = 1
/** Of `flags`: there is a case in the row. */
export const used = 2

const pageBits = 7
export const pageRows = 1 << pageBits
/** Cases are in this row and those after it; incoming versions in those before it. */
export const firstCase = pageRows
const rowMask = pageRows - 1

export function layoutOf(attributes: readonly DeclaredAttribute[]): RowLayout {
  let nextInt = attributesAt
  const small = attributes.map(({ kind }) => (kind === 'number' ? 0 : nextInt++))
  let nextDouble = Math.ceil(nextInt / 2)
  const columns = attributes.map(({ kind }, index) => (kind === 'number' ? nextDouble++ : (small[index] as number)))
  return { attributes, columns, idAt: nextDouble * 8, stride: nextDouble + idBytes / 8 }
}

/** Which whole numbers of a row an attribute takes. */
export function intsOf({ attributes, columns }: RowLayout, index: number): number[] {
  const column = columns[index] as number
  return attributes[index]?.kind === 'number' ? [column * 2, column * 2 + 1] : [column]
}

export function createRows(layout: RowLayout): Rows {
  const pages = { doubles: [], ints: [], bytes: [], changed: [], changedPages: [], lent: [], replaced: [], spare: [] }
  const rows: Rows = { ...layout, ...pages }
  makeRoom(rows, 0)
  return rows
}

/** Makes room for `row`, and for all before it. */
export function makeRoom(rows: Rows, row: number): void {
  while (row >> pageBits >= rows.doubles.length) {
    const page = createPage(rows)
    rows.doubles.push(page.doubles)
    rows.ints.push(page.ints)
    rows.bytes.push(page.bytes)
    rows.changed.push(false)
    rows.lent.push(false)
  }
}

function createPage({ stride }: RowLayout): Page {
  const doubles = new Float64Array(pageRows * stride)
  return { doubles, ints: new Int32Array(doubles.buffer), bytes: new Uint8Array(doubles.buffer) }
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

/** The page that a row is in as doubles, and where the row starts there. */
export function timePage(rows: Rows, row: number): Float64Array {
  return rows.doubles[row >> pageBits] as Float64Array
}

export function timeStart(rows: Rows, row: number): number {
  return (row & rowMask) * rows.stride
}

/** The page that a row is in as bytes, and where its id starts there. */
export function idPage(rows: Rows, row: number): Uint8Array<ArrayBuffer> {
  return rows.bytes[row >> pageBits] as Uint8Array<ArrayBuffer>
}

export function idStart(rows: Rows, row: number): number {
  return (row & rowMask) * rows.stride * 8 + rows.idAt
}

/** The page that a row is in as whole numbers, and where the row starts there. */
export function intPage(rows: Rows, row: number): Int32Array {
  return rows.ints[row >> pageBits] as Int32Array
}

export function intStart(rows: Rows, row: number): number {
  return (row & rowMask) * rows.stride * 2
}

/**
 * Whether two rows have the same bits in the whole numbers from `from` to before `to`; a double is two of them. A row is
 * said by its page and by where it starts there: to find these takes longer than to compare a few numbers.
 */
export function isAlike(
  left: Int32Array,
  leftAt: number,
  right: Int32Array,
  rightAt: number,
  from: number,
  to: number,
): boolean {
  for (let at = from; at < to; at++) if (left[leftAt + at] !== right[rightAt + at]) return false
  return true
}

/** Copies what a version says: not what the row knows of its case beside it. All as whole numbers: no bit is lost. */
export function copyVersion({ idAt }: Rows, from: Int32Array, fromAt: number, to: Int32Array, toAt: number): void {
  copyInts(from, fromAt, to, toAt, 0, flags)
  copyInts(from, fromAt, to, toAt, device, idAt / 4)
}

/** Copies the whole numbers from `start` to before `end` of one row into another. */
export function copyInts(
  from: Int32Array,
  fromAt: number,
  to: Int32Array,
  toAt: number,
  start: number,
  end: number,
): void {
  for (let at = start; at < end; at++) to[toAt + at] = from[fromAt + at] as number
}

/** From when on a case counts as overdue, while it is open. */
export function overdueFrom(rows: Rows, row: number): number {
  return Math.max(timeAt(rows, row, opened), timeAt(rows, row, due))
}

/** To be called before a row changes: its page is to be saved again. */
export function beforeChange(rows: Rows, row: number): void {
  const page = row >> pageBits
  if (rows.changed[page]) return
  rows.changed[page] = true
  rows.changedPages.push(page)
  if (rows.lent[page]) replacePage(rows, page)
}

/** What is being saved of a page stays as it is: from now on the page is a copy. */
function replacePage(rows: Rows, page: number): void {
  const doubles = rows.doubles[page] as Float64Array
  rows.replaced.push({
    doubles,
    ints: rows.ints[page] as Int32Array,
    bytes: rows.bytes[page] as Uint8Array<ArrayBuffer>,
  })
  const copy = rows.spare.pop() ?? createPage(rows)
  copy.doubles.set(doubles)
  rows.doubles[page] = copy.doubles
  rows.ints[page] = copy.ints
  rows.bytes[page] = copy.bytes
  rows.lent[page] = false
}

/** What was lent has been saved: none of it has to stay as it is any more. Room that no copy needed is let go of. */
export function takeBack(rows: Rows): void {
  rows.lent.fill(false)
  rows.spare.length = 0
  for (let page = rows.replaced.pop(); page; page = rows.replaced.pop()) rows.spare.push(page)
}
