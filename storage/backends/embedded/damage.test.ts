import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, expect, it } from 'vitest'
import { startTestStore } from '../../testing/embedded.ts'
import { post } from '../../testing/http.ts'
import { checkBackup, writeBackup } from './backup.ts'

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
    message: expect.stringMatching(/points\.duckdb cannot be used \(.+\): restore a backup with "ioc restore/),
  })
  const after = existsSync(path) ? readFileSync(path) : undefined
  expect(after?.equals(before as Buffer) ?? before === undefined).toBe(true)
})

/** Changes one byte of the first block that holds nothing but numbers of a field. */
async function flip(path: string, table: string, field: string): Promise<void> {
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  const blocks = await connection.runAndReadAll(
    `SELECT min(block_id) FROM pragma_storage_info('${table}')
     WHERE column_name = '${field}' AND segment_type = 'DOUBLE' AND block_id >= 0`,
  )
  connection.closeSync()
  instance.closeSync()
  const bytes = readFileSync(path)
  const at = 3 * 4096 + Number(blocks.getRows()[0]?.[0]) * 262_144 + 100_000
  bytes[at] = (bytes[at] as number) ^ 0x55
  writeFileSync(path, bytes)
}

it('finds a byte that has changed in a block of fields, and says so, after it has opened', async () => {
  const folder = await filled()
  let store = await startTestStore({ folder })
  const health = async () => {
    const answer = await fetch(`${store.target.url}/health`)
    return [answer.status, ((await answer.json()) as { message: string }).message] as const
  }
  const metrics = async () => (await fetch(`${store.target.url}/metrics`)).text()
  const verified = async () => {
    while (!(await metrics()).includes('ioc_storage_verified 1')) await new Promise(setImmediate)
  }
  // Values that do not compress, so that the middle of the file is one of them.
  const lines = Array.from({ length: 300_000 }, (_, i) => `n,d=d${i % 10} v=${Math.random()} ${i}`)
  expect((await post(store.target, lines.join('\n'))).status).toBe(204)
  await store.stop(true)
  store = await startTestStore({ folder })
  await verified()
  expect(await metrics()).toContain('ioc_storage_verified_rows 305000\n')
  expect(await metrics()).toContain('ioc_storage_damaged 0\n')
  expect(await health()).toEqual([200, 'ready'])
  await store.stop(true)
  await flip(join(folder, 'points.duckdb'), 'm_2', 'f3')
  store = await startTestStore({ folder })
  await verified()
  const damage = expect.stringMatching(/points\.duckdb cannot be used \(.*checksum.*\): restore a backup/)
  expect(await health()).toEqual([503, damage])
  expect(await metrics()).toContain('ioc_storage_damaged 1')
  // What is not damaged is there, and goes on.
  expect((await post(store.target, 'm,d=d1 v=1 5001')).status).toBe(204)
  await store.stop(true)
})

it('does not take a backup in which a byte has changed', async () => {
  const folder = await filled()
  const path = join(folder, 'backup.duckdb')
  const instance = await DuckDBInstance.create(join(folder, 'points.duckdb'))
  const connection = await instance.connect()
  await connection.run('INSERT INTO m_1 SELECT i, 0, random(), i::VARCHAR FROM range(10000, 300000) r(i)')
  await writeBackup(connection, path, new Date())
  connection.closeSync()
  instance.closeSync()
  await expect(checkBackup(path)).resolves.toMatchObject({ series: 10 })
  await flip(path, 'm_1', 'f1')
  await expect(checkBackup(path)).rejects.toMatchObject({ code: 'BACKUP_INVALID' })
})
