import type { CaseTypeId } from '@ioc/contract/case-types/table.ts'
import type { Scope } from '@ioc/contract/messages/live.ts'
import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import type { Engine, Output } from '../engine/engine.ts'
import type { AnyIndicator, Indicator } from '../indicators/indicator.ts'
import { testEngine } from './engine.ts'
import { type Expected, nameOf, type OracleEvent } from './oracle.ts'

const dayMs = 86_400_000

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
 * What a real engine emits for events until the clock comes to `until`, in ms, by the names of `nameOf`. One batch for each
 * event, so that nothing is emitted as late.
 */
export const play = (
  indicators: readonly Indicator[],
  events: readonly OracleEvent[],
  until: number,
): Map<string, Expected> => playHistory(indicators, { events }, until)

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

/** The values of all indicators of a domain: see `playHistory`. */
export function valuesOf(
  domain: readonly AnyIndicator[],
  history: History,
  until: number,
): ReadonlyMap<string, number> {
  return new Map([...playHistory(domain, history, until)].map(([name, { value }]) => [name, value]))
}

/**
 * What a real engine emits for measurements and cases that arrive as they happen, until the clock comes to `until`, in ms,
 * by the names of `nameOf`.
 */
export function playHistory(
  indicators: readonly AnyIndicator[],
  { events = [], cases = [] }: History,
  until: number,
): Map<string, Expected> {
  const areas = new Map([...events, ...cases].map(({ site, area }) => [site, area]))
  const engine = testEngine({
    indicators: indicators.filter((one) => one.kind !== 'cases'),
    caseIndicators: indicators.filter((one) => one.kind === 'cases'),
    areaOf: (site) => areas.get(site),
  })
  const records = [...recordsOf(events), ...cases.map(caseRecordOf)].sort((a, b) => a.arrival - b.arrival)
  const values = new Map<string, Expected>()
  const take = ({ points, deadLetters, failures }: Output) => {
    if (deadLetters.length > 0 || failures.length > 0) throw new Error(JSON.stringify({ deadLetters, failures }))
    for (const { indicator, place, ts, value, level, samples } of points) {
      const name = nameOf(indicator.id, place.scope, place.key, place.group, ts)
      // A window that has no case any more is void.
      if (value === undefined || samples === 0) values.delete(name)
      else values.set(name, { value, level, samples })
    }
  }
  for (const [offset, record] of records.entries()) {
    take(engine.process({ offset, records: [record], next: offset + 1 }))
  }
  // Day by day, as a clock does: windows that are older than the lateness are evicted.
  const last = records.at(-1)?.arrival ?? until
  for (let clock = last + dayMs; clock < until; clock += dayMs) take(engine.tick(clock))
  take(engine.tick(until))
  return values
}

function caseRecordOf({ type, site, ts, case: one }: CaseEvent): LogRecord {
  const message = { records: [{ device: 'desk', type, ts, case: { state: 'x', ...one } }] }
  return { kind: 'cases', site, node: 'desk', arrival: ts, payload: Buffer.from(JSON.stringify(message)) }
}
