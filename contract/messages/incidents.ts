import type { Title } from '../device-types/device-type.ts'

/** What an incident can be about, and what it can depend on. */
export const thingKinds = [
  ...(['device', 'node', 'site', 'upstream', 'centre', 'indicator', 'ledger', 'process'] as const),
  ...(['channel', 'rota', 'disk', 'certificate', 'credential', 'collector'] as const),
] as const
export type ThingKind = (typeof thingKinds)[number]

/**
 * A thing is written `kind/key`: `device/{site}/{device}`, `node/{site}/{node}`, `site/{site}`, `upstream/{id}` (a line, a
 * router or a power area of `rules.yaml`), `centre/link`, `indicator/{id}/{scope}/{key}[/{group}]`, `ledger/{site}/{node}`,
 * `process/{name}`, `channel/{name}` (a way to notify people), `rota/{id}`, `disk/data` (of the data folder),
 * `certificate/{host:port}`, `credential/node/{site}/{node}`, `credential/token/{user}/{id}`,
 * `collector/{site}/{node}/{id}` (a source that an agent reads).
 */
export type ThingId = `${ThingKind}/${string}`

/** The link of the centre to all sites: the top of the dependency graph. */
export const centreThing: ThingId = 'centre/link'

export function thingId(kind: ThingKind, key: string): ThingId {
  return `${kind}/${key}`
}

export function parseThing(thing: ThingId): { readonly kind: ThingKind; readonly key: string } {
  const slash = thing.indexOf('/')
  return { kind: thing.slice(0, slash) as ThingKind, key: thing.slice(slash + 1) }
}

/** The site that a thing belongs to; `undefined` where it belongs to none, or to several. */
export function siteOfThing(thing: ThingId): string | undefined {
  const { kind, key } = parseThing(thing)
  switch (kind) {
    case 'device':
    case 'node':
    case 'site':
    case 'ledger':
    case 'collector':
      return key.split('/', 1)[0]
    case 'indicator': {
      const [, scope, site] = key.split('/')
      return scope === 'device' || scope === 'site' ? site : undefined
    }
    case 'credential': {
      const [of, site] = key.split('/')
      return of === 'node' ? site : undefined
    }
    case 'upstream':
    case 'centre':
    case 'process':
    case 'channel':
    case 'rota':
    case 'disk':
    case 'certificate':
      return undefined
  }
}

