import { computed, signal } from '@preact/signals'
import { type RawRange, resolveRange } from '../../../shared/time-range.ts'
import { now } from '../state.ts'
import { navigate, query, withQuery } from './location.ts'

/** What the open board states; the URL goes before it. */
export const boardTime = signal<RawRange & { readonly refresh: string }>({ from: 'now-6h', to: 'now', refresh: '' })

/** As the URL or else the board states them. */
export const rawRange = computed<RawRange>(() => {
  const { from, to } = boardTime.value
  const own = { from: query.value.get('from') ?? from, to: query.value.get('to') ?? to }
  return resolveRange(own, now.peek()) ? own : { from, to }
})

export const refreshIntervals = ['', '5s', '10s', '30s', '1m', '5m', '15m', '30m', '1h'] as const

/** As `10s`; empty: never. */
export const refreshInterval = computed(() => query.value.get('refresh') ?? boardTime.value.refresh)

/** Counts up when panels are to be read again at once. */
export const refreshes = signal(0)

export function refreshNow(): void {
  refreshes.value++
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `10s` in ms; `undefined` for an empty or unknown interval. */
export function intervalMs(text: string): number | undefined {
  const match = /^(\d{1,5})([smhd])$/.exec(text)
  const ms = match ? Number(match[1]) * (unitMs[match[2] ?? ''] ?? 0) : 0
  return ms > 0 ? ms : undefined
}

export function setRange({ from, to }: RawRange): void {
  remember({ from, to })
  navigate(withQuery({ from, to }))
}

export function setRefresh(interval: string): void {
  navigate(withQuery({ refresh: interval }), { replace: true })
}

/** Moves the range by half of its length, as Grafana does. */
export function shiftRange(direction: -1 | 1): void {
  const range = resolveRange(rawRange.value, now.peek())
  if (!range) return
  const by = (direction * (range.to - range.from)) / 2
  goTo(range.from + by, range.to + by)
}

/** Doubles the range around its middle. */
export function zoomOut(): void {
  const range = resolveRange(rawRange.value, now.peek())
  if (!range) return
  const half = (range.to - range.from) / 2
  goTo(range.from - half, range.to + half)
}

function goTo(from: number, to: number): void {
  navigate(withQuery({ from: String(Math.round(from)), to: String(Math.round(to)) }))
}

const recentKey = 'ioc.ranges'
const maxRecent = 4

/** Absolute ranges that were chosen last, the newest first. */
export const recentRanges = signal<readonly RawRange[]>(readRecent())

function remember(range: RawRange): void {
  if (range.from.startsWith('now') && range.to.startsWith('now')) return
  const others = recentRanges.value.filter(({ from, to }) => from !== range.from || to !== range.to)
  recentRanges.value = [range, ...others].slice(0, maxRecent)
  try {
    localStorage.setItem(recentKey, JSON.stringify(recentRanges.value))
  } catch {
    // A browser may forbid storage; the ranges last as long as the page.
  }
}

function readRecent(): readonly RawRange[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(recentKey) ?? '[]')
    return Array.isArray(stored) ? stored.filter(isRange).slice(0, maxRecent) : []
  } catch {
    return []
  }
}

function isRange(value: unknown): value is RawRange {
  const { from, to } = (value ?? {}) as Partial<RawRange>
  return typeof from === 'string' && typeof to === 'string'
}
