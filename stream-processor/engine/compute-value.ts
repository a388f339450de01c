/**
 * The value that an indicator computes; none where it is no finite number, or where computing it fails. A window must end
 * all the same: its other values, and those after it, are none of this indicator's.
 */
export function computeValue<T extends readonly unknown[]>(
  { value }: { readonly value: (...of: T) => number | undefined },
  ...of: T
): number | undefined {
  try {
    const found = value(...of)
    return found !== undefined && Number.isFinite(found) ? found : undefined
  } catch {
    return undefined
  }
}
