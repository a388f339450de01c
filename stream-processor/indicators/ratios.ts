/** `undefined` where there is no whole. */
export const percentOf = (part: number, whole: number): number | undefined =>
  whole === 0 ? undefined : (100 * part) / whole

/** `undefined` where it would divide by nothing. */
export const ratioOf = (part: number, whole: number): number | undefined => (whole === 0 ? undefined : part / whole)
