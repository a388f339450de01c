import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import { mean, quantile } from '@ioc/stream-processor/engine/aggregates/aggregates.ts'
import type { Measurement } from '@ioc/stream-processor/engine/measurement.ts'
import { indicator, type MeasuredIndicator } from '@ioc/stream-processor/indicators/indicator.ts'

/** What one run of the engine is given. */
export interface EngineCase {
  readonly indicators: readonly MeasuredIndicator[]
  readonly keys: number
  /** From one event of a key to its next, in ms of event time. */
  readonly cadenceMs: number
  /** Whether devices are heard of in any order, instead of in turn. */
  readonly shuffled?: boolean
  /** Share of events that are late, and by how much at most, in ms. */
  readonly late?: { readonly share: number; readonly byMs: number }
  /** Event time that has passed before measuring begins, in ms, at a coarser cadence. */
  readonly warmUp?: { readonly forMs: number; readonly cadenceMs: number }
}

const common = {
  title: { vi: 'đo', en: 'bench' },
  about: { vi: 'Thử.', en: 'A test.' },
  unit: 'km/h',
  source: 'traffic',
  scopes: ['device'],
} as const

const meanOver = (window: MeasuredIndicator['window']) =>
  indicator({
    ...common,
    id: 'bench_mean',
    window,
    aggregates: { speed: mean('speed_kmh') },
    value: ({ speed }) => speed,
  })

const day = 86_400_000

/** The cases by name; each can be run with another number of keys. */
export const engineCases: Readonly<Record<string, EngineCase>> = {
  tumbling: { indicators: [meanOver({ kind: 'tumbling', size_s: 10 })], keys: 1_000, cadenceMs: 1_000 },
  /** The same from devices that each send when they like: nothing that an event needs is near what the one before it did. */
  tumbling_shuffled: {
    indicators: [meanOver({ kind: 'tumbling', size_s: 10 })],
    keys: 1_000,
    cadenceMs: 1_000,
    shuffled: true,
  },
  sliding: {
    indicators: [meanOver({ kind: 'sliding', size_s: 3600, every_s: 10 })],
    keys: 10_000,
    cadenceMs: 1_000,
    warmUp: { forMs: 3_600_000, cadenceMs: 60_000 },
  },
  month: {
    indicators: [meanOver({ kind: 'sliding', size_s: 30 * 86_400, every_s: 60 })],
    keys: 10_000,
    cadenceMs: 10_000,
  },
  /** The windows are full: a pane leaves for each that comes. Few keys, for a month of each must go by first. */
  month_full: {
    indicators: [meanOver({ kind: 'sliding', size_s: 30 * 86_400, every_s: 60 })],
    keys: 100,
    cadenceMs: 10_000,
    warmUp: { forMs: 30 * day, cadenceMs: 60_000 },
  },
  quantiles: {
    indicators: [
      indicator({
        ...common,
        id: 'bench_p95',
        window: { kind: 'tumbling', size_s: 10 },
        aggregates: { speed: quantile('speed_kmh', 0.95) },
        value: ({ speed }) => speed,
      }),
    ],
    keys: 1_000,
    cadenceMs: 1_000,
  },
  late: {
    indicators: [meanOver({ kind: 'tumbling', size_s: 10 })],
    keys: 1_000,
    cadenceMs: 1_000,
    late: { share: 0.1, byMs: day },
    warmUp: { forMs: day, cadenceMs: 60_000 },
  },
}

export interface Load {
  /** Fills the batch with the next events; returns the time of the newest. */
  next(batch: Reading[]): number
}

/**
 * Events of all keys, in turn or at random. What is measured is the engine, not their making: the records of a batch are filled again,
 * and names are one text each, as short ones are in what was parsed.
 */
export function createLoad({ keys, cadenceMs, late, shuffled }: EngineCase, startMs: number): Load {
  const siteCount = 100
  const sites = Array.from({ length: siteCount }, (_, index) => `site-${index}`)
  const devices = Array.from({ length: Math.ceil(keys / siteCount) }, (_, index) => `device-${index}`)
  let now = startMs
  let made = 0
  let random = 42
  const nextRandom = (): number => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0
    return random / 2 ** 32
  }
  return {
    next(batch) {
      for (const one of batch) {
        const key = shuffled ? Math.floor(nextRandom() * keys) : made
        const lateMs = late && nextRandom() < late.share ? nextRandom() * late.byMs : 0
        one.site = sites[key % siteCount] as string
        one.device = devices[Math.floor(key / siteCount)] as string
        one.ts = now + (key % 1000) - Math.floor(lateMs)
        one.values.speed_kmh = 20 + (random % 8000) / 100
        nextRandom()
        made++
        if (made < keys) continue
        made = 0
        now += cadenceMs
      }
      return now
    },
  }
}

/** A measurement that is filled again and again. */
export interface Reading extends Measurement {
  site: string
  device: string
  ts: number
  readonly values: { speed_kmh: number }
}

/** The messages in which they are sent, one for each site. */
export function toRecords(batch: readonly Reading[], arrival: number): LogRecord[] {
  return [...Map.groupBy(batch, ({ site }) => site)].map(([site, readings]) => {
    const records = readings.map(({ device, ts, values }) => ({ device, ts, type: 'traffic', values }))
    return { kind: 'telemetry', site, node: 'node', arrival, payload: Buffer.from(JSON.stringify({ records })) }
  })
}

/** A batch of them. */
export function createReadings(count: number): Reading[] {
  const common = { area: '24931', node: 'node', type: 'traffic', claimed: undefined, undeclared: undefined }
  return Array.from({ length: count }, () => {
    return { ...common, site: '', device: '', ts: 0, values: { speed_kmh: 0 } }
  })
}
