import type { Aggregate, Merged } from './aggregates/column.ts'
import { computeValue } from './compute-value.ts'
import type { RollupPoint } from './output.ts'
import type { Reader, RollupReader } from './plan.ts'

/** Events that had a value for an indicator: of the metric that most of them had. */
export function readSamples({ counts }: Reader, row: Float64Array): number {
  let samples = 0
  for (let index = 0; index < counts.length; index++) {
    const here = row[counts[index] as number] as number
    if (here > samples) samples = here
  }
  return samples
}

/** The value of an indicator over a merged window; `undefined` where one of its aggregates has none, or it is no number. */
export function readValue({ names, aggregates, places, indicator }: Reader, merged: Merged): number | undefined {
  const of: Record<string, number> = {}
  for (let index = 0; index < names.length; index++) {
    const part = (aggregates[index] as Aggregate).read(merged, places[index] as readonly number[])
    if (part === undefined) return undefined
    of[names[index] as string] = part
  }
  return computeValue(indicator, of)
}

/** Every metric that has values in a merged window. */
export function readRollup({ metrics }: RollupReader, row: Float64Array): RollupPoint['metrics'] {
  return metrics.flatMap(({ metric, count, sum, min, max }) => {
    const events = row[count] as number
    if (events === 0) return []
    const mean = (row[sum] as number) / events
    return [{ metric, count: events, mean, min: row[min] as number, max: row[max] as number }]
  })
}
