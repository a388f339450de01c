import type { CameraReason, StepState } from '@ioc/contract/device-types/camera-health.ts'
import { displayOffsetMs } from '@ioc/runtime/display-time.ts'
import type { CameraClock } from '../onvif/client.ts'

const hourMs = 3_600_000
/** Above it, times in the picture are not evidence; above the second, they mislead. In ms. */
const warningMs = 5_000
const failedMs = 60_000
/** How near to whole hours an offset is one of the time zone, in ms. */
const zoneSlackMs = 120_000
/** Zones of the world, in hours. */
const maxZoneHours = 14

export interface ClockCheck {
  readonly state: StepState
  readonly reason: CameraReason | undefined
}

/**
 * What the clock of a camera means. An offset of whole hours is a time zone, as where local time is sent as UTC. Another one is
 * a server that is not reached where the camera has NTP on, else a clock that nobody sets. A clock that is right, with a zone
 * that is not that of the place, burns a wrong time into the pictures.
 */
export function checkClock({
  offsetMs,
  setBy,
  zoneMs,
}: Pick<CameraClock, 'offsetMs' | 'setBy' | 'zoneMs'>): ClockCheck {
  const hours = Math.round(offsetMs / hourMs)
  const isZone = hours !== 0 && Math.abs(hours) <= maxZoneHours && Math.abs(offsetMs - hours * hourMs) < zoneSlackMs
  if (isZone) return { state: 'failed', reason: 'clock_zone' }
  const size = Math.abs(offsetMs)
  if (size > failedMs) return { state: 'failed', reason: setBy === 'ntp' ? 'clock_unsynchronized' : 'clock_drift' }
  return { state: size > warningMs || isElsewhere(zoneMs) ? 'warning' : 'ok', reason: undefined }
}

/** Local time and UTC may be read a second apart. */
export function isElsewhere(zoneMs: number | undefined): boolean {
  return zoneMs !== undefined && Math.abs(zoneMs - displayOffsetMs) > zoneSlackMs
}
