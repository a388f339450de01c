import { expect, test } from 'vitest'
import { compileCalls, compileRows } from '../compile/compile.ts'
import type { Value } from '../source.ts'
import { catalogOf } from '../testing/catalog.ts'
import { planOf, scansOf } from '../testing/explain.ts'
import { shapeRows, zip } from './answer.ts'
import { shapeStep } from './streams.ts'

const catalog = catalogOf({ air: { fields: { pm25: 'float', n: 'integer' }, series: [{ site: 's1' }] } })

/** The rows that a SELECT answers with when its SQL answers with these columns. */
async function shaped(query: string, columns: Value[][]): Promise<Value[][]> {
  const [scan] = await scansOf(catalog, await planOf(catalog, query, 40n))
  if (!scan) throw new Error('nothing is read')
  const rows = { rowCount: columns[0]?.length ?? 0, columns }
  const step = compileRows(scan)
  if (scan.calls.length === 0 && step) return (await shapeRows(scan, step, rows)).flatMap(({ values }) => values)
  const streams = await Promise.all(
    compileCalls(scan).map((one) => {
      if (one.kind !== 'aggregates' && one.kind !== 'points') throw new Error(`${one.kind} is not read at once`)
      return shapeStep(one, rows)
    }),
  )
  return (await zip(scan, streams.flat())).flatMap(({ values }) => values)
}

const windows = 'FROM air WHERE time >= 0 AND time < 40 GROUP BY time(10ns)'
/** Group, window and mean: there is none in the first and the third of four windows. */
const means = [
  [0, 0],
  [10n, 30n],
  [2.5, 7.5],
]

test.each<[string, Value[]]>([
  ['', [null, 2.5, null, 7.5]],
  ['fill(none)', [2.5, 7.5]],
  ['fill(9)', [9, 2.5, 9, 7.5]],
  ['fill(previous)', [null, 2.5, 2.5, 7.5]],
  ['fill(linear)', [null, 2.5, 5, 7.5]],
  ['ORDER BY time DESC LIMIT 2', [7.5, null]],
  ['fill(none) LIMIT 1 OFFSET 1', [7.5]],
])('windows without points, of a mean with %j', async (clauses, expected) => {
  const rows = await shaped(`SELECT mean(pm25) ${windows} ${clauses}`, means)
  expect(rows.map(([, value]) => value)).toEqual(expected)
})

test('the windows of several functions are joined by their times, and a calculation is made of each row', async () => {
  const rows = await shaped(`SELECT sum(n), sum(n) / count(pm25) ${windows} fill(none)`, [
    [0, 0],
    [10n, 20n],
    [6n, 7n],
    [4n, null],
  ])
  expect(rows).toEqual([
    [10n, 6n, 1.5],
    [20n, 7n, null],
  ])
})

test('a selector answers with its own time and the other fields and tags of its point', async () => {
  const rows = await shaped('SELECT max(n), pm25, site FROM air', [[0], [0n], [17n], [0], [9n], [1.5]])
  expect(rows).toEqual([[17n, 9n, 1.5, 's1']])
})

test('rows of one series come in any order, and are put in that of the answer before they are counted', async () => {
  const rows = await shaped('SELECT n, site FROM air ORDER BY time DESC', [
    [0, 0, 0],
    [5n, 7n, 6n],
    [0, 0, 0],
    [50n, 70n, 60n],
  ])
  expect(rows).toEqual([
    [7n, 70n, 's1'],
    [6n, 60n, 's1'],
    [5n, 50n, 's1'],
  ])
})
