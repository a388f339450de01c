import {
  type CauseId,
  causeId,
  isAbove,
  isActive,
  type LevelReading,
  type MaintenanceWindow,
  type Observation,
  siteOfThing,
  type ThingId,
} from '@ioc/contract/messages/incidents.ts'
import type { LiveRule } from '@ioc/contract/messages/live.ts'
import { followsFromLoss } from './after-loss.ts'
import { type Cause, type Causes, findCauses, inGrace } from './causes.ts'
import { addFlips, isFlapping } from './flapping.ts'
import type { Graph } from './graph.ts'
import { levelNames, trackLevel } from './hysteresis.ts'
import { covers, isOpen } from './maintenance.ts'
import { ruleFor } from './rules.ts'
import {
  causeOf,
  compareThings,
  type Draft,
  draftOf,
  type Fact,
  type Incident,
  type IncidentEvent,
  type NoticeKind,
  type Problem,
  type Report,
  type WatchState,
} from './state.ts'
import { type Names, titleOf } from './texts.ts'

/** What the watch decides by; it is not part of the state. */
export interface Context {
  readonly graph: Graph
  readonly rules: readonly LiveRule[]
  readonly names: Names
}

export type WatchEvent =
  | { readonly kind: 'observed'; readonly observation: Observation }
  | { readonly kind: 'measured'; readonly reading: LevelReading }
  | { readonly kind: 'tick' }
  | PersonEvent
  /** The notifier has a notice on its disk. */
  | { readonly kind: 'handed'; readonly key: string }

/** What a person does. */
export type PersonEvent = { readonly by: string } & (
  | { readonly kind: 'acknowledge'; readonly id: number; readonly until: number; readonly note: string }
  | { readonly kind: 'assign'; readonly id: number; readonly to: string | null }
  | { readonly kind: 'note'; readonly id: number; readonly text: string }
  | { readonly kind: 'resolve'; readonly id: number }
  | { readonly kind: 'shelve'; readonly cause: CauseId; readonly reason: string; readonly until: number }
  | { readonly kind: 'unshelve'; readonly cause: CauseId }
  | { readonly kind: 'maintain'; readonly window: MaintenanceWindow }
  | { readonly kind: 'end_maintenance'; readonly id: string }
  | {
      readonly kind: 'report'
      readonly thing: ThingId
      readonly state: string
      readonly where: string
      readonly text: string
    }
)

/** What is to be done outside: the notices are in the state too, until they are handed over. */
export type Effect =
  | { readonly effect: 'notify'; readonly key: string }
  /** An incident changed; null: it is evicted. */
  | { readonly effect: 'publish'; readonly id: number }
  | { readonly effect: 'maintenance' }

export interface Step {
  readonly state: WatchState
  /** What led from the state before to this one, for the journal. Without facts nothing changed but the time. */
  readonly facts: readonly Fact[]
  readonly effects: readonly Effect[]
}

const minuteMs = 60_000
/** Quiet time after which a resolved incident is closed; a recurrence before then reopens it, in ms. */
export const closeMs = 15 * minuteMs
/** Quiet time after which the end of an incident is announced, in ms. */
export const endNoticeMs = 5 * minuteMs
/** From the reminder of whoever acknowledged it to the end of the acknowledgement, in ms. */
export const reminderMs = 10 * minuteMs
/** Time after which an incident that still flaps is announced again, once, in ms. */
export const flappingNoticeMs = 60 * minuteMs
/** Time of grace of a problem that names none, in ms. */
const defaultGraceMs = 5 * minuteMs
/** Incidents opened within `stormMs` that make a storm, and that end it. */
export const stormStart = 30
const stormEnd = 10
const stormMs = 5 * minuteMs
/** Closed incidents that are kept. */
export const maxClosed = 1_000
/** Affected things that an incident lists; it counts all. */
export const maxAffected = 200

