import { computed, effect, untracked } from '@preact/signals'
import type { AttentionItem } from '../../../shared/live-frame.ts'
import { subscribe } from '../live.ts'
import { attention, descriptors, incidents, indicators, isClockSet, link, now } from '../state.ts'
import { boardOfIndicator, boards, boardsKnown, menuGroupOf } from './boards.ts'
import { openDialog } from './dialog.tsx'
import { boardUrl, homeUid, navigate, query, route, withQuery } from './location.ts'
import { intervalMs } from './time.ts'
import { boardsWithData, type Extent, nextBoard, nextScreen, nightAfter } from './turns.ts'

/** `full` hides header and menu, `tv` the controls only, as in Grafana. */
export const kiosk = computed<'full' | 'tv' | undefined>(() => {
  const value = query.value.get('kiosk')
  if (value === null || value === 'false' || value === '0') return undefined
  return value === 'tv' ? 'tv' : 'full'
})

const playlist = computed<string>(() => query.value.get('playlist') ?? '')
const defaultEveryMs = 30_000
const minEveryMs = 5_000
const everyMs = computed(() => Math.max(minEveryMs, intervalMs(query.value.get('every') ?? '') ?? defaultEveryMs))
/** How long the slide show stays at the board of a new critical item. */
const criticalMs = 60_000
const tickMs = 500
/** What of the page stays in sight above a screen of a board, in px. */
const screenMargin = 8

export const criticalItems = computed<readonly AttentionItem[]>(
  () => attention.value?.items.filter(({ level }) => level === 3) ?? [],
)

export function enterKiosk(): void {
  navigate(withQuery({ kiosk: '' }))
}

export function leaveKiosk(): void {
  navigate(withQuery({ kiosk: undefined, playlist: undefined, every: undefined }))
}

export function toggleKiosk(): void {
  if (kiosk.peek()) leaveKiosk()
  else enterKiosk()
}

/** Turns through all boards but those of single device types. */
export function startSlideshow(): void {
  const uids = boards.peek().flatMap((board) => (menuGroupOf(board) === 'types' ? [] : [board.uid]))
  navigate(withQuery({ kiosk: '', playlist: (uids.length > 0 ? uids : [homeUid]).join(','), every: '30s' }))
}

export function startKiosk(): void {
  effect(() => {
    const root = document.documentElement
    if (kiosk.value) root.dataset['size'] = 'wall'
    else delete root.dataset['size']
  })
  reloadAtNight()
  effect(() => {
    const uids = playlist.value.split(',').filter((uid) => uid !== '')
    return uids.length === 0 ? undefined : turnThrough(uids)
  })
}

/** Shows each board in turn, screen by screen, and first the board of a critical item that is new. */
function turnThrough(uids: readonly string[]): () => void {
  let due = performance.now() + everyMs.peek()
  /** The last board of the list that was shown: where it goes on after a detour. */
  let last = uids[0] ?? homeUid
  const openUid = () => {
    const open = route.peek()
    return open.page === 'board' ? open.uid : ''
  }
  const show = (uid: string, forMs: number) => {
    due = performance.now() + forMs
    navigate(boardUrl(uid), { replace: true })
  }
  const endSubscriptions = effect(() => subscribe(widestPrefixes(uids)))
  const timer = setInterval(() => {
    if (performance.now() < due || openDialog.peek() !== undefined) return
    if (showNextScreen()) {
      due = performance.now() + everyMs.peek()
      return
    }
    const current = openUid()
    if (uids.includes(current)) last = current
    const next = nextBoard(uids, shownBoards(uids), last)
    if (next === undefined) {
      due = performance.now() + everyMs.peek()
      scrollTo({ top: 0, behavior: 'instant' })
    } else show(next, everyMs.peek())
  }, tickMs)
  const endWatch = onNewCritical((item) => show(boardOfItem(item), criticalMs))
  return () => {
    clearInterval(timer)
    endWatch()
    endSubscriptions()
  }
}

/** Scrolls to what of the open board is below the screen; false where there is nothing below. */
function showNextScreen(): boolean {
  // Header and critical items stay above what scrolls.
  const fixed = [...document.querySelectorAll<HTMLElement>('.top, .critical-bar')]
  const header = fixed.reduce((sum, { offsetHeight }) => sum + offsetHeight, 0)
  const top = nextScreen(partsOfBoard(), { top: scrollY + header, bottom: scrollY + innerHeight })
  if (top === undefined) return false
  const before = scrollY
  scrollTo({ top: top - header - screenMargin, behavior: 'instant' })
  // A part that no scrolling shows must not hold the slide show.
  return scrollY > before
}

