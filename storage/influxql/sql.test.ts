import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { lookupSql } from './sql.ts'

test.each([
  ['close to each other', [5, 6, 8]],
  ['far from each other', [5, 1_000, 100_000]],
])('numbers of series that are %s are found, and those of others do no harm', async (_what, sids) => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const all = [0, 4, ...sids, 7, 100_001]
  const rows = `(SELECT unnest([${all.join(',')}]::UINTEGER[]) AS sid)`
  const sql = lookupSql(new Map(sids.map((sid, place) => [sid, place])))
  const found = await connection.runAndReadAll(`SELECT ${sql} AS place FROM ${rows}`)
  const places = found.getColumns()[0]?.map(Number) ?? []
  expect(places.filter((_, row) => sids.includes(all[row] as number))).toEqual(sids.map((_, place) => place))
  connection.closeSync()
  instance.closeSync()
})
