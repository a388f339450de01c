import { hourOf } from '../local-time.ts'
import { clamp } from '../numbers.ts'

const riseHour = 5.5
const setHour = 18
/** From the first light to full light, in hours. */
const twilightHours = 40 / 60

/** Light follows the sun of the tropics, from 0 at night to 1. */
export function daylight(ts: number): number {
  const hour = hourOf(ts)
  return clamp(Math.min(hour - riseHour, setHour - hour) / twilightHours, 0, 1)
}