export const severities = ['low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof severities)[number]

/** Whether one severity is above another. */
export function isAbove(one: Severity, other: Severity): boolean {
  return severities.indexOf(one) > severities.indexOf(other)
}

/**
 * Independent ways in which a thing can be abnormal. Only `loss` (no sign of life) follows the dependency graph: a lost
 * parent explains the loss of its children.
 */
export const aspects = [
  ...(['loss', 'stuck', 'railed', 'clock', 'level', 'losses', 'stopped', 'cloned'] as const),
  /** Whoever watches the device reports that it does not do what it is for, as a camera whose lens is covered. */
  'condition',
  /** A person reports what happens where the thing is. */
  'reported',
] as const
export type Aspect = (typeof aspects)[number]

/** What a person can report. */
export const reportStates = ['smoke', 'fire', 'other'] as const
export type ReportState = (typeof reportStates)[number]

/** One way in which one thing is abnormal: the key of an incident, `thing#aspect`. */
export type CauseId = `${ThingId}#${Aspect}`

export function parseCause(cause: CauseId): { readonly thing: ThingId; readonly aspect: Aspect } {
  // A key may have the character as well, an aspect may not.
  const at = cause.lastIndexOf('#')
  return { thing: cause.slice(0, at) as ThingId, aspect: cause.slice(at + 1) as Aspect }
}

export function causeId(thing: ThingId, aspect: Aspect): CauseId {
  return `${thing}#${aspect}`
}

/**
 * What the centre observed of a thing. `state` names what is abnormal, as `silent` or `warning`; null: nothing of this
 * aspect is. Times are milliseconds since 1970, UTC.
 */
export interface Observation {
  readonly thing: ThingId
  readonly aspect: Aspect
  readonly state: string | null
  /** When it began: of a silent device, after its last measurement. */
  readonly since: number
  /** After the recovery of what it depends on, time in which its next sign of life may still be outstanding. */
  readonly graceMs?: number
}

/** A value of an indicator with the limits that hold for it. */
export interface LevelReading {
  readonly thing: ThingId
  readonly value: number
  /** When the newest measurement in it was made. */
  readonly ts: number
  /** How far back from there it reaches, in ms; nothing for a value of one moment. */
  readonly windowMs?: number
  readonly direction: 'above' | 'below'
  readonly limits: { readonly attention?: number; readonly warning?: number; readonly critical?: number }
}

export const incidentStates = ['open', 'acknowledged', 'resolved', 'closed'] as const
export type IncidentState = (typeof incidentStates)[number]

export const isActive = ({ state }: { readonly state: IncidentState }): boolean =>
  state === 'open' || state === 'acknowledged'

export interface Acknowledgement {
  readonly by: string
  readonly at: number
  /** Afterwards, an incident that is still active is open again. */
  readonly until: number
  readonly note: string
}

/** A line of an incident's timeline. */
export interface TimelineEntry {
  readonly at: number
  readonly what: IncidentEventKind
  readonly by?: string
  readonly text?: string
}

export type IncidentEventKind =
  | ('opened' | 'rerooted' | 'affected' | 'severity' | 'presence' | 'flapping' | 'stable')
  | ('acknowledged' | 'reminded' | 'unacknowledged' | 'assigned' | 'noted')
  | ('resolved' | 'reopened' | 'closed' | 'merged' | 'adopted' | 'notified')

/** On `incident/{number}`: one incident per cause. */
export interface LiveIncident {
  readonly id: number
  readonly state: IncidentState
  readonly severity: Severity
  readonly title: Title
  /** The highest thing that explains all that is affected. */
  readonly cause: ThingId
  /** The cause at its opening, where it was re-rooted since. */
  readonly first_cause?: ThingId
  readonly aspect: Aspect
  /** As observed: `silent`, `unreachable`, `warning`; `children` where it follows from what depends on the cause. */
  readonly problem: string
  /** When the problem itself began, by event time. */
  readonly began: number
  readonly opened: number
  /** When it was resolved; null while it is active. */
  readonly ended: number | null
  readonly acknowledged: Acknowledgement | null
  readonly assigned: string | null
  /** What the cause takes with it, the first of them. */
  readonly affected: readonly ThingId[]
  readonly affected_count: number
  readonly flapping: boolean
  /** The incident that has the same cause and took this one over. */
  readonly merged_into: number | null
  readonly merged: readonly number[]
  /** Notifications so far. */
  readonly messages: number
  /** The newest entries. */
  readonly timeline: readonly TimelineEntry[]
}

/** What a maintenance window or a rule covers: all that is named in one of the lists. */
export interface Selector {
  /** `site/device` */
  readonly devices?: readonly string[]
  readonly sites?: readonly string[]
  readonly areas?: readonly string[]
  /** Kinds of sites, types of devices, and ids of upstreams. */
  readonly tags?: readonly string[]
}

/** While one is open, no incident of what it covers is opened but of what a person reports; what is open stays, and ends as usual. */
export interface MaintenanceWindow {
  readonly id: string
  readonly reason: string
  readonly by: string
  readonly covers: Selector
  readonly from: number
  readonly to: number
  /** Only at these times between `from` and `to`. */
  readonly every?: Recurrence
}

export interface LiveWindow extends MaintenanceWindow {
  readonly active: boolean
  /** When the open occurrence ends, null while none is open. A watch of an older version publishes none. */
  readonly until?: number | null
}

/** Times of a week in Asia/Ho_Chi_Minh. */
export interface Recurrence {
  /** 1 (Monday) to 7 (Sunday). */
  readonly days: readonly number[]
  /** As `07:30`. */
  readonly at: string
  readonly minutes: number
}

/** Until a time, this cause opens no incident. */
export interface Shelf {
  readonly cause: CauseId
  readonly by: string
  readonly reason: string
  readonly until: number
}

/** On `maintenance`: all windows that have not ended, and what is shelved. */
export interface LiveMaintenance {
  readonly windows: readonly LiveWindow[]
  /** A watch of an older version publishes none. */
  readonly shelves?: readonly Shelf[]
}
