import type { Title } from '@ioc/contract/device-types/device-type.ts'
import type {
  Acknowledgement,
  Aspect,
  CauseId,
  IncidentEventKind,
  LiveIncident,
  MaintenanceWindow,
  Severity,
  Shelf,
  ThingId,
  TimelineEntry,
} from '@ioc/contract/messages/incidents.ts'
import { causeId, parseThing } from '@ioc/contract/messages/incidents.ts'
import { addFlips, type Flips } from './flapping.ts'
import type { LevelTrack } from './hysteresis.ts'

/** One way in which a thing is abnormal at present. */
export interface Problem {
  readonly thing: ThingId
  readonly aspect: Aspect
  readonly state: string
  readonly severity: Severity
  /** When it began, by event time. */
  readonly since: number
  /** When it was observed first, and how long it must last from then on. */
  readonly seen: number
  readonly holdMs: number
  /** Time that a sign of life may take after the recovery of what the thing depends on. */
  readonly graceMs: number
  /** The beginning of that time; null: none is running. */
  readonly graceFrom: number | null
  /** Of what a person reported. */
  readonly report?: Report
}

/** What a person observed, and where. */
export interface Report {
  readonly by: string
  readonly where: string
  readonly text: string
}

export interface Incident extends LiveIncident {
  /** Whether the cause is there now: of one that flaps, or was resolved by hand, that is another matter than its state. */
  readonly present: boolean
  /** When it was last there or absent for the first time, in ms. */
  readonly changed: number
  readonly flips: Flips
  /** null also once it was announced that it still flaps. */
  readonly flappingSince: number | null
  /** Resolved by a person: it stays so until the cause comes again, or the time to close has passed. */
  readonly byHand: boolean
  /** Whether a notification of its opening was made: only then is one of its end owed. */
  readonly announced: boolean
  /** Whether the notification of its end is outstanding. */
  readonly owesEnd: boolean
  /** When whoever acknowledged it was reminded. */
  readonly remindedAt: number | null
}

/** A notification to be made: it is in the state until the notifier has it on its own disk. */
export interface Notice {
  /** The same for a repetition: `number/n`, or `storm/time/site`. */
  readonly key: string
  readonly at: number
  readonly kind: NoticeKind
  /** null: it is about a storm. */
  readonly incident: number | null
  /** The site that it bundles, of a storm. */
  readonly site: string | null
  /** What of a storm it counts. */
  readonly count: number
}

export type NoticeKind =
  | ('opened' | 'updated' | 'worsened' | 'resolved' | 'flapping' | 'still_flapping' | 'stable')
  | ('reminder' | 'escalation' | 'storm' | 'storm_over')

export interface Storm {
  /** Times of the newest openings. */
  readonly openings: readonly number[]
  readonly since: number | null
  /** Incidents without a message of their own, by site; `''`: of no site. */
  readonly bySite: Readonly<Record<string, number>>
}

/** What an incident's event changes, see `applyEvent`. */
export type IncidentEvent = { readonly at: number; readonly by?: string } & (
  | ({ readonly kind: 'opened' } & CauseFacts)
  | ({ readonly kind: 'rerooted' } & CauseFacts)
  | { readonly kind: 'affected'; readonly first: readonly ThingId[]; readonly count: number }
  | { readonly kind: 'severity'; readonly severity: Severity; readonly problem: string }
  | { readonly kind: 'presence'; readonly present: boolean }
  | { readonly kind: 'flapping' }
  | { readonly kind: 'stable' }
  | { readonly kind: 'acknowledged'; readonly until: number; readonly note: string }
  | { readonly kind: 'reminded' }
  | { readonly kind: 'unacknowledged' }
  | { readonly kind: 'assigned'; readonly to: string | null }
  | { readonly kind: 'noted'; readonly text: string }
  /** `isKnown`: people were notified of it, and are of its end. */
  | { readonly kind: 'resolved'; readonly isKnown: boolean }
  | { readonly kind: 'reopened' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'merged'; readonly into: number }
  | {
      readonly kind: 'adopted'
      readonly from: number
      readonly acknowledged: Acknowledgement | null
      readonly notes: readonly TimelineEntry[]
    }
  | { readonly kind: 'notified'; readonly notice: NoticeKind }
)

