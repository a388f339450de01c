import { type Board, type BoardSpec, board, places, type Section } from './board.ts'
import { declared } from './declarations.ts'
import { type PanelSpec, sized } from './panel.ts'
import { table } from './tables.ts'
import type { Text } from './text.ts'
import { bars, tile } from './tiles.ts'
import { trend } from './trends.ts'

export interface DomainSpec extends Pick<BoardSpec, 'name' | 'title' | 'group' | 'about' | 'last'> {
  /** Indicators of the whole district, as figures. */
  readonly figures: readonly string[]
  readonly trends: readonly PanelSpec[]
  /** Indicators that areas are compared by; the worst area by the first one comes first. */
  readonly areas: readonly [string, ...string[]]
  /** Indicators that sites are compared by. */
  readonly sites?: readonly [string, ...string[]]
  /** By group, such as a kind or a unit; and what only some viewers ask for. */
  readonly details?: readonly PanelSpec[]
  readonly more?: readonly Section[]
}

export const headings = {
  district: { vi: 'Toàn địa bàn', en: 'The whole district' },
  trends: { vi: 'Diễn biến', en: 'Trends' },
  areas: { vi: 'Theo xã', en: 'By area' },
  sites: { vi: 'Theo điểm', en: 'By site' },
  devices: { vi: 'Theo thiết bị', en: 'By device' },
  details: { vi: 'Chi tiết', en: 'Details' },
} as const satisfies Record<string, Text>

/** The board of a domain: figures first, then trends, then areas and sites compared, then details. */
export function domainBoard({ figures, trends, areas, sites, details = [], more = [], ...spec }: DomainSpec): Board {
  const withSites = [...(sites ?? []), ...areas].filter((id) => declared(id).scopes.includes('site'))
  return board({
    ...spec,
    variables: places(...withSites),
    sections: [
      { title: headings.district, panels: tiles(figures) },
      { title: headings.trends, panels: trends },
      {
        title: headings.areas,
        panels: [
          table(areas, 'area'),
          sized(trend([areas[0]], { scope: 'area' }), 12, 8),
          sized(bars(areas[1] ?? areas[0], 'area'), 12, 8),
        ],
      },
      ...(sites ? [{ title: headings.sites, collapsed: true, panels: [table(sites, 'site')] }] : []),
      ...(details.length > 0 ? [{ title: headings.details, collapsed: true, panels: details }] : []),
      ...more,
    ],
  })
}

const columns = 24

/** Tiles that fill their lines: at most six in one. */
function tiles(ids: readonly string[]): PanelSpec[] {
  const lines = Math.ceil(ids.length / 6)
  const inLine = Math.ceil(ids.length / lines)
  return ids.map((id, index) => {
    const first = index - (index % inLine)
    const count = Math.min(inLine, ids.length - first)
    // What a line has left over makes its first tiles wider.
    return sized(tile(id), Math.floor(columns / count) + (index - first < columns % count ? 1 : 0), 4)
  })
}
