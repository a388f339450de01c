import { join } from 'node:path'
import { createLiveObserver } from '@ioc/alerting/live-observer.ts'
import { step } from '@ioc/alerting/machine.ts'
import { ruleFor } from '@ioc/alerting/rules.ts'
import { emptyState, type Incident } from '@ioc/alerting/state.ts'
import type { Site } from '@ioc/contract/district/sites.ts'
import { liveBatchLine, snapshotLine } from '@ioc/contract/live-batch.ts'
import { type Aspect, parseThing, thingId } from '@ioc/contract/messages/incidents.ts'
import { type LiveIndicator, type Window, windowLengthSeconds } from '@ioc/contract/messages/live.ts'
import {
  districtTopic,
  indicatorsTopic,
  liveBatchTopic,
  livePrefix,
  parseIndicatorThing,
} from '@ioc/contract/topics.ts'
import { type District, loadDistrict } from '@ioc/runtime/district/district.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { concerns } from '@ioc/simulator/events.ts'
import type { EventKind, ScenarioEvent } from '@ioc/simulator/scenarios/scenario.ts'
import { monday, sites, sourcesOf, worldOf } from '@ioc/simulator/testing/example-district.ts'
import type { EngineOptions } from '@ioc/stream-processor/engine/engine.ts'
import { type AnyIndicator, describeIndicator, type Indicator } from '@ioc/stream-processor/indicators/indicator.ts'
import { levelsOf } from '@ioc/stream-processor/indicators/level.ts'
import { casesOf, domains, domainsOf, measuredOf, referencesOf } from '@ioc/stream-processor/indicators/table.ts'
import { domainOf } from '@ioc/tests/harness/played-district.ts'
import { playDistrict } from '@ioc/tests/harness/played-liveness.ts'

const hour = 3_600_000
const day = 24 * hour
/** Time after an event in which what follows from it may still be found, in ms; of an indicator, its window comes on top. */
const afterMs = day

/** What an event is to be found by, and what else may follow from it. */
interface Effect {
  /** Of the devices of its sites. */
  readonly aspects: readonly Aspect[]
  /** Domains of which an indicator has to be beyond its limit. Without any, none has to. */
  readonly levels: readonly string[]
  /** Domains of which indicators may be beyond their limits. */
  readonly mayMove: readonly string[]
}

const effects: Readonly<Record<EventKind, Effect>> = {
  flood: { aspects: [], levels: ['water', 'weather'], mayMove: ['water', 'weather', 'forest', 'air', 'security'] },
  forest_fire_week: { aspects: [], levels: ['forest'], mayMove: ['forest', 'weather', 'air', 'security', 'water'] },
  smog_night: { aspects: [], levels: ['air'], mayMove: ['air', 'security'] },
  // How offices perform opens no incident.
  one_stop_backlog: { aspects: [], levels: [], mayMove: ['public-services'] },
  power_cut: { aspects: ['loss'], levels: [], mayMove: ['infrastructure', 'cameras', 'security', 'machines'] },
  stuck_sensor: { aspects: ['stuck'], levels: [], mayMove: ['air', 'water'] },
  dead_camera: { aspects: ['loss'], levels: [], mayMove: ['cameras'] },
  wrong_clock: { aspects: ['clock'], levels: [], mayMove: [] },
  offline_backfill: { aspects: ['loss'], levels: [], mayMove: ['infrastructure'] },
  flu_outbreak: { aspects: [], levels: ['health', 'education'], mayMove: ['health', 'education'] },
  tourist_weekend: { aspects: [], levels: [], mayMove: ['tourism', 'traffic'] },
}

const windows: ReadonlyMap<string, Window> = new Map(
  domains.flatMap(({ indicators }) => indicators.map(({ id, window }) => [id, window] as const)),
)

/** The named events of a month, each on days of its own; at least one other day is calm between two that break something. */
const events: readonly ScenarioEvent[] = [
  { kind: 'power_cut', from: 2 * day, to: 2 * day + 3 * hour, area: '24955' },
  { kind: 'flood', from: 4 * day, to: 7 * day },
  { kind: 'stuck_sensor', from: 8 * day, to: 10 * day, site: 'khong-khi-lac-lam' },
  { kind: 'smog_night', from: 11 * day, to: 11.5 * day },
  { kind: 'dead_camera', from: 13 * day, to: 14 * day, site: 'cam-dran-01' },
  { kind: 'tourist_weekend', from: 15 * day, to: 17 * day },
  { kind: 'wrong_clock', from: 18 * day, to: 18 * day + 6 * hour, site: 'khi-tuong-dran' },
  { kind: 'one_stop_backlog', from: 19 * day, to: 21 * day, area: '24943' },
  { kind: 'offline_backfill', from: 22 * day, to: 24 * day, site: 'ubnd-ka-do' },
  { kind: 'flu_outbreak', from: 25 * day, to: 27 * day },
  { kind: 'forest_fire_week', from: 26 * day, to: 29 * day },
]

