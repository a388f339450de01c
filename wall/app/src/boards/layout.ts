import type { GridPos, Panel } from '../../../shared/boards/board.ts'

/** Columns of the grid. */
const gridColumns = 24
/** Copies of one panel: more are looked for by a variable. */
const maxCopies = 48
const defaultPerRow = 4

/** Values of variables that hold for one copy of a repeated panel. */
export type ScopedValues = Readonly<Record<string, string>>

/** A panel, or one of its copies, at its place in its section. */
export interface PlacedPanel {
  /** Names the copy: its id, and the value that it is of. */
  readonly key: string
  readonly panel: Panel
  readonly position: GridPos
  readonly scoped: ScopedValues
}

/** The panels below a heading; the first section may have none. */
export interface Section {
  readonly key: string
  readonly row?: Panel
  readonly scoped: ScopedValues
  readonly isCollapsed: boolean
  readonly panels: readonly PlacedPanel[]
  /** Units of height that its panels need. */
  readonly height: number
}

/**
 * The sections of a board, with its repeated panels and rows copied for each value of their variable. `valuesOf` returns
 * the values that are chosen; `isToggled` whether a viewer opened or closed the row.
 */
export function sectionsOf(
  panels: readonly Panel[],
  valuesOf: (variable: string) => readonly string[],
  isToggled: (key: string) => boolean,
): Section[] {
  return groupsOf(panels).flatMap(({ row, members }) => {
    const variable = row?.repeat
    const copies: readonly ScopedValues[] = variable
      ? valuesOf(variable)
          .slice(0, maxCopies)
          .map((value) => ({ [variable]: value }))
      : [{}]
    return copies.map((scoped): Section => {
      const key = `${row?.id ?? 'top'}${suffixOf(scoped)}`
      const placed = place(members, valuesOf, scoped)
      return {
        key,
        ...(row && { row }),
        scoped,
        isCollapsed: row !== undefined && (row.collapsed ?? false) !== isToggled(key),
        panels: placed,
        height: placed.reduce((most, { position }) => Math.max(most, position.y + position.h), 0),
      }
    })
  })
}

interface Group {
  readonly row?: Panel
  readonly members: readonly Panel[]
}

/** A row has the panels that follow it up to the next one, or its own while it is collapsed. */
function groupsOf(panels: readonly Panel[]): Group[] {
  const ordered = [...panels].sort((a, b) => a.gridPos.y - b.gridPos.y || a.gridPos.x - b.gridPos.x)
  const groups: { row?: Panel; members: Panel[] }[] = [{ members: [] }]
  for (const panel of ordered) {
    if (panel.type === 'row') groups.push({ row: panel, members: [...(panel.panels ?? [])] })
    else groups.at(-1)?.members.push(panel)
  }
  return groups.filter(({ row, members }) => row !== undefined || members.length > 0)
}

/** The members from the top of their section; what stands below a repeated panel moves down by its further rows. */
function place(
  members: readonly Panel[],
  valuesOf: (variable: string) => readonly string[],
  scoped: ScopedValues,
): PlacedPanel[] {
  const top = Math.min(...members.map(({ gridPos }) => gridPos.y))
  let added = 0
  return members.flatMap((panel): PlacedPanel[] => {
    const position = { ...panel.gridPos, y: panel.gridPos.y - top + added }
    const variable = panel.repeat
    if (!variable) return [{ key: `${panel.id}${suffixOf(scoped)}`, panel, position, scoped }]
    const values = valuesOf(variable).slice(0, maxCopies)
    const isVertical = panel.repeatDirection === 'v'
    const perRow = isVertical ? 1 : Math.max(1, Math.min(panel.maxPerRow ?? defaultPerRow, values.length))
    const width = isVertical ? position.w : Math.floor(gridColumns / perRow)
    added += (Math.ceil(values.length / perRow) - 1) * position.h
    return values.map((value, index) => {
      const own = { ...scoped, [variable]: value }
      return {
        key: `${panel.id}${suffixOf(own)}`,
        panel,
        position: {
          x: isVertical ? position.x : (index % perRow) * width,
          y: position.y + Math.floor(index / perRow) * position.h,
          w: width,
          h: position.h,
        },
        scoped: own,
      }
    })
  })
}

function suffixOf(scoped: ScopedValues): string {
  return Object.entries(scoped)
    .map(([name, value]) => `/${name}=${value}`)
    .join('')
}
