/** What could not be read of a message although the rest of it could: one record of it, or something beside them. */
export interface Problem {
  /** Index of the record; `undefined` for what stands beside the records. */
  readonly record: number | undefined
  /** Sentences for a technician: which field, what came, what was expected. */
  readonly reason: string
  /** What it is about, as it came. */
  readonly raw: unknown
}

export type OnProblem = (problem: Problem) => unknown

/** Reasons of one problem that are spelled out, and characters of a value that are shown, at most. */
const maxReasons = 10
const maxShown = 60

/** Several reasons as one. */
export function sentence(reasons: readonly string[]): string {
  const more = reasons.length - maxReasons
  return more > 0 ? `${reasons.slice(0, maxReasons).join('; ')}; and ${more} more` : reasons.join('; ')
}

/** A value as a reason shows it. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  // JSON has neither NaN nor infinity: what is read as infinity came as a word, or is too large for a number.
  if (typeof value === 'number' && !Number.isFinite(value)) return 'NaN, Infinity or a number beyond 1.8e308'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > maxShown ? `${text.slice(0, maxShown)}…` : text
}