/** One step of the watch: what happened, and the time, lead to another state and to effects. Pure. */
export function step(context: Context, before: WatchState, events: readonly WatchEvent[], now: number): Step {
  const run = startRun(context, before, now)
  if (now < before.now) run.add({ fact: 'clock', at: now })
  for (const event of events) applyEvent(run, event)
  // In a storm, hundreds of notices are handed over one by one: that changes no cause.
  const isHandover = events.length > 0 && events.every(({ kind }) => kind === 'handed')
  if (!isHandover) {
    reconcile(run)
    runTimers(run)
    evictClosed(run)
  }
  return { state: run.draft.state, facts: run.facts, effects: run.effects }
}

interface Run {
  readonly context: Context
  readonly now: number
  readonly draft: Draft
  readonly facts: Fact[]
  readonly effects: Effect[]
  add(fact: Fact): void
  /** Adds an event to an incident. */
  note(id: number, event: EventWithoutTime): void
  incident(id: number): Incident
}

type EventWithoutTime = IncidentEvent extends infer E ? (E extends IncidentEvent ? Omit<E, 'at'> : never) : never

function startRun(context: Context, before: WatchState, now: number): Run {
  const draft = draftOf(before, Math.max(now, before.now))
  const facts: Fact[] = []
  const effects: Effect[] = []
  const published = new Set<number>()
  const add = (fact: Fact) => {
    draft.apply(fact)
    facts.push(fact)
    if (fact.fact === 'notice') effects.push({ effect: 'notify', key: fact.notice.key })
    if (fact.fact === 'window' || fact.fact === 'shelf') effects.push({ effect: 'maintenance' })
    if ((fact.fact === 'incident' || fact.fact === 'kept') && !published.has(fact.id)) {
      published.add(fact.id)
      effects.push({ effect: 'publish', id: fact.id })
    }
  }
  const note = (id: number, event: EventWithoutTime) =>
    add({ fact: 'incident', id, event: { ...event, at: now } as IncidentEvent })
  return { context, now, draft, facts, effects, add, note, incident: (id) => draft.state.incidents.get(id) as Incident }
}

function applyEvent(run: Run, event: WatchEvent): void {
  const { draft, add } = run
  switch (event.kind) {
    case 'tick':
      return
    case 'observed':
      observe(run, event.observation)
      return
    case 'measured':
      measure(run, event.reading)
      return
    case 'handed':
      if (draft.state.notices.has(event.key)) add({ fact: 'handed', key: event.key })
      return
    case 'shelve': {
      const { cause, by, reason, until } = event
      add({ fact: 'shelf', id: cause, shelf: { cause, by, reason, until } })
      return
    }
    case 'unshelve':
      if (draft.state.shelves.has(event.cause)) add({ fact: 'shelf', id: event.cause, shelf: null })
      return
    case 'maintain':
      add({ fact: 'window', id: event.window.id, window: event.window })
      return
    case 'end_maintenance':
      if (draft.state.windows.has(event.id)) add({ fact: 'window', id: event.id, window: null })
      return
    case 'report':
      report(run, event)
      return
    case 'acknowledge':
    case 'assign':
    case 'note':
    case 'resolve':
      actOn(run, event)
      return
    default:
      event satisfies never
  }
}

/** An incident of its own, or more about the one that there is. It lasts until a person resolves it. */
function report(run: Run, { by, thing, state, where, text }: PersonEvent & { readonly kind: 'report' }): void {
  const id = causeId(thing, 'reported')
  const known = [...run.draft.state.incidents.values()].find((one) => isActive(one) && causeOf(one) === id)
  // Smoke stays smoke where something else is reported beside it.
  const worst = known && state === 'other' ? known.problem : state
  observe(run, { thing, aspect: 'reported', state: worst, since: run.now }, { by, where, text })
  if (!known) return
  run.note(known.id, { kind: 'noted', by, text: reportText({ by, where, text }) })
  notify(run, known.id, 'updated')
}

const reportText = ({ where, text }: Report): string => [where, text].filter((part) => part !== '').join('. ')

