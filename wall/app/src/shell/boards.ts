import { boardGroups } from '@ioc/contract/boards/groups.ts'
import { computed, effect, signal } from '@preact/signals'
import type { BoardEntry, BoardList } from '../../../shared/boards/panel-data.ts'
import { boardsVersion, connections } from '../state.ts'
import { homeUid } from './location.ts'

/** In the order of the menu. */
export const boards = signal<readonly BoardEntry[]>([])
/** Whether the list has been read. */
export const boardsKnown = signal(false)

/** URL of the Grafana that has the same boards. */
export const grafana = signal<string | null>(null)

const retryMs = 10_000

/** Reads the list at each new connection, and when boards of new types are there: an upgrade may have changed it, too. */
export function loadBoards(): void {
  let retry: ReturnType<typeof setTimeout> | undefined
  const load = async (): Promise<void> => {
    clearTimeout(retry)
    try {
      const response = await fetch('/api/boards')
      if (!response.ok) throw new Error(`HTTP ${response.status}`)
      const list = (await response.json()) as BoardList
      boards.value = list.boards
      grafana.value = list.grafana
      boardsKnown.value = true
    } catch {
      retry = setTimeout(load, retryMs)
    }
  }
  effect(() => {
    if (boardsVersion.value >= 0 && connections.value > 0) void load()
  })
}

/** Groups of the menu, in order; a board without a tag of one is in `other`. */
const menuGroups = [...boardGroups, 'other'] as const
export type MenuGroup = (typeof menuGroups)[number]

export function menuGroupOf({ tags }: Pick<BoardEntry, 'tags'>): MenuGroup {
  return boardGroups.find((group) => tags.includes(group)) ?? 'other'
}

export const menu = computed(() =>
  menuGroups.flatMap((group) => {
    const entries = boards.value.filter((board) => menuGroupOf(board) === group)
    return entries.length === 0 ? [] : [{ group, entries }]
  }),
)

/** Boards that show a bit of everything: a figure leads there only where no other board shows it. */
const generalBoards: ReadonlySet<string> = new Set([homeUid, 'ioc-analysis'])

/** The board that shows an indicator; the list has its domain's board before the boards of device types. */
export function boardOfIndicator(id: string, list: readonly BoardEntry[] = boards.value): BoardEntry | undefined {
  const those = list.filter(({ indicators }) => indicators.includes(id))
  return those.find(({ uid }) => !generalBoards.has(uid)) ?? those[0]
}
