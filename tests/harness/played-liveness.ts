import type { Site } from '@ioc/contract/district/sites.ts'
import type { LiveFault, LiveLiveness } from '@ioc/contract/messages/live.ts'
import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import type { ScenarioEvent } from '@ioc/simulator/scenarios/scenario.ts'
import { sites, worldOf } from '@ioc/simulator/testing/example-district.ts'
import type { Engine, EngineOptions } from '@ioc/stream-processor/engine/engine.ts'
import type { LiveSource } from '@ioc/stream-processor/engine/live-source.ts'
import {
  connectionOf,
  livenessOf,
  livingEngine,
  type SentRecord,
  statusOf,
  telemetryOf,
} from '@ioc/stream-processor/testing/liveness.ts'
import { agentNode, type SimulatedAgent, simulatedAgent } from './simulated-agent.ts'

/** All cadences of the simulated district are multiples of it, in ms. */
const stepMs = 30_000
/** How often cases are sent, in ms. */
const caseStepMs = 3_600_000
/** Messages arrive so long after they were sent, in ms. */
const wayMs = 200

export interface SimulatedLiveness {
  readonly engine: Engine
  /** Everything that was not as on a calm day, in the order in which it came about: `site/device state` or `site/device metric kind`. */
  readonly abnormal: ReadonlyMap<string, number>
}

interface Agent extends SimulatedAgent {
  readonly waiting: SentRecord[]
  isOnline: boolean
  seq: number
}

/** What the liveness of simulated sites was from one time to another, as their agents measure live. */
export function playDistrict(
  from: number,
  to: number,
  events: readonly ScenarioEvent[] = [],
  of: readonly Site[] = sites,
  onStep: (at: number, changed: readonly LiveSource[]) => void = () => undefined,
  options: Partial<EngineOptions> = {},
): SimulatedLiveness {
  const world = worldOf(events)
  const living = livingEngine(options)
  const caseTypes: ReadonlySet<string> = new Set(options.caseIndicators?.map(({ source }) => source))
  const abnormal = new Map<string, number>()
  const agents = of.map(
    (site): Agent => ({ ...simulatedAgent(site, world, events), waiting: [], isOnline: false, seq: 0 }),
  )
  for (let at = from; at <= to; at += stepMs) {
    const records = agents.flatMap((agent) => step(agent, at))
    if (caseTypes.size > 0 && at % caseStepMs === 0) {
      const since = at - caseStepMs < from ? undefined : at - caseStepMs
      records.push(...agents.flatMap((agent) => casesOf(agent, since, at, caseTypes)))
    }
    living.process(...records)
    const { lives } = living.tick(at + stepMs / 2)
    const changed = lives.length > 0 || records.length > 0 ? living.engine.takeLive(Number.MAX_SAFE_INTEGER) : []
    noteAbnormal(changed, at, abnormal)
    onStep(at, changed)
  }
  return { engine: living.engine, abnormal }
}

function step(agent: Agent, at: number): LogRecord[] {
  const {
    site: { site },
    timeline,
    transport,
    waiting,
  } = agent
  const out: LogRecord[] = []
  const isOnline = transport.offlineSince(at) === undefined
  if (isOnline && !agent.isOnline) {
    out.push(connectionOf(site, agentNode, at), statusOf(site, agentNode, at, timeline.devices('live')))
  } else if (!isOnline && agent.isOnline) {
    out.push(statusOf(site, agentNode, at), connectionOf(site, agentNode, at, false))
  }
  agent.isOnline = isOnline
  waiting.push(...(timeline.measurementsAt(at, 'live') as SentRecord[]))
  if (!isOnline || waiting.length === 0) return out
  const error = transport.clockErrorMs(at)
  out.push(telemetryOf({ site, node: agentNode, seq: ++agent.seq, arrival: at + wayMs, error }, waiting.splice(0)))
  return out
}

/** The cases of some types that changed, or all that are open at the beginning. */
function casesOf(agent: Agent, since: number | undefined, at: number, types: ReadonlySet<string>): LogRecord[] {
  const { timeline, site } = agent
  if (!timeline.devices('live').some(({ type }) => type !== undefined && types.has(type))) return []
  const all = since === undefined ? timeline.casesUntil(at) : timeline.cases(since, at)
  const records = all.filter(({ type }) => type !== undefined && types.has(type))
  if (records.length === 0) return []
  const message = { epoch: 'e', seq: ++agent.seq, sent: at, records }
  const payload = Buffer.from(JSON.stringify(message))
  return [{ kind: 'cases', site: site.site, node: agentNode, arrival: at + wayMs, payload }]
}

function noteAbnormal(changed: readonly LiveSource[], at: number, abnormal: Map<string, number>): void {
  for (const source of changed) {
    if (!source.topic.includes('/_live/liveness/')) continue
    for (const name of namesOf(source.read() as LiveLiveness)) if (!abnormal.has(name)) abnormal.set(name, at)
  }
}

/** What is not as on a calm day. */
function namesOf({ site, device, state, faults, clock }: LiveLiveness): string[] {
  const names = faults.map(({ metric, kind }: LiveFault) => `${metric} ${kind}`)
  if (state !== 'measuring') names.push(state)
  if (clock) names.push('clock wrong')
  return names.map((name) => `${site}/${device} ${name}`)
}

export const abnormalNow = (engine: Engine): string[] => [...livenessOf(engine).values()].flatMap(namesOf).sort()
