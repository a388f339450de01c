import type { Value } from '../source.ts'
import type { Fill } from '../syntax/ast.ts'

/**
 * Fills the windows that have no value, in the order in which they are answered. Where a column has no value at all,
 * only a number fills it: there is nothing else to go on.
 * @param empty what a function says of a window without points, as 0 for a count
 */
export function fillColumn(column: Value[], fill: Fill, empty: bigint | undefined): void {
  const sample = column.find((value) => value !== null)
  if (fill.kind === 'number') fillWith(column, asTypeOf(sample, fill.value))
  else if (sample === undefined) return
  else if (fill.kind === 'null' && empty !== undefined) fillWith(column, empty)
  else if (fill.kind === 'previous') {
    for (let index = 1; index < column.length; index++) column[index] ??= column[index - 1] as Value
  } else if (fill.kind === 'linear') fillLinear(column)
}

function fillWith(column: Value[], value: Value): void {
  for (let index = 0; index < column.length; index++) column[index] ??= value
}

function asTypeOf(sample: Value | undefined, value: number | bigint): Value {
  switch (typeof sample) {
    case 'bigint':
      return BigInt(typeof value === 'bigint' ? value : Math.trunc(value))
    case 'number':
      return Number(value)
    case 'boolean':
      // As InfluxDB does, for any number.
      return false
    case 'string':
      return ''
    default:
      return value
  }
}

function fillLinear(column: Value[]): void {
  let before = -1
  for (let index = 0; index < column.length; index++) {
    const next = column[index]
    if (next === null || next === undefined) continue
    const previous = before < 0 ? null : (column[before] as Value)
    const numeric = typeof next === 'number' || typeof next === 'bigint'
    if (numeric && (typeof previous === 'number' || typeof previous === 'bigint')) {
      const slope =
        Number(
          typeof next === 'bigint' && typeof previous === 'bigint' ? next - previous : Number(next) - Number(previous),
        ) /
        (index - before)
      for (let gap = before + 1; gap < index; gap++) {
        const value = slope * (gap - before) + Number(previous)
        column[gap] = typeof next === 'bigint' ? BigInt(Math.trunc(value)) : value
      }
    }
    before = index
  }
}
