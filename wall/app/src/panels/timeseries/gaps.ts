import type { Cell } from '../../../../shared/boards/panel-data.ts'

/** So many times the usual distance between two points may pass before a line is broken. */
const maxSpacings = 3

/** The usual distance between two points in ms: the median. 0 for less than three points. */
export function usualSpacing(times: readonly Cell[]): number {
  const distances: number[] = []
  for (let index = 1; index < times.length; index++) {
    distances.push(Number(times[index]) - Number(times[index - 1]))
  }
  if (distances.length < 2) return 0
  distances.sort((a, b) => a - b)
  return distances[Math.floor(distances.length / 2)] ?? 0
}

/** Whether values are missing between two points. Queries leave empty intervals out. */
export function isGap(from: number, to: number, spacing: number): boolean {
  return spacing > 0 && to - from > maxSpacings * spacing
}
