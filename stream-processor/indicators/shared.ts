/** Windows, holds and formulas that the domains share. */

export const day = { kind: 'calendar', unit: 'day' } as const
export const month = { kind: 'calendar', unit: 'month' } as const
export const year = { kind: 'calendar', unit: 'year' } as const
/**
 * 30 days, every 6 hours: what a board shows between two ends of months. The live value follows each case; a case that is
 * recorded late changes all windows since, and is published again in each of them.
 */
export const thirtyDays = { kind: 'sliding', size_s: 2_592_000, every_s: 21_600 } as const
export const sevenDays = { kind: 'sliding', size_s: 604_800, every_s: 21_600 } as const

/** How long the last figure of a source that reports once a working day holds: over a weekend with a day off. */
export const dailyHold = { hold_s: 345_600 } as const

/** `undefined` where there is no whole. */
export const percentOf = (part: number, whole: number): number | undefined =>
  whole === 0 ? undefined : (100 * part) / whole

/** `undefined` where it would divide by nothing. */
export const ratioOf = (part: number, whole: number): number | undefined => (whole === 0 ? undefined : part / whole)
