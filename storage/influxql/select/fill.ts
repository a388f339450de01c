import type { Value } from '../source.ts'
import type { Fill } from '../syntax/ast.ts'

/**
 * Fills the windows that have no value, in the order in which they are answered. A column without any value stays
 * empty: there is nothing to go on.
 * @param empty what a function says of a window without points, as 0 for a count
 */
export function fillColumn(column: Value[], fill: Fill, empty: bigint | undefined): void {
  const sample = column.find((value) => value !== null)
  if (sample === undefined) return
  const constant =
    fill.kind === 'number'
      ? asTypeOf(sample, fill.value)
      : fill.kind === 'null' && empty !== undefined
        ? empty
        : undefined
  if (constant !== undefined) {
    for (let index = 0; index < column.length; index++) if (column[index] === null) column[index] = constant
  } else if (fill.kind === 'previous') {
    for (let index = 1; index < column.length; index++) column[index] ??= column[index - 1] as Value
  } else if (fill.kind === 'linear') fillLinear(column)
}

function asTypeOf(sample: Value, value: number | bigint): Value {
  if (typeof sample === 'bigint') return BigInt(typeof value === 'bigint' ? value : Math.trunc(value))
  return typeof sample === 'number' ? Number(value) : null
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
