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
