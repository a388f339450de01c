import { freePort } from '@ioc/runtime/testing/free-port.ts'
import { hasProgram } from '@ioc/runtime/testing/has-program.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { describe, expect, test } from 'vitest'
import { testCollector } from '../../testing/context.ts'
import { mariadbd, postgresBin, startMariadb, startPostgres } from '../../testing/databases.ts'
import { selectText } from './query.ts'

const map = {
  case: 'one_stop',
  device: 'mot-cua',
  time: 'cap_nhat',
  id: 'so_ho_so',
  state: { from: 'trang_thai', enum: { 'Đang xử lý': 'processing', 'Đã trả': 'done' } },
  opened: 'ngay_nhan',
  due: 'ngay_hen',
  attributes: { online: { from: 'truc_tuyen', optional: true } },
}
const at = (local: string) => Date.parse(`${local}+07:00`)

/** What both databases are asked for, with their own words for a time, and their own schema. */
const databases = [
  {
    engine: 'postgresql',
    start: startPostgres,
    present: hasProgram(`${postgresBin}/postgres`, 'postgresql'),
    time: 'timestamptz',
    schema: 'public',
    slowly: "pg_sleep(60)::text = ''",
    zone: '+07',
  },
  {
    engine: 'mariadb',
    start: startMariadb,
    present: hasProgram(mariadbd, 'mariadb-server'),
    time: 'datetime',
    schema: 'registry',
    slowly: 'sleep(60) = 0',
    zone: '',
  },
] as const

describe.each(databases)('beside $engine', ({ engine, start, present, time, schema, slowly, zone }) => {
  test.skipIf(!present)(
    'rows become dossiers beyond the watermark, or where they changed; the session may only read',
    async () => {
      const { port, run } = await start()
      const table = `${schema}.ho_so`
      run(
        `CREATE TABLE ${table} (so_ho_so varchar(20), ho_ten varchar(50), trang_thai varchar(20), ngay_nhan date, ngay_hen ${time}, truc_tuyen boolean, cap_nhat ${time})`,
      )
      const insert = (id: string, changed: string, state = 'Đang xử lý') =>
        run(
          `INSERT INTO ${table} VALUES ('${id}', 'Nguyễn Văn A', '${state}', '2026-11-02', '2026-11-15 17:00:00${zone}', true, '2026-11-03 ${changed}${zone}')`,
        )
      for (const [id, changed] of [
        ['H1', '08:00:00'],
        ['H2', '08:01:00'],
        ['H3', '08:01:00'],
        ['H4', '08:02:00'],
      ] as const)
        insert(id, changed)

      const options = {
        type: 'sql-view',
        engine,
        host: '127.0.0.1',
        port,
        user: 'reader',
        password: 'secret',
        view: table,
        map,
      }
      const database = engine === 'postgresql' ? 'postgres' : 'registry'
      const folder = testFolder()
      const paged = async () => testCollector({ ...options, database, watermark: 'cap_nhat', limit: 2 }, { folder })
      const ids = (cases: readonly { readonly case: { readonly id: string } }[] = []) => cases.map((one) => one.case.id)

      let { collect } = await paged()
      const first = await collect()
      expect(first.cases).toEqual([
        {
          device: 'mot-cua',
          ts: at('2026-11-03T08:00:00'),
          type: 'one_stop',
          case: {
            id: 'H1',
            state: 'processing',
            opened: at('2026-11-02T00:00:00'),
            due: at('2026-11-15T17:00:00'),
            closed: null,
            online: true,
          },
        },
      ])
      expect(JSON.stringify(first)).not.toContain('Nguyễn')
      // Not queued: the same again.
      expect(ids((await collect()).cases)).toEqual(['H1'])
      await (await collect()).commit?.()
      // Rows of one time stay together, whatever the limit cuts.
      const second = await collect()
      expect(ids(second.cases).toSorted()).toEqual(['H2', 'H3'])
      await second.commit?.()
      ;({ collect } = await paged())
      const third = await collect()
      expect(ids(third.cases)).toEqual(['H4'])
      await third.commit?.()
      expect(await collect()).toEqual({})

      const whole = await testCollector({ ...options, database, map: { ...map, time: undefined } })
      const all = await whole.collect()
      expect(ids(all.cases).toSorted()).toEqual(['H1', 'H2', 'H3', 'H4'])
      await all.commit?.()
      expect(await whole.collect()).toEqual({})
      run(`UPDATE ${table} SET trang_thai = 'Đã trả' WHERE so_ho_so = 'H2'`)
      expect((await whole.collect()).cases?.map(({ case: { id, state } }) => [id, state])).toEqual([['H2', 'done']])

      const narrow = await testCollector({ ...options, database, map: { ...map, closed: 'ngay_tra' } })
      await expect(narrow.collect()).rejects.toThrow('ngay_tra')
      const wrong = await testCollector({
        ...options,
        database,
        password: 'guess',
        ...(engine === 'postgresql' ? { database: 'nowhere' } : {}),
      })
      await expect(wrong.collect()).rejects.toThrow(engine === 'postgresql' ? 'nowhere' : /[Aa]ccess denied/)
      run(`CREATE VIEW ${schema}.slow AS SELECT * FROM ${table} WHERE ${slowly}`)
      const slow = await testCollector({ ...options, database, view: `${schema}.slow` })
      await expect(slow.collect(300)).rejects.toThrow()
    },
  )
})

test('names and limits are written as each database wants them', () => {
  const select = { view: 'dbo.Hồ sơ', columns: ['a]b', 'c"d`e'], watermark: 'cập nhật', isLater: true, limit: 10 }
  expect(selectText({ ...select, engine: 'postgresql' })).toBe(
    'SELECT "a]b", "c""d`e" FROM "dbo"."Hồ sơ" WHERE "cập nhật" > $1 ORDER BY "cập nhật" LIMIT 10',
  )
  expect(selectText({ ...select, engine: 'mariadb' })).toBe(
    'SELECT `a]b`, `c"d``e` FROM `dbo`.`Hồ sơ` WHERE `cập nhật` > ? ORDER BY `cập nhật` LIMIT 10',
  )
  expect(selectText({ ...select, engine: 'sqlserver' })).toBe(
    'SELECT TOP (10) [a]]b], [c"d`e] FROM [dbo].[Hồ sơ] WHERE [cập nhật] > @watermark ORDER BY [cập nhật]',
  )
})

test.each(['postgresql', 'mariadb', 'sqlserver'])('%s that is not there fails', async (engine) => {
  const port = await freePort()
  const { collect } = await testCollector({
    type: 'sql-view',
    engine,
    host: '127.0.0.1',
    port,
    database: 'd',
    user: 'u',
    view: 'v',
    map,
  })
  await expect(collect()).rejects.toThrow(/ECONNREFUSED|connect/)
})
