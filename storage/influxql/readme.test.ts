import { readFileSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { createScratch } from '../backends/embedded/scratch.ts'
import { execute } from './execute.ts'
import type { AnswerSeries, QuerySource, ScratchTable, Value } from './source.ts'
import { catalogOf } from './testing/catalog.ts'
import { explain, planOf } from './testing/explain.ts'

const page = readFileSync(new URL('README.md', import.meta.url), 'utf8')

/** The blocks of a language on the page, in order. */
function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)\n?\`\`\`$`, 'gm'))].map(([, text = '']) => text)
}

const linesOf = (rows: readonly (readonly unknown[])[]) => rows.map((row) => row.join(' | ')).join('\n')

const rowsOf = (columns: readonly (readonly Value[])[]) =>
  (columns[0] ?? []).map((_, row) => columns.map((column) => column[row] ?? null))

const answerOf = (series: readonly AnswerSeries[]) =>
  series
    .map(({ name, tags, columns, values }) => {
      const which = [name, ...Object.entries(tags ?? {}).map(([tag, value]) => `${tag}=${value}`)].join(',')
      return `${which}: ${columns.join(' | ')}\n${linesOf(values)}`
    })
    .join('\n')

test('the example on the page goes through all phases as it says', async () => {
  const [query = ''] = blocks('influxql')
  const catalog = catalogOf({ air: { fields: { pm25: 'float' }, series: [{ site: 's1' }, { site: 's2' }] } })
  const plan = await planOf(catalog, query)
  expect(explain(plan)).toBe(blocks('plan')[0])

  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  await connection.run('CREATE TABLE air (time BIGINT, sid UINTEGER, f1 DOUBLE)')
  for (const line of blocks('line-protocol').join('\n').split('\n')) {
    const [, site, value, time] = /^air,site=s(\d) pm25=(\d+) (\d+)$/.exec(line) as string[]
    await connection.run(`INSERT INTO air VALUES (${time}, ${Number(site) - 1}, ${value})`)
  }
  const asked: string[] = []
  const answered: string[] = []
  const loaded: ScratchTable[] = []
  const source: QuerySource = {
    ...catalog,
    maxRows: 1_000,
    maxValues: 10_000,
    async read(sql) {
      asked.push(sql.replace(/\s+/g, ' ').trim())
      const columns = (await connection.runAndReadAll(sql)).getColumns() as Value[][]
      answered.push(linesOf(rowsOf(columns).sort((a, b) => (String(a) < String(b) ? -1 : 1))))
      return { rowCount: columns[0]?.length ?? 0, columns }
    },
    async scratch(tables, use) {
      loaded.push(...tables)
      await createScratch(connection, tables)
      return use(source.read)
    },
  }
  const answer = await execute(source, plan)
  expect(asked).toEqual(blocks('sql').map((sql) => sql.replace(/\s+/g, ' ').trim()))
  expect(answered).toEqual(blocks('rows'))
  const tables = loaded.map(({ name, times, sids, columns }) => {
    return `${name}: time | sid | f1\n${linesOf(rowsOf([times, sids, ...columns]))}`
  })
  expect([...tables, answerOf(answer)]).toEqual(blocks('answer'))
  connection.closeSync()
})
