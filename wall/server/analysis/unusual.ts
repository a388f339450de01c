export interface Observed {
  readonly ts: number
  readonly value: number
}

export interface Unusual extends Observed {
  /** What is usual at this hour of the week. */
  readonly median: number
  /** How far the value is from it, in robust standard deviations; null: all values before were equal, and this one is not. */
  readonly score: number | null
  /** Values of weeks before that it was compared with. */
  readonly compared: number
}

const weekMs = 7 * 86_400_000
/** Fewer weeks say nothing about what is usual. */
export const minWeeks = 4
/** The median absolute deviation of a normal distribution, in standard deviations, and its mean absolute deviation. */
const medianShare = 0.674_49
const meanShare = 0.797_885

/**
 * Values from `from` on whose robust z-score exceeds a limit, against those at the same hour of the `weeks` weeks before:
 * 0.6745·(x − median) ÷ MAD (Iglewicz & Hoaglin 1993). Where more than half of these are equal, MAD is 0: then by the mean
 * absolute deviation; where all are equal, any other value is unusual, without a score.
 */
export function findUnusual(
  series: readonly Observed[],
  { from, limit, weeks }: { readonly from: number; readonly limit: number; readonly weeks: number },
): Unusual[] {
  const byTime = new Map(series.map(({ ts, value }) => [ts, value]))
  return series.flatMap(({ ts, value }) => {
    if (ts < from) return []
    const before: number[] = []
    for (let week = 1; week <= weeks; week++) {
      const found = byTime.get(ts - week * weekMs)
      if (found !== undefined) before.push(found)
    }
    if (before.length < minWeeks) return []
    const { median, score } = robustScore(value, before)
    return score === null || Math.abs(score) > limit ? [{ ts, value, median, score, compared: before.length }] : []
  })
}

/** The median of others, and how far a value is from it; null: they are all equal, and it is not. */
export function robustScore(value: number, others: readonly number[]): { median: number; score: number | null } {
  const median = medianOf(others)
  const distances = others.map((other) => Math.abs(other - median))
  const distance = value - median
  const mad = medianOf(distances)
  if (mad > 0) return { median, score: (medianShare * distance) / mad }
  const mean = distances.reduce((sum, one) => sum + one, 0) / distances.length
  if (mean > 0) return { median, score: (meanShare * distance) / mean }
  return { median, score: distance === 0 ? 0 : null }
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const high = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2
}