/** A problem begins, changes or ends. */
function observe({ context, now, draft, add }: Run, observation: Observation, report?: Report): void {
  const { thing, aspect, state, graceMs = defaultGraceMs } = observation
  const id = causeId(thing, aspect)
  const before = draft.state.problems.get(id)
  // What goes on began when it was first observed, also where whoever observes it was restarted.
  const since = Math.min(observation.since, before?.since ?? observation.since)
  const { severity, holdMs } =
    state === null
      ? { severity: 'none' as const, holdMs: 0 }
      : ruleFor(context.rules, context.graph, thing, aspect, state)
  if (state === null || severity === 'none') {
    if (before) add({ fact: 'problem', id, problem: null })
    return
  }
  const isSame =
    before &&
    before.state === state &&
    before.severity === severity &&
    before.since === since &&
    before.holdMs === holdMs &&
    before.graceMs === graceMs
  if (isSame) return
  const { seen = now, graceFrom = null } = before ?? {}
  const problem: Problem = {
    ...{ thing, aspect, state, severity, since, seen, holdMs, graceMs, graceFrom },
    ...(report ? { report } : {}),
  }
  add({ fact: 'problem', id, problem })
}

function measure(run: Run, reading: LevelReading): void {
  const { context, now, draft, add } = run
  const { thing } = reading
  const before = draft.state.tracks.get(thing)
  const { deadband } = ruleFor(context.rules, context.graph, thing, 'level', undefined)
  const found = trackLevel(before, reading, deadband, now)
  const isRaised = (found?.level ?? 0) > (before?.level ?? 0)
  const track = isRaised && followsFromLoss(reading, draft.state.incidents.values(), context.graph) ? before : found
  if (track !== before) add({ fact: 'track', thing, track: track ?? null })
  if (track?.level === before?.level) return
  const state = track && track.level > 0 ? (levelNames[track.level] ?? null) : null
  observe(run, { thing, aspect: 'level', state, since: track?.since ?? reading.ts })
}

type IncidentAction = Extract<PersonEvent, { readonly id: number }>

/** What a person does with an incident that is over is of no effect. */
function actOn(run: Run, event: IncidentAction): void {
  const incident = run.draft.state.incidents.get(event.id)
  if (!incident || incident.state === 'closed') return
  const { by } = event
  const { id } = incident
  switch (event.kind) {
    case 'acknowledge':
      if (isActive(incident)) run.note(id, { kind: 'acknowledged', by, until: event.until, note: event.note })
      return
    case 'assign':
      run.note(id, { kind: 'assigned', by, to: event.to })
      return
    case 'note':
      run.note(id, { kind: 'noted', by, text: event.text })
      return
    case 'resolve':
      if (!isActive(incident)) return
      resolve(run, id, by)
      // Nobody else observes its end.
      if (incident.aspect === 'reported') run.add({ fact: 'problem', id: causeOf(incident), problem: null })
      return
  }
}

/** Makes the incidents what the causes ask for. */
function reconcile(run: Run): void {
  const { context, now, draft } = run
  const open = [...draft.state.windows.values()].filter((window) => isOpen(window, now))
  const held = new Map<ThingId, boolean>()
  const isHeld = (thing: ThingId): boolean => {
    const known = held.get(thing) ?? open.some((window) => covers(window.covers, thing, context.graph))
    held.set(thing, known)
    return known
  }
  const find = () => {
    const notClosed = [...draft.state.incidents.values()].filter(({ state }) => state !== 'closed')
    const recent = notClosed.map(({ cause, aspect, severity }) => ({ thing: cause, aspect, severity }))
    return findCauses(draft.state.problems, context.graph, now, isHeld, recent)
  }
  let causes = find()
  if (endAbsent(run, causes)) causes = find()
  const isShelved = (id: CauseId) => (draft.state.shelves.get(id)?.until ?? 0) > now
  // A person who reports a fire is heard, whatever is maintained there.
  const isMuted = ({ id, thing, aspect }: Pick<Cause, 'id' | 'thing' | 'aspect'>) =>
    aspect !== 'reported' && (isHeld(thing) || isShelved(id))
  const updated = new Set<number>()
  for (const cause of [...causes.all.values()].sort((a, b) => compareThings(a.thing, b.thing)))
    ensureIncident(run, cause, causes, isMuted(cause), updated)
  mergeCovered(run, causes, updated)
  for (const id of updated) notify(run, id, 'updated')
  expireAcknowledgements(run, (incident) =>
    isMuted({ id: causeOf(incident), thing: incident.cause, aspect: incident.aspect }),
  )
  closeQuiet(run, causes)
}

