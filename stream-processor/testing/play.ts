import type { CaseTypeId } from '@ioc/contract/case-types/table.ts'
import type { Scope } from '@ioc/contract/messages/live.ts'
import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import type { Engine } from '../engine/engine.ts'
import type { AnyIndicator, Indicator } from '../indicators/indicator.ts'
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

/** A version of a case, as it is recorded. */
export interface CaseEvent {
  readonly type: CaseTypeId
  readonly site: string
  readonly area?: string
  readonly ts: number
  readonly case: { readonly id: string; readonly opened: number; readonly [attribute: string]: unknown }
}

interface History {
  readonly events?: readonly OracleEvent[]
  readonly cases?: readonly CaseEvent[]
}

/** The values of all indicators of a domain at a place: see `valuesOf`. */
export function playDomain(
  domain: readonly AnyIndicator[],
  history: History,
  until: number,
): (id: string, scope: Scope, key: string, ts: number, group?: string) => number | undefined {
  const values = valuesOf(domain, history, until)
  return (id, scope, key, ts, group) => values.get(nameOf(id, scope, key, group, ts))
}

/**
 * The values of all indicators of a domain, by the names of `nameOf`, for measurements and cases that arrive as they happen,
 * until the clock comes to `until`, in ms.
 */
export function valuesOf(
  domain: readonly AnyIndicator[],
  { events = [], cases = [] }: History,
  until: number,
): ReadonlyMap<string, number> {
  const areas = new Map([...events, ...cases].map(({ site, area }) => [site, area]))
  const engine = testEngine({
    indicators: domain.filter((one) => one.kind !== 'cases'),
    caseIndicators: domain.filter((one) => one.kind === 'cases'),
    areaOf: (site) => areas.get(site),
  })
  const records = [...recordsOf(events), ...cases.map(caseRecordOf)].sort((a, b) => a.arrival - b.arrival)
  const values = new Map<string, number>()
  const outputs = [
    ...records.map((record, offset) => engine.process({ offset, records: [record], next: offset + 1 })),
    engine.tick(until),
  ]
  for (const { points, deadLetters, failures } of outputs) {
    if (deadLetters.length > 0 || failures.length > 0) throw new Error(JSON.stringify({ deadLetters, failures }))
    for (const { indicator, place, ts, value, samples } of points) {
      const name = nameOf(indicator.id, place.scope, place.key, place.group, ts)
      // A window that has no case any more is void.
      if (value === undefined || samples === 0) values.delete(name)
      else values.set(name, value)
    }
  }
  return values
}

function caseRecordOf({ type, site, ts, case: one }: CaseEvent): LogRecord {
  const message = { records: [{ device: 'desk', type, ts, case: { state: 'x', ...one } }] }
  return { kind: 'cases', site, node: 'desk', arrival: ts, payload: Buffer.from(JSON.stringify(message)) }
}
