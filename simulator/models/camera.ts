import { cameraHealth } from '../camera-health.ts'
import { counterOf } from '../counter.ts'
import { hourMs, minuteMs } from '../local-time.ts'
import type { Model } from '../model.ts'
import { keyOf, poisson, uniform, wave } from '../noise.ts'
import { round } from '../numbers.ts'
import { forKinds, isFifth, sensor } from '../sources.ts'

const framesPerSecond = { online: 25, degraded: 11, offline: 0 } as const
/** A minute. */
const droppedFrames = { online: 0.7, degraded: 60, offline: 0 } as const

/** The camera of a pole. */
export const cameraModel: Model = {
  name: 'camera',
  sources: forKinds(['camera_pole'], (site, world) => {
    const key = keyOf(world.seed, 'camera-stream', site.site)
    const megabits = 2 + 3 * uniform(key, 0)
    const dropped = counterOf(1, (ts) =>
      poisson(key, Math.floor(ts / minuteMs), droppedFrames[cameraHealth(site, world, ts).state]),
    )
    return [
      sensor(site, world, {
        type: 'camera',
        device: 'camera',
        cadence_s: 60,
        // Less than its state holds.
        fill_cadence_s: 240,
        measure(ts, since) {
          const { state, recording } = cameraHealth(site, world, ts)
          const frames = framesPerSecond[state]
          return {
            state,
            recording,
            ...(state !== 'offline' && { dropped_frames_total: dropped.at(ts) }),
            ...((isFifth(since, ts) || state !== 'online') && {
              bitrate_bps: round(((megabits * frames) / 25) * 1e6 * (1 + 0.15 * wave(key, ts, hourMs))),
              frames_per_s: frames,
            }),
          }
        },
      }),
    ]
  }),
}
