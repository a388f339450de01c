/** Limits of types that nodes declare; apart from their schema, because the agent must stay small. */
export const declarationLimits = {
  /** Types of a birth, and metrics of a type, at most. */
  maxTypes: 8,
  maxMetrics: 64,
  /** Characters of a title and of a unit, at most. */
  maxTitle: 80,
  maxUnit: 20,
  /** Longest time between measurements, 31 days, in seconds. */
  maxCadence: 2_678_400,
  /** The id becomes the name of a measurement, with `_1h` and `_1d` after it for its rollups. */
  idPattern: '^(?!.*_1[hd]$)[a-z][a-z0-9_]{1,39}$',
} as const
