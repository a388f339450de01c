import type { Scope } from '@ioc/contract/messages/live.ts'
import { localOffsetMs } from '../engine/windows/ends.ts'

export const hour = { kind: 'tumbling', size_s: 3600 } as const
export const day = { kind: 'calendar', unit: 'day' } as const
export const month = { kind: 'calendar', unit: 'month' } as const
/** The last hour, for devices that report every few minutes. */
export const lastHour = { kind: 'sliding', size_s: 3600, every_s: 1800 } as const
/** Shares of the time over a day and over thirty days. */
export const lastDay = { kind: 'sliding', size_s: 86_400, every_s: 3600 } as const
export const lastThirtyDays = { kind: 'sliding', size_s: 30 * 86_400, every_s: 21_600 } as const

export const everywhere: readonly Scope[] = ['device', 'site', 'area', 'district']
/** What has no meaning over several devices, such as a level above sea. */
export const ofDevice: readonly Scope[] = ['device']

const hourMs = 3_600_000

/** The hour of the day in Asia/Ho_Chi_Minh, 0 to 23. */
export const localHour = (ts: number): number => Math.floor((ts - localOffsetMs) / hourMs) % 24

/** The month in Asia/Ho_Chi_Minh, 0 to 11. */
export const localMonth = (ts: number): number => new Date(ts - localOffsetMs).getUTCMonth()
