import { existsSync, readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { AuditLog } from '@ioc/accounts/audit-log.ts'
import { openCredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import { CameraFile, type NewCamera } from '@ioc/camera-bridge/cameras/camera-file.ts'
import type { ApiBridges } from '@ioc/contract/messages/api-cameras.ts'
import { type CameraReport, maxLinkCameras, maxStillBytes, maxStillWidth } from '@ioc/contract/messages/camera-link.ts'
import type { LiveIncident } from '@ioc/contract/messages/incidents.ts'
import { SimulatedCamera, type SimulatedCameraSettings } from '@ioc/simulator/onvif-camera/camera.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { startNodeProcess } from '@ioc/uplink/testing/node-process.ts'
import sharp from 'sharp'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { StillStore } from './cameras/still-store.ts'
import { type Centre, startCentre } from './testing/centre.ts'

const login = { username: 'admin', password: 'bí mật' }
const presets = [
  { token: '1', name: 'Nhà', pan: 0, tilt: 0, zoom: 0 },
  { token: '2', name: 'Núi Voi', pan: 0.25, tilt: 0.1, zoom: 0.5 },
]

async function until(condition: () => unknown): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20))
}

/** A wall, and a bridge that is connected to it with one camera. */
async function start(change: Partial<NewCamera> = {}, settings: SimulatedCameraSettings = {}, environment = {}) {
  const centre = await startCentre(environment)
  onTestFinished(() => centre.stop())
  await centre.publish('district', {
    areas: [],
    sites: [{ site: 'nui', name: 'Trạm Núi', area: '24931', kind: 'high_camera', lat: 11.79, lon: 108.56 }],
    units: [],
    targets: [],
    thresholds: [],
    rules: [],
    upstreams: [],
    outlines: null,
    problem: null,
  })
  const camera = new SimulatedCamera({ login, presets, ...settings })
  await camera.start()
  onTestFinished(() => camera.stop())
  const folder = testFolder()
  new CameraFile(folder).add({ name: 'mat-03', type: 'high_camera', onvif: camera.deviceUrl, ...login, ...change })
  const password = await openCredentialStore(centre.dataDir).add('nui/bridge', 'node')
  const { NODE_OPTIONS: _, ...inherited } = process.env
  const bridge = startNodeProcess(join(import.meta.dirname, '../../camera-bridge/main.ts'), {
    ...inherited,
    IOC_CAMERA_DATA_DIR: folder,
    IOC_DATA_DIR: join(folder, 'data'),
    IOC_MQTT_PORT: '9',
    IOC_CAMERA_WALL_URL: centre.url,
    IOC_CAMERA_SITE: 'nui',
    IOC_CAMERA_NODE: 'bridge',
    IOC_CAMERA_PASSWORD: password,
    IOC_CAMERA_CADENCE_MS: '300',
    IOC_CAMERA_PICTURE_MS: '300',
    IOC_CAMERA_STILL_MS: '1000',
  })
  onTestFinished(() => void bridge.process.kill('SIGTERM'))
  const read = async (headers: Record<string, string> = {}) =>
    (await centre.get('/api/cameras/nui/mat-03', headers)).body as { camera: Record<string, unknown> | undefined }
  await until(async () => (await read()).camera?.['still_ts'])
  return { centre, camera, bridge, folder, read }
}

const stillOf = async (centre: Centre, headers: Record<string, string> = {}, method = 'GET') => {
  const response = await fetch(`${centre.url}/api/cameras/nui/mat-03/still`, { method, headers })
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) }
}

const audited = (centre: Centre, what: string) =>
  new AuditLog(centre.dataDir).read(1_000).filter((entry) => entry.what === what)

