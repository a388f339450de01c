/**
 * Merges two cells of rising keys, each alone or with its count after it: a key of both is there once, with both counts.
 * @param out somewhere else, with room for both
 * @param width numbers of an entry: 1, a key; 2, a key and its count
 * @param outAt where in `out` the merged cell starts
 * @returns how many numbers of `out` they are
 */
export function mergeKeys(
  out: Float64Array,
  left: Float64Array,
  leftAt: number,
  right: Float64Array,
  rightAt: number,
  width: 1 | 2,
  outAt = 0,
): number {
  const leftEnd = leftAt + (left[leftAt] as number)
  const rightEnd = rightAt + (right[rightAt] as number)
  let i = leftAt + 1
  let j = rightAt + 1
  let at = outAt + 1
  for (; i < leftEnd && j < rightEnd; at += width) {
    const leftKey = left[i] as number
    const rightKey = right[j] as number
    let count = 0
    if (leftKey <= rightKey) {
      count = left[i + 1] as number
      i += width
    }
    if (rightKey <= leftKey) {
      count += right[j + 1] as number
      j += width
    }
    out[at] = Math.min(leftKey, rightKey)
    if (width === 2) out[at + 1] = count
  }
  while (i < leftEnd) out[at++] = left[i++] as number
  while (j < rightEnd) out[at++] = right[j++] as number
  out[outAt] = at - outAt
  return at - outAt
}
