import type { CalendarsFile } from '../district/calendars.ts'
import type { SiteKind } from '../district/site-kinds.ts'
import type { Aspect, Severity } from './incidents.ts'

/**
 * What the centre publishes below `ioc/v1/_live/`, retained, as JSON. Trusted: only the centre's own processes may
 * publish there, so that these are types and not schemas.
 */

/** How far a value is from normal: 0 normal, 1 attention, 2 warning, 3 critical. */
export type Level = 0 | 1 | 2 | 3

export const scopes = ['device', 'site', 'area', 'district'] as const
export type Scope = (typeof scopes)[number]

/** On `indicator/{id}/{scope}/{key}[/{group}]`: the value of the window that is going on. */
export interface LiveIndicator {
  readonly id: string
  readonly scope: Scope
  readonly key: string
  /** The value of the attribute that it is grouped by. */
  readonly group?: string
  /** When the newest measurement in it was made: milliseconds since 1970, UTC. */
  readonly ts: number
  readonly value: number
  /** 0 also until the window is filled: it has too few measurements, or its series is too new. */
  readonly level: Level
  readonly samples: number
}

/** On `ledger/{site}/{node}`. `sent = stored + rejected + queued + lost`; duplicates were received beyond `sent`. */
export interface LiveLedger {
  readonly site: string
  readonly node: string
  readonly ts: number
  /** Messages that the node's outboxes numbered, over all epochs. */
  readonly sent: number
  readonly stored: number
  readonly duplicates: number
  readonly queued: number
  readonly lost: number
  readonly rejected: number
  /** arrival − sent of the last live message, in ms: how far the node's clock is off, plus the way. */
  readonly offset_ms: number
  /** Records whose claimed time lay in the future, and was clamped to the arrival. */
  readonly clamped: number
  /** Measurements that came too late for their windows; they are stored all the same. */
  readonly too_late: number
  /** Records whose time was replaced, because the node's clock was wrong: placed at arrival − (sent − ts). */
  readonly corrected: number
  /** Messages stored although their number had come before with other content. */
  readonly reused: number
  /** Fields, devices and other things that were left out because the node exceeded a quota. */
  readonly over_quota: number
  /** Points that the store refused; they are in the dead letters. */
  readonly refused: number
  /** The last reason why something of this node was rejected, refused or left out. */
  readonly problem: LiveProblem | null
}

export interface LiveProblem {
  /** Milliseconds since 1970, UTC. */
  readonly ts: number
  /** From the error table. */
  readonly code: string
  readonly reason: string
}

/** On `device/{site}/{device}/{type}`. */
export interface LiveDevice {
  readonly site: string
  readonly node: string
  readonly device: string
  /** The declared type, or `undeclared`. */
  readonly type: string
  readonly name: string | null
  readonly lat: number | null
  readonly lon: number | null
  readonly cadence_s: number | null
  /** When the newest measurement was made; null before the first one. */
  readonly last_ts: number | null
  readonly online: boolean
  /** Code of the area that its site is in, where that is known. */
  readonly area: string | null
}

/** `late` after three cadences without a measurement, `silent` after five. */
export type LifeState = 'measuring' | 'late' | 'silent' | 'never_heard'

/**
 * On `liveness/{site}/{device}`: whether a device measures, by all the types that it is measured as. Published only when it
 * changes. Feeds of cases have none: a day without a case is no fault.
 */
export interface LiveLiveness {
  readonly site: string
  readonly device: string
  /** The node that owns it. */
  readonly node: string
  readonly state: LifeState
  /**
   * When the state began, by event time: of `measuring`, the first measurement after a gap; of `late` and `silent`, the last
   * measurement; of `never_heard`, when the device became known.
   */
  readonly since: number
  /** The newest measurement at the time of the last change; null before the first one. `device/…` has the present one. */
  readonly last_ts: number | null
  /** A device is silent after so long without a measurement, in ms: what a sign of life may need. */
  readonly silent_ms: number
  readonly faults: readonly LiveFault[]
  /** Where its clock, or that of its node, is wrong. */
  readonly clock: LiveClock | null
  /** Of a device that is watched by another one, as a camera: what is wrong with it; null: nothing. */
  readonly condition?: LiveCondition | null
}

export interface LiveCondition {
  /** As the device type names it, as `frozen`. */
  readonly state: string
  /** The first measurement with it. */
  readonly since: number
}

/** A metric whose values cannot be true: it does not change (`stuck`), or stays at an end of its range (`railed`). */
export interface LiveFault {
  readonly metric: string
  readonly kind: 'stuck' | 'railed'
  /** The first of the values that do not change. */
  readonly since: number
  readonly evidence: FaultEvidence
}