/** The panels of the open board, and its headings, each with the row of panels that it stands over. */
function partsOfBoard(): Extent[] {
  const elements = [...document.querySelectorAll('.board .cell, .board .row-title')]
  const boxes = elements.map((element) => element.getBoundingClientRect())
  return boxes.map(({ top, bottom }, index) => {
    const isHeading = elements[index]?.matches('.row-title') === true
    const end = isHeading ? (boxes[index + 1]?.bottom ?? bottom) : bottom
    return { top: top + scrollY, bottom: end + scrollY }
  })
}

/**
 * Calls back for each critical item that was not there before, the worst of several; not for those of the beginning. The
 * frame holds the first items only: the server counts those that begin.
 */
export function onNewCritical(callback: (item: AttentionItem) => void): () => void {
  let known: { readonly begun: number; readonly names: ReadonlySet<string> } | undefined
  return effect(() => {
    if (attention.value === undefined) return
    const { criticals_begun: begun, newest_critical: newest } = attention.value
    const before = known
    known = { begun, names: new Set(criticalItems.value.map(itemKey)) }
    if (!before) return
    // A server that was started again counts anew.
    const unknown =
      begun < before.begun ? criticalItems.value.find((item) => !before.names.has(itemKey(item))) : undefined
    const added = begun > before.begun ? newest : unknown
    if (added) untracked(() => callback(added))
  })
}

/** Calls back for each open critical incident that is new, unless it belongs to an item, which was new itself. */
export function onNewCriticalIncident(callback: () => void): () => void {
  let known: ReadonlySet<number> | undefined
  return effect(() => {
    if (incidents.value === undefined) return
    const ids = incidents.value.critical
    const ofItems = new Set(untracked(() => criticalItems.value.map(({ incident }) => incident)))
    const isNew = known !== undefined && ids.some((id) => !known?.has(id) && !ofItems.has(id))
    // One that is acknowledged and open again later is not new.
    known = new Set([...(known ?? []), ...ids])
    if (isNew) untracked(callback)
  })
}

/** All boards until it is known which there are. */
function shownBoards(uids: readonly string[]): readonly string[] {
  if (!boardsKnown.peek()) return uids
  const ids = new Set(indicators.keys.peek().map((topic) => topic.split('/')[1] ?? ''))
  return boardsWithData(uids, new Map(boards.peek().map(({ uid, indicators }) => [uid, indicators])), ids)
}

const scopesByWidth = ['district', 'area', 'site', 'device'] as const

/** One prefix for each indicator of the boards, of its widest scope: enough to see whether it has values. */
function widestPrefixes(uids: readonly string[]): string[] {
  const ids = new Set(boards.value.flatMap(({ uid, indicators }) => (uids.includes(uid) ? indicators : [])))
  return [...ids].flatMap((id) => {
    const scopes = descriptors.value.get(id)?.scopes
    const widest = scopesByWidth.find((scope) => scopes?.includes(scope))
    return widest ? [`indicator/${id}/${widest}`] : []
  })
}

export const itemKey = ({ kind, scope, key, id, group }: AttentionItem): string =>
  [kind, scope, key, id ?? '', group ?? ''].join('\n')

/** Where an item is shown in detail. */
export function boardOfItem({ kind, id }: AttentionItem): string {
  switch (kind) {
    case 'indicator':
      return boardOfIndicator(id ?? '')?.uid ?? homeUid
    case 'silent':
    case 'offline':
    case 'lost':
      return 'ioc-devices'
    case 'down':
      return 'ioc-centre'
    default:
      return kind satisfies never
  }
}

/** What leaks in a browser over months on a wall is gone each night; never while the centre is away. */
function reloadAtNight(): void {
  let due: number | undefined
  effect(() => {
    // The browser's own clock may be wrong: once the centre sets it, a night before that would be over at once.
    if (!isClockSet.value || link.value !== 'live') return
    due ??= nightAfter(now.value)
    if (kiosk.value && now.value >= due) location.reload()
  })
}
