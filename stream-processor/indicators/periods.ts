import type { Scope } from '@ioc/contract/messages/live.ts'
import { localOffsetMs } from '../engine/windows/ends.ts'

export const hour = { kind: 'tumbling', size_s: 3600 } as const
export const day = { kind: 'calendar', unit: 'day' } as const
export const month = { kind: 'calendar', unit: 'month' } as const
export const year = { kind: 'calendar', unit: 'year' } as const
/** What is now: a value every ten minutes is enough of the past. */
export const now = { kind: 'tumbling', size_s: 600 } as const
/** The last hour, for devices that report every few minutes. */
export const lastHour = { kind: 'sliding', size_s: 3600, every_s: 1800 } as const
export const lastDay = { kind: 'sliding', size_s: 86_400, every_s: 3600 } as const
export const sevenDays = { kind: 'sliding', size_s: 604_800, every_s: 21_600 } as const
/**
 * 30 days, every 6 hours: what a board shows between two ends of months. The live value follows each case; a case that is
 * recorded late changes all windows since, and is published again in each of them.
 */
export const thirtyDays = { kind: 'sliding', size_s: 2_592_000, every_s: 21_600 } as const

/** How long a state counts that is counted now: a device that reports less often than its type counts too. */
export const holdNow = { hold_s: 900 } as const
/** How long the last figure of a source that reports once a working day holds: over a weekend with a day off. */
export const dailyHold = { hold_s: 345_600 } as const

export const everywhere: readonly Scope[] = ['device', 'site', 'area', 'district']
/** What has no meaning over several devices, such as a level above sea. */
export const ofDevice: readonly Scope[] = ['device']

const hourMs = 3_600_000

/** The hour of the day in Asia/Ho_Chi_Minh, 0 to 23. */
export const localHour = (ts: number): number => Math.floor((ts - localOffsetMs) / hourMs) % 24

/** The month in Asia/Ho_Chi_Minh, 0 to 11. */
export const localMonth = (ts: number): number => new Date(ts - localOffsetMs).getUTCMonth()
