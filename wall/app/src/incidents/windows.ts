import type { MaintenanceWindow, Selector } from '@ioc/contract/messages/incidents.ts'
import type { LiveDevice } from '@ioc/contract/messages/live.ts'
import { displayOffsetMs } from '@ioc/runtime/display-time.ts'
import { startOf } from '../../../shared/time-range.ts'
import { formatNumber } from '../format.ts'
import { language } from '../preferences.ts'
import { maintenance, sites } from '../state.ts'

type Place = Pick<LiveDevice, 'site'> & Partial<Pick<LiveDevice, 'device' | 'type' | 'area'>>

/** The maintenance window of a place that is open and lasts the longest. */
export function openWindowOf(place: Place): MaintenanceWindow | undefined {
  return maintenance.value
    .filter(({ active, covers }) => active && isCovered(place, covers))
    .sort((a, b) => b.to - a.to)[0]
}

function isCovered({ site, device, type, area }: Place, covers: Selector): boolean {
  const listed = sites.value.get(site)
  const tags = [type, listed?.kind].flatMap((tag) => tag ?? [])
  return (
    (device !== undefined && covers.devices?.includes(`${site}/${device}`)) ||
    covers.sites?.includes(site) ||
    covers.areas?.includes(area ?? listed?.area ?? '') ||
    tags.some((tag) => covers.tags?.includes(tag)) ||
    false
  )
}

const dayMs = 86_400_000

/** When an open window ends: one that recurs, its present occurrence. */
export function endOf({ to, every }: MaintenanceWindow, at: number): number {
  if (!every) return to
  const [hours = 0, minutes = 0] = every.at.split(':').map(Number)
  const midnight = startOf(at, 'd')
  const lengthMs = every.minutes * 60_000
  // An occurrence may have begun up to a week ago.
  for (let back = 0; back <= 7; back++) {
    const start = midnight - back * dayMs + (hours * 60 + minutes) * 60_000
    const day = new Date(start + displayOffsetMs).getUTCDay() || 7
    if (every.days.includes(day) && start <= at && at < start + lengthMs) return Math.min(to, start + lengthMs)
  }
  return to
}

/** A time that remains, as `1 giờ 20 phút`. */
export function formatRemaining(ms: number): string {
  const minutes = Math.max(1, Math.ceil(ms / 60_000))
  const [days, hours, rest] = [Math.floor(minutes / 1_440), Math.floor((minutes % 1_440) / 60), minutes % 60]
  const isVietnamese = language.value === 'vi'
  const parts = [
    [days, isVietnamese ? 'ngày' : 'd'],
    [hours, isVietnamese ? 'giờ' : 'h'],
    [days > 0 ? 0 : rest, isVietnamese ? 'phút' : 'min'],
  ] as const
  return parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${formatNumber(count)} ${unit}`)
    .join(' ')
}
