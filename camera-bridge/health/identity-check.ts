import type { CameraEntry } from '../cameras/camera-file.ts'
import type { DeviceInformation } from '../onvif/client.ts'

/** What a camera states of itself, with its MAC addresses in lower case where they were read. */
export interface FoundIdentity extends DeviceInformation {
  readonly macs: readonly string[]
}

export type KnownIdentity = Pick<CameraEntry, 'serial' | 'mac'>

/**
 * Whether another camera answers than the one that was added. Serial numbers decide where both are known, and MAC addresses
 * where the serial numbers do not differ: some vendors give all their cameras the same one, or none.
 */
export function isAnotherCamera({ serial, mac }: KnownIdentity, found: FoundIdentity): boolean {
  if (serial !== undefined && found.serial !== '' && serial !== found.serial) return true
  return mac !== undefined && found.macs.length > 0 && !found.macs.includes(mac.toLowerCase())
}

/** Whether an entry is still of the device that it was of. */
export const isSameDevice = (now: KnownIdentity, before: KnownIdentity): boolean =>
  now.serial === before.serial && now.mac === before.mac
