import {
  type CameraReason,
  type CameraStep,
  cameraSteps,
  type PictureState,
  type StepState,
} from '@ioc/contract/device-types/camera-health.ts'

export type CameraState = 'online' | 'degraded' | 'offline'

/** What is known of each step; of the picture, what it shows. */
export interface Findings {
  readonly steps: Readonly<Record<Exclude<CameraStep, 'picture'>, StepState>>
  readonly picture: PictureState
  /** Why a step failed, where it can fail in more than one way. */
  readonly reasons: Partial<Record<CameraStep, CameraReason>>
  /** Checks in a row in which the camera did not answer. */
  readonly misses: number
}

/** Checks without an answer after which a camera is offline. */
export const maxMisses = 3

/** A wrong clock says nothing of the other steps, and hides none of their failures. */
const reasonOrder: readonly CameraStep[] = [...cameraSteps.filter((step) => step !== 'clock'), 'clock']

const usualReasons: Readonly<Record<Exclude<CameraStep, 'picture'>, CameraReason>> = {
  reachable: 'unreachable',
  clock: 'clock_drift',
  login: 'login_rejected',
  identity: 'another_camera',
  profiles: 'no_profiles',
  snapshot: 'no_snapshot',
  stream: 'no_stream',
  events: 'no_events',
  storage: 'not_recording',
}

/** The state of a camera, and the first reason why it is not online. */
export function summarize({ steps, picture, reasons, misses }: Findings): {
  readonly state: CameraState
  readonly reason: CameraReason | undefined
} {
  const reason = firstReason()
  if (misses >= maxMisses) return { state: 'offline', reason }
  return { state: reason === undefined ? 'online' : 'degraded', reason }

  function firstReason(): CameraReason | undefined {
    for (const step of reasonOrder) {
      if (step === 'picture') {
        if (picture !== 'ok' && picture !== 'unknown') return picture
      } else if (steps[step] === 'failed') return reasons[step] ?? usualReasons[step]
    }
    return undefined
  }
}
