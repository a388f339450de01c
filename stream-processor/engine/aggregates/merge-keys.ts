/**
 * Merges two cells of rising keys, each with its count after it: a key of both is there once, with both counts.
 * @param out somewhere else, with room for both
 * @param outAt where in `out` the merged cell starts
 * @returns how many numbers of `out` they are
 */
export function mergeKeys(
  out: Float64Array,
  left: Float64Array,
  leftAt: number,
  right: Float64Array,
  rightAt: number,
  outAt = 0,
): number {
  const leftEnd = leftAt + (left[leftAt] as number)
  const rightEnd = rightAt + (right[rightAt] as number)
  let i = leftAt + 1
  let j = rightAt + 1
  let at = outAt + 1
  for (; i < leftEnd && j < rightEnd; at += 2) {
    const leftKey = left[i] as number
    const rightKey = right[j] as number
    let count = 0
    if (leftKey <= rightKey) {
      count = left[i + 1] as number
      i += 2
    }
    if (rightKey <= leftKey) {
      count += right[j + 1] as number
      j += 2
    }
    out[at] = Math.min(leftKey, rightKey)
    out[at + 1] = count
  }
  while (i < leftEnd) out[at++] = left[i++] as number
  while (j < rightEnd) out[at++] = right[j++] as number
  out[outAt] = at - outAt
  return at - outAt
}
