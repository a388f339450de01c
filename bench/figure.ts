/** Prints one figure as one JSON line. Names stay as they are from run to run, so that runs can be compared. */
export function figure(
  name: string,
  value: number,
  unit: string,
  detail: Readonly<Record<string, unknown>> = {},
): void {
  process.stdout.write(`${JSON.stringify({ figure: name, value: Math.round(value * 100) / 100, unit, detail })}\n`)
}

/** The q-quantile of sorted values, by the nearest rank. */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN
}
