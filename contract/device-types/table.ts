import { airQuality } from './air-quality.ts'
import { camera } from './camera.ts'
import type { DeviceType } from './device-type.ts'
import { system } from './system.ts'
import { traffic } from './traffic.ts'
import { weather } from './weather.ts'

/** Every kind of device that the centre knows. A new kind is a file beside this one, and a line here. */
export const deviceTypes = { system, air_quality: airQuality, weather, traffic, camera } as const satisfies Record<
  string,
  DeviceType
>

export type DeviceTypeId = keyof typeof deviceTypes

/** The measurement that holds what no declared type covers. */
export const undeclared = 'undeclared'

/** The declaration of `id`, or `undefined`: `id` may come from the wire. */
export function findDeviceType(id: string): DeviceType | undefined {
  return Object.hasOwn(deviceTypes, id) ? deviceTypes[id as DeviceTypeId] : undefined
}
