import { defaultParameters } from '@ioc/contract/district/parameters.ts'
import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import { calendarOf, emptyCalendar } from '@ioc/runtime/district/calendar.ts'
import { describe, expect, test } from 'vitest'
import { completenessIndicators } from '../indicators/completeness.ts'
import { domains } from '../indicators/table.ts'
import { createSavedState, testEngine } from '../testing/engine.ts'
import { goBack } from './completeness.ts'
import type { Engine, Output } from './engine.ts'
import { joinPartitions } from './engine.ts'

const hour = 3_600_000
const start = Date.parse('2026-11-25T01:00:00Z')
const indicators = completenessIndicators(
  domains.filter(({ id }) => id === 'machines' || id === 'weather'),
  defaultParameters,
)
const completeness = { indicators, cadences: 3, calendar: calendarOf(emptyCalendar) }
const areas: Readonly<Record<string, string>> = { a: 'A', b: 'A', c: 'C' }
const engineOf = () => testEngine({ indicators: [], completeness, areaOf: (site) => areas[site] })

let seq = 0
const birth = (site: string, device: string, type: string, at: number, cadence_s?: number): LogRecord => ({
  kind: 'status',
  site,
  node: 'n',
  arrival: at,
  payload: Buffer.from(
    JSON.stringify({
      online: true,
      session: at,
      agent: { version: '1', host: 'h' },
      devices: [{ id: device, type, cadence_s }],
    }),
  ),
})
const measured = (site: string, device: string, type: string, ts: number, arrival = ts): LogRecord => ({
  kind: 'telemetry',
  site,
  node: 'n',
  arrival,
  payload: Buffer.from(
    JSON.stringify({
      epoch: 'e',
      seq: ++seq,
      sent: arrival,
      records: [{ device, type, ts, values: { cpu_percent: 1, temperature_c: 20 } }],
    }),
  ),
})

/** The values that outputs have, by indicator, place and hours since the start; the last one counts. */
function valuesOf(outputs: readonly Output[]): Record<string, string> {
  const found: Record<string, string> = {}
  for (const { indicator, place, ts, value, level, samples } of outputs.flatMap(({ points }) => points)) {
    found[`${indicator.id} ${place.scope} ${place.key} ${(ts - start) / hour}`] = `${value} ${level} ${samples}`
  }
  return found
}

function feed(engine: Engine, records: readonly LogRecord[], batch = 1, offset = 0): Output[] {
  const outputs: Output[] = []
  for (let at = 0; at < records.length; at += batch) {
    const some = records.slice(at, at + batch)
    outputs.push(engine.process({ offset: offset + at, records: some, next: offset + at + some.length }))
  }
  return outputs
}

/** Machines of two areas: one reports, one stops, one was only born; a station with its own cadence of half an hour. */
const records = [
  birth('a', 'm1', 'system', start + 60_001),
  birth('b', 'm2', 'system', start + 60_002),
  birth('c', 'm3', 'system', start + 60_003),
  birth('c', 'w1', 'weather', start + 60_004, 1800),
  measured('c', 'w1', 'weather', start + 65_000),
  measured('a', 'm1', 'system', start + hour - 20_000),
  measured('b', 'm2', 'system', start + hour - 31_000),
  // Within the grace, of a time that is recent enough.
  measured('a', 'm1', 'system', start + hour - 1_000, start + hour + 9_000),
  measured('a', 'm1', 'system', start + 2 * hour - 5_000),
  measured('b', 'm2', 'system', start + 2 * hour - 3_000),
  measured('c', 'm3', 'system', start + 2 * hour + 11_000),
]

