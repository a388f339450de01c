import { deadCamera } from './dead-camera.ts'
import { flood } from './flood.ts'
import { fluOutbreak } from './flu-outbreak.ts'
import { forestFireWeek } from './forest-fire-week.ts'
import { normal } from './normal.ts'
import { offlineBackfill } from './offline-backfill.ts'
import { oneStopBacklog } from './one-stop-backlog.ts'
import { powerCut } from './power-cut.ts'
import type { EventKind, Scenario } from './scenario.ts'
import { smogNight } from './smog-night.ts'
import { stuckSensor } from './stuck-sensor.ts'
import { touristWeekend } from './tourist-weekend.ts'
import { wrongClock } from './wrong-clock.ts'

/** What can be played: each event by itself, and courses of several. A new scenario is a file beside this one, and a line here. */
export const scenarios = {
  normal,
  flood,
  forest_fire_week: forestFireWeek,
  smog_night: smogNight,
  one_stop_backlog: oneStopBacklog,
  power_cut: powerCut,
  stuck_sensor: stuckSensor,
  dead_camera: deadCamera,
  wrong_clock: wrongClock,
  offline_backfill: offlineBackfill,
  flu_outbreak: fluOutbreak,
  tourist_weekend: touristWeekend,
} as const satisfies Readonly<Record<EventKind | 'normal', Scenario> & Record<string, Scenario>>

export type ScenarioName = keyof typeof scenarios
export const scenarioNames = Object.keys(scenarios) as readonly ScenarioName[]