/** Resolves what is over. Returns whether some problems have a time of grace from now on. */
function endAbsent(run: Run, causes: Causes): boolean {
  let graced = false
  for (const { id, cause, aspect } of run.draft.state.incidents.values()) {
    if (run.incident(id).state === 'closed') continue
    const holds = causes.holds(cause, aspect)
    const { present, state } = run.incident(id)
    // Of one that is resolved, a recurrence counts when it reopens.
    if (present !== holds && (state !== 'resolved' || !holds)) setPresence(run, id, holds)
    const incident = run.incident(id)
    if (!isActive(incident) || incident.present || incident.flapping) continue
    resolve(run, id, undefined)
    graced = giveGrace(run, incident) || graced
  }
  return graced
}

function setPresence(run: Run, id: number, present: boolean): void {
  run.note(id, { kind: 'presence', present })
  const { flapping, flips } = run.incident(id)
  if (flapping || !isFlapping(flips, false)) return
  run.note(id, { kind: 'flapping' })
  notify(run, id, 'flapping')
}

/** What depended on a cause that is over has time for its own next sign of life. */
function giveGrace({ context, now, draft, add }: Run, { cause, aspect }: Incident): boolean {
  if (aspect !== 'loss') return false
  const active = new Set([...draft.state.incidents.values()].filter(isActive).map(causeOf))
  const below = [...draft.state.problems].filter(
    ([id, problem]) => problem.aspect === 'loss' && !active.has(id) && context.graph.isBelow(problem.thing, cause),
  )
  for (const [id, problem] of below) {
    if (!inGrace(problem, now)) add({ fact: 'problem', id, problem: { ...problem, graceFrom: now } })
  }
  return below.length > 0
}

function ensureIncident(run: Run, cause: Cause, causes: Causes, isMuted: boolean, updated: Set<number>): void {
  const { now, draft } = run
  const ofCause = [...draft.state.incidents.values()].filter(
    (incident) => incident.state !== 'closed' && causeOf(incident) === cause.id,
  )
  const active = ofCause.find(isActive)
  if (active) refresh(run, active, cause, causes)
  if (active || now < cause.due || isMuted) return
  const [resolved] = ofCause
  if (resolved) {
    const isLate = now >= (resolved.ended ?? now) + closeMs
    if (cause.report) reopenReported(run, resolved, cause, causes)
    else if (!resolved.byHand || isLate) reopen(run, resolved, isLate)
    return
  }
  const [lower] = [...draft.state.incidents.values()].filter(
    (incident) => isActive(incident) && incident.aspect === 'loss' && isRootOf(cause, incident, causes),
  )
  if (lower) {
    run.note(lower.id, { kind: 'rerooted', ...factsOfCause(run, cause, causes) })
    if (lower.announced) updated.add(lower.id)
    return
  }
  const id = draft.state.lastId + 1
  run.note(id, { kind: 'opened', ...factsOfCause(run, cause, causes) })
  noteReport(run, id, cause)
  announceOpening(run, id)
}

/** A report after a person resolved the one before is a new one: those on call are notified as of an opening. */
function reopenReported(run: Run, { id }: Incident, cause: Cause, causes: Causes): void {
  run.note(id, { kind: 'rerooted', ...factsOfCause(run, cause, causes) })
  noteReport(run, id, cause)
  reopen(run, run.incident(id), true)
}

/** It is part of the first message. */
function noteReport(run: Run, id: number, { report }: Cause): void {
  if (report) run.note(id, { kind: 'noted', by: report.by, text: reportText(report) })
}