describe('completeness', () => {
  test('is the share of known devices that measured within three cadences before the end of the hour', () => {
    expect(valuesOf(feed(engineOf(), records))).toEqual({
      'completeness_machines site a 1': '100 0 1',
      'completeness_machines site b 1': '0 3 1',
      'completeness_machines site c 1': '0 3 1',
      'completeness_machines area A 1': '50 3 2',
      'completeness_machines area C 1': '0 3 1',
      'completeness_machines district district 1': `${100 / 3} 3 3`,
      'completeness_weather site c 1': '100 0 1',
      'completeness_weather area C 1': '100 0 1',
      'completeness_weather district district 1': '100 0 1',
      'completeness_machines site a 2': '100 0 1',
      'completeness_machines site b 2': '100 0 1',
      'completeness_machines site c 2': '0 3 1',
      'completeness_machines area A 2': '100 0 2',
      'completeness_machines area C 2': '0 3 1',
      'completeness_machines district district 2': `${200 / 3} 2 3`,
      'completeness_weather site c 2': '0 3 1',
      'completeness_weather area C 2': '0 3 1',
      'completeness_weather district district 2': '0 3 1',
    })
  })

  test('is the same however the log is read: by batches, with ticks between, and after a restart at any record', () => {
    const expected = valuesOf(feed(engineOf(), records))
    expect(valuesOf(feed(engineOf(), records, records.length))).toEqual(expected)
    const ticked = engineOf()
    const outputs = records.flatMap((record, at) => {
      const next = records[at + 1]?.arrival ?? record.arrival
      return [...feed(ticked, [record], 1, at), ticked.tick(next - 1)]
    })
    expect(valuesOf(outputs)).toEqual(expected)
    for (let cut = 1; cut < records.length; cut++) {
      const before = engineOf()
      const first = feed(before, records.slice(0, cut))
      const state = createSavedState()
      state.take(before.changes({ live: cut, backlog: 0 }))
      const after = engineOf()
      after.restore(state.saved())
      const shown = (engine: Engine) =>
        engine
          .snapshot()
          .map(({ topic }) => topic)
          .filter((topic) => topic.includes('completeness'))
      expect(shown(after)).toEqual(expect.arrayContaining(shown(before)))
      expect(valuesOf([...first, ...feed(after, records.slice(cut), 1, cut)])).toEqual(expected)
    }
  })

  test('counts every hour of a silence once the clock is beyond it, and has a live value of now', () => {
    const engine = engineOf()
    feed(engine, records.slice(0, 8))
    const values = valuesOf([engine.tick(start + 4 * hour + 14_000)])
    expect(values['completeness_machines district district 4']).toBeUndefined()
    expect(values['completeness_machines district district 3']).toBe('0 3 3')
    expect(valuesOf([engine.tick(start + 4 * hour + 15_000)])['completeness_machines site a 4']).toBe('0 3 1')
    const live = engine.snapshot().find(({ topic }) => topic.endsWith('completeness_machines/area/A'))
    expect(live?.read()).toMatchObject({ ts: start + 4 * hour + 14_000, value: 0, level: 3, samples: 2 })
  })

  test('of an area and of the district is that of all partitions', () => {
    const engines = [engineOf(), engineOf()] as const
    joinPartitions(engines)
    const outputs = engines.flatMap((engine, index) =>
      feed(
        engine,
        records.filter(({ site }) => (site === 'a') === (index === 0)),
      ),
    )
    const ticked = engines.map((engine) => engine.tick(start + 2 * hour + 20_000))
    const expected = valuesOf(feed(engineOf(), records))
    expect(valuesOf([...outputs, ...ticked])['completeness_machines district district 2']).toBe(
      expected['completeness_machines district district 2'],
    )
  })

  test('does not count days off for sources of a day or more', () => {
    const day = 24 * hour
    const monday = Date.parse('2026-11-30T00:00:00+07:00')
    const isWeekday = (ts: number) => ![0, 6].includes(new Date(ts + 7 * hour).getUTCDay())
    expect(goBack(monday + 10 * hour, day, isWeekday)).toBe(monday - 3 * day + 10 * hour)
    expect(goBack(monday + 10 * hour, 3 * day, () => true)).toBe(monday + 10 * hour - 3 * day)
    expect(goBack(monday, day, isWeekday)).toBe(monday - 3 * day)
  })
})
