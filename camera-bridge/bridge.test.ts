import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startCamera } from '@ioc/simulator/onvif-camera/testing/camera.ts'
import { type TestBroker, testBroker } from '@ioc/uplink/testing/broker.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { missingAfterKill, type NodeProcess, startNodeProcess } from '@ioc/uplink/testing/node-process.ts'
import { describe, expect, test } from 'vitest'
import { CameraFile } from './cameras/camera-file.ts'
import { createBaseline } from './picture/baseline.ts'
import { BaselineStore } from './picture/baseline-store.ts'

/** The process of the bridge, as a user starts it. */
function startBridge(folder: string, broker: TestBroker, environment: Record<string, string> = {}): NodeProcess {
  const { NODE_OPTIONS: _, ...inherited } = process.env
  return startNodeProcess(join(import.meta.dirname, 'main.ts'), {
    ...inherited,
    IOC_DATA_DIR: join(folder, 'data'),
    IOC_CAMERA_DATA_DIR: folder,
    IOC_MQTT_URL: broker.url,
    IOC_CAMERA_SITE: 'pole-1',
    IOC_CAMERA_NODE: 'bridge',
    IOC_CAMERA_PASSWORD: 'right',
    IOC_CAMERA_CADENCE_MS: '300',
    IOC_CAMERA_PICTURE_MS: '300',
    ...environment,
  })
}

function recordsOf(broker: TestBroker, device: string) {
  return broker.telemetry.flatMap(({ records }) => records).filter((record) => record.device === device)
}

const login = { username: 'admin', password: 'bí mật' }

describe('bridge', () => {
  test('reports cameras, follows its list, and one that never answers delays no other', async () => {
    const folder = testFolder()
    const broker = await testBroker()
    const [good, silentOne, late] = await Promise.all([startCamera({ login }), startCamera(), startCamera({ login })])
    silentOne.state.answer = 'silent'
    const file = new CameraFile(folder)
    file.add({ name: 'good', type: 'camera', title: 'Cổng chính', onvif: good.deviceUrl, ...login })
    file.add({ name: 'silent', type: 'camera', onvif: silentOne.deviceUrl })
    const bridge = startBridge(folder, broker)
    await broker.until(() => recordsOf(broker, 'good').some(({ values }) => values['state'] === 'online'))
    expect(broker.statuses[0]).toMatchObject({
      online: true,
      devices: [
        { id: 'good', type: 'camera', name: 'Cổng chính', cadence_s: 0.3 },
        { id: 'silent', type: 'camera' },
      ],
    })
    // What was learned cannot be saved any more, as on a full disk.
    const path = join(folder, 'pictures', 'good.json')
    await broker.until(() => existsSync(path))
    rmSync(path)
    mkdirSync(join(path, 'in-the-way'), { recursive: true })
    good.state.clockOffsetMs = 600_000
    await broker.until(() =>
      recordsOf(broker, 'good').some(({ values }) => values['reason'] === 'clock_unsynchronized'),
    )
    await broker.until(() => bridge.lines.includes('could not be saved'))
    const before = recordsOf(broker, 'good').length
    await broker.until(() => recordsOf(broker, 'good').length > before + 5)
    expect(recordsOf(broker, 'silent')).toEqual([])
    file.add({ name: 'late', type: 'high_camera', onvif: late.deviceUrl, ...login })
    await broker.until(() => recordsOf(broker, 'late').length > 0)
    file.remove('silent')
    await broker.until(
      () =>
        JSON.stringify(broker.statuses.at(-1))
          .match(/"(silent|late)"/g)
          ?.join() === '"late"',
    )
    expect(bridge.lines).not.toContain(login.password)
    bridge.process.kill('SIGTERM')
    expect(await once(bridge.process, 'exit')).toEqual([0, null])
    expect(broker.statuses.at(-1)?.online).toBe(false)
  })

  test('learns the pictures of a camera again where another device took its place', async () => {
    const folder = testFolder()
    const broker = await testBroker()
    const camera = await startCamera({ identity: { serial: 'S-2' } })
    const file = new CameraFile(folder)
    file.add({ name: 'good', type: 'camera', onvif: camera.deviceUrl, serial: 'S-1' })
    const baselines = new BaselineStore(folder)
    const learned = createBaseline(Date.now() - 86_400_000)
    baselines.save('good', { baseline: learned, figures: [] })
    startBridge(folder, broker)
    await broker.until(() => recordsOf(broker, 'good').some(({ values }) => values['reason'] === 'another_camera'))
    expect(baselines.read('good')?.baseline.since).toBe(learned.since)
    file.reidentify('good', { serial: 'S-2' })
    await broker.until(() => recordsOf(broker, 'good').some(({ values }) => values['state'] === 'online'))
    await broker.until(() => (baselines.read('good')?.baseline.since ?? 0) > learned.since)
  })

  test('is a node of each site that its cameras name, once the site has a credential', async () => {
    const folder = testFolder()
    const broker = await testBroker()
    const [here, there] = await Promise.all([startCamera({ login }), startCamera({ login })])
    const file = new CameraFile(folder)
    file.add({ name: 'camera', type: 'camera', onvif: here.deviceUrl, ...login })
    file.add({ name: 'camera', site: 'pole-2', type: 'camera', onvif: there.deviceUrl, ...login })
    startBridge(folder, broker)
    await broker.until(() => recordsOf(broker, 'camera').length > 3)
    expect(there.requests.size).toBe(0)
    const credentials = join(folder, 'credentials')
    mkdirSync(credentials)
    writeFileSync(join(credentials, 'pole-2.json'), JSON.stringify({ username: 'pole-2/bridge', password: 'right' }))
    await broker.until(() => broker.statuses.length >= 2 && there.count('GetSystemDateAndTime') > 1)
    for (const status of broker.statuses) {
      expect(status).toMatchObject({ online: true, devices: [expect.objectContaining({ id: 'camera' })] })
    }
    await broker.until(() => existsSync(join(folder, 'outboxes', 'pole-2')))
  })

  test('watches the cameras of other sites where the credential of one is invalid', async () => {
    const folder = testFolder()
    const broker = await testBroker()
    const camera = await startCamera({ login })
    mkdirSync(join(folder, 'credentials'))
    writeFileSync(join(folder, 'credentials', 'pole-2.json'), '{')
    writeFileSync(join(folder, 'credentials', 'pole-3.json'), '{"username":"other/bridge","password":"right"}')
    const file = new CameraFile(folder)
    file.add({ name: 'two', site: 'pole-2', type: 'camera', onvif: 'http://127.0.0.1:9/two' })
    file.add({ name: 'three', site: 'pole-3', type: 'camera', onvif: 'http://127.0.0.1:9/three' })
    file.add({ name: 'one', type: 'camera', onvif: camera.deviceUrl, ...login })
    const bridge = startBridge(folder, broker)
    await broker.until(() => recordsOf(broker, 'one').length > 0)
    expect(bridge.lines.match(/invalid credential of a site/g)).toHaveLength(2)
  })

  test('loses nothing while the line is cut and the process is killed', async () => {
    const folder = testFolder()
    const broker = await testBroker()
    const camera = await startCamera({ login })
    new CameraFile(folder).add({ name: 'cam', type: 'camera', onvif: camera.deviceUrl, ...login })
    expect(await missingAfterKill(broker, () => startBridge(folder, broker), 5)).toEqual([])
  })

  test('reports in one line that it has no credential, and that its list is invalid', async () => {
    const broker = await testBroker()
    const without = startBridge(testFolder(), broker, { IOC_CAMERA_PASSWORD: '' })
    expect(await once(without.process, 'close')).toEqual([1, null])
    expect(without.lines).toMatch(/^camera-bridge: cannot read the credential .*\[OPTION_INVALID\]\n$/)
    const folder = testFolder()
    writeFileSync(join(folder, 'cameras.json'), '{"cameras":[{"name":"x","onvif":"ftp://10.0.0.1"}]}')
    const invalid = startBridge(folder, broker)
    expect(await once(invalid.process, 'close')).toEqual([1, null])
    expect(invalid.lines).toMatch(/onvif is not a valid address \[CAMERAS_INVALID\]\n$/)
  })
})

