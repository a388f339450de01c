/**
 * Bins of a DDSketch (Masson, Rim, Lee: DDSketch, VLDB 2019, section 2): bin `i` holds `(γ^(i−1), γ^i]`, with
 * `γ = (1+α)/(1−α)`, so that any value of a bin is within the relative accuracy `α` of the value that stands for it.
 * Counts of bins add up, whatever the order: merging sketches is exact.
 */
export interface SketchBins {
  readonly accuracy: number
  /** The bin of a positive number. */
  binOf(value: number): number
  /** The number that stands for a bin: `2γ^i/(γ+1)`. */
  valueOf(bin: number): number
}

/** The smallest magnitude that is told from zero. */
export const sketchLeast = 1e-9

/** @param accuracy relative, between 0 and 1: 0.01 is one per cent */
export function sketchBins(accuracy: number): SketchBins {
  const gamma = (1 + accuracy) / (1 - accuracy)
  const perLog = 1 / Math.log(gamma)
  return {
    accuracy,
    binOf: (value) => Math.ceil(Math.log(value) * perLog),
    valueOf: (bin) => (2 * gamma ** bin) / (gamma + 1),
  }
}
