import { generator } from '@ioc/tests/harness/random.ts'

/** A district's month, made smaller or larger: devices that each report some metrics at a pace. */
export interface DataSize {
  readonly devices: number
  readonly metrics: number
  readonly days: number
  readonly intervalS: number
}

export const sites = 10
export const measurement = 'system'

/** Where the data begins, in ms. */
export const beginsMs = Date.parse('2026-10-01T00:00:00Z')

export function endMs({ days }: DataSize): number {
  return beginsMs + days * 86_400_000
}

export function pointsOf({ devices, days, intervalS }: DataSize): number {
  return devices * Math.floor((days * 86_400) / intervalS)
}

/**
 * The lines of some devices, in the order of time, in batches. Values walk, and have the digits that sensors give; the
 * same every time.
 */
export function* batches(size: DataSize, from: number, to: number, lines: number): Generator<string> {
  const random = generator(from + 1)
  const walks = Array.from({ length: (to - from) * size.metrics }, () => 50 + 20 * random())
  const starts = Array.from({ length: to - from }, (_, index) => seriesOf(from + index))
  let batch: string[] = []
  for (let at = beginsMs; at < endMs(size); at += size.intervalS * 1000) {
    for (const [index, start] of starts.entries()) {
      const fields: string[] = []
      for (let metric = 0; metric < size.metrics; metric++) {
        const place = index * size.metrics + metric
        const next = (walks[place] ?? 0) + random() - 0.5
        // Turned back at the ends, where all would meet else: two that are equal have no order.
        const value = next > 100 ? 200 - next : Math.abs(next)
        walks[place] = value
        fields.push(`m${metric}=${value.toFixed(2)}`)
      }
      batch.push(`${start} ${fields.join(',')} ${at}`)
      if (batch.length < lines) continue
      yield batch.join('\n')
      batch = []
    }
  }
  if (batch.length > 0) yield batch.join('\n')
}

function seriesOf(device: number): string {
  return `${measurement},device=d${device},node=n${device % 50},site=s${device % sites}`
}
