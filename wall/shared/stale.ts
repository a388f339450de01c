import { findCaseType } from '@ioc/contract/case-types/table.ts'
import { findDeviceType } from '@ioc/contract/device-types/table.ts'
import {
  type IndicatorDescriptor,
  type LiveDevice,
  type LiveIndicator,
  type LiveLiveness,
  type LiveProcess,
  windowStepSeconds,
} from '@ioc/contract/messages/live.ts'

/** How many cadences may pass before a value of an indicator counts as stale. */
export const staleAfterCadences = 3

/** The cadence of a device that neither its birth nor its type states, in seconds. */
const defaultCadence_s = 60

/** Seconds between the measurements of a device: as its birth says, else as its type does. */
export function cadence_s(device: Pick<LiveDevice, 'cadence_s' | 'type'>): number {
  return device.cadence_s ?? findDeviceType(device.type)?.cadence_s ?? defaultCadence_s
}

/**
 * Whether a device has been without a measurement for too long, or has none at all, as the processor says. A feed of cases
 * has no liveness: a day without a case is no fault.
 */
export function isSilent(life: Pick<LiveLiveness, 'state'> | undefined): boolean {
  return life?.state === 'silent' || life?.state === 'never_heard'
}

/** The slowest cadence of each type, by type: of the devices that there are, else as the type is declared. */
export function slowestCadences(devices: Iterable<Pick<LiveDevice, 'cadence_s' | 'type'>>): Map<string, number> {
  const slowest = new Map<string, number>()
  for (const device of devices) slowest.set(device.type, Math.max(slowest.get(device.type) ?? 0, cadence_s(device)))
  return slowest
}

/** Seconds between the measurements that an indicator is computed from: it may wait for the slowest of its types. */
export function sourceCadence_s(
  { source, fed_by = [source] }: Pick<IndicatorDescriptor, 'source' | 'fed_by'>,
  slowest: ReadonlyMap<string, number>,
): number {
  return Math.max(...fed_by.map((type) => slowest.get(type) ?? cadence_s({ cadence_s: null, type })))
}

/**
 * Whether an indicator's value is older than it can be while all is well: the next value follows after a step of the
 * window, and the measurement that closes the window may come a few cadences later. What counts cases does not age: it
 * holds until the next case.
 */
export function isOldValue(
  { ts }: Pick<LiveIndicator, 'ts'>,
  descriptor: Pick<IndicatorDescriptor, 'source' | 'window'> | undefined,
  cadence_s: number,
  now: number,
): boolean {
  if (descriptor && findCaseType(descriptor.source)) return false
  const step_s = descriptor ? windowStepSeconds(descriptor.window) : 0
  return now - ts > (step_s + staleAfterCadences * cadence_s) * 1000
}

/** A process reports every five seconds; one that did not while others did, for this long, counts as stopped. */
const maxReportAgeMs = 15_000

/**
 * Processes that stopped reporting while others went on. Their reports are compared with each other, not with a clock: on
 * a busy machine all of them come late, which stops none.
 */
export function silentProcesses<T extends Pick<LiveProcess, 'ts'>>(processes: readonly T[]): T[] {
  const newest = processes.reduce((latest, { ts }) => Math.max(latest, ts), Number.NEGATIVE_INFINITY)
  return processes.filter(({ ts }) => newest - ts > maxReportAgeMs)
}
