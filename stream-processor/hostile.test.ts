import type { LogRecord, RecordKind } from '@ioc/ingest-log/ingest-log.ts'
import { propertyRuns } from '@ioc/runtime/testing/property-runs.ts'
import { parse } from '@ioc/storage/testing/points.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Engine, Output } from './engine/engine.ts'
import { caseIndicators, indicators } from './indicators/table.ts'
import { linesOf } from './lines.ts'
import { testEngine } from './testing/engine.ts'

const arrival = 1_764_000_000_000
const day = 86_400_000

/** Every number that JSON can carry, as JSON writes it; some that it cannot. */
const numberText = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('-0', '5e-324', '-5e-324', '1.7976931348623157e308', '-1.7976931348623157e308'),
  },
  { weight: 3, arbitrary: fc.constantFrom('9007199254740993', '-9007199254740993', '1e21', '1e22', '-1e19', '9.3e18') },
  { weight: 2, arbitrary: fc.constantFrom('1e400', '-1e400', 'NaN', '-Infinity', '18446744073709551615', '1e-400') },
  {
    weight: 3,
    arbitrary: fc.constantFrom('0', '1', '-1', '50', '60000', `${arrival}`, `${arrival / 1000}`, `${arrival * 1000}`),
  },
  { weight: 2, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String) },
  { weight: 2, arbitrary: fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String) },
)
/** One place of a message that is what it should be, or any number. */
const place = (usual: string) =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: numberText })

const head = fc.record({
  seq: fc.oneof(fc.integer({ min: 1, max: 9 }).map(String), numberText),
  sent: place(`${arrival}`),
  lost: place('0'),
})
const headText = head.map(({ seq, sent, lost }) => `"epoch":"e","seq":${seq},"sent":${sent},"lost":${lost}`)
const type = fc.constantFrom('air_quality', 'weather', 'traffic', 'system', 'nothing')
const metric = fc.constantFrom(
  'pm25',
  'co',
  'rain_mm',
  'temperature_c',
  'vehicles_total',
  'speed_kmh',
  'cpu_percent',
  'load_1m',
  'x',
)
const values = fc.uniqueArray(fc.tuple(metric, numberText), { minLength: 1, selector: ([name]) => name })
const valuesText = values.map((all) => all.map(([name, value]) => `"${name}":${value}`).join(','))

const measured = fc
  .tuple(headText, fc.array(fc.tuple(place(`${arrival - 5_000}`), type, valuesText), { minLength: 1, maxLength: 4 }))
  .map(([first, records]) => {
    const texts = records.map(([ts, kind, all]) => `{"device":"d","ts":${ts},"type":"${kind}","values":{${all}}}`)
    return ['telemetry', `{${first},"records":[${texts.join(',')}]}`] as const
  })
const bare = fc
  .tuple(place(`${arrival}`), type, valuesText)
  .map(([ts, kind, all]) => ['telemetry', `{"ts":${ts},"type":"${kind}",${all}}`] as const)
const casesTimes = fc.tuple(...[-5_000, -day, day, -1_000].map((offset) => place(`${arrival + offset}`)))
const cases = fc
  .tuple(headText, casesTimes, fc.string(), numberText)
  .map(([first, [ts, opened, due, closed], id, score]) => {
    const one = `"id":${JSON.stringify(`c${id}`)},"state":"1","opened":${opened},"due":${due},"satisfaction":${score}`
    const both = [`{${one}}`, `{${one},"closed":${closed}}`]
    const records = both.map((text) => `{"device":"d","ts":${ts},"type":"citizen_report","case":${text}}`)
    return ['cases', `{${first},"records":[${records.join(',')}]}`] as const
  })
const status = fc.tuple(place('5'), place('11.7'), place('108.4'), place('60')).map(([session, lat, lon, cadence]) => {
  const device = `{"id":"d","type":"weather","lat":${lat},"lon":${lon},"cadence_s":${cadence}}`
  const birth = `{"online":true,"session":${session},"agent":{"version":"1","host":"h"},"devices":[${device}]}`
  return ['status', birth] as const
})
const message = fc.oneof({ weight: 4, arbitrary: measured }, bare, { weight: 2, arbitrary: cases }, status)

function recordOf([kind, text]: readonly [RecordKind, string], at: number): LogRecord {
  return { kind, site: 's', node: 'n', arrival: at, payload: Buffer.from(text) }
}