interface CauseFacts {
  readonly cause: ThingId
  readonly aspect: Aspect
  readonly problem: string
  readonly severity: Severity
  readonly title: Title
  readonly began: number
  readonly first: readonly ThingId[]
  readonly count: number
}

/** What the journal holds: the state is the fold of all facts. */
export type Fact =
  | { readonly fact: 'problem'; readonly id: CauseId; readonly problem: Problem | null }
  | { readonly fact: 'track'; readonly thing: ThingId; readonly track: LevelTrack | null }
  | { readonly fact: 'incident'; readonly id: number; readonly event: IncidentEvent }
  /** A whole incident, of a snapshot; null: it is evicted. */
  | { readonly fact: 'kept'; readonly id: number; readonly incident: Incident | null }
  | { readonly fact: 'notice'; readonly notice: Notice }
  | { readonly fact: 'handed'; readonly key: string }
  | { readonly fact: 'window'; readonly id: string; readonly window: MaintenanceWindow | null }
  | { readonly fact: 'shelf'; readonly id: CauseId; readonly shelf: Shelf | null }
  | { readonly fact: 'storm'; readonly storm: Storm }
  /** The clock went back to `at`: what lies after it is moved there, so that no timer waits for the difference. */
  | { readonly fact: 'clock'; readonly at: number }
  | { readonly fact: 'counted'; readonly lastId: number; readonly lastNotice: number }

export interface WatchState {
  /** The latest time of a step. */
  readonly now: number
  readonly lastId: number
  readonly lastNotice: number
  readonly problems: ReadonlyMap<CauseId, Problem>
  readonly tracks: ReadonlyMap<ThingId, LevelTrack>
  /** Those that are not closed, and the newest that are. */
  readonly incidents: ReadonlyMap<number, Incident>
  readonly notices: ReadonlyMap<string, Notice>
  readonly windows: ReadonlyMap<string, MaintenanceWindow>
  readonly shelves: ReadonlyMap<CauseId, Shelf>
  readonly storm: Storm
}

const calm: Storm = { openings: [], since: null, bySite: {} }

export const emptyState: WatchState = {
  now: 0,
  lastId: 0,
  lastNotice: 0,
  problems: new Map(),
  tracks: new Map(),
  incidents: new Map(),
  notices: new Map(),
  windows: new Map(),
  shelves: new Map(),
  storm: calm,
}

/** Entries of a timeline that an incident keeps. */
export const maxTimeline = 100

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type MapName = 'problems' | 'tracks' | 'incidents' | 'notices' | 'windows' | 'shelves'

/** A state that facts are applied to. A map is copied at its first change, so that the state before stays as it was. */
export interface Draft {
  readonly state: WatchState
  apply(fact: Fact): void
}

