import { findDeviceType } from '@ioc/contract/device-types/table.ts'
import type { LiveDevice } from '@ioc/contract/messages/live.ts'

/** How many cadences may pass without a measurement before a value counts as stale. */
export const staleAfterCadences = 3

/** The cadence of a device that neither its birth nor its type gives one, in seconds. */
const defaultCadence_s = 60

/** Seconds between the measurements of a device: as its birth says, else as its type does. */
export function cadence_s(device: Pick<LiveDevice, 'cadence_s' | 'type'>): number {
  return device.cadence_s ?? findDeviceType(device.type)?.cadence_s ?? defaultCadence_s
}

/**
 * Whether a device is silent for longer than its cadence allows. One that was never measured is: a sensor that is
 * dead from its first day must not look well. Only measured time counts; being connected does not.
 */
export function isStale(device: Pick<LiveDevice, 'cadence_s' | 'type' | 'last_ts'>, now: number): boolean {
  return device.last_ts === null || now - device.last_ts > staleAfterCadences * cadence_s(device) * 1000
}
