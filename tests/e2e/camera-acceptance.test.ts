import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AuditLog } from '@ioc/accounts/audit-log.ts'
import { openCredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import { CameraFile, type NewCamera } from '@ioc/camera-bridge/cameras/camera-file.ts'
import type { ApiCameraDetail, ApiIncidentStills } from '@ioc/contract/messages/api-cameras.ts'
import type { LiveIncident } from '@ioc/contract/messages/incidents.ts'
import { SimulatedCamera } from '@ioc/simulator/onvif-camera/camera.ts'
import { answerModes } from '@ioc/simulator/onvif-camera/state.ts'
import { type TestBroker, testBroker } from '@ioc/uplink/testing/broker.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { type NodeProcess, startNodeProcess } from '@ioc/uplink/testing/node-process.ts'
import { StillStore } from '@ioc/wall/server/cameras/still-store.ts'
import { type Centre, eventually, startCentre } from '@ioc/wall/server/testing/centre.ts'
import sharp from 'sharp'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startFastClock } from '../harness/fast-clock.ts'

const login = { username: 'admin', password: 'bí mật' }
const presets = [
  { token: '1', name: 'Nhà', pan: 0, tilt: 0, zoom: 0 },
  { token: '2', name: 'Núi Voi', pan: 0.25, tilt: 0.1, zoom: 0.5 },
]
const main = join(import.meta.dirname, '../../camera-bridge/main.ts')
const dayMs = 86_400_000

async function startCamera(settings: ConstructorParameters<typeof SimulatedCamera>[0] = {}): Promise<SimulatedCamera> {
  const camera = new SimulatedCamera({ login, scene: { width: 320, height: 180 }, ...settings })
  await camera.start()
  onTestFinished(() => camera.stop())
  return camera
}

function startBridge(folder: string, environment: Record<string, string>): NodeProcess {
  const { NODE_OPTIONS: _, ...inherited } = process.env
  return startNodeProcess(main, {
    ...inherited,
    IOC_CAMERA_DATA_DIR: folder,
    IOC_DATA_DIR: join(folder, 'data'),
    IOC_CAMERA_SITE: 'nui',
    IOC_CAMERA_NODE: 'bridge',
    IOC_CAMERA_CADENCE_MS: '300',
    IOC_CAMERA_PICTURE_MS: '300',
    ...environment,
  })
}

/** A wall, and a bridge with one camera that turns. */
async function startWithWall(change: Partial<NewCamera>, environment: Record<string, string> = {}): Promise<Centre> {
  const centre = await startCentre()
  onTestFinished(() => centre.stop())
  const camera = await startCamera({ presets })
  camera.state.light = 1
  const folder = testFolder()
  new CameraFile(folder).add({ name: 'mat-03', type: 'high_camera', onvif: camera.deviceUrl, ...login, ...change })
  startBridge(folder, {
    IOC_MQTT_PORT: '9',
    IOC_CAMERA_WALL_URL: centre.url,
    IOC_CAMERA_PASSWORD: await openCredentialStore(centre.dataDir).add('nui/bridge', 'node'),
    ...environment,
  })
  const detail = async () => (await centre.get('/api/cameras/nui/mat-03')).body as ApiCameraDetail
  await eventually(async () => {
    const { camera: known } = await detail()
    return known?.still_ts && known.ptz?.presets.length ? true : undefined
  })
  return centre
}

const audited = (centre: Centre, pattern: RegExp) =>
  new AuditLog(centre.dataDir).read(1_000).filter(({ what }) => pattern.test(what))

test('of two operators who press presets at once one gets the camera, and after a time without either it goes home', async () => {
  // The lease of a minute passes faster.
  const clock = startFastClock(60)
  const centre = await startWithWall(
    { ptz: { home: '1', north_deg: 90 } },
    { IOC_CAMERA_HOME_MS: '300', ...clock.environment },
  )
  // Nobody controls it at the beginning either: it goes home.
  await eventually(async () => (audited(centre, /^camera\.return$/).length === 1 ? true : undefined))
  const names = ['lan', 'minh']
  const users = await Promise.all(names.map((name) => centre.addUser(name, { role: 'operator' })))
  const pressedAt = Date.now()
  const answers = await Promise.all(
    users.map((user) => centre.post('/api/cameras/nui/mat-03/ptz', { kind: 'preset', token: '2' }, user)),
  )
  const winner = answers.findIndex(({ status }) => status === 200)
  expect(answers[winner]?.body).toMatchObject({ at: '2', lease: { holder: names[winner] } })
  expect(answers[1 - winner]).toMatchObject({ status: 409, body: { message: `${names[winner]} controls the camera` } })
  await eventually(async () => {
    const { camera } = (await centre.get('/api/cameras/nui/mat-03', users[0])).body as ApiCameraDetail
    return camera.ptz?.at === '1' ? true : undefined
  })
  await eventually(async () => (audited(centre, /^camera\./).length >= 4 ? true : undefined))
  const since = audited(centre, /^camera\./).filter(({ at }) => at >= pressedAt)
  const lines = since.map(({ who, what, detail }) => [what, who, 'refused' in (detail ?? {})])
  expect(lines.toSorted()).toEqual(
    [
      ['camera.move', names[winner], false],
      ['camera.move', names[1 - winner], true],
      ['camera.return', expect.any(String), false],
    ].toSorted(),
  )
})