describe('stills', () => {
  test('are masked and thinned at the bridge, and have no metadata', async () => {
    const masks: NewCamera['masks'] = [
      [
        [0.5, 0.5],
        [1, 0.5],
        [1, 1],
        [0.5, 1],
      ],
    ]
    const { centre } = await start({ masks }, { scene: { width: 1280, height: 720 } })
    const { status, bytes } = await stillOf(centre)
    expect(status).toBe(200)
    expect(bytes.length).toBeLessThan(maxStillBytes)
    const { width = 0, height = 0, exif } = await sharp(bytes).metadata()
    expect({ width, exif }).toEqual({ width: maxStillWidth, exif: undefined })
    const light = async (left: number, top: number) => {
      const region = { left: left + 8, top: top + 8, width: width / 2 - 16, height: height / 2 - 16 }
      // Figures are those of the input, whatever is cut out of it.
      return (await sharp(await sharp(bytes).extract(region).png().toBuffer()).stats()).channels[0]
    }
    expect((await light(width / 2, height / 2))?.max).toBeLessThan(20)
    expect((await light(0, 0))?.mean).toBeGreaterThan(5)
    expect((await light(0, height / 2))?.mean).toBeGreaterThan(5)
  })

  test('are for operators who may see the place, and each view is written down', async () => {
    const { centre } = await start()
    const viewer = await centre.addUser('viewer', { role: 'viewer' })
    const operator = await centre.addUser('operator', { role: 'operator' })
    const elsewhere = await centre.addUser('elsewhere', { role: 'operator', areas: ['24934'] })
    expect((await stillOf(centre)).status).toBe(401)
    expect((await stillOf(centre, viewer)).status).toBe(403)
    expect((await stillOf(centre, elsewhere)).status).toBe(404)
    expect((await centre.get('/api/cameras', elsewhere)).body).toMatchObject({ cameras: [] })
    expect((await centre.get('/api/cameras', viewer)).body).toMatchObject({
      cameras: [{ site: 'nui', name: 'mat-03', site_name: 'Trạm Núi', lat: 11.79 }],
      may: { stills: false, move: false, manage: false },
    })
    expect((await stillOf(centre, operator)).status).toBe(200)
    expect(audited(centre, 'still.view')).toMatchObject([{ who: 'operator', target: 'nui/mat-03' }])
  })

  test('are taken by hand at most every two seconds', async () => {
    const { centre, camera } = await start()
    const before = camera.count('snapshot')
    const answers = await Promise.all([1, 2, 3].map(() => stillOf(centre, {}, 'POST')))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409])
    expect(camera.count('snapshot')).toBeGreaterThan(before)
  })

  test('of an incident about the camera are kept, and shown to whoever may see them', async () => {
    const { centre } = await start()
    await centre.publish('incident/7', incident(7))
    await until(async () => ((await centre.get('/api/incidents/7/stills')).body as { stills: unknown[] }).stills.length)
    const { stills } = (await centre.get('/api/incidents/7/stills')).body as { stills: { name: string }[] }
    const response = await fetch(`${centre.url}/api/incidents/7/stills/${stills[0]?.name}`)
    expect(response.headers.get('content-type')).toBe('image/jpeg')
    const elsewhere = await centre.addUser('elsewhere', { role: 'operator', areas: ['24934'] })
    expect((await centre.get('/api/incidents/7/stills', elsewhere)).body).toEqual({ stills: [] })
    for (const name of ['../../last/nui@mat-03.jpg', 'x.jpg', '%2e%2e%2f1.jpg']) {
      expect((await centre.get(`/api/incidents/7/stills/${encodeURIComponent(name)}`, elsewhere)).status).toBe(404)
    }
  })
})

describe('retention of stills', () => {
  const hour = 3_600_000
  const jpeg = Buffer.from([0xff, 0xd8, 0, 0xff, 0xd9])
  let folder = ''
  beforeEach(() => {
    folder = testFolder()
  })
  const filesIn = () => {
    const root = join(folder, 'wall', 'stills')
    return readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length
  }

  test('removes the file of the last one and of incidents from the disk, each after its time', () => {
    const store = new StillStore(folder, { lastMs: 24 * hour, incidentMs: 7 * 24 * hour })
    const now = Date.now()
    store.putLast('nui', 'mat-03', { jpeg, ts: now })
    store.keep(7, 'nui', 'mat-03', { jpeg, ts: now })
    expect(filesIn()).toBe(2)
    expect(store.expire(now + 24 * hour - 1_000)).toBe(0)
    expect(store.expire(now + 24 * hour + 1_000)).toBe(1)
    expect(store.last('nui', 'mat-03', now)).toBeUndefined()
    expect(store.ofIncident(7)).toHaveLength(1)
    expect(store.expire(now + 7 * 24 * hour + 1_000)).toBe(1)
    expect(filesIn()).toBe(0)
    expect(store.ofIncident(7)).toEqual([])
  })

  test('never serves an expired still, also before its file is removed', () => {
    const store = new StillStore(folder, { lastMs: hour, incidentMs: hour })
    const now = Date.now()
    store.putLast('nui', 'mat-03', { jpeg, ts: now - 2 * hour })
    expect(store.last('nui', 'mat-03', now)).toBeUndefined()
    store.keep(7, 'nui', 'mat-03', { jpeg, ts: now - 2 * hour })
    expect(store.ofIncident(7, now)).toEqual([])
    expect(store.readOfIncident(7, `${now - 2 * hour}-nui@mat-03.jpg`, now)).toBeUndefined()
    expect(store.readOfIncident(7, `${now - 2 * hour}-nui@mat-03.jpg`, now - 2 * hour)).toEqual(jpeg)
  })

  test('keeps one still of a camera, the newest, also where an older one comes later', () => {
    const store = new StillStore(folder, { lastMs: 24 * hour, incidentMs: hour })
    const now = Date.now()
    for (const ts of [now - 3_000, now, now - 1_000]) store.putLast('nui', 'mat-03', { jpeg, ts })
    expect(filesIn()).toBe(1)
    expect(store.last('nui', 'mat-03', now)?.ts).toBe(now)
  })

  test('keeps cameras apart whose names look alike', () => {
    const store = new StillStore(folder, { lastMs: hour, incidentMs: hour })
    const ts = Date.now()
    store.putLast('a__b', 'c', { jpeg, ts })
    store.putLast('a_', '_b.c', { jpeg, ts })
    expect(store.last('a', 'b__c')).toBeUndefined()
    expect(store.last('a__b', 'c')?.ts).toBe(ts)
    store.keep(7, 'a__b', 'c-1.x', { jpeg, ts })
    expect(store.ofIncident(7)).toMatchObject([{ site: 'a__b', camera: 'c-1.x', ts }])
  })

  test('limits the stills of an incident', () => {
    const store = new StillStore(folder, { lastMs: hour, incidentMs: hour })
    for (let n = 0; n < 50; n++) store.keep(7, 'nui', 'mat-03', { jpeg, ts: 1_000_000 + n })
    expect(store.ofIncident(7, 1_000_000)).toHaveLength(20)
  })
})

