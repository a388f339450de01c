import type { Vendor } from './vendor.ts'

/**
 * The FLEXIDOME 3000i answers `SetSynchronizationPoint` with NotAuthorized, and everything else with the same login: it would
 * look like a wrong password (home-assistant/core, issue 91089).
 */
export const bosch: Vendor = { manufacturer: /^bosch\b/i, synchronizes: false }
