import type { PtzHead } from './operations.ts'

interface Place {
  readonly pan: number
  readonly tilt: number
  readonly zoom: number
}

/** A head that turns at a steady speed. Positions are of ONVIF's generic spaces, from −1 to 1, zoom from 0 to 1. */
export function createPtzHead(turnMs: number, reportsMoves: boolean): PtzHead {
  let from: Place = { pan: 0, tilt: 0, zoom: 0 }
  let to: Place = from
  let startedAt = Number.NEGATIVE_INFINITY
  const position = (now: number) => {
    const part = turnMs === 0 ? 1 : Math.min(1, Math.max(0, (now - startedAt) / turnMs))
    const mix = (name: keyof Place) => from[name] + (to[name] - from[name]) * part
    return { pan: mix('pan'), tilt: mix('tilt'), zoom: mix('zoom'), moving: part < 1 }
  }
  const turnTo = (target: Place, now: number) => {
    const { pan, tilt, zoom } = position(now)
    from = { pan, tilt, zoom }
    to = { pan: target.pan, tilt: target.tilt, zoom: target.zoom }
    startedAt = now
  }
  return { reportsMoves, position, goTo: turnTo, stop: (now) => turnTo(position(now), now) }
}