export interface Month {
  readonly days: number
  readonly incidents: readonly Incident[]
  /** Incidents that follow from no event, nor from a camera that is offline now and then on its own. */
  readonly falseAlarms: readonly string[]
  /** Events that made no incident of what they break. */
  readonly missed: readonly string[]
  readonly notices: number
}

/** The simulated district with its named events, its liveness and its levels observed by the watch. */
export function playMonth(days: number, of: readonly Site[] = sites): Month {
  const played = events
    .map((event) => ({ ...event, from: monday + event.from, to: monday + event.to }))
    .filter(({ to }) => to + afterMs <= monday + days * day)
  const district = exampleDistrict()
  const watched = watchedIndicators(district)
  let now = monday
  let state = emptyState
  let notices = 0
  /** As they were last. */
  const known = new Map<number, Incident>()
  const observer = createLiveObserver(() => now)
  const receive = (lines: readonly string[]) => observer.receive(liveBatchTopic, Buffer.from(lines.join('')), false)
  const described = { ...district.described, sites: district.described.sites.filter(({ site }) => isOf(of, site)) }
  receive([
    snapshotLine(false),
    liveBatchLine(districtTopic, JSON.stringify(described)),
    liveBatchLine(indicatorsTopic, JSON.stringify(watched.indicators.map(describeIndicator))),
    snapshotLine(true),
  ])
  /** A value within its limits, of an indicator that was within them before, changes nothing: most values are left out. */
  const isOfInterest = (path: string, value: object | null) =>
    !path.startsWith('indicator/') ||
    value === null ||
    (value as LiveIndicator).level > 0 ||
    state.tracks.has(thingId('indicator', path.slice('indicator/'.length)))
  const isWatched = (path: string) => !path.startsWith('indicator/') || watched.limited.has(path.split('/', 2)[1] ?? '')
  const onStep: Parameters<typeof playDistrict>[4] = (at, changed) => {
    now = at
    const lines = changed.flatMap(({ topic, read }) => {
      const path = topic.slice(livePrefix.length)
      const value = isWatched(path) ? read() : undefined
      if (value === undefined || !isOfInterest(path, value)) return []
      return [liveBatchLine(topic, value === null ? '' : JSON.stringify(value))]
    })
    const observed = [...receive(lines), ...observer.overdue(state.problems), { kind: 'tick' } as const]
    const next = step(observer.context, state, observed, now)
    state = next.state
    for (const effect of next.effects) {
      if (effect.effect === 'publish') {
        const incident = state.incidents.get(effect.id)
        if (incident) known.set(incident.id, incident)
      }
      if (effect.effect !== 'notify') continue
      notices++
      state = step(observer.context, state, [{ kind: 'handed', key: effect.key }], now).state
    }
  }
  playDistrict(monday, monday + days * day, played, of, onStep, watched.engine)
  const incidents = [...known.values()]
  return {
    days,
    incidents,
    notices,
    falseAlarms: incidents
      .filter((one) => !played.some((event) => explains(event, one, of)) && !isReported(one, of))
      .map(({ cause, aspect, problem, began }) => `${cause}#${aspect} ${problem} ${new Date(began).toISOString()}`),
    missed: played.flatMap((event) => missedOf(event, incidents, of)),
  }
}

function exampleDistrict(): District {
  const folder = join(import.meta.dirname, '../../district')
  const logger = createLogger('bench', { logLevel: 'silent' })
  return loadDistrict({ district: folder, exampleSites: true }, monday, logger, referencesOf)
}

interface Watched {
  readonly indicators: readonly AnyIndicator[]
  /** Ids of those that have limits: the others are what they are computed from. */
  readonly limited: ReadonlySet<string>
  readonly engine: Partial<EngineOptions>
}