test('the still of an incident is masked, each view of it is written down, and it is gone after its time', async () => {
  const half: NewCamera['masks'] = [
    [
      [0, 0.5],
      [1, 0.5],
      [1, 1],
      [0, 1],
    ],
  ]
  const centre = await startWithWall({ masks: half })
  await centre.publish('incident/7', incident(7))
  const path = '/api/incidents/7/stills'
  const [still] = await eventually(async () => {
    const { stills } = (await centre.get(path)).body as ApiIncidentStills
    return stills.length > 0 ? stills : undefined
  })
  const operator = await centre.addUser('lan', { role: 'operator' })
  const fetched = await fetch(`${centre.url}${path}/${still?.name}`, { headers: operator })
  const image = sharp(Buffer.from(await fetched.arrayBuffer()))
  const { width = 0, height = 0 } = await image.metadata()
  const lightest = async (top: number) => {
    const region = { left: 8, top: top + 8, width: width - 16, height: height / 2 - 16 }
    return (await sharp(await image.clone().extract(region).png().toBuffer()).stats()).channels[0]?.max ?? 0
  }
  expect(await lightest(height / 2)).toBeLessThan(20)
  expect(await lightest(0)).toBeGreaterThan(60)
  expect(audited(centre, /^still\.view$/)).toMatchObject([{ who: 'lan', target: 'incident 7: nui/mat-03' }])

  const store = new StillStore(centre.dataDir, { lastMs: dayMs, incidentMs: 7 * dayMs })
  expect(store.expire(Date.now() + 8 * dayMs)).toBeGreaterThan(0)
  expect((await centre.get(path, operator)).body).toEqual({ stills: [] })
  expect((await fetch(`${centre.url}${path}/${still?.name}`, { headers: operator })).status).toBe(404)
  const folder = join(centre.dataDir, 'wall', 'stills', 'incidents')
  expect(readdirSync(folder, { recursive: true })).toEqual([])
})

describe('cameras with hostile answers', () => {
  const hostile = answerModes.filter((mode) => mode !== 'normal' && mode !== 'silent' && mode !== 'cut')
  const recordsOf = (broker: TestBroker, device: string) =>
    broker.telemetry.flatMap(({ records }) => records).filter((record) => record.device === device)
  const residentMb = (pid: number) =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_000

  test('cost the bridge no more than 20 MB, and delay no other camera', async () => {
    const broker = await testBroker()
    const folder = testFolder()
    const file = new CameraFile(folder)
    const good = await startCamera()
    const bad = await Promise.all(hostile.map(() => startCamera()))
    file.add({ name: 'good', type: 'camera', onvif: good.deviceUrl, ...login })
    for (const [index, mode] of hostile.entries()) {
      const onvif = bad[index]?.deviceUrl ?? ''
      file.add({ name: mode, type: 'camera', onvif, ...login })
    }
    const bridge = startBridge(folder, {
      IOC_MQTT_URL: broker.url,
      IOC_CAMERA_PASSWORD: 'right',
      IOC_CAMERA_WALL_URL: 'off',
      IOC_CAMERA_CADENCE_MS: '1000',
      IOC_CAMERA_PICTURE_MS: '1000',
    })
    const names = ['good', ...hostile]
    // Warm: the memory of a process that has just begun still grows.
    await broker.until(() => names.every((name) => recordsOf(broker, name).length > 15))
    const before = residentMb(bridge.process.pid ?? 0)
    for (const [index, mode] of hostile.entries()) Object.assign(bad[index]?.state ?? {}, { answer: mode })
    broker.telemetry.length = 0
    await broker.until(() => hostile.every((name) => recordsOf(broker, name).at(-1)?.values['state'] === 'offline'))
    const invalid = hostile.map((name) => recordsOf(broker, name).at(-1)?.values['reason'])
    expect(new Set(invalid)).toEqual(new Set(['invalid_answer']))
    const counted = recordsOf(broker, 'good').length
    await broker.until(() => recordsOf(broker, 'good').length > counted + 10)
    expect(recordsOf(broker, 'good').every(({ values }) => values['state'] === 'online')).toBe(true)
    expect(residentMb(bridge.process.pid ?? 0) - before).toBeLessThan(20)
  })
})

function incident(id: number): LiveIncident {
  const now = Date.now()
  return {
    ...{ id, state: 'open', severity: 'medium', title: { vi: 'Camera bị che', en: 'Camera is covered' } },
    ...{ cause: 'device/nui/mat-03', aspect: 'condition', problem: 'covered', began: now, opened: now, ended: null },
    ...{ acknowledged: null, assigned: null, affected: [], affected_count: 0, flapping: false, merged_into: null },
    ...{ merged: [], messages: 0, timeline: [] },
  } as unknown as LiveIncident
}
