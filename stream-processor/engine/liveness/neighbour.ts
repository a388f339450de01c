import { type DeviceState, knownDevice, type Registry } from '../devices.ts'

/** Devices that are closer measure much the same, in km. */
const maxDistanceKm = 5
const kmPerDegree = 111.2

/** Whether two devices of a type are at the same site, or close to each other. */
export function isNeighbour(
  registry: Registry,
  one: Pick<DeviceState, 'site' | 'device'>,
  other: Pick<DeviceState, 'site' | 'device'>,
  type: string,
): boolean {
  if (one.site === other.site) return true
  const from = knownDevice(registry, one.site, one.device, type)
  const to = knownDevice(registry, other.site, other.device, type)
  if (!from || !to || from.lat === null || from.lon === null || to.lat === null || to.lon === null) return false
  const north = (to.lat - from.lat) * kmPerDegree
  const east = (to.lon - from.lon) * kmPerDegree * Math.cos((from.lat * Math.PI) / 180)
  return Math.hypot(north, east) <= maxDistanceKm
}
