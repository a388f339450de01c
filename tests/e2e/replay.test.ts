import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Centre, startCentre, tryIoc, until } from '../harness/centre.ts'

const data = join(import.meta.dirname, 'recordings')
const csv = join(data, 'seattle-weather-2015.csv')
const map = join(data, 'seattle-weather.map.yaml')

let centre: Centre
beforeAll(async () => {
  centre = await startCentre({ IOC_PROCESSES: 'storage,broker,stream-processor,wall' })
}, 60_000)
afterAll(() => centre?.stop())

const replay = (file: string, mapFile: string, ...args: string[]) =>
  tryIoc(['replay', file, '--map', mapFile, '--site', 'seattle', '--node', 'recorder', ...args], centre.environment)

test('a recording of real weather is played through an agent, value by value', async () => {
  const { code, printed } = await replay(csv, map)
  expect(printed).toBe(
    'played 90 records from 2015-01-01T15:00:00+07:00 to 2015-03-31T14:00:00+07:00, 1 messages acknowledged\n',
  )
  expect(code).toBe(0)
  const [, ...rows] = readFileSync(csv, 'utf8').trim().split('\n')
  // Midnight in Seattle, which is an hour earlier in UTC from 8 March 2015 on.
  const expected = rows.map((row) => {
    const [date = '', rain, temperature, , wind] = row.split(',')
    const time = Date.parse(`${date}T00:00:00${date > '2015-03-08' ? '-07:00' : '-08:00'}`)
    return [time, Number(rain), Number(temperature), Number(wind) * 3.6]
  })
  const stored = await until(
    'stored',
    () => centre.query(`SELECT rain_mm, temperature_c, wind_kmh FROM weather WHERE device = 'seattle'`),
    (found) => found.length === 90,
  )
  expect(stored.map((row) => [row['time'], row['rain_mm'], row['temperature_c'], row['wind_kmh']])).toEqual(expected)
  const ledger = await centre.ledgerOf('seattle', ({ stored }) => stored === 1)
  expect(ledger).toMatchObject({ sent: 1, stored: 1, queued: 0, lost: 0, rejected: 0, clamped: 0 })
})