/** Every line that is written is one that the store takes; how many there are. */
function checkLines(output: Output): number {
  const { lines, failures } = linesOf(output)
  expect(failures).toEqual([])
  expect(output.failures).toEqual([])
  const { points, errors } = parse(lines.join('\n'), 'ms', 0n)
  expect(errors).toEqual([])
  expect(points).toHaveLength(lines.length)
  return lines.length
}

function ledgerOf(engine: Engine) {
  const found = engine.snapshot().find(({ topic }) => topic.includes('/ledger/'))
  return found?.read() as Record<'sent' | 'stored' | 'rejected' | 'queued' | 'lost', number> | undefined
}

function run(messages: readonly (readonly [RecordKind, string])[]): Engine {
  const engine = testEngine({ indicators, caseIndicators, rollups: true })
  for (const [index, one] of messages.entries()) {
    const records = [recordOf(one, arrival + index * 600_000)]
    checkLines(engine.process({ offset: index, records, next: index + 1 }))
  }
  checkLines(engine.settle())
  for (const hours of [1, 2, 24, 48, 240]) checkLines(engine.tick(arrival + hours * 3_600_000))
  // All that is live can be published, and all that is to be saved can be saved.
  for (const source of engine.snapshot()) JSON.stringify(source.read())
  engine.changes({ live: 0, backlog: 0 })
  return engine
}

describe('any numbers in any place', () => {
  test('fail nothing, become lines that the store takes, and leave a ledger that adds up', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 8 }), (messages) => {
        const engine = run(messages)
        expect(engine.counts.failures).toBe(0)
        const ledger = ledgerOf(engine)
        if (!ledger) return
        const { sent, stored, rejected, queued, lost } = ledger
        expect(stored + rejected + queued + lost).toBe(sent)
        for (const figure of Object.values(ledger)) if (typeof figure === 'number') expect(figure).not.toBeNaN()
      }),
      { numRuns: propertyRuns(60) },
    )
  })

  test.each([
    ['a time far before all others', '"epoch":"e","seq":1,"sent":-1e19', '"ts":1764000000000,"values":{"x":1}', 1],
    ['a time in the year 287,396', '"epoch":"e","seq":1,"sent":9.1e18', '"ts":1764000000000,"values":{"x":1}', 1],
    ['the largest number as a time', `"epoch":"e","seq":1,"sent":${arrival}`, '"ts":1.8e308,"values":{"x":1}', 0],
  ])('%s', (_what, first, record, stored) => {
    const engine = testEngine({ indicators, rollups: true })
    const text = `{${first},"records":[{"device":"d",${record}}]}`
    const output = engine.process({ offset: 0, records: [recordOf(['telemetry', text], arrival)], next: 1 })
    expect(output.measurements).toHaveLength(stored)
    expect(output.deadLetters).toHaveLength(1)
    checkLines(output)
  })

  test('the largest values of a metric for an hour are set aside, and its hour ends', () => {
    const at = (index: number) =>
      recordOf(['telemetry', `{"ts":${arrival + index},"type":"air_quality","pm25":1e308,"pm10":10000}`], arrival)
    const engine = testEngine({ indicators, rollups: true })
    const output = engine.process({ offset: 0, records: [at(0), at(1)], next: 2 })
    expect(output.deadLetters.map(({ letter }) => letter.reason)).toEqual([
      expect.stringMatching(
        /^n: pm25: got 1e\+308; expected a plausible value, from -50 to 10000 ug\/m3 \(.*từ -50 đến 10000 ug\/m3\)$/,
      ),
      expect.stringContaining('pm25'),
    ])
    const later = engine.tick(arrival + 2 * day)
    expect(checkLines(later)).toBeGreaterThan(0)
    const hour = later.rollups.find(({ measurement }) => measurement === 'air_quality_1h')
    expect(hour?.metrics).toEqual([{ metric: 'pm10', count: 2, mean: 10_000, min: 10_000, max: 10_000 }])
  })

  test('sums that state of an older version holds cost their metric alone', () => {
    const place = { scope: 'device', key: 's/d', area: undefined, site: 's', device: 'd' } as const
    const good = { metric: 'pm10', count: 1, mean: 2, min: 2, max: 2 }
    const rollup = { measurement: 'air_quality_1h', place, ts: arrival }
    const metrics = [{ ...good, metric: 'pm25', mean: Number.POSITIVE_INFINITY }, good]
    const sink = {
      points: [],
      rollups: [
        { ...rollup, metrics },
        { ...rollup, metrics: metrics.slice(0, 1) },
      ],
    }
    const { lines, failures } = linesOf(sink)
    expect(lines).toEqual([expect.stringContaining('device=d pm10_min=2,')])
    expect(failures).toHaveLength(1)
  })
})
