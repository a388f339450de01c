import type { Catalog } from './catalog.ts'
import { columnTypes } from './column-types.ts'

/** A column that the database has: table, name, type. */
export type StoredColumn = readonly [table: string, column: string, type: string]

/**
 * What the tables of points contradict in the tables that describe them; undefined where they agree. Tables and columns
 * are made in one transaction with their description, so that no crash can part them.
 */
export function contradiction(catalog: Catalog, stored: readonly StoredColumn[]): string | undefined {
  const have = new Map(stored.map(([table, column, type]) => [`${table}.${column}`, type]))
  for (const { name: table, columns } of catalog.tables.values()) {
    const expected: [string, string][] = [
      ['time', 'BIGINT'],
      ['sid', 'UINTEGER'],
      ...columns.map(({ id, type }): [string, string] => [`f${id}`, columnTypes[type]]),
    ]
    for (const [column, type] of expected) {
      const found = have.get(`${table}.${column}`)
      if (found !== type) return `column ${table}.${column} is ${found ?? 'missing'}, not ${type}`
      have.delete(`${table}.${column}`)
    }
  }
  const [extra] = have.keys()
  if (extra !== undefined) return `column ${extra} does not belong to any measurement`
  return undefined
}
