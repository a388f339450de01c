import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { boardFolders } from '@ioc/contract/boards/folders.ts'
import { indicatorOf } from '@ioc/contract/boards/queries.ts'
import type { Board, Panel } from '../../shared/boards/board.ts'
import type { BoardEntry } from '../../shared/boards/panel-data.ts'

export const languages = ['vi', 'en'] as const
export type Language = (typeof languages)[number]

/** A board in one language: as it is, and as the page gets it. */
export interface Edition {
  readonly board: Board
  readonly json: string
  readonly etag: string
}

export interface LoadedBoard {
  readonly entry: BoardEntry
  readonly editions: Readonly<Record<Language, Edition>>
}

/** Where `npm run boards` writes: Vietnamese for Grafana to provision, English beside it. */
export const grafanaFolder = join(import.meta.dirname, '../../../grafana')

/** Boards whose place in the menu is fixed; the others follow by title, those of device types last. */
const menu = [
  ...['home', 'public-services', 'citizens', 'health', 'education', 'tourism', 'budget', 'business', 'land'],
  ...['socio-economic', 'environment', 'forest', 'traffic', 'security', 'analysis', 'devices', 'centre'],
].map((name) => `ioc-${name}`)

/** Reads the boards of a folder, by uid. A board without an English file is Vietnamese in both. */
export function loadBoards(folder = grafanaFolder): ReadonlyMap<string, LoadedBoard> {
  const vi = readFolder(join(folder, boardFolders.vi))
  const en = readFolder(join(folder, boardFolders.en))
  const boards = [...vi].map(([uid, edition]): LoadedBoard => {
    const editions = { vi: edition, en: en.get(uid) ?? edition }
    const { title, tags = [], panels } = edition.board
    const queries = panelsOf(panels).flatMap(({ targets = [] }) => targets.map(({ query }) => query))
    const indicators = new Set(queries.flatMap((query) => indicatorOf(query ?? '')?.id ?? []))
    const entry = { uid, title: { vi: title, en: editions.en.board.title }, tags, indicators: [...indicators].sort() }
    return { entry, editions }
  })
  return inMenuOrder(new Map(boards.map((board) => [board.entry.uid, board])))
}

/** Boards in the order of the menu; of two with one uid the later one. */
export function inMenuOrder(...parts: readonly ReadonlyMap<string, LoadedBoard>[]): ReadonlyMap<string, LoadedBoard> {
  const all = new Map(parts.flatMap((boards) => [...boards]))
  const order = (a: LoadedBoard, b: LoadedBoard) =>
    menuPlace(a) - menuPlace(b) || a.entry.title.vi.localeCompare(b.entry.title.vi, 'vi')
  return new Map([...all].sort(([, a], [, b]) => order(a, b)))
}

function menuPlace({ entry: { uid } }: LoadedBoard): number {
  const at = menu.indexOf(uid)
  if (at >= 0) return at
  return menu.length + (uid.startsWith('ioc-type-') ? 1 : 0)
}

function readFolder(folder: string): Map<string, Edition> {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.json')) : []
  return new Map(
    files.map((file) => {
      const board = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Board
      const json = JSON.stringify(board)
      // Weak: the bytes differ by the encoding that a client accepts.
      const etag = `W/"${createHash('sha256').update(json).digest('base64url').slice(0, 22)}"`
      return [board.uid, { board, json, etag }]
    }),
  )
}

/** All panels, those of collapsed rows too. */
export function panelsOf(panels: readonly Panel[]): Panel[] {
  return panels.flatMap((panel) => [panel, ...panelsOf(panel.panels ?? [])])
}
