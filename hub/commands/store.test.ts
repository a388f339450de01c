import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@ioc/runtime/testing/free-port.ts'
import { post } from '@ioc/storage/testing/http.ts'
import { type StoreProcess, startStoreProcess } from '@ioc/storage/testing/process.ts'
import { afterAll, beforeAll, expect, it } from 'vitest'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ioc-store-'))
let environment: Record<string, string>
let store: StoreProcess

interface Ended {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** Runs `ioc` as a person does. */
function ioc(args: readonly string[], settings: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...environment, ...settings } })
  let output = ''
  let errors = ''
  child.stdout.on('data', (data) => {
    output += data
  })
  child.stderr.on('data', (data) => {
    errors += data
  })
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output, errors })))
}

const start = async () => {
  store = await startStoreProcess(environment)
}

beforeAll(async () => {
  environment = { IOC_DATA_DIR: folder, IOC_STORAGE_PORT: String(await freePort()), TZ: 'America/Lima' }
  await start()
  expect((await post(store.target, 'air,site=a pm25=1.5 1700000000000', 'ms')).status).toBe(204)
})

afterAll(async () => {
  await store.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

it('asks the store', async () => {
  expect(await ioc(['query', 'SELECT pm25 FROM air GROUP BY site'])).toEqual({
    code: 0,
    output:
      'air  site=a\ntime                       pm25\n-------------------------  ----\n2023-11-15T05:13:20+07:00   1.5\n',
    errors: '',
  })
  const csv = await ioc(['query', 'SELECT pm25 FROM air', '--format', 'csv', '--precision', 'ms', '--db', 'ioc'])
  expect(csv.output).toBe('name,time,pm25\nair,1700000000000,1.5\n')
})

it.each([
  ['Vietnam, wherever the machine is', [], '', '2023-11-15T05:13:20+07:00'],
  ['UTC when asked', ['--utc'], '', '2023-11-14T22:13:20Z'],
  ["the query's own zone", [], " tz('Europe/Berlin')", '2023-11-14T23:13:20+01:00'],
])('shows times of %s', async (_, args, tz, time) => {
  const { output } = await ioc(['query', `SELECT pm25 FROM air${tz}`, '--format', 'csv', ...args])
  expect(output).toBe(`name,time,pm25\nair,${time},1.5\n`)
})

it.each([
  [['query'], 2, /^ioc query: INFLUXQL is missing; usage: ioc query "INFLUXQL" .*\[USAGE_INVALID\]\n$/],
  [['query', 'SELECT', 'v'], 2, /^ioc query: unexpected argument "v"; usage: .*\[USAGE_INVALID\]\n$/],
  [['query', 'SELECT'], 1, /^ioc query: error parsing query: .*\[QUERY_INVALID\]\n$/],
  [['query', 'SELECT v FROM m', '--db', 'no'], 1, /^ioc query: database not found: no \[QUERY_INVALID\]\n$/],
  [
    ['query', 'x', '--format', 'xml'],
    2,
    /^ioc query: --format must be one of table, csv, json, got xml; .*\[USAGE_INVALID\]\n$/,
  ],
  [['query', 'x', '--format', 'csv', '--json'], 2, /^ioc query: --json and --format csv contradict .*\n$/],
  [['query', 'x', '--nonsense'], 2, /^ioc query: Unknown option '--nonsense'.*\[USAGE_INVALID\]\n$/],
  [['export'], 2, /^ioc export: --out is missing; .*\[USAGE_INVALID\]\n$/],
  [
    ['export', '--out', 'x', '--from', 'noon'],
    2,
    /^ioc export: --from: "noon" is not a valid time .*\[USAGE_INVALID\]\n$/,
  ],
  [['export', '--out', 'x', '--from', '-1d', '--to', '-2d'], 2, /^ioc export: --from must be before --to; .*\n$/],
  [['backup'], 2, /^ioc backup: FILE is missing; .*\[USAGE_INVALID\]\n$/],
  [['restore', '/none'], 1, /^ioc restore: \/none does not exist \[BACKUP_INVALID\]\n$/],
])('%j ends with one clear line', async (args, expected, line) => {
  const { code, output, errors } = await ioc(args)
  expect({ code, output }).toEqual({ code: expected, output: '' })
  expect(errors).toMatch(line)
})

it('exports from a time before now, as its help says', async () => {
  const file = join(folder, 'recent.csv')
  const exported = await ioc(['export', '--measurement', 'air', '--from', '-7d', '--out', file, '--json'])
  expect(exported).toMatchObject({ code: 0, errors: '' })
  expect(JSON.parse(exported.output)).toEqual([{ path: file, bytes: expect.any(Number) }])
})

it('exports, backs up and restores', async () => {
  const file = join(folder, 'air.csv')
  const exported = await ioc(['export', '--measurement', 'air', '--from', '2023-11-15T05:13:20', '--out', file])
  expect(exported).toEqual({ code: 0, output: `${file}\t42 bytes\n`, errors: '' })
  expect(readFileSync(file, 'utf8')).toBe('time,site,pm25\n2023-11-14T22:13:20Z,a,1.5\n')
  const copies = `${join(folder, 'copies')}/`
  expect(await ioc(['backup', copies])).toMatchObject({ code: 0, errors: '' })
  await post(store.target, 'air,site=a pm25=2.5 1700000001000', 'ms')
  const running = await ioc(['restore', copies, '--force'])
  expect(running).toMatchObject({ code: 1, output: '' })
  expect(running.errors).toMatch(/^ioc restore: a running store uses .*: stop it first \[STORE_RUNNING\]\n$/)
  await store.kill('SIGTERM')
  expect((await ioc(['restore', copies])).errors).toMatch(/--force to replace them \[FILE_EXISTS\]\n$/)
  for (const args of [
    ['query', 'SHOW DATABASES'],
    ['export', '--out', copies],
    ['backup', join(folder, 'x')],
  ]) {
    const { code, errors } = await ioc(args)
    expect([code, errors]).toEqual([
      1,
      expect.stringMatching(/^ioc \w+: the store at http.* does not answer \[STORE_UNREACHABLE\]\n$/),
    ])
  }
  expect(await ioc(['restore', copies, '--force'])).toMatchObject({ code: 0, errors: '' })
  await start()
  expect((await ioc(['query', 'SELECT count(pm25) FROM air', '--format', 'csv'])).output).toMatch(/,1\n$/)
})

/** The work log of the data folder, and what restores it. */
const workLog = join(folder, 'wall', 'work-log.jsonl')
const line = (text: string) => `00000000 {"what":"${text}"}\n`

it.each([
  ['is gone', undefined, [], line('pin') + line('cầu chì')],
  ['has fewer lines', line('pin'), [], line('pin') + line('cầu chì')],
  ['has more lines', line('pin') + line('cầu chì') + line('mới'), [], line('pin') + line('cầu chì') + line('mới')],
  ['has other lines, with --force', line('khác'), ['--force'], line('pin') + line('cầu chì')],
  ['has other lines', line('khác'), [], undefined],
])('restores the work log of a backup where that of the centre %s', async (_what, present, args, expected) => {
  const copy = join(mkdtempSync(join(tmpdir(), 'ioc-work-')), 'copy.duckdb')
  mkdirSync(join(folder, 'wall'), { recursive: true })
  // What a crash cut off is no part of it.
  writeFileSync(workLog, `${line('pin')}${line('cầu chì')}half`)
  const made = await ioc(['backup', copy, '--json'])
  expect(JSON.parse(made.output)).toMatchObject({ files: ['wall/work-log.jsonl'] })
  if (present === undefined) rmSync(workLog)
  else writeFileSync(workLog, present)
  await store.kill('SIGTERM')
  rmSync(join(folder, 'storage'), { recursive: true })
  const restored = await ioc(['restore', copy, ...args])
  if (expected === undefined) {
    expect(restored.errors).toMatch(/other lines than the backup: pass --force to replace it \[FILE_EXISTS\]\n$/)
    expect(readFileSync(workLog, 'utf8')).toBe(present)
    expect(await ioc(['restore', copy, '--force'])).toMatchObject({ code: 0 })
  } else {
    expect(restored).toMatchObject({ code: 0, errors: '' })
    expect(readFileSync(workLog, 'utf8')).toBe(expected)
  }
  if (present === line('khác')) expect(readFileSync(`${workLog}.replaced`, 'utf8')).toBe(present)
  await start()
  expect((await ioc(['query', 'SELECT count(pm25) FROM air', '--format', 'csv'])).output).toMatch(/,1\n$/)
})

it.each([
  [['export', '--from', '-7d', '--to', '-1m', '--out', join(folder, 'ago.csv')], 0, /ago\.csv\t\d+ bytes/, /^$/],
  [['export', '--out', '/proc/x/'], 1, /^$/, /^[^\n]*cannot write \/proc\/x[^\n]*\n$/],
  [['export', '--out', '/dev/null/x/'], 1, /^$/, /^[^\n]*cannot write \/dev\/null\/x[^\n]*\n$/],
  [['backup', '/dev/null/x'], 1, /^$/, /^[^\n]*cannot write \/dev\/null\/x[^\n]*\n$/],
  [['backup', '/proc/x'], 1, /^$/, /^[^\n]*cannot write \/proc\/x[^\n]*\n$/],
  [['backup', '/proc/x/'], 1, /^$/, /^[^\n]*cannot write \/proc\/x[^\n]*\n$/],
  [['restore', '/proc/self/mem'], 1, /^$/, /^[^\n]*is not a complete backup[^\n]*\n$/],
] as const)('answers ioc %j in a line', async (args, code, output, errors) => {
  const ended = await ioc(args)
  expect(ended).toEqual({ code, output: expect.stringMatching(output), errors: expect.stringMatching(errors) })
})
