import { createColumns } from '../engine/cases/attribute-columns.ts'
import { createIdIndex } from '../engine/cases/id-index.ts'
import {
  area,
  closed,
  createRows,
  device,
  due,
  firstCase,
  flags,
  intAt,
  layoutOf,
  opened,
  passed,
  timeAt,
  ts,
  used,
} from '../engine/cases/rows.ts'
import type { CaseChanges, SavedTable } from '../engine/cases/saved.ts'
import { putBackRows, rowCountOf } from '../engine/cases/saved-rows.ts'

/** What a checkpoint store holds of cases after `changes`: what it held before, and what has changed. */
export function mergeCases(before: CaseChanges | undefined, changes: CaseChanges): CaseChanges {
  const types = new Map(before?.tables.map((table) => [table.type, table]))
  for (const table of structuredClone(changes.tables)) {
    const known = table.whole ? undefined : types.get(table.type)
    types.set(table.type, known ? mergeTable(known, table) : table)
  }
  return { ...structuredClone(changes), tables: [...types.values()] }
}

function mergeTable(known: SavedTable, { names, pages }: SavedTable): SavedTable {
  const all = new Map([...known.pages, ...pages].map((page) => [page.page, page]))
  return {
    ...known,
    names: [...known.names, ...names],
    pages: [...all.values()].sort((left, right) => left.page - right.page),
  }
}

/** A case as it was saved. */
export interface SavedCase {
  readonly type: string
  readonly site: string
  readonly id: string
  readonly device: string
  readonly area: string | undefined
  readonly opened: number
  readonly due: number
  readonly closed: number
  readonly ts: number
  readonly passed: boolean
  readonly attributes: Readonly<Record<string, unknown>>
}

/** The cases that a complete state holds. */
export function casesIn({ tables }: CaseChanges): SavedCase[] {
  return tables.flatMap((table) => {
    const rows = createRows(layoutOf(table.attributes))
    putBackRows(rows, table)
    const columns = createColumns(rows)
    const namesOf = (dictionary: string) =>
      table.names.filter((each) => each.dictionary === dictionary).flatMap(({ names }) => names)
    for (const { name, names } of columns) names?.putBack(namesOf(`attribute:${name}`))
    const devices = namesOf('devices')
    const areas = [undefined, '+', ...namesOf('areas')]
    const index = createIdIndex(rows)
    const others = new Map(table.pages.flatMap(({ ids }) => ids))
    const found: SavedCase[] = []
    for (let row = firstCase; row < rowCountOf(rows); row++) {
      if ((intAt(rows, row, flags) & used) === 0) continue
      index.putBack(row, others.get(row))
      const [site = '', name = ''] = (devices[intAt(rows, row, device)] as string).split('/')
      found.push({
        type: table.type,
        site,
        id: index.idAt(row),
        device: name,
        area: areas[intAt(rows, row, area)],
        opened: timeAt(rows, row, opened),
        due: timeAt(rows, row, due),
        closed: timeAt(rows, row, closed),
        ts: timeAt(rows, row, ts),
        passed: (intAt(rows, row, flags) & passed) !== 0,
        attributes: Object.fromEntries(columns.map((column) => [column.name, column.read(row)])),
      })
    }
    return found
  })
}