function isRootOf(cause: Cause, incident: Incident, causes: Causes): boolean {
  return cause.aspect === 'loss' && causes.rootsAbove(incident.cause).includes(cause.thing)
}

function factsOfCause({ context }: Run, cause: Cause, causes: Causes) {
  const { thing, aspect, problem, severity, since: began } = cause
  const affected = aspect === 'loss' ? causes.affectedBy(thing) : []
  const title = titleOf(thing, aspect, problem, context.graph, context.names)
  return {
    ...{ cause: thing, aspect, problem, severity, title, began },
    ...{ first: affected.slice(0, maxAffected), count: affected.length },
  }
}

/** What changed of an incident that goes on. */
function refresh(run: Run, incident: Incident, cause: Cause, causes: Causes): void {
  const { id } = incident
  const facts = factsOfCause(run, cause, causes)
  const { first, count, severity, problem } = facts
  const isWorse = isAbove(severity, incident.severity)
  if ((incident.aspect === 'condition' || incident.aspect === 'reported') && problem !== incident.problem) {
    run.note(id, { kind: 'rerooted', ...facts })
    if (isWorse && incident.announced) notify(run, id, 'worsened')
    return
  }
  const isSameList = count === incident.affected_count && first.every((thing, at) => thing === incident.affected[at])
  if (!isSameList) run.note(id, { kind: 'affected', first, count })
  // Of what follows from children, the severity is that of the worst so far.
  const isBetter = !isWorse && severity !== incident.severity && problem !== 'children'
  if (isWorse || isBetter) run.note(id, { kind: 'severity', severity, problem })
  if (isWorse && incident.announced) notify(run, id, 'worsened')
}

function reopen(run: Run, { id, announced, owesEnd }: Incident, isLate: boolean): void {
  run.note(id, { kind: 'reopened' })
  if (!run.incident(id).present) setPresence(run, id, true)
  if (isLate) announceOpening(run, id)
  // Whoever was notified of the end must not rely on it.
  else if (announced && !owesEnd) notify(run, id, 'updated')
}

/** Closes what another incident explains: what people added to it goes there. */
function mergeCovered(run: Run, causes: Causes, updated: Set<number>): void {
  for (const { id } of run.draft.state.incidents.values()) {
    const incident = run.incident(id)
    if (!isActive(incident) || incident.aspect !== 'loss') continue
    const roots = causes.rootsAbove(incident.cause)
    const into = [...run.draft.state.incidents.values()].find(
      (other) => other.id !== id && isActive(other) && other.aspect === 'loss' && roots.includes(other.cause),
    )
    if (!into) continue
    dropNotices(run, id)
    run.note(id, { kind: 'merged', into: into.id })
    const notes = incident.timeline.filter(({ what }) => what === 'noted')
    run.note(into.id, { kind: 'adopted', from: id, acknowledged: incident.acknowledged, notes })
    if (incident.announced && into.announced) updated.add(into.id)
  }
}

function resolve(run: Run, id: number, by: string | undefined): void {
  const wasUnsent = dropNotices(run, id)
  run.note(id, { kind: 'resolved', ...(by === undefined ? {} : { by }), isKnown: !wasUnsent })
}

/** Takes notices of an incident away that are not with the notifier yet. Returns whether its opening is among them. */
function dropNotices({ draft, add }: Run, id: number): boolean {
  const waiting = [...draft.state.notices.values()].filter(({ incident }) => incident === id)
  for (const { key } of waiting) add({ fact: 'handed', key })
  return waiting.some(({ kind }) => kind === 'opened')
}

function notify(run: Run, id: number, kind: NoticeKind): void {
  run.note(id, { kind: 'notified', notice: kind })
  addNotice(run, `${id}/${kind}`, { kind, incident: id, site: null, count: 1 })
}