export function draftOf(before: WatchState, now = before.now): Draft {
  const state: Mutable<WatchState> = { ...before, now }
  const copied = new Set<MapName>()

  function put<K, V>(name: MapName, key: K, value: V | null): void {
    if (!copied.has(name)) {
      copied.add(name)
      const copy = new Map(state[name] as ReadonlyMap<unknown, unknown>)
      Object.assign(state, { [name]: copy })
    }
    const map = state[name] as unknown as Map<K, V>
    if (value === null) map.delete(key)
    else map.set(key, value)
  }

  function apply(fact: Fact): void {
    switch (fact.fact) {
      case 'problem':
        put('problems', fact.id, fact.problem)
        return
      case 'track':
        put('tracks', fact.thing, fact.track)
        return
      case 'incident': {
        state.lastId = Math.max(state.lastId, fact.id)
        put('incidents', fact.id, applyEvent(state.incidents.get(fact.id), fact.id, fact.event))
        return
      }
      case 'kept':
        put('incidents', fact.id, fact.incident)
        return
      case 'notice':
        state.lastNotice++
        put('notices', fact.notice.key, fact.notice)
        return
      case 'handed':
        put('notices', fact.key, null)
        return
      case 'window':
        put('windows', fact.id, fact.window)
        return
      case 'shelf':
        put('shelves', fact.id, fact.shelf)
        return
      case 'storm':
        state.storm = fact.storm
        return
      case 'clock':
        turnBack(fact.at)
        return
      case 'counted':
        state.lastId = fact.lastId
        state.lastNotice = fact.lastNotice
        return
      default:
        fact satisfies never
    }
  }

  function turnBack(at: number): void {
    state.now = at
    for (const [id, problem] of state.problems) {
      const { seen, graceFrom } = problem
      if (seen <= at && (graceFrom ?? 0) <= at) continue
      put('problems', id, {
        ...problem,
        seen: Math.min(seen, at),
        graceFrom: graceFrom === null ? null : Math.min(graceFrom, at),
      })
    }
    for (const [id, incident] of state.incidents) {
      const { acknowledged: ack, ended, changed, remindedAt, flips, flappingSince, opened } = incident
      const earlier = (time: number | null) => (time === null ? null : Math.min(time, at))
      if (Math.max(ack?.at ?? 0, ended ?? 0, changed, remindedAt ?? 0, flips.at, flappingSince ?? 0, opened) <= at)
        continue
      put('incidents', id, {
        ...incident,
        opened: Math.min(opened, at),
        ended: earlier(ended),
        changed: Math.min(changed, at),
        remindedAt: earlier(remindedAt),
        flappingSince: earlier(flappingSince),
        flips: { ...flips, at: Math.min(flips.at, at) },
        acknowledged: ack && ack.at > at ? { ...ack, at, until: at + (ack.until - ack.at) } : ack,
      })
    }
    state.storm = { ...state.storm, openings: state.storm.openings.map((time) => Math.min(time, at)) }
  }

  return {
    get state() {
      return state
    },
    apply,
  }
}

/** The facts that make a state out of the empty one: a snapshot of the journal. */
export function factsOf(state: WatchState): Fact[] {
  return [
    { fact: 'counted', lastId: state.lastId, lastNotice: state.lastNotice - state.notices.size },
    ...[...state.problems].map(([id, problem]) => ({ fact: 'problem', id, problem }) as const),
    ...[...state.tracks].map(([thing, track]) => ({ fact: 'track', thing, track }) as const),
    ...[...state.incidents].map(([id, incident]) => ({ fact: 'kept', id, incident }) as const),
    ...[...state.notices.values()].map((notice) => ({ fact: 'notice', notice }) as const),
    ...[...state.windows].map(([id, window]) => ({ fact: 'window', id, window }) as const),
    ...[...state.shelves].map(([id, shelf]) => ({ fact: 'shelf', id, shelf }) as const),
    { fact: 'storm', storm: state.storm },
  ]
}

/** An incident after one more event. Only the first event of an incident may find none. */
function applyEvent(before: Incident | undefined, id: number, event: IncidentEvent): Incident {
  if (event.kind === 'opened') return openedBy(id, event)
  if (!before) throw new Error(`event ${event.kind} of incident ${id}, which was never opened`)
  const incident = changedBy(before, event)
  return isSilent(event.kind) ? incident : { ...incident, timeline: extended(incident.timeline, entryOf(event)) }
}

function openedBy(id: number, event: IncidentEvent & { kind: 'opened' }): Incident {
  const { at, cause, aspect, problem, severity, title, began, first, count } = event
  return {
    id,
    state: 'open',
    ...{ severity, title, cause, aspect, problem, began, opened: at, ended: null },
    ...{ acknowledged: null, assigned: null, affected: first, affected_count: count },
    ...{ flapping: false, merged_into: null, merged: [], messages: 0, timeline: [entryOf(event)] },
    ...{ present: true, changed: at, flips: addFlips(undefined, at, true), flappingSince: null },
    ...{ byHand: false, announced: false, owesEnd: false, remindedAt: null },
  }
}

