import { bosch } from './bosch.ts'
import { reolink } from './reolink.ts'
import { tpLink } from './tp-link.ts'
import type { Vendor } from './vendor.ts'

/** Vendors whose cameras need something of their own. */
export const vendors: readonly Vendor[] = [bosch, reolink, tpLink]

/** @param manufacturer as the camera states it */
export function vendorOf(manufacturer: string): Vendor | undefined {
  return vendors.find((one) => one.manufacturer.test(manufacturer.trim()))
}
