import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import type { Engine } from '../engine/engine.ts'
import type { Indicator } from '../indicators/indicator.ts'
import { testEngine } from './engine.ts'
import { type Expected, nameOf, type OracleEvent } from './oracle.ts'

/** The records of a log in which events arrive as they happen. */
export function recordsOf(events: readonly OracleEvent[]): readonly LogRecord[] {
  return events.map(({ type, site, device, ts, values }, index) => {
    const message = { epoch: 'e', seq: index + 1, sent: ts, records: [{ device, ts, type, values }] }
    return { kind: 'telemetry', site, node: 'n', arrival: ts, payload: Buffer.from(JSON.stringify(message)) }
  })
}

/** An engine with indicators that knows the areas of the events' sites. */
export function engineFor(indicators: readonly Indicator[], events: readonly OracleEvent[]): Engine {
  const areas = new Map(events.map(({ site, area }) => [site, area]))
  return testEngine({ indicators, areaOf: (site) => areas.get(site) })
}

/**
 * What a real engine gives out for events until the clock comes to `until`, in ms, by the names of `nameOf`. One batch
 * for each event, so that nothing is given out as late.
 */
export function play(
  indicators: readonly Indicator[],
  events: readonly OracleEvent[],
  until: number,
): Map<string, Expected> {
  const engine = engineFor(indicators, events)
  const values = new Map<string, Expected>()
  const outputs = [
    ...recordsOf(events).map((record, offset) => engine.process({ offset, records: [record], next: offset + 1 })),
    engine.tick(until),
  ]
  for (const { indicator, place, ts, value, level, samples } of outputs.flatMap(({ points }) => points)) {
    const name = nameOf(indicator.id, place.scope, place.key, place.group, ts)
    if (value === undefined) values.delete(name)
    else values.set(name, { value, level, samples })
  }
  return values
}