describe('link of a bridge', () => {
  const open = (centre: Centre, authorization: string) =>
    new Promise<number>((resolve) => {
      const socket = new WebSocket(`${centre.url.replace('http', 'ws')}/camera-link`, { headers: { authorization } })
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
      socket.on('open', () => resolve(101))
      socket.on('error', () => undefined)
      onTestFinished(() => socket.terminate())
    })
  const basic = (name: string, password: string) => `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`

  test('needs the credential of a node', async () => {
    const centre = await startCentre()
    onTestFinished(() => centre.stop())
    const store = openCredentialStore(centre.dataDir)
    const password = await store.add('nui/bridge', 'node')
    const ofCentre = await store.add('centre/other', 'centre')
    expect(await open(centre, basic('nui/bridge', password))).toBe(101)
    expect(await open(centre, basic('nui/bridge', 'wrong'))).toBe(401)
    expect(await open(centre, basic('centre/other', ofCentre))).toBe(401)
    expect(await open(centre, 'Bearer x')).toBe(401)
  })

  test('keeps no connection of whoever is refused, also where the other end stays open', async () => {
    const centre = await startCentre()
    onTestFinished(() => centre.stop())
    const { hostname, port } = new URL(centre.url)
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
    onTestFinished(() => void socket.destroy())
    const reset = new Promise((resolve) => socket.once('error', resolve))
    socket.write(
      `GET /camera-link HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OTAxMjM0NQ==\r\n\r\n',
    )
    await new Promise((resolve) => socket.resume().once('end', resolve))
    const writes = setInterval(() => socket.write('x'), 20)
    onTestFinished(() => clearInterval(writes))
    expect(await reset).toMatchObject({ code: expect.stringMatching(/^(EPIPE|ECONNRESET)$/) })
  })

  test('reports at most as many cameras as a bridge may have, one by one too', async () => {
    const centre = await startCentre()
    onTestFinished(() => centre.stop())
    const password = await openCredentialStore(centre.dataDir).add('nui/bridge', 'node')
    const socket = new WebSocket(`${centre.url.replace('http', 'ws')}/camera-link`, {
      headers: { authorization: basic('nui/bridge', password) },
    })
    onTestFinished(() => socket.terminate())
    await new Promise((resolve) => socket.once('open', resolve))
    for (let n = 0; n < maxLinkCameras + 5; n++) {
      socket.send(JSON.stringify({ kind: 'camera', camera: report(`cam-${n}`) }))
    }
    const pong = new Promise((resolve) => socket.once('pong', resolve))
    socket.ping()
    await pong
    const { cameras } = (await centre.get('/api/cameras')).body as { cameras: unknown[] }
    expect(cameras).toHaveLength(maxLinkCameras)
    const offered = [{ onvif: 'http://10.0.0.9/', name: 'IPC', hardware: '', known: false }]
    socket.send(JSON.stringify({ kind: 'offered', offered }))
    const bridges = async () => ((await centre.get('/api/camera-bridges')).body as ApiBridges).bridges
    await until(async () => (await bridges())[0]?.offered.length === 1)
    expect(await bridges()).toEqual([{ site: 'nui', node: 'bridge', offered }])
  })

  test('accepts nothing that does not match its schema, and no bytes that are not a picture', async () => {
    const centre = await startCentre()
    onTestFinished(() => centre.stop())
    const password = await openCredentialStore(centre.dataDir).add('nui/bridge', 'node')
    const socket = new WebSocket(`${centre.url.replace('http', 'ws')}/camera-link`, {
      headers: { authorization: basic('nui/bridge', password) },
    })
    await new Promise((resolve) => socket.once('open', resolve))
    const closed = new Promise<number>((resolve) => socket.once('close', (code) => resolve(code)))
    const html = Buffer.from('<script>alert(1)</script>').toString('base64')
    socket.send(JSON.stringify({ kind: 'still', still: { camera: 'mat-03', ts: 1, jpeg: html } }))
    for (const bad of ['', '[]', '{"kind":"x"}', '{"kind":"camera","camera":{"name":"../x"}}']) socket.send(bad)
    for (let n = 0; n < 10; n++) socket.send('{')
    expect(await closed).toBe(1008)
    expect(existsSync(join(centre.dataDir, 'wall', 'stills', 'last'))).toBe(false)
    expect((await centre.get('/api/cameras')).body).toMatchObject({ cameras: [] })
  })
})

describe('a camera that turns', () => {
  const move = (centre: Centre, body: object, headers: Record<string, string> = {}) =>
    centre.post('/api/cameras/nui/mat-03/ptz', body, headers)

  test('goes to a preset for one operator at a time, and each move is written down', async () => {
    const { centre, read } = await start({ ptz: { home: '1', north_deg: 90 } })
    await until(
      async () => (((await read()).camera?.['ptz'] as { presets: unknown[] } | null)?.presets ?? []).length > 0,
    )
    const lan = await centre.addUser('lan', { role: 'operator' })
    const minh = await centre.addUser('minh', { role: 'operator' })
    const leader = await centre.addUser('leader', { role: 'admin' })
    const viewer = await centre.addUser('viewer', { role: 'viewer' })
    const moved = await move(centre, { kind: 'preset', token: '2' }, lan)
    expect(moved).toMatchObject({
      status: 200,
      body: { at: '2', pan: 0.25, bearing_deg: 135, lease: { holder: 'lan', priority: 'operator' } },
    })
    expect(await move(centre, { kind: 'preset', token: '1' }, minh)).toMatchObject({
      status: 409,
      body: { error: 'CAMERA_BUSY', message: 'lan controls the camera' },
    })
    expect((await move(centre, { kind: 'home' }, viewer)).status).toBe(403)
    expect(await move(centre, { kind: 'home' }, leader)).toMatchObject({ status: 200, body: { at: '1' } })
    expect((await move(centre, { kind: 'release' }, leader)).status).toBe(200)
    const turned = await move(centre, { kind: 'turn', pan: 1, tilt: 0, zoom: 0 }, minh)
    expect(turned).toMatchObject({ status: 200, body: { at: null, lease: { holder: 'minh' } } })
    expect((await move(centre, { kind: 'stop' }, minh)).status).toBe(200)
    expect((await move(centre, { kind: 'turn', pan: 2, tilt: 0, zoom: 0 }, minh)).status).toBe(400)
    expect(
      audited(centre, 'camera.move').map(({ who, detail }) => [who, detail?.['move'], 'refused' in (detail ?? {})]),
    ).toEqual([
      ['lan', 'preset', false],
      ['minh', 'preset', true],
      ['leader', 'home', false],
      ['leader', 'release', false],
      ['minh', 'turn', false],
      ['minh', 'stop', false],
    ])
  })

  test('is not reached while its bridge is away, and nothing is moved later', async () => {
    const { centre, bridge, camera, read } = await start()
    bridge.process.kill('SIGKILL')
    await until(async () => (await read()).camera?.['linked'] === false)
    expect(await move(centre, { kind: 'preset', token: '2' })).toMatchObject({
      status: 503,
      body: { error: 'CAMERA_BRIDGE_UNREACHABLE' },
    })
    expect(camera.count('GotoPreset')).toBe(0)
  })
})

function report(name: string): CameraReport {
  return {
    ...{ name, type: 'camera', title: null, lat: null, lon: null, live_url: null, state: 'online', since: 1 },
    ...{ reason: null, steps: {}, picture: 'ok', picture_ts: null, clock_offset_s: null, response_ms: null },
    ...{ clock_source: null, rules: [], counts: {}, masks: 0, ptz: null },
  }
}

function incident(id: number): LiveIncident {
  const now = Date.now()
  return {
    ...{ id, state: 'open', severity: 'medium', title: { vi: 'Camera bị che', en: 'Camera is covered' } },
    ...{ cause: 'device/nui/mat-03', aspect: 'condition', problem: 'covered', began: now, opened: now, ended: null },
    ...{ acknowledged: null, assigned: null, affected: [], affected_count: 0, flapping: false, merged_into: null },
    ...{ merged: [], messages: 0, timeline: [] },
  } as unknown as LiveIncident
}