/** What a fault was recognised by, at the time when it was. */
export interface FaultEvidence {
  /**
   * `flat`: longer than is declared for the metric, or than was ever observed of it; `frozen`: with other metrics of the
   * device since the same minute; `resent`: all values of the device repeat, while a neighbour's change; `rail`: at the end
   * of the range.
   */
  readonly by: 'flat' | 'frozen' | 'resent' | 'rail'
  readonly value: number
  /** Measurements with this value, and the time that they cover. */
  readonly points: number
  readonly lasted_s: number
}

export interface LiveClock {
  /** Arrival minus the claimed time, in ms: negative where the clock is ahead. */
  readonly offset_ms: number
  /** Arrival of the first message with it. */
  readonly since: number
  /** Whether it is the clock of the node, which all of its devices share. */
  readonly of: 'node' | 'device'
}

/** On `connection/{site}/{node}`: whether a node is connected. Published only when it changes. */
export interface LiveConnection {
  readonly site: string
  readonly node: string
  /** A node that never sent a birth may connect only to publish: it is connected as long as one of its devices measures. */
  readonly state: 'connected' | 'unreachable'
  /** Arrival of what changed it. */
  readonly since: number
  readonly clock: LiveClock | null
  /** Since when two machines seem to use its credential; null: they do not. A processor of an older version publishes none. */
  readonly cloned_since?: number | null
}

/** On `district`: what its folder says, as of today. */
export interface LiveDistrict {
  /** Those in force. */
  readonly areas: readonly LiveArea[]
  readonly sites: readonly LiveSite[]
  readonly units: readonly LiveUnit[]
  readonly targets: readonly LiveTarget[]
  readonly thresholds: readonly LiveThreshold[]
  readonly rules: readonly LiveRule[]
  readonly upstreams: readonly LiveUpstream[]
  /** When offices and schools are open; null: every day. */
  readonly calendars?: CalendarsFile | null
  /** Version of the outlines that the wall serves at `/map/outlines`; null: there are none. */
  readonly outlines: string | null
  /** Why the files as they are now were refused: what this message says is from those before. */
  readonly problem: LiveDistrictProblem | null
}

export interface LiveUnit {
  readonly id: string
  readonly name: { readonly vi: string; readonly en: string }
  /** Code of an area in force; null: the whole district. */
  readonly area: string | null
  readonly domains: readonly string[]
  readonly unconfirmed: boolean
}

/** What an indicator is to reach at a place, in a period. */
export interface LiveTarget {
  readonly indicator: string
  readonly scope: Scope
  /** null: every place of the scope. */
  readonly key: string | null
  readonly group: string | null
  /** As `2026`, `2026-Q4` or `2026-11`; null: always. */
  readonly period: string | null
  readonly value: number
  /** null: neither the target nor the levels of the indicator say which direction is better. */
  readonly direction: 'at_least' | 'at_most' | null
  readonly source: string
  readonly unconfirmed: boolean
}

/** The keys under which targets and thresholds of a place may stand, the closest first: all devices of a site are `site/*`. */
export const keysOf = (scope: Scope, key: string): readonly string[] =>
  scope === 'device' ? [key, `${key.slice(0, key.indexOf('/'))}/*`] : [key]

/** Levels of an indicator at one place, in place of those that it declares. */
export interface LiveThreshold {
  readonly indicator: string
  readonly scope: Scope
  readonly key: string
  readonly group: string | null
  readonly levels: Levels
  readonly source: string
  readonly unconfirmed: boolean
}

/** What makes an incident of an observation: the first that matches. */
export interface LiveRule {
  readonly id: string
  readonly aspect: Aspect
  readonly states?: readonly string[]
  readonly indicator?: string
  readonly sites?: readonly string[]
  /** Codes of areas in force. */
  readonly areas?: readonly string[]
  readonly tags?: readonly string[]
  /** `none`: no incident. */
  readonly severity: Severity | 'none'
  readonly hold_s?: number
  readonly deadband?: number
  /** Id of a unit. */
  readonly unit?: string
}

/** A line, a router or a power area, and what depends on it. */
export interface LiveUpstream {
  readonly id: string
  readonly name: string
  readonly sites: readonly string[]
  readonly areas: readonly string[]
  /** Ids of the upstreams that it depends on: it is cut off when all of them are. */
  readonly on: readonly string[]
}

export interface LiveDistrictProblem {
  /** Name of the file, as `sites.yaml`. */
  readonly file: string
  /** null: it is not of one line, as where the file is missing. */
  readonly line: number | null
  readonly reason: string
  /** When the files were first found so: milliseconds since 1970, UTC. */
  readonly since: number
}

export interface LiveArea {
  readonly code: string
  readonly name: string
  readonly lat: number
  readonly lon: number
  /** Whether something about it is to be verified, which must be said beside what depends on it. */
  readonly unconfirmed: boolean
}

