interface Timed {
  readonly device?: unknown
  readonly ts?: unknown
}

/**
 * By how many ms the time of each record of a message lies before the arrival, where it has none of its own. The store keeps
 * one value for each time: records of one device without a time are 1 ms apart, in their order, and the last is of the arrival.
 */
export function backFromArrival(records: readonly Timed[]): readonly number[] {
  const back = new Array<number>(records.length).fill(0)
  const later = new Map<unknown, number>()
  for (let index = records.length - 1; index >= 0; index--) {
    const record = records[index] as Timed
    if (!isWithoutTime(record)) continue
    const count = later.get(record.device) ?? 0
    back[index] = count
    later.set(record.device, count + 1)
  }
  return back
}

export function isWithoutTime({ ts }: Timed): boolean {
  return ts === undefined || ts === null
}

/** How many ms, up to its arrival, the records of a message without a time need; at least 1. */
export function spanOf(records: readonly Timed[]): number {
  if (!records.some(isWithoutTime)) return 1
  return backFromArrival(records).reduce((most, back) => Math.max(most, back + 1), 1)
}
