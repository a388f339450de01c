import type { FieldType } from '../../line-protocol/point.ts'
import type { Value } from '../source.ts'
import type { Fill } from '../syntax/ast.ts'

/**
 * Fills the windows that have no value, in the order in which they are answered.
 * @param places numbers of the windows, for a line through them
 * @param empty what a function says of a window without points, as 0 for a count
 */
export function fillColumn(
  column: Value[],
  fill: Fill,
  places: readonly bigint[],
  type: FieldType,
  empty: bigint | undefined,
): void {
  if (fill.kind === 'number') fillWith(column, asType(type, fill.value))
  else if (fill.kind === 'null' && empty !== undefined) fillWith(column, empty)
  else if (fill.kind === 'previous') {
    for (let index = 1; index < column.length; index++) column[index] ??= column[index - 1] as Value
  } else if (fill.kind === 'linear') fillLinear(column, places)
}

function fillWith(column: Value[], value: Value): void {
  for (let index = 0; index < column.length; index++) column[index] ??= value
}

/** What stands where a row has no value: another, or the one that the row before had. */
export type Blank = { readonly value: Value } | 'before'

/**
 * What `fill` puts where a row, which other columns make, has no value: for all but numbers InfluxDB puts the number
 * itself.
 * @param type `undefined` for what is stored nowhere
 */
export function blankOf(fill: Fill, type: FieldType | undefined): Blank {
  if (fill.kind === 'previous') return 'before'
  if (fill.kind !== 'number') return { value: null }
  const numeric = type !== undefined && type !== 'boolean' && type !== 'string'
  return { value: numeric ? asType(type, fill.value) : fill.value }
}

/** Puts a value into a row, or where it is none what stands for it. */
export function put(row: Value[], blanks: readonly Blank[], value: Value, place: number): void {
  const blank = blanks[place]
  if (value !== null) row[place] = value
  else if (blank !== undefined && blank !== 'before') row[place] = blank.value
}

/** A number as a value of the type. InfluxDB makes false of any number, and an empty text. */
function asType(type: FieldType, value: number | bigint): Value {
  switch (type) {
    case 'integer':
    case 'unsigned':
      return BigInt(typeof value === 'bigint' ? value : Math.trunc(value))
    case 'float':
      return Number(value)
    case 'boolean':
      return false
    case 'string':
      return ''
  }
}

/** Where `place` is on the line from one known window to the next. Integers are cut, as in InfluxDB. */
function fillLinear(column: Value[], places: readonly bigint[]): void {
  let before = -1
  column.forEach((next, index) => {
    if (next === null) return
    const previous = before < 0 ? null : (column[before] as Value)
    if (isNumber(next) && isNumber(previous)) {
      const [from, to] = [places[before] as bigint, places[index] as bigint]
      const rise =
        typeof next === 'bigint' && typeof previous === 'bigint' ? next - previous : Number(next) - Number(previous)
      const slope = Number(rise) / Number(to - from)
      for (let gap = before + 1; gap < index; gap++) {
        const value = slope * Number((places[gap] as bigint) - from) + Number(previous)
        column[gap] = typeof next === 'bigint' ? BigInt(Math.trunc(value)) : value
      }
    }
    before = index
  })
}

function isNumber(value: Value): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}
