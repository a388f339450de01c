import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Site } from '@ioc/contract/district/sites.ts'
import { lockHolder } from '@ioc/runtime/data-lock.ts'
import { calendarOf, emptyCalendar } from '@ioc/runtime/district/calendar.ts'
import { liveTailMs } from '@ioc/simulator/node.ts'
import { normal } from '@ioc/simulator/scenarios/normal.ts'
import { models } from '@ioc/simulator/testing/models.ts'
import { createWorld } from '@ioc/simulator/world.ts'
import { afterAll, expect, test } from 'vitest'
import { type Centre, startCentre, tryIoc, until } from '../harness/centre.ts'

const root = join(import.meta.dirname, '../..')
const dayMs = 86_400_000
const fillDays = 30
const seed = 5
/** Between the two starts of a demo, at most, in ms. */
const maxRestartMs = 300_000
const sites: readonly Site[] = [
  { site: 'office', kind: 'commune_office', area: '24931' },
  { site: 'counter', kind: 'one_stop', area: '24931' },
  { site: 'school', kind: 'primary_school', area: '24943' },
  { site: 'station', kind: 'air_station', area: '24943' },
]

const dataDir = mkdtempSync(join(tmpdir(), 'ioc-demo-'))
const district = join(dataDir, 'district')
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

async function startDemo(...args: string[]): Promise<Centre> {
  const settings = {
    IOC_DATA_DIR: join(dataDir, 'data'),
    IOC_DISTRICT: district,
    IOC_DEMO_MODELS: join(root, 'simulator/testing/models.ts'),
  }
  return startCentre(settings, ['run', 'demo', '--', '--seed', String(seed), '--fill-days', String(fillDays), ...args])
}

const phaseOf = async (centre: Centre) => (await centre.health()).simulated?.phase

test('a demo that is killed while it fills the past goes on without doubling, and balances to zero', async () => {
  mkdirSync(district, { recursive: true })
  copyFileSync(join(root, 'district/areas.yaml'), join(district, 'areas.yaml'))
  writeFileSync(join(district, 'example-sites.yaml'), JSON.stringify({ sites }))

  const first = await startDemo()
  const pid = await until(
    'the simulator runs',
    async () => lockHolder(first.dataDir, 'simulator')?.pid ?? 0,
    // 0 would be the process group of this test.
    (found) => found > 0,
  )
  process.kill(pid, 'SIGKILL')
  expect(await first.stop()).toBe(0)

  const centre = await startDemo()
  await until(
    'live',
    () => phaseOf(centre),
    (phase) => phase === 'live',
  )
  const { begin, fillFrom } = JSON.parse(readFileSync(join(dataDir, 'data/simulator/state.json'), 'utf8'))
  expect(begin - fillFrom).toBe(fillDays * dayMs)

  const ledger = await until(
    'the ledger balances',
    () => centre.ledger(),
    (nodes) => nodes.length === sites.length + 1 && nodes.every(({ queued }) => queued === 0),
  )
  for (const { sent, stored, queued, lost, rejected, clamped, too_late, reused, problem } of ledger) {
    expect({ queued, lost, rejected, clamped, too_late, reused, problem, balance: sent - stored }).toEqual({
      queued: 0,
      lost: 0,
      rejected: 0,
      clamped: 0,
      too_late: 0,
      reused: 0,
      problem: null,
      balance: 0,
    })
  }
  expect(await tryIoc(['dead-letters', '--json'], centre.environment)).toEqual({ code: 0, printed: '' })

  // What is stored is what the models say, once each, from the first time to the end of the first start's past. The last two
  // hours are as dense as live ones; the second start, minutes later, has them begin later.
  const world = createWorld(seed, calendarOf(emptyCalendar), normal.events(begin))
  const tailFrom = begin - liveTailMs
  const isBetweenTails = (ts: number) => ts > tailFrom && ts <= tailFrom + maxRestartMs
  for (const site of sites) {
    const [source] = models.flatMap((model) => model.sources?.(site, world) ?? [])
    const [fillMs, liveMs] = [source?.fill_cadence_s ?? 0, source?.cadence_s ?? 0].map((s) => s * 1_000) as [
      number,
      number,
    ]
    const times = Array.from({ length: Math.floor((begin - fillFrom) / liveMs) }, (_, n) => {
      return (Math.floor(fillFrom / liveMs) + 1 + n) * liveMs
    }).filter((ts) => ts <= begin && !isBetweenTails(ts) && (ts > tailFrom || ts % fillMs === 0))
    const stored = await until(
      'the past is stored',
      () =>
        centre.query(
          `SELECT pm25 FROM air_quality WHERE site = '${site.site}' AND time > ${fillFrom}ms AND time <= ${begin}ms`,
        ),
      (rows) => rows.length >= times.length,
    )
    const compared = stored.filter(({ time }) => !isBetweenTails(Number(time)))
    expect(compared.map(({ time, pm25 }) => [time, pm25])).toEqual(
      times.map((ts) => [ts, source?.collect(ts)[0]?.values['pm25']]),
    )
  }
  // A record that came twice would be counted twice: each whole hour of ten-minute records has six.
  const samples = await centre.query(
    `SELECT samples FROM indicator WHERE id = 'air_pm25_1h' AND scope = 'site' AND site = 'station' AND time > ${fillFrom + 2 * 3_600_000}ms AND time <= ${tailFrom}ms`,
  )
  expect(samples.length).toBeGreaterThan(24)
  expect(new Set(samples.map((row) => row['samples']))).toEqual(new Set([6]))
  // Cases amend figures of weeks ago: a dossier an hour makes 24 of each whole day.
  await until(
    'each day has the 24 dossiers that it received',
    () =>
      centre.query(
        `SELECT value FROM indicator WHERE id = 'one_stop_received_day' AND scope = 'site' AND site = 'counter' AND time > ${fillFrom + 2 * dayMs}ms AND time <= ${begin - dayMs}ms`,
      ),
    (days) => days.length >= fillDays - 4 && days.every(({ value }) => value === 24),
  )
  expect(await centre.stop()).toBe(0)
}, 300_000)

test.each([
  [['--scenario', 'earthquake'], '--scenario: expected one of normal'],
  [['--speed', '0.5'], '--speed: expected a number from 1 to 100000, got "0.5"'],
  [['--seed', '-1'], '--seed: expected an integer from 0 to 2147483647, got "-1"'],
  [['--fill-days', '1000'], '--fill-days: expected a number from 0 to 360 d, got "1000"'],
])(
  'ioc demo names the flag that it refuses: %j',
  async (args, reason) => {
    const environment = { IOC_DATA_DIR: join(dataDir, 'data'), IOC_DISTRICT: district }
    const { code, printed } = await tryIoc(['demo', ...args], environment)
    expect(printed).toContain(reason)
    expect(printed).not.toContain('IOC_DEMO')
    expect(code).toBe(2)
  },
  60_000,
)

test('ioc demo names the setting that it refuses where no flag was given', async () => {
  const environment = { IOC_DATA_DIR: join(dataDir, 'data'), IOC_DISTRICT: district, IOC_DEMO_SPEED: '0.5' }
  const { code, printed } = await tryIoc(['demo'], environment)
  expect([code, printed]).toEqual([1, expect.stringContaining('IOC_DEMO_SPEED: expected')])
  expect((await tryIoc(['demo', '--help'], environment)).printed).toContain('--fill-days')
}, 60_000)
