import type { CameraReason, StepState } from '@ioc/contract/device-types/camera-health.ts'

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

/** What the offset of a camera's clock means. An offset of whole hours is a time zone, as where local time is sent as UTC. */
export function checkClock(offsetMs: number): ClockCheck {
  const hours = Math.round(offsetMs / hourMs)
  const isZone = hours !== 0 && Math.abs(hours) <= maxZoneHours && Math.abs(offsetMs - hours * hourMs) < zoneSlackMs
  if (isZone) return { state: 'failed', reason: 'clock_zone' }
  const size = Math.abs(offsetMs)
  if (size > failedMs) return { state: 'failed', reason: 'clock_drift' }
  return { state: size > warningMs ? 'warning' : 'ok', reason: undefined }
}
