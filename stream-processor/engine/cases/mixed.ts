/** A hash with one whole number more: a multiplication and a shift, so that all bits of it reach all bits in the end. */
export function mixed(hash: number, part: number): number {
  const product = Math.imul(hash ^ part, 0x85ebca6b)
  return product ^ (product >>> 15)
}
