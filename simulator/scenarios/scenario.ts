/** The events that a scenario may hold. Each moves some indicators, and no others. */
export const eventKinds = [
  'flood',
  'forest_fire_week',
  'smog_night',
  'one_stop_backlog',
  'power_cut',
  'stuck_sensor',
  'dead_camera',
  'wrong_clock',
  'offline_backfill',
  'flu_outbreak',
  'tourist_weekend',
] as const

export type EventKind = (typeof eventKinds)[number]

/** An event of a scenario. Times are in ms since 1970, UTC. */
export interface ScenarioEvent {
  readonly kind: EventKind
  readonly from: number
  readonly to: number
  /** Code of the area, or name of the site, that it is limited to. */
  readonly area?: string
  readonly site?: string
}

/**
 * A course of events, relative to its beginning. At speed 1 it has been on for `age_ms` when the simulation starts; at a
 * higher speed it is played from its beginning, and reaches the present after `course_ms` of its own time.
 */
export interface Scenario {
  readonly title: { readonly vi: string; readonly en: string }
  readonly age_ms: number
  readonly course_ms: number
  /** @param begin ms since 1970, UTC */
  readonly events: (begin: number) => readonly ScenarioEvent[]
}
