import { defaultParameters } from '@ioc/contract/district/parameters.ts'
import type { Site } from '@ioc/contract/district/sites.ts'
import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import type { World } from '@ioc/simulator/model.ts'
import type { ScenarioEvent } from '@ioc/simulator/scenarios/scenario.ts'
import type { Density } from '@ioc/simulator/timeline.ts'
import type { Engine, Output } from '@ioc/stream-processor/engine/engine.ts'
import type { AnyIndicator } from '@ioc/stream-processor/indicators/indicator.ts'
import { caseIndicators, completenessOf, domains, indicators } from '@ioc/stream-processor/indicators/table.ts'
import { testEngine } from '@ioc/stream-processor/testing/engine.ts'
import { nameOf } from '@ioc/stream-processor/testing/oracle.ts'
import { agentNode, simulatedAgent } from './simulated-agent.ts'

const hourMs = 3_600_000
const caseStepMs = hourMs

/** A part of the district for some time; in ms since 1970. */
export interface Play {
  readonly world: World
  readonly sites: readonly Site[]
  readonly from: number
  readonly to: number
  readonly density: Density
  /** The events of the world, which also move the agents. */
  readonly events?: readonly ScenarioEvent[]
}

/** What the agents of the sites send, as it arrives at the centre: a birth each, and a message for each collection. */
export function logOf({ world, sites, from, to, density, events = [] }: Play): LogRecord[] {
  return sites.flatMap((site) => logOfSite(site, { world, from, to, density, events })).sort(byArrival)
}

const byArrival = (one: LogRecord, other: LogRecord) => one.arrival - other.arrival

function logOfSite(site: Site, { world, from, to, density, events = [] }: Omit<Play, 'sites'>): LogRecord[] {
  const { timeline, transport } = simulatedAgent(site, world, events)
  const record = (kind: LogRecord['kind'], arrival: number, message: object): LogRecord => ({
    kind,
    site: site.site,
    node: agentNode,
    arrival,
    payload: Buffer.from(JSON.stringify(message)),
  })
  const log = [
    record('status', from, {
      online: true,
      session: from,
      agent: { version: 'test', host: site.site },
      area: site.area,
      devices: timeline.devices('live'),
    }),
  ]
  let seq = 0
  /** What was collected at `at` arrives at once, or when the agent is online again. */
  const send = (kind: 'telemetry' | 'cases', at: number, records: readonly { readonly ts?: number }[]) => {
    if (records.length === 0) return
    const arrival = transport.offlineSince(at) === undefined ? at : (transport.nextChange(at) ?? at)
    const errorMs = transport.clockErrorMs(arrival)
    const moved = records.map(({ ts = at, ...one }) => ({ ...one, ts: ts + errorMs }))
    log.push(record(kind, arrival, { epoch: `e${from}`, seq: ++seq, sent: arrival + errorMs, records: moved }))
  }
  let casesTo = from
  for (let at = from; at <= to; at = Math.min(timeline.measurementsAfter(at, density), casesTo + caseStepMs)) {
    send('telemetry', at, at > from ? timeline.measurementsAt(at, density) : [])
    if (at < casesTo + caseStepMs) continue
    send('cases', at, timeline.cases(casesTo, at))
    casesTo = at
  }
  return log
}

/** An engine of this district. */
export function districtEngine(
  { world, sites }: Pick<Play, 'world' | 'sites'>,
  measured = indicators,
  cases = caseIndicators,
): Engine {
  const areas = new Map(sites.map(({ site, area }) => [site, area]))
  return testEngine({
    indicators: measured,
    caseIndicators: cases,
    completeness: {
      indicators: completenessOf(domains),
      cadences: defaultParameters.completeness_cadences.value,
      calendar: world.calendar,
    },
    areaOf: (site) => areas.get(site),
    maxSeries: 100_000,
    cacheMb: 16,
  })
}

/** Feeds a log to an engine, with its clock to `until` afterwards. */
export function* fed(engine: Engine, log: readonly LogRecord[], until: number, batch = 1): Generator<Output> {
  for (let offset = 0; offset < log.length; offset += batch) {
    const records = log.slice(offset, offset + batch)
    yield engine.process({ offset, records, next: offset + records.length })
  }
  yield engine.settle()
  yield engine.tick(until)
}

/** The values that a district emits, by the names of `nameOf`. */
export function valuesOf(play: Play): Map<string, number> {
  const values = new Map<string, number>()
  for (const { points, deadLetters, failures } of fed(districtEngine(play), logOf(play), play.to + hourMs, 2_000)) {
    if (deadLetters.length > 0 || failures.length > 0) throw new Error(JSON.stringify({ deadLetters, failures }))
    for (const { indicator, place, ts, value, samples } of points) {
      const name = nameOf(indicator.id, place.scope, place.key, place.group, ts)
      if (value === undefined || samples === 0) values.delete(name)
      else values.set(name, value)
    }
  }
  return values
}

/** The domain of each indicator. */
export const domainOf: ReadonlyMap<string, string> = new Map(
  domains.flatMap(({ id, indicators: of }) => of.map((one: Pick<AnyIndicator, 'id'>) => [one.id, id] as const)),
)
