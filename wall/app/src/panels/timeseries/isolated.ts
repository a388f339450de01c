import type { Value } from './model.ts'

/** Indices of points that no line leads to or from: those between two breaks. */
export function isolatedPoints(values: ArrayLike<Value>): number[] {
  const found: number[] = []
  let first: number | undefined
  let count = 0
  const endRun = () => {
    if (first !== undefined && count === 1) found.push(first)
    first = undefined
    count = 0
  }
  for (let index = 0; index < values.length; index++) {
    const value = values[index]
    if (value === null) endRun()
    if (value === null || value === undefined) continue
    first ??= index
    count++
  }
  endRun()
  return found
}
