import type { LiveWindow, Selector } from '@ioc/contract/messages/incidents.ts'
import type { LiveDevice } from '@ioc/contract/messages/live.ts'
import { formatNumber } from '../format.ts'
import { language } from '../preferences.ts'
import { maintenance, sites } from '../state.ts'

type Place = Pick<LiveDevice, 'site'> & Partial<Pick<LiveDevice, 'device' | 'type' | 'area'>>

/** The maintenance window of a place that is open and lasts the longest. */
export function openWindowOf(place: Place): LiveWindow | undefined {
  return maintenance.value
    .filter(({ active, covers }) => active && isCovered(place, covers))
    .sort((a, b) => endOf(b) - endOf(a))[0]
}

/** When a window that is open ends: one that recurs, its present occurrence. */
export function endOf({ to, until }: LiveWindow): number {
  return until ?? to
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
