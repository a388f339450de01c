/** Gaps between measurements that are kept to learn from. */
export const maxGaps = 20
/** With fewer gaps, how regular a device is, or how often it measures, is not known. */
const minGapsOfJitter = 5
const minGapsOfCadence = 3
const learnedMs = { min: 10_000, max: 86_400_000, unknown: 3_600_000 }
/** Cadences, and a least time in ms. */
const late = { cadences: 3, minMs: 60_000 }
const silent = { cadences: 5, minMs: 300_000 }

/** How long a device may be without a measurement, in ms. */
export interface Intervals {
  readonly cadenceMs: number
  readonly lateMs: number
  readonly silentMs: number
}

/**
 * From the cadence that is declared, or the median of the last gaps. A device whose messages often get lost, as over radio,
 * has a cadence as long as almost all of its gaps; the longest gap does not count, as it may be an outage.
 */
export function intervalsOf(declared_s: number | undefined, gapsMs: readonly number[]): Intervals {
  const sorted = gapsMs.toSorted((a, b) => a - b)
  const declaredMs = declared_s === undefined ? undefined : declared_s * 1_000
  const cadenceMs = declaredMs ?? learnedCadence(sorted)
  const usual = sorted.length < minGapsOfJitter ? 0 : (sorted[Math.floor((sorted.length - 1) * 0.95)] as number)
  const slowest = Math.min(usual, Math.max(learnedMs.max, cadenceMs))
  const effective = slowest > late.cadences * cadenceMs ? slowest : cadenceMs
  return {
    cadenceMs,
    lateMs: Math.max(late.cadences * effective, late.minMs),
    silentMs: Math.max(silent.cadences * effective, silent.minMs),
  }
}

function learnedCadence(sorted: readonly number[]): number {
  if (sorted.length < minGapsOfCadence) return learnedMs.unknown
  const median = sorted[Math.floor(sorted.length / 2)] as number
  return Math.min(Math.max(median, learnedMs.min), learnedMs.max)
}
