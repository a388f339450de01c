import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import { propertyRuns } from '@ioc/runtime/testing/property-runs.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { indicators } from '../indicators/table.ts'
import { testEngine } from '../testing/engine.ts'
import type { Output } from './engine.ts'

const numRuns = propertyRuns(8)
const t0 = 1_764_000_000_000
const sites = ['site-1', 'site-2']
const areas = ['24931', '24943']

/** A record of any kind that devices, their places or their ledgers may depend on. */
const message = fc.record({
  kind: fc.constantFrom('telemetry', 'telemetry', 'telemetry', 'status', 'cases'),
  site: fc.constantFrom(...sites),
  area: fc.constantFrom(...areas),
  devices: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 4 }),
  /** How long before its arrival it was measured, in ms: some of it too late. */
  age: fc.integer({ min: 0, max: 120_000 }),
})

function recordOf(
  { kind, site, area, devices, age }: typeof message extends fc.Arbitrary<infer T> ? T : never,
  seq: number,
) {
  const arrival = t0 + seq * 500
  const ts = arrival - age
  const said = { epoch: 'e', seq, sent: arrival }
  const payloads: Record<string, unknown> = {
    telemetry: {
      ...said,
      records: devices.map((device) => ({ device, ts, type: 'system', values: { cpu_percent: seq } })),
    },
    status: {
      online: true,
      session: seq,
      agent: { version: '1', host: 'h' },
      area,
      devices: devices.map((id) => ({ id, type: 'system' })),
    },
    cases: {
      ...said,
      records: devices.map((device) => ({
        device,
        ts,
        type: 'one_stop',
        case: { id: device, state: 'x', opened: ts },
      })),
    },
  }
  return { kind, site, node: 'node', arrival, payload: Buffer.from(JSON.stringify(payloads[kind])) } as LogRecord
}

/** All that came of the records, given so many at a time: of a point that was amended, what it is in the end. */
function outcome(records: readonly LogRecord[], atOnce: number) {
  const engine = testEngine({ indicators, latenessMs: 60_000 })
  const outputs: Output[] = []
  for (let offset = 0; offset < records.length; offset += atOnce) {
    const some = records.slice(offset, offset + atOnce)
    outputs.push(engine.process({ offset, records: some, next: offset + some.length }))
  }
  outputs.push(engine.tick(t0 + 3_600_000), engine.settle())
  const points = outputs.flatMap((output) => output.points)
  return {
    counts: engine.counts,
    measurements: outputs.flatMap((output) => output.measurements),
    ledgerPoints: outputs.flatMap((output) => output.ledgerPoints),
    points: new Map(
      points.map(({ indicator, place, ts, value }) => [JSON.stringify([indicator.id, place, ts]), value]),
    ),
    live: engine.snapshot().map((source) => source.read()),
  }
}

test('what is taken together gives the same as what is taken one after the other', () => {
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 200 }), (messages) => {
      const records = messages.map((one, index) => recordOf(one, index + 1))
      expect(outcome(records, records.length)).toEqual(outcome(records, 1))
    }),
    { numRuns },
  )
})
