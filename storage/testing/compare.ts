/**
 * An answer's JSON, for comparing: sums of the same numbers in another order differ in the last digits.
 * @param least what is nearer to 0 is 0: the difference of two numbers that are the same but for their last digits
 */
export function rounded(json: string, least = 0): unknown {
  return JSON.parse(json, (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value !== 'number') return value
    if (Math.abs(value) < least) return '0'
    const source = context?.source ?? ''
    return Number.isInteger(value) && !/[eE.]/.test(source) ? source : value.toPrecision(12)
  })
}
