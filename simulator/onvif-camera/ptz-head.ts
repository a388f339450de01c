import type { PtzHead, PtzPosition } from './operations.ts'

/** A head that turns at a steady speed. */
export function createPtzHead(turnMs: number, reportsMoves: boolean): PtzHead {
  let from: PtzPosition = { pan: 0, tilt: 0, zoom: 0 }
  let to: PtzPosition = from
  let startedAt = Number.NEGATIVE_INFINITY
  const position = (now: number) => {
    const part = turnMs === 0 ? 1 : Math.min(1, Math.max(0, (now - startedAt) / turnMs))
    const mix = (name: keyof PtzPosition) => from[name] + (to[name] - from[name]) * part
    return { pan: mix('pan'), tilt: mix('tilt'), zoom: mix('zoom'), moving: part < 1 }
  }
  const turnTo = (target: PtzPosition, now: number) => {
    const { pan, tilt, zoom } = position(now)
    from = { pan, tilt, zoom }
    to = { pan: target.pan, tilt: target.tilt, zoom: target.zoom }
    startedAt = now
  }
  return { reportsMoves, position, goTo: turnTo, stop: (now) => turnTo(position(now), now) }
}
