/** Which direction is better: lower or higher; null where nobody says. */
export type Better = 'at_least' | 'at_most' | null

/** The values of an area in a period, in the one before, and in the same one of the year before. */
export interface AreaValues {
  readonly key: string
  readonly value: number | null
  readonly previous: number | null
  readonly year_before: number | null
  readonly target: number | null
}

export interface ComparedArea extends AreaValues {
  /** 1 is best; equal values share a rank, and the ranks after it are left out. null: no value. */
  readonly rank: number | null
  readonly previous_difference: number | null
  readonly year_before_difference: number | null
  readonly target_difference: number | null
}

/** Areas side by side, the best first; those without a value last, by key. Where no direction is better, the highest is first. */
export function compareAreas(areas: readonly AreaValues[], better: Better): ComparedArea[] {
  const sign = better === 'at_most' ? 1 : -1
  const values = areas.flatMap(({ value }) => (value === null ? [] : [value]))
  return areas
    .map((area) => {
      const { value, previous, year_before, target } = area
      return {
        ...area,
        rank: value === null ? null : 1 + values.filter((other) => sign * (other - value) < 0).length,
        previous_difference: difference(value, previous),
        year_before_difference: difference(value, year_before),
        target_difference: difference(value, target),
      }
    })
    .sort((a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity) || (a.key < b.key ? -1 : 1))
}

const difference = (a: number | null, b: number | null) => (a === null || b === null ? null : a - b)