test('an interrupted replay goes on where it was, without a row that comes twice', async () => {
  const args = ['replay', csv, '--map', map, '--site', 'interrupted', '--node', 'recorder']
  const child = spawn(process.execPath, ['hub/main.ts', ...args, '--speed', '400000'], {
    cwd: join(import.meta.dirname, '../..'),
    env: { ...process.env, ...centre.environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.on('data', (chunk) => {
    printed += chunk
  })
  const ended = once(child, 'close')
  // A row each fifth of a second.
  await centre.ledgerOf('interrupted', ({ stored }) => stored >= 3)
  child.kill('SIGTERM')
  expect(await ended).toEqual([130, null])
  const [, first = '0'] = /^interrupted: (\d+) records/.exec(printed) ?? []
  expect(Number(first)).toBeGreaterThanOrEqual(3)
  const again = await tryIoc(args, centre.environment)
  expect(again.printed).toContain(`played ${90 - Number(first)} records`)
  expect(again.code).toBe(0)
  const stored = await until(
    'stored',
    () => centre.query(`SELECT rain_mm FROM weather WHERE site = 'interrupted'`),
    (found) => found.length === 90,
  )
  expect(stored).toHaveLength(90)
  // A message for each row of the first run; of the second, what was queued at the end, and one for all the others.
  const messages = Number(first) + 1
  const ledger = await centre.ledgerOf('interrupted', ({ stored: count }) => count >= messages)
  expect(ledger).toMatchObject({ sent: messages, stored: messages, queued: 0, lost: 0, rejected: 0, reused: 0 })
})

test('a recording may name its devices in a column, and be shifted to the present', async () => {
  const file = join(centre.dataDir, 'air.csv')
  const airMap = join(centre.dataDir, 'air.yaml')
  writeFileSync(
    file,
    '\uFEFF"Thời gian";Trạm;"Bụi PM2,5";Ghi chú\r\n"01/02/2026 07:30";Trạm 1;"0,0185";"ngày ""tốt""; nắng"\r\n01/02/2026 08:30;Trạm 2;-;\r\n01/02/2026 08:30;Trạm 1;0,020;\r\n',
  )
  writeFileSync(
    airMap,
    `separator: ";"
decimal: ","
time: { column: Thời gian, format: "dd/MM/yyyy HH:mm" }
device_column: Trạm
type: air_quality
missing: ["-"]
columns:
  - { column: "Bụi PM2,5", metric: pm25, factor: 1000 }
`,
  )
  const end = Math.floor(Date.now() / 1000) * 1000
  const { code, printed } = await replay(file, airMap, '--end', String(end))
  expect([code, printed]).toEqual([0, expect.stringContaining('played 2 records')])
  const stored = await until(
    'stored',
    () => centre.query(`SELECT pm25 FROM air_quality WHERE device = 'Tram_1'`),
    (found) => found.length === 2,
  )
  expect(stored.map(({ time, pm25 }) => [time, pm25])).toEqual([
    [end - 3_600_000, 18.5],
    [end, 20],
  ])
})

test('a recording of many columns is sent in messages that the broker accepts; a quote within a text is a letter', async () => {
  const file = join(centre.dataDir, 'wide.csv')
  const wideMap = join(centre.dataDir, 'wide.yaml')
  const names = Array.from({ length: 100 }, (_, index) => `figure_with_a_long_name_${index}`)
  const start = Date.parse('2026-02-01T07:30:00.250+07:00')
  // Three times a second: none is taken for another.
  const rows = Array.from({ length: 400 }, (_, row) => {
    const time = new Date(start + row * 300 + 7 * 3_600_000).toISOString().slice(0, -1)
    return [time, 'inch 3" pipe', ...names.map((_, index) => (row * 100 + index) / 7)].join(',')
  })
  writeFileSync(file, [['time', 'note', ...names].join(','), ...rows].join('\n'))
  writeFileSync(
    wideMap,
    `time: { column: time, format: iso }\ndevice: wide\ncolumns:\n${names.map((name) => `  - { column: ${name}, metric: ${name} }\n`).join('')}`,
  )
  const args = ['replay', file, '--map', wideMap, '--site', 'wide', '--node', 'recorder']
  const { code, printed } = await tryIoc(args, centre.environment)
  expect(printed).toContain('played 400 records')
  // A node has half of the undeclared fields that there may be: the rest is dropped, which is no success.
  expect(printed).toContain('the centre dropped values')
  expect(printed).toContain('QUOTA_EXCEEDED: ')
  expect(code).toBe(1)
  const stored = await until(
    'stored',
    () => centre.query(`SELECT figure_with_a_long_name_0 FROM undeclared WHERE device = 'wide'`),
    (found) => found.length === 400,
  )
  expect(stored.at(-1)).toEqual({ time: start + 399 * 300, figure_with_a_long_name_0: (399 * 100) / 7 })
})

test.each([
  {
    what: 'values outside of the range',
    node: 'range',
    rows: ['2026-02-01T07:30,18', '2026-02-01T08:30,-99', '2026-02-01T09:30,-999'],
    says: ['the centre rejected 2 records', '1 × RECORD_INVALID: a: pm25: got -99;', 'got -999;'],
  },
  {
    what: 'a device that another node owns',
    node: 'taker',
    rows: ['2026-02-01T10:30,18', '2026-02-01T11:30,19'],
    says: ['the centre rejected 2 records', '2 × DEVICE_NOT_OWNED: '],
  },
])('a replay that is acknowledged but rejected ends with 1 and the reasons: $what', async ({ node, rows, says }) => {
  const file = join(centre.dataDir, `${node}.csv`)
  const mapFile = join(centre.dataDir, `${node}.yaml`)
  writeFileSync(file, ['time,pm25', ...rows, ''].join('\n'))
  writeFileSync(mapFile, `type: air_quality\n${goodMap}`)
  const args = ['replay', file, '--map', mapFile, '--site', 'rejecting', '--node', node]
  const { code, printed } = await tryIoc(args, centre.environment)
  for (const text of [`played ${rows.length} records`, ...says]) expect(printed).toContain(text)
  expect(code).toBe(1)
})

const goodMap = `time: { column: time, format: iso }
device: a
columns:
  - { column: pm25, metric: pm25 }
`

test.each([
  ['recording', 'time,pm25\n2026-02-01T07:30,x\n', goodMap, 'r.csv, line 2, column pm25: got "x"; expected a number'],
  ['map', 'time,pm25\n2026-02-01T07:30,18\n', `type: air_qualty\n${goodMap}`, 'r.yaml, line 1: type: no device type'],
])('nothing is sent of a %s with a fault', async (_what, text, mapText, reason) => {
  const file = join(centre.dataDir, 'r.csv')
  const mapFile = join(centre.dataDir, 'r.yaml')
  writeFileSync(file, text)
  writeFileSync(mapFile, mapText)
  const { code, printed } = await replay(file, mapFile)
  expect(printed).toContain(reason)
  expect(printed.trim().split('\n')).toHaveLength(1)
  expect(printed).toContain('[RECORDING_INVALID]')
  expect(code).toBe(1)
})