/** The indicators that may open an incident by the rules in force, with what they are computed from. */
function watchedIndicators(district: District): Watched {
  const { rules, thresholds } = district.described
  const inForce = domainsOf(district.parameters)
  const withThreshold = new Set(thresholds.map(({ indicator }) => indicator))
  const { graph } = createLiveObserver(() => monday).context
  const opens = ({ id, levels, scopes }: AnyIndicator) =>
    (levels !== undefined || withThreshold.has(id)) &&
    (['warning', 'critical'] as const).some(
      (state) =>
        ruleFor(rules, graph, thingId('indicator', `${id}/${scopes[0]}/x`), 'level', state).severity !== 'none',
    )
  const all: readonly AnyIndicator[] = [...measuredOf(inForce), ...casesOf(inForce)]
  const limited = all.filter(opens)
  const needed = new Set<string>()
  const need = (one: AnyIndicator): void => {
    if (needed.has(one.id)) return
    needed.add(one.id)
    if (one.kind === 'derived') for (const { indicator } of Object.values(one.inputs)) need(indicator)
  }
  for (const one of limited) need(one)
  const isNeeded = ({ id }: { readonly id: string }) => needed.has(id)
  const indicators: readonly Indicator[] = measuredOf(inForce).filter(isNeeded)
  const caseIndicators = casesOf(inForce).filter(isNeeded)
  return {
    indicators: [...indicators, ...caseIndicators],
    limited: new Set(limited.map(({ id }) => id)),
    engine: {
      ...{ indicators, caseIndicators, levelsAt: levelsOf(district), areaOf: district.areaOf },
      ...{ maxSeries: 200_000, cacheMb: 64 },
    },
  }
}

const isOf = (of: readonly Site[], name: string): boolean => of.some(({ site }) => site === name)

/** Whether an incident follows from an event: what it breaks at its sites, or an indicator that it moves. */
function explains(event: ScenarioEvent, incident: Incident, of: readonly Site[]): boolean {
  const { cause, aspect, began } = incident
  const { aspects, mayMove } = effects[event.kind]
  const concerned = of.filter((site) => concerns(event, site))
  if (aspect !== 'level')
    return aspects.includes(aspect) && isDuring(event, began, 0) && concerned.some(({ site }) => isAt(cause, site))
  const at = parseIndicatorThing(cause)
  const domain = at && domainOf.get(at.id)
  if (!at || domain === undefined || !mayMove.includes(domain)) return false
  const isNear =
    at.scope === 'district' ||
    concerned.some(({ site, area }) => (at.scope === 'area' ? at.key === area : at.key.split('/', 1)[0] === site))
  return isNear && isDuring(event, began, windowMs(at.id))
}

const isDuring = ({ from, to }: ScenarioEvent, at: number, windowMs: number): boolean =>
  at >= from - hour && at <= to + afterMs + windowMs

function windowMs(id: string): number {
  const window = windows.get(id)
  if (window === undefined) return 0
  return 1_000 * windowLengthSeconds(window)
}

/** What an event had to be found by, and was not. */
function missedOf(event: ScenarioEvent, incidents: readonly Incident[], of: readonly Site[]): string[] {
  const { aspects, levels } = effects[event.kind]
  const own = incidents.filter((one) => explains(event, one, of))
  const ofSites = of
    .filter((site) => aspects.length > 0 && concerns(event, site))
    .filter(({ site }) => !own.some(({ cause, aspect }) => aspect !== 'level' && isAt(cause, site)))
    .map(({ site }) => `${event.kind} ${site}`)
  const isFound = own.some(({ cause, aspect }) => {
    const at = aspect === 'level' ? parseIndicatorThing(cause) : undefined
    return at !== undefined && levels.includes(domainOf.get(at.id) ?? '')
  })
  return levels.length === 0 || isFound ? ofSites : [...ofSites, `${event.kind}: ${levels.join(', ')}`]
}

/** Domains of the indicators of cameras. */
const ofCameras: readonly (string | undefined)[] = ['cameras', 'security']

/**
 * Whether the camera of an incident, as simulated, reported that it was offline when the incident was opened, or for an indicator
 * of it, that it was offline or did not record within its window: cameras fail now and then on their own.
 */
function isReported({ cause, aspect, opened }: Incident, of: readonly Site[]): boolean {
  const at = aspect === 'level' ? parseIndicatorThing(cause) : undefined
  const thing = at?.scope === 'device' ? thingId('device', at.key) : cause
  const { kind, key } = parseThing(thing)
  if (kind !== 'device' || (aspect !== 'loss' && !ofCameras.includes(domainOf.get(at?.id ?? '')))) return false
  const [name, device] = key.split('/')
  const own = of.filter(({ site }) => site === name)
  const from = opened - (at ? windowMs(at.id) : 0)
  return sourcesOf(worldOf(), own).some(({ source }) => {
    const cadenceMs = source.cadence_s * 1_000
    for (let ts = Math.floor(opened / cadenceMs) * cadenceMs; ts > from - cadenceMs; ts -= cadenceMs) {
      const isFault = (values: Readonly<Record<string, unknown>>) =>
        values['state'] === 'offline' || (at !== undefined && values['recording'] === false)
      if (source.collect(ts).some(({ device: one, values }) => one === device && isFault(values))) return true
    }
    return false
  })
}

function isAt(cause: Incident['cause'], site: string): boolean {
  const { kind, key } = parseThing(cause)
  return kind === 'centre' || kind === 'upstream' || key.split('/', 1)[0] === site
}
