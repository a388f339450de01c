import { createLiveObserver } from '@ioc/alerting/live-observer.ts'
import { step } from '@ioc/alerting/machine.ts'
import { emptyState, type Incident } from '@ioc/alerting/state.ts'
import type { Site } from '@ioc/contract/district/sites.ts'
import { liveBatchLine, snapshotLine } from '@ioc/contract/live-batch.ts'
import { type Aspect, parseThing } from '@ioc/contract/messages/incidents.ts'
import type { LiveDistrict, LiveSite } from '@ioc/contract/messages/live.ts'
import { districtTopic, liveBatchTopic } from '@ioc/contract/topics.ts'
import { concerns } from '@ioc/simulator/events.ts'
import type { EventKind, ScenarioEvent } from '@ioc/simulator/scenarios/scenario.ts'
import { monday, sites, sourcesOf, worldOf } from '@ioc/simulator/testing/example-district.ts'
import { playDistrict } from '@ioc/tests/harness/played-liveness.ts'

const hour = 3_600_000
const day = 24 * hour
/** Time after an event in which what follows from it may still be found, in ms. */
const afterMs = day

/** What an event makes of the devices of its sites; the others move values alone. */
const expected: Partial<Record<EventKind, readonly Aspect[]>> = {
  power_cut: ['loss'],
  stuck_sensor: ['stuck'],
  dead_camera: ['loss'],
  wrong_clock: ['clock'],
  offline_backfill: ['loss'],
}

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

/** The simulated district with its named events, observed by the watch. */
export function playMonth(days: number, of: readonly Site[] = sites): Month {
  const played = events
    .map((event) => ({ ...event, from: monday + event.from, to: monday + event.to }))
    .filter(({ to }) => to + afterMs <= monday + days * day)
  let now = monday
  let state = emptyState
  let notices = 0
  /** As they were last. */
  const known = new Map<number, Incident>()
  const observer = createLiveObserver(() => now)
  const receive = (lines: readonly string[]) => observer.receive(liveBatchTopic, Buffer.from(lines.join('')), false)
  receive([snapshotLine(false), liveBatchLine(districtTopic, JSON.stringify(districtOf(of))), snapshotLine(true)])
  playDistrict(monday, monday + days * day, played, of, (at, changed) => {
    now = at
    const lines = changed.flatMap(({ topic, read }) => {
      const value = read()
      return value === undefined ? [] : [liveBatchLine(topic, value === null ? '' : JSON.stringify(value))]
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
  })
  const incidents = [...known.values()]
  const explains = (event: ScenarioEvent, { cause, aspect, began }: Incident) =>
    (expected[event.kind]?.includes(aspect) ?? false) &&
    began >= event.from - hour &&
    began <= event.to + afterMs &&
    of.some((site) => concerns(event, site) && isAt(cause, site.site))
  const isBroken = (event: ScenarioEvent, { site }: Site) =>
    !incidents.some((incident) => explains(event, incident) && isAt(incident.cause, site))
  return {
    days,
    incidents,
    notices,
    falseAlarms: incidents
      .filter((incident) => !played.some((event) => explains(event, incident)) && !isReportedOffline(incident, of))
      .map(({ cause, aspect, problem, began }) => `${cause}#${aspect} ${problem} ${new Date(began).toISOString()}`),
    missed: played
      .filter(({ kind }) => expected[kind])
      .flatMap((event) =>
        of.filter((site) => concerns(event, site) && isBroken(event, site)).map(({ site }) => `${event.kind} ${site}`),
      ),
  }
}

/** Whether the device of an incident, as simulated, reported that it was offline when the incident was opened. */
function isReportedOffline({ cause, aspect, opened }: Incident, of: readonly Site[]): boolean {
  const { kind, key } = parseThing(cause)
  if (kind !== 'device' || aspect !== 'loss') return false
  const [name, device] = key.split('/')
  const own = of.filter(({ site }) => site === name)
  return sourcesOf(worldOf(), own).some(({ source }) => {
    const cadenceMs = source.cadence_s * 1_000
    const records = source.collect(Math.floor(opened / cadenceMs) * cadenceMs)
    return records.some(({ device: one, values }) => one === device && values['state'] === 'offline')
  })
}

function isAt(cause: Incident['cause'], site: string): boolean {
  const { kind, key } = parseThing(cause)
  return kind === 'centre' || kind === 'upstream' || key.split('/', 1)[0] === site
}

function districtOf(of: readonly Site[]): LiveDistrict {
  return {
    ...{ areas: [], units: [], targets: [], thresholds: [], rules: [], upstreams: [], outlines: null, problem: null },
    sites: of.map(
      ({ site, area, name = site, kind = null, lat = null, lon = null }): LiveSite => ({
        ...{ site, area, name, kind, lat, lon },
      }),
    ),
  }
}
