import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import { propertyRuns } from '@ioc/runtime/testing/property-runs.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSavedState, testEngine } from '../testing/engine.ts'
import type { Engine, Output } from './engine.ts'

const numRuns = propertyRuns(12)
const hour = 3_600_000
const day = 24 * hour
/** Two hours before a day in Asia/Ho_Chi_Minh. */
const t0 = Date.UTC(2026, 0, 4, 15)

interface Event {
  readonly device: string
  readonly ts: number
  readonly pm25: number
}

const event: fc.Arbitrary<Event> = fc.record({
  device: fc.constantFrom('a', 'b'),
  ts: fc.integer({ min: 0, max: 30 * 60 }).map((minute) => t0 + minute * 60_000),
  pm25: fc.integer({ min: -40, max: 400 }).map((quarters) => quarters / 4),
})

/** `measurement|device|ts` → min, mean, max, count. */
function naive(events: readonly Event[]): Map<string, readonly number[]> {
  const expected = new Map<string, readonly number[]>()
  for (const [suffix, length, offset] of [
    ['_1h', hour, 0],
    ['_1d', day, -7 * hour],
  ] as const) {
    const startOf = (ts: number) => Math.floor((ts - offset) / length) * length + offset
    for (const [key, members] of Map.groupBy(events, ({ device, ts }) => `${device}|${startOf(ts)}`)) {
      const values = members.map(({ pm25 }) => pm25)
      const sum = values.reduce((total, value) => total + value, 0)
      expected.set(`air_quality${suffix}|${key}`, [
        Math.min(...values),
        sum / values.length,
        Math.max(...values),
        values.length,
      ])
    }
  }
  return expected
}

function record({ device, ts, pm25 }: Event, seq: number, arrival: number): LogRecord {
  const message = { epoch: 'e', seq, sent: arrival, records: [{ device, ts, type: 'air_quality', values: { pm25 } }] }
  return { kind: 'telemetry', site: 's', node: 'n', arrival, payload: Buffer.from(JSON.stringify(message)) }
}

function settle(stored: Map<string, readonly number[]>, { rollups }: Output): void {
  for (const { measurement, place, ts, metrics } of rollups) {
    expect(metrics).toHaveLength(1)
    for (const { min, mean, max, count } of metrics)
      stored.set(`${measurement}|${place.device}|${ts}`, [min, mean, max, count])
  }
}

test('every numeric metric by the hour and by the local day, under disorder and restarts', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(event, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 12 }),
      (batches) => {
        const state = createSavedState()
        const options = { indicators: [], rollups: true, archiveOf: state.archiveOf }
        const stored = new Map<string, readonly number[]>()
        let engine: Engine = testEngine(options)
        let arrival = t0 + 2 * day
        let seq = 0
        for (const [index, events] of batches.entries()) {
          arrival += 500
          const records = events.map((one) => record(one, ++seq, arrival))
          settle(stored, engine.process({ offset: 0, records, next: 0 }))
          state.take(engine.changes({ live: 0, backlog: 0 }))
          if (index % 3 !== 2) continue
          engine = testEngine(options)
          engine.restore(state.saved())
        }
        settle(stored, engine.settle())
        settle(stored, engine.tick(arrival + 10 * day))
        expect(stored).toEqual(naive(batches.flat()))
      },
    ),
    { numRuns },
  )
})
