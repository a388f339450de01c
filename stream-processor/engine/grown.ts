/** A copy of a flat array with more room; what comes beyond the old is 0. */
export function grown<A extends Float64Array | Uint32Array | Int32Array | Uint8Array>(array: A, length: number): A {
  const larger = new (array.constructor as new (length: number) => A)(length)
  larger.set(array)
  return larger
}
