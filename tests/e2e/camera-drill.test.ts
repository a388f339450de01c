import { join } from 'node:path'
import { AuditLog } from '@ioc/accounts/audit-log.ts'
import { startMailServer } from '@ioc/alerting/testing/mail-server.ts'
import { openCredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import { CameraFile } from '@ioc/camera-bridge/cameras/camera-file.ts'
import type { ApiCameraDetail, ApiIncidentStills } from '@ioc/contract/messages/api-cameras.ts'
import type { ApiIncidentDetail } from '@ioc/contract/messages/api-incidents.ts'
import { SimulatedCamera } from '@ioc/simulator/onvif-camera/camera.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { startNodeProcess } from '@ioc/uplink/testing/node-process.ts'
import { eventually } from '@ioc/wall/server/testing/centre.ts'
import { canBrowse, launchBrowser, problemsOf, waitForText } from '@ioc/wall/testing/browser.ts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startWatchCentre } from '../harness/watch.ts'

const login = { username: 'admin', password: 'bí mật' }
const presets = [
  { token: '1', name: 'Nhà', pan: 0, tilt: 0, zoom: 0 },
  { token: '2', name: 'Núi Voi', pan: 0.25, tilt: 0.1, zoom: 0.5 },
]
const people = `people:
  - { id: kiem-lam-an, name: Lê Văn An, contacts: [{ channel: email, address: an@kiemlam.example }] }
  - { id: ky-thuat, name: Trần Minh, contacts: [{ channel: email, address: minh@ioc.example }] }
policies:
  - { id: chay-rung, units: [kiem-lam], steps: [{ after_min: 0, people: [kiem-lam-an] }] }
  - { id: con-lai, steps: [{ after_min: 0, people: [ky-thuat] }] }
`

/** The watch, the wall, a mail server, and a bridge with a camera that turns, in the area of the forest rangers. */
async function start() {
  const mail = await startMailServer()
  onTestFinished(() => mail.stop())
  const channels = `email: { host: 127.0.0.1, port: ${mail.port}, from: ioc@example.vn }\n`
  const centre = await startWatchCentre(people, channels)
  onTestFinished(() => centre.stop())
  const camera = new SimulatedCamera({ login, presets })
  await camera.start()
  onTestFinished(() => camera.stop())
  await centre.publishDevice('site-1', 'mat-03', false)
  const folder = testFolder()
  const ptz = { home: '1', north_deg: 90 }
  const place = { title: 'Mắt 03', lat: 11.79051, lon: 108.56124 }
  new CameraFile(folder).add({ name: 'mat-03', type: 'high_camera', onvif: camera.deviceUrl, ...login, ...place, ptz })
  const { NODE_OPTIONS: _, ...inherited } = process.env
  const bridge = startNodeProcess(join(import.meta.dirname, '../../camera-bridge/main.ts'), {
    ...inherited,
    IOC_CAMERA_DATA_DIR: folder,
    IOC_DATA_DIR: join(folder, 'data'),
    IOC_MQTT_PORT: String(centre.mqttPort),
    IOC_CAMERA_WALL_URL: centre.url,
    IOC_CAMERA_SITE: 'site-1',
    IOC_CAMERA_NODE: 'camera-bridge',
    IOC_CAMERA_PASSWORD: await openCredentialStore(centre.dataDir).add('site-1/camera-bridge', 'node'),
    IOC_CAMERA_CADENCE_MS: '500',
    IOC_CAMERA_PICTURE_MS: '500',
  })
  onTestFinished(() => void bridge.process.kill('SIGTERM'))
  const read = async <T>(path: string): Promise<T> => (await fetch(centre.url + path)).json() as Promise<T>
  const cameraNow = () => read<ApiCameraDetail>('/api/cameras/site-1/mat-03')
  await eventually(async () => ((await cameraNow()).camera?.ptz?.presets.length ? true : undefined))
  return { mail, centre, camera, read, cameraNow }
}

describe.skipIf(!canBrowse)('the drill of the high cameras', () => {
  test('goes from smoke in a picture to the reply of the rangers on the wall', async () => {
    const { mail, centre, camera, read, cameraNow } = await start()
    const browser = await launchBrowser()
    onTestFinished(() => browser.close())
    const page = await (await browser.newContext({ locale: 'vi-VN' })).newPage()
    const problems = problemsOf(page)
    await page.goto(`${centre.url}/cameras/site-1/mat-03`)

    await page.click('[data-testid=preset-2]')
    await waitForText(page, '[data-testid=ptz-state]', 'Hướng nhìn 135°')
    expect(camera.head.position(camera.now())).toMatchObject({ pan: 0.25 })
    await page.click('[data-testid=take-still]')
    await page.locator('[data-testid=camera-still] img').waitFor()

    await page.selectOption('[data-testid=camera-alarm] select', 'smoke')
    await page.fill('[data-testid=camera-alarm] [name=text]', 'Cột khói ở tiểu khu 12')
    await page.click('[data-testid=send-alarm]')
    await waitForText(page, '[data-testid=alarm-outcome]', 'Đã gửi')

    const message = await eventually(() => mail.mails[0])
    expect(message.subject).toContain('Phát hiện khói từ')
    expect(message.text).toContain('hướng 135° (đông nam), tọa độ camera 11.79051, 108.56124. Cột khói ở tiểu khu 12')
    expect(mail.mails.map(({ to }) => (Array.isArray(to) ? to[0] : to)?.text)).toEqual(['an@kiemlam.example'])
    const [, path = ''] = /https:\/\/ioc\.example\.vn(\/a\/\S+)/.exec(message.text ?? '') ?? []

    // The ranger is on a phone without a login.
    const phone = await (await browser.newContext({ viewport: { width: 390, height: 844 } })).newPage()
    await phone.goto(centre.url + path)
    const still = phone.locator('img[alt="Ảnh camera"]')
    await still.waitFor()
    expect(await still.evaluate((image) => 'naturalWidth' in image && image.naturalWidth)).toBeGreaterThan(100)
    await phone.fill('textarea', 'Tổ 2 đang đến, 15 phút')
    await phone.getByRole('button', { name: 'Tiếp nhận' }).click()
    await phone.getByRole('heading', { name: 'Đã tiếp nhận' }).waitFor()

    await waitForText(page, '[data-testid=replies]', 'Tổ 2 đang đến, 15 phút')
    await waitForText(page, '[data-testid=replies]', 'Cột khói ở tiểu khu 12')
    const [id = 0] = (await cameraNow()).incidents
    expect(await read<ApiIncidentDetail>(`/api/incidents/${id}`)).toMatchObject({
      ...{ state: 'acknowledged', severity: 'critical', cause: 'device/site-1/mat-03' },
      acknowledged: { by: 'kiem-lam-an' },
    })
    expect((await read<ApiIncidentStills>(`/api/incidents/${id}/stills`)).stills).toMatchObject([{ camera: 'mat-03' }])
    await page.goto(`${centre.url}/incidents/${id}`)
    await page.locator('[data-testid=incident-stills] img').waitFor()

    await fetch(`${centre.url}/api/incidents/${id}/resolve`, { method: 'POST' })
    await eventually(async () =>
      (await read<ApiIncidentDetail>(`/api/incidents/${id}`)).state === 'resolved' ? true : undefined,
    )
    const done = new AuditLog(centre.dataDir).read(100).map(({ what }) => what)
    for (const what of ['camera.move', 'still.view', 'camera.alarm', 'incident.acknowledge_by_link']) {
      expect(done).toContain(what)
    }
    expect(problems).toEqual([])
  })

  test('turns the camera by keys while they are held, and returns it to its home', async () => {
    const { centre, camera } = await start()
    const browser = await launchBrowser()
    onTestFinished(() => browser.close())
    const page = await (await browser.newContext({ locale: 'vi-VN' })).newPage()
    await page.goto(`${centre.url}/cameras/site-1/mat-03`)
    await page.focus('[data-testid=ptz-keys]')
    const pan = () => camera.head.position(camera.now()).pan
    await page.keyboard.down('ArrowRight')
    await eventually(() => (pan() > 0.05 ? true : undefined))
    await page.keyboard.up('ArrowRight')
    await eventually(() => (camera.count('Stop') > 0 ? true : undefined))
    await page.keyboard.press('2')
    await eventually(() => (pan() === 0.25 ? true : undefined))
    await page.keyboard.press('h')
    await eventually(() => (pan() === 0 ? true : undefined))
    await waitForText(page, '[data-testid=ptz-state]', 'Đang điều khiển')
  })
})