function addNotice(
  { draft, now, add }: Run,
  name: string,
  of: { kind: NoticeKind; incident: number | null; site: string | null; count: number },
): void {
  add({ fact: 'notice', notice: { key: `${name}/${draft.state.lastNotice + 1}`, at: now, ...of } })
}

/** One message for each incident; in a storm, one for each site. */
function announceOpening(run: Run, id: number): void {
  const { now, draft, add } = run
  const { openings, since, bySite } = draft.state.storm
  const newest = [...openings, now].slice(-stormStart - 1)
  const isStorm = since !== null || (newest.length > stormStart && (newest[0] ?? 0) > now - stormMs)
  const site = siteOfThing(run.incident(id).cause) ?? ''
  const bundled = isStorm ? { ...bySite, [site]: (bySite[site] ?? 0) + 1 } : bySite
  add({ fact: 'storm', storm: { openings: newest, since: isStorm ? (since ?? now) : null, bySite: bundled } })
  if (!isStorm) notify(run, id, 'opened')
  else if (bundled[site] === 1) addNotice(run, `storm/${site}`, { kind: 'storm', incident: null, site, count: 1 })
}

function expireAcknowledgements(run: Run, isMuted: (incident: Incident) => boolean): void {
  const { now, draft } = run
  for (const { id } of draft.state.incidents.values()) {
    const incident = run.incident(id)
    const { acknowledged, remindedAt, state } = incident
    if (state !== 'acknowledged' || acknowledged === null || now < acknowledged.until || isMuted(incident)) continue
    if (remindedAt === null) {
      run.note(id, { kind: 'reminded' })
      notify(run, id, 'reminder')
    } else if (now >= remindedAt + reminderMs) {
      run.note(id, { kind: 'unacknowledged' })
      notify(run, id, 'escalation')
    }
  }
}

function closeQuiet(run: Run, causes: Causes): void {
  const { now, draft } = run
  for (const { id } of draft.state.incidents.values()) {
    const incident = run.incident(id)
    if (incident.state !== 'resolved') continue
    const { ended, owesEnd, byHand, announced } = incident
    const quietFor = now - (ended ?? now)
    if (announced && owesEnd && (byHand || quietFor >= endNoticeMs)) notify(run, id, 'resolved')
    if (quietFor >= closeMs && !causes.all.has(causeOf(incident))) run.note(id, { kind: 'closed' })
  }
}

/** What depends on the time alone. */
function runTimers(run: Run): void {
  const { now, draft, add } = run
  for (const { id } of draft.state.incidents.values()) {
    const { flapping, flappingSince, flips, state, present, changed } = run.incident(id)
    if (state === 'closed' || !flapping) continue
    if (!isFlapping(addFlips(flips, now, false), true)) {
      run.note(id, { kind: 'stable' })
      notify(run, id, 'stable')
      if (present) continue
      run.note(id, { kind: 'resolved', isKnown: false })
      giveGrace(run, run.incident(id))
      continue
    }
    const isChanging = now < changed + endNoticeMs
    if (flappingSince !== null && now >= flappingSince + flappingNoticeMs && isChanging)
      notify(run, id, 'still_flapping')
  }
  for (const [id, { until }] of draft.state.shelves) if (until <= now) add({ fact: 'shelf', id, shelf: null })
  for (const [id, { to }] of draft.state.windows) if (to <= now) add({ fact: 'window', id, window: null })
  const { openings, since, bySite } = draft.state.storm
  const recent = openings.filter((at) => at > now - stormMs)
  if (since === null || recent.length > stormEnd) return
  const count = Object.values(bySite).reduce((sum, one) => sum + one, 0)
  add({ fact: 'storm', storm: { openings: recent, since: null, bySite: {} } })
  addNotice(run, 'storm_over', { kind: 'storm_over', incident: null, site: null, count })
}

function evictClosed({ draft, add }: Run): void {
  if (draft.state.incidents.size <= maxClosed) return
  const closed = [...draft.state.incidents.values()].filter(({ state }) => state === 'closed')
  for (const { id } of closed.slice(0, -maxClosed)) add({ fact: 'kept', id, incident: null })
}
