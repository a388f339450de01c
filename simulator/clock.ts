/** The clock of a simulation, in ms since 1970, UTC. */
export interface SimulationClock {
  /** Never later than the present. */
  now(): number
  /** Real time until the clock shows `ts`, in ms; 0 where it is past. */
  msUntil(ts: number): number
  /** How fast it runs now: 1 once it has caught up with the present. */
  speed(): number
}

/**
 * A clock that shows `from` now and runs `speed` times as fast, until it has caught up with the present. From then on, and
 * always at speed 1, it shows the present: no record is ever of a time to come, which the centre would clamp.
 */
export function createSimulationClock(from: number, speed: number, present: () => number = Date.now): SimulationClock {
  const started = present()
  const caughtUpAt = speed > 1 ? started + (started - from) / (speed - 1) : started
  return {
    now() {
      const now = present()
      return now >= caughtUpAt ? now : from + (now - started) * speed
    },
    msUntil(ts) {
      const now = present()
      const at = ts >= caughtUpAt || speed === 1 ? ts : started + (ts - from) / speed
      return Math.max(0, Math.min(at, Math.max(ts, caughtUpAt)) - now)
    },
    speed: () => (present() >= caughtUpAt ? 1 : speed),
  }
}