function changedBy(before: Incident, event: IncidentEvent): Incident {
  const { at } = event
  switch (event.kind) {
    case 'opened':
      return before
    case 'rerooted': {
      const { cause, aspect, problem, severity, title, began, first, count } = event
      const { first_cause = before.cause } = before
      const facts = { cause, aspect, problem, severity, title, began, affected: first, affected_count: count }
      return { ...before, ...facts, first_cause }
    }
    case 'affected':
      return { ...before, affected: event.first, affected_count: event.count }
    case 'severity':
      return { ...before, severity: event.severity, problem: event.problem }
    case 'presence': {
      const { present } = event
      const byHand = before.byHand && present
      return { ...before, present, byHand, changed: at, flips: addFlips(before.flips, at, true) }
    }
    case 'flapping':
      return { ...before, flapping: true, flappingSince: at }
    case 'stable':
      return { ...before, flapping: false, flappingSince: null }
    case 'acknowledged': {
      const acknowledged = { by: event.by ?? '', at, until: event.until, note: event.note }
      return { ...before, state: 'acknowledged', acknowledged, remindedAt: null }
    }
    case 'reminded':
      return { ...before, remindedAt: at }
    case 'unacknowledged':
      return { ...before, state: 'open', acknowledged: null, remindedAt: null }
    case 'assigned':
      return { ...before, assigned: event.to }
    case 'noted':
      return before
    case 'resolved':
      return {
        ...before,
        ...{ state: 'resolved', ended: at, byHand: before.present, flapping: false, flappingSince: null },
        owesEnd: before.announced && event.isKnown,
      }
    case 'reopened': {
      const stillAcknowledged = before.acknowledged !== null && before.acknowledged.until > at
      const state = stillAcknowledged ? 'acknowledged' : 'open'
      const acknowledged = stillAcknowledged ? before.acknowledged : null
      return { ...before, state, acknowledged, ended: null, byHand: false, owesEnd: false, remindedAt: null }
    }
    case 'closed':
      return { ...before, state: 'closed', owesEnd: false }
    case 'merged':
      return { ...before, state: 'closed', ended: at, merged_into: event.into, owesEnd: false }
    case 'adopted': {
      const acknowledged = before.acknowledged ?? event.acknowledged
      const state = acknowledged === null || before.state === 'resolved' ? before.state : 'acknowledged'
      const timeline = event.notes.reduce(extended, before.timeline)
      return { ...before, acknowledged, state, merged: [...before.merged, event.from], timeline }
    }
    case 'notified':
      return {
        ...before,
        messages: before.messages + 1,
        announced: before.announced || event.notice !== 'resolved',
        owesEnd: before.owesEnd && event.notice !== 'resolved',
        flappingSince: event.notice === 'still_flapping' ? null : before.flappingSince,
      }
    default:
      event satisfies never
      return before
  }
}

/** What is no news to a reader of the timeline. */
function isSilent(kind: IncidentEventKind): boolean {
  return kind === 'affected' || kind === 'presence'
}

function entryOf(event: IncidentEvent): TimelineEntry {
  const { at, kind, by } = event
  const text = textOf(event)
  return { at, what: kind, ...(by === undefined ? {} : { by }), ...(text === undefined ? {} : { text }) }
}

function textOf(event: IncidentEvent): string | undefined {
  switch (event.kind) {
    case 'opened':
    case 'rerooted':
      return event.cause
    case 'severity':
      return event.severity
    case 'acknowledged':
      return event.note
    case 'assigned':
      return event.to ?? ''
    case 'noted':
      return event.text
    case 'merged':
      return `#${event.into}`
    case 'adopted':
      return `#${event.from}`
    case 'notified':
      return event.notice
    default:
      return undefined
  }
}

/** The oldest go, but never the first, which says how it began. */
function extended(timeline: readonly TimelineEntry[], entry: TimelineEntry): readonly TimelineEntry[] {
  if (timeline.length < maxTimeline) return [...timeline, entry]
  return [...timeline.slice(0, 1), ...timeline.slice(2), entry]
}

export const causeOf = ({ cause, aspect }: Pick<Incident, 'cause' | 'aspect'>): CauseId => causeId(cause, aspect)

/** Things by kind and key, so that decisions do not depend on the order of arrival. */
export function compareThings(one: ThingId, other: ThingId): number {
  return one < other ? -1 : one > other ? 1 : 0
}

export const kindOf = (thing: ThingId) => parseThing(thing).kind
