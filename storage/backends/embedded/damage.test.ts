import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, expect, it } from 'vitest'
import { startTestStore } from '../../testing/embedded.ts'
import { post } from '../../testing/http.ts'

const folders: string[] = []

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A stopped store with a few points; its folder. */
async function filled(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'damage-'))
  folders.push(folder)
  const store = await startTestStore({ folder })
  const lines = Array.from({ length: 5_000 }, (_, i) => `m,d=d${i % 10} v=${i},t="text ${i}" ${i}`)
  expect((await post(store.target, lines.join('\n'))).status).toBe(204)
  await store.stop(true)
  return folder
}

const overwrite = (path: string, from: number, to: number) => {
  const bytes = readFileSync(path)
  bytes.fill(7, from, to)
  writeFileSync(path, bytes)
}

const sql = async (path: string, statement: string) => {
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  await connection.run(statement)
  connection.closeSync()
  instance.closeSync()
}

it.each<[string, (path: string) => unknown]>([
  ['is empty', (path) => truncateSync(path, 0)],
  ['was cut', (path) => truncateSync(path, 50_000)],
  ['has another header', (path) => overwrite(path, 0, 4096)],
  ['has bad blocks', (path) => overwrite(path, 12_288, readFileSync(path).length)],
  [
    'is gone beside its write-ahead log',
    (path) => {
      rmSync(path)
      writeFileSync(`${path}.wal`, 'x')
    },
  ],
  ['lacks a column', (path) => sql(path, 'ALTER TABLE m_1 DROP COLUMN f1')],
  ['lacks a table', (path) => sql(path, 'DROP TABLE m_1')],
  ['has a table too many', (path) => sql(path, 'CREATE TABLE m_9 (time BIGINT, sid UINTEGER)')],
  ['lacks a series', (path) => sql(path, 'DELETE FROM series WHERE sid = 4')],
  ['lacks the last series', (path) => sql(path, 'DELETE FROM series WHERE sid = 9')],
])('does not begin anew when its file %s, and leaves the file alone', async (_what, harm) => {
  const folder = await filled()
  const path = join(folder, 'points.duckdb')
  await harm(path)
  const before = existsSync(path) ? readFileSync(path) : undefined
  await expect(startTestStore({ folder })).rejects.toMatchObject({
    code: 'STORE_DAMAGED',
    message: expect.stringMatching(/points\.duckdb cannot be used \(.+\): bring back a backup with "ioc restore/),
  })
  const after = existsSync(path) ? readFileSync(path) : undefined
  expect(after?.equals(before as Buffer) ?? before === undefined).toBe(true)
})
