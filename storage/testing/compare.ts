/** An answer's JSON, for comparing: sums of the same numbers in another order differ in the last digits. */
export function rounded(json: string): unknown {
  return JSON.parse(json, (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value !== 'number') return value
    const source = context?.source ?? ''
    return Number.isInteger(value) && !/[eE.]/.test(source) ? source : value.toPrecision(12)
  })
}
