import type { PtzHead, PtzPosition } from './operations.ts'

/** Share of the whole way that a head turns in a second at full speed. */
const fullSpeed = 0.25

/** A head that turns at a steady speed. */
export function createPtzHead(turnMs: number, reportsMoves: boolean): PtzHead {
  let from: PtzPosition = { pan: 0, tilt: 0, zoom: 0 }
  let to: PtzPosition = from
  let startedAt = Number.NEGATIVE_INFINITY
  let lastsMs = turnMs
  const position = (now: number) => {
    const part = lastsMs === 0 ? 1 : Math.min(1, Math.max(0, (now - startedAt) / lastsMs))
    const mix = (name: keyof PtzPosition) => from[name] + (to[name] - from[name]) * part
    return { pan: mix('pan'), tilt: mix('tilt'), zoom: mix('zoom'), moving: part < 1 }
  }
  const turnTo = (target: PtzPosition, now: number, ms: number) => {
    const { pan, tilt, zoom } = position(now)
    from = { pan, tilt, zoom }
    to = { pan: target.pan, tilt: target.tilt, zoom: target.zoom }
    startedAt = now
    lastsMs = ms
  }
  return {
    reportsMoves,
    position,
    goTo: (target, now) => turnTo(target, now, turnMs),
    turn(speed, ms, now) {
      const at = position(now)
      const reached = (name: keyof PtzPosition, least: number) =>
        Math.min(1, Math.max(least, at[name] + (speed[name] * fullSpeed * ms) / 1_000))
      turnTo({ pan: reached('pan', -1), tilt: reached('tilt', -1), zoom: reached('zoom', 0) }, now, ms)
    },
    stop: (now) => turnTo(position(now), now, 0),
  }
}