describe('list of cameras', () => {
  test('holds passwords encrypted, in files that only their user may read', () => {
    const folder = testFolder()
    const file = new CameraFile(folder)
    file.add({ name: 'cam', type: 'camera', onvif: 'http://10.0.0.5/onvif/device_service', ...login })
    const text = readFileSync(join(folder, 'cameras.json'), 'utf8')
    expect(text).not.toContain(login.password)
    for (const name of ['cameras.json', 'secret.key']) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
    expect(new CameraFile(folder).account(file.find('cam'))).toEqual(login)
    // A secret that is copied to another camera is of no use there.
    const moved = text.replace('"name": "cam"', '"name": "other"')
    writeFileSync(join(folder, 'cameras.json'), moved)
    expect(() => file.account(file.find('other'))).toThrow(expect.objectContaining({ code: 'CAMERAS_INVALID' }))
  })

  test.each([
    [{ name: 'cam', onvif: 'http://10.0.0.9/' }, 'CAMERA_EXISTS'],
    [{ name: 'two', onvif: 'http://10.0.0.5/' }, 'CAMERA_EXISTS'],
    [{ name: 'two', onvif: 'http://10.0.0.9/', serial: 'S1' }, 'CAMERA_EXISTS'],
    [{ name: 'a b', onvif: 'http://10.0.0.9/' }, 'NAME_INVALID'],
    [{ name: 'two' }, 'CAMERAS_INVALID'],
    [{ name: 'two', stream: 'rtsp://admin:secret@10.0.0.9/' }, 'CAMERAS_INVALID'],
    [{ name: 'two', onvif: 'http://10.0.0.9/', lat: 91 }, 'CAMERAS_INVALID'],
    [{ name: 'two', onvif: 'http://10.0.0.9/', live_url: 'https:x' }, 'CAMERAS_INVALID'],
    [{ name: 'two', onvif: 'http://10.0.0.9/', live_url: `http://x/${'y'.repeat(500)}` }, 'CAMERAS_INVALID'],
    [{ name: 'two', onvif: 'http://10.0.0.9/', ptz: { home: 'x'.repeat(65) } }, 'CAMERAS_INVALID'],
  ])('refuses %j with %s', (camera, code) => {
    const file = new CameraFile(testFolder())
    file.add({ name: 'cam', type: 'camera', onvif: 'http://10.0.0.5/', serial: 'S1' })
    expect(() => file.add({ type: 'camera', ...camera })).toThrow(expect.objectContaining({ code }))
    expect(file.list()).toHaveLength(1)
  })
})
