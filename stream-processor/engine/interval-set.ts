/**
 * A set of whole numbers as sorted, disjoint, inclusive intervals `[from, to, from, to, …]`: a stream that arrives
 * nearly in order needs a handful of them, however long it is.
 */
export type IntervalSet = number[]

/** Adds `value`; `false` if it was there already. O(log n) search, O(n) insertion. */
export function addToSet(set: IntervalSet, value: number): boolean {
  const last = set.length - 1
  // The common case: the next number after the newest interval.
  if (last > 0 && value === (set[last] as number) + 1) {
    set[last] = value
    return true
  }
  const at = firstIntervalNotBefore(set, value)
  const from = set[at]
  if (from !== undefined && from <= value) return false
  const touchesPrevious = at > 0 && (set[at - 1] as number) + 1 === value
  const touchesNext = from !== undefined && from - 1 === value
  if (touchesPrevious && touchesNext) set.splice(at - 1, 2)
  else if (touchesPrevious) set[at - 1] = value
  else if (touchesNext) set[at] = value
  else set.splice(at, 0, value, value)
  return true
}

/** How many numbers are in the set. */
export function sizeOfSet(set: IntervalSet): number {
  let size = 0
  for (let i = 0; i < set.length; i += 2) size += (set[i + 1] as number) - (set[i] as number) + 1
  return size
}

/** Closes the lowest gap, as if its numbers were in the set; returns how many they were. */
export function closeLowestGap(set: IntervalSet): number {
  if (set.length < 4) return 0
  const [end, start] = set.splice(1, 2) as [number, number]
  return start - end - 1
}

/** Index of the first interval whose end is not below `value`; the set's length if there is none. */
function firstIntervalNotBefore(set: IntervalSet, value: number): number {
  let low = 0
  let high = set.length >> 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((set[2 * middle + 1] as number) < value) low = middle + 1
    else high = middle
  }
  return 2 * low
}
