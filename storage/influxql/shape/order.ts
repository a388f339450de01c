import type { Rows, Value } from '../source.ts'

/** Puts rows in the order of their second column, in which most of them come. */
export function byTime(read: Rows, descending: boolean): Rows {
  const times = (read.columns[1] ?? []) as bigint[]
  const rising = times.every((time, row) => row === 0 || (times[row - 1] as bigint) <= time)
  if (rising && !descending) return read
  const places = times.map((_, row) => row)
  if (!rising) places.sort((a, b) => ((times[a] as bigint) < (times[b] as bigint) ? -1 : 1))
  if (descending) places.reverse()
  return { ...read, columns: read.columns.map((column) => places.map((row) => column[row] as Value)) }
}