export interface LiveSite {
  readonly site: string
  /** Code of an area in force. */
  readonly area: string
  readonly name: string | null
  /** A kind of `contract/district/site-kinds.ts`, where the district says it. */
  readonly kind: SiteKind | null
  readonly lat: number | null
  readonly lon: number | null
}

/** On `process/{name}`. */
export interface LiveProcess {
  readonly process: string
  readonly ts: number
  readonly up: boolean
  readonly pid: number
  readonly restarts: number
  /** Seconds since it was started. */
  readonly uptime_s: number
  readonly rss_mb: number
  /** Of one core. */
  readonly cpu_percent: number
  /** p99 of the event loop's delay since the last report. */
  readonly loop_p99_ms: number
  /** What only this process knows, as `log_depth` or `points_per_s`. */
  readonly gauges: Readonly<Record<string, number>>
}

/** On `simulation`: the centre shows a simulated district, and how far its past is filled in. */
export interface LiveSimulation {
  readonly ts: number
  readonly scenario: string
  readonly title: { readonly vi: string; readonly en: string }
  /** `filling`: the past is sent; `processing`: it has arrived, and is being computed; `live`: as the clock goes. */
  readonly phase: 'filling' | 'processing' | 'live'
  /** How much of the past is sent, or of what arrived is computed. */
  readonly percent: number
  /** The time that is simulated now, in ms since 1970, UTC: at a speed above 1 it is behind the present. */
  readonly clock: number
  readonly speed: number
  readonly agents: number
}

/** Limits of an indicator: a value beyond one has that level. `above`: high is bad; `below`: low is bad. */
export interface Levels {
  readonly direction: 'above' | 'below'
  readonly attention?: number
  readonly warning?: number
  readonly critical?: number
}

/** Values that a decision gives one name and one colour: those after the band before it, up to `to`. */
export interface Band {
  readonly to: number
  readonly title: { readonly vi: string; readonly en: string }
  /** Red, green and blue, 0 to 255. */
  readonly colour: readonly [number, number, number]
}

/** The band that a value falls into, of bands in the order of their values. */
export const bandOf = (value: number, bands: readonly Band[]): Band | undefined =>
  bands.find(({ to }) => value <= to) ?? bands.at(-1)

/** On `indicators`, an array of all of them: what an indicator is, for whoever shows it. */
export interface IndicatorDescriptor {
  readonly id: string
  readonly title: { readonly vi: string; readonly en: string }
  readonly unit: string
  /** What it is computed from: a device type, a case type, or other indicators (`indicators`). */
  readonly source: string
  /** Of one that is derived: the device and case types that feed it, over the indicators in between. */
  readonly fed_by?: readonly string[]
  readonly window: Window
  readonly scopes: readonly Scope[]
  /**
   * Its value grows until its window ends, as a count does: that of a part of an hour is below that of the hour. Of
   * tumbling windows; a value of an open calendar window is provisional in any case.
   */
  readonly accumulates?: true
  /** The attribute that its values are grouped by. */
  readonly by?: string
  readonly levels?: Levels
  /** Names and colours that are published for its values. */
  readonly bands?: readonly Band[]
  readonly target?: number
  /** What it means and how it is computed, in a sentence or two for whoever reads a board. */
  readonly about: { readonly vi: string; readonly en: string }
  /** How the value follows from what it is computed from. */
  readonly formula: string
  /** Who says so: a decision, a standard, a paper. */
  readonly reference?: string
  /** What of it is not established, and is to be verified before anyone relies on it: shown after *chưa xác nhận*. */
  readonly unconfirmed?: { readonly vi: string; readonly en: string }
}

/**
 * The time that a value covers; it is stamped with the end of it. Tumbling and sliding windows end at whole multiples
 * of their step since 1970, UTC; calendar ones at midnight in Asia/Ho_Chi_Minh.
 */
export type Window =
  | { readonly kind: 'tumbling'; readonly size_s: number }
  | { readonly kind: 'sliding'; readonly size_s: number; readonly every_s: number }
  | { readonly kind: 'calendar'; readonly unit: CalendarUnit }

export type CalendarUnit = 'day' | 'month' | 'quarter' | 'year'

const unitSeconds = { day: 86_400, month: 2_592_000, quarter: 7_776_000, year: 31_536_000 } as const

/** Seconds that a value covers; of months, quarters and years about so many, of a session its gap. */
export const windowLengthSeconds = (window: Window): number =>
  window.kind === 'sliding' ? window.size_s : windowStepSeconds(window)

/** Seconds from one value to the next; of months, quarters and years about so many. */
export function windowStepSeconds(window: Window): number {
  switch (window.kind) {
    case 'tumbling':
      return window.size_s
    case 'sliding':
      return window.every_s
    case 'calendar':
      return unitSeconds[window.unit]
  }
}
