import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Site } from '@ioc/contract/district/sites.ts'
import { afterAll, expect, test } from 'vitest'
import { type Centre, startCentre, until } from '../harness/centre.ts'

const root = join(import.meta.dirname, '../..')
const sites: readonly Site[] = [
  ...[1, 2, 3, 4].map((n) => ({ site: `pole-${n}`, kind: 'camera_pole', area: '24931' }) as const),
  { site: 'eye-1', kind: 'high_camera', area: '24943' },
]
/** Ten cameras on each of four poles, and the high one. */
const cameras = 41
/** A device of the past is stored each 90 s; so long without a value, in ms, is a gap. */
const maxGapMs = 5 * 60_000

const dataDir = mkdtempSync(join(tmpdir(), 'ioc-demo-cameras-'))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

const startDemo = () =>
  startCentre(
    {
      IOC_DATA_DIR: join(dataDir, 'data'),
      IOC_DISTRICT: join(dataDir, 'district'),
      IOC_CAMERA_CADENCE_MS: '4000',
      IOC_CAMERA_PICTURE_MS: '8000',
    },
    ['run', 'demo', '--', '--fill-days', '0.1'],
  )

/** When each camera was stored, the first camera of a pole by what reported it: only the bridge knows whether it is reachable. */
async function timesOf(centre: Centre, type: string, device: string) {
  const rows = await centre.query(`SELECT state, reachable, site FROM ${type} WHERE device = '${device}'`)
  const times = (isBridge: boolean, site: string) =>
    rows
      .filter((row) => row['site'] === site && (row['reachable'] !== null) === isBridge)
      .map(({ time }) => Number(time))
      .toSorted((a, b) => a - b)
  const found = [...new Set(rows.map(({ site }) => String(site)))].toSorted()
  return found.map((site) => ({ site, simulated: times(false, site), bridged: times(true, site) }))
}

async function reported(centre: Centre, since: number) {
  const of = async (type: string, device: string) =>
    (await timesOf(centre, type, device)).map((one) => ({ ...one, isNew: (one.bridged.at(-1) ?? 0) > since }))
  return until(
    'the bridge reports each site',
    async () => [...(await of('camera', 'camera')), ...(await of('high_camera', 'high-camera'))],
    (all) => all.length === sites.length && all.every(({ isNew }) => isNew),
    240_000,
  )
}

async function balance(centre: Centre) {
  const nodes = await until(
    'the ledger balances',
    () => centre.ledger(),
    (all) => all.length >= sites.length && all.every(({ queued }) => queued === 0),
  )
  return nodes.map(({ lost, rejected, reused, problem }) => ({ lost, rejected, reused, problem }))
}

test('cameras of the demo are handed over from the simulation to the bridge, at each start, without a gap and without doubles', async () => {
  mkdirSync(join(dataDir, 'district'), { recursive: true })
  copyFileSync(join(root, 'district/areas.yaml'), join(dataDir, 'district/areas.yaml'))
  writeFileSync(join(dataDir, 'district/example-sites.yaml'), JSON.stringify({ sites }))
  let since = 0
  for (const start of [1, 2]) {
    const centre = await startDemo()
    const all = await reported(centre, since)
    for (const { simulated, bridged } of all) {
      // The simulation fills what the bridge did not report, and nothing beside it.
      const merged = [...simulated.map((ts) => [ts, 's']), ...bridged.map((ts) => [ts, 'b'])]
        .toSorted(([a], [b]) => Number(a) - Number(b))
        .map(([, by]) => by)
        .join('')
      expect(merged).toMatch(start === 1 ? /^s+b+$/ : /^s+b+s*b+$/)
      const times = [...simulated, ...bridged].toSorted((a, b) => a - b)
      expect(new Set(times).size).toBe(times.length)
      for (const [at, ts] of times.entries()) expect(ts - (times[at - 1] ?? ts)).toBeLessThan(maxGapMs)
    }
    const devices = await until(
      'all cameras are known',
      async () => (await centre.devices()).filter(({ type }) => type === 'camera' || type === 'high_camera'),
      (found) => found.length >= cameras,
    )
    expect(new Set(devices.map(({ site, device }) => `${site}/${device}`)).size).toBe(devices.length)
    expect(devices).toHaveLength(cameras)
    expect(new Set(devices.map(({ node }) => node))).toEqual(new Set(['camera-bridge']))
    const clean = { lost: 0, rejected: 0, reused: 0, problem: null }
    for (const node of await balance(centre)) expect(node).toEqual(clean)
    expect(await centre.stop()).toBe(0)
    since = Date.now()
  }
})
