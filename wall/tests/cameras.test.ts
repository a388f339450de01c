import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { openCredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import { CameraFile } from '@ioc/camera-bridge/cameras/camera-file.ts'
import type { ApiBridges, ApiCameras } from '@ioc/contract/messages/api-cameras.ts'
import { SimulatedCamera } from '@ioc/simulator/onvif-camera/camera.ts'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type Centre, eventually, startCentre } from '../server/testing/centre.ts'
import { canBrowse, launchBrowser, problemsOf, waitForText } from '../testing/browser.ts'

const login = { username: 'admin', password: 'bí mật' }
const site = (name: string, area: string) => ({
  ...{ site: 'cot-1', name, area, kind: 'camera_pole', lat: 11.77, lon: 108.48 },
})

describe.skipIf(!canBrowse)('the pages of cameras, in a browser', () => {
  let centre: Centre
  let browser: Browser
  let bridge: ChildProcess
  const folder = mkdtempSync(join(tmpdir(), 'ioc-cameras-'))
  let printed = ''
  let page: Page
  let problems: string[]
  const cameras: SimulatedCamera[] = []
  const startCamera = async () => {
    const camera = new SimulatedCamera({ login })
    await camera.start()
    cameras.push(camera)
    return camera
  }
  const listed = async () => ((await centre.get('/api/cameras')).body as ApiCameras).cameras

  beforeAll(async () => {
    centre = await startCentre()
    await centre.publish('district', {
      ...{ areas: [{ code: '24931', name: 'Đơn Dương', lat: 11.7, lon: 108.5, unconfirmed: false }] },
      ...{ sites: [site('Cột Thạnh Mỹ 1', '24931')], units: [], targets: [], thresholds: [], rules: [] },
      ...{ upstreams: [], outlines: null, problem: null },
    })
    const file = new CameraFile(folder)
    for (const [name, title] of [
      ['tot', 'Ngã tư chợ'],
      ['sai', 'Cổng trường'],
      ['mat', 'Bến xe'],
    ] as const) {
      const camera = await startCamera()
      if (name === 'mat') camera.state.answer = 'cut'
      const password = name === 'sai' ? 'khác' : login.password
      const live_url = 'https://nvr.example.vn/1'
      file.add({ name, title, type: 'camera', onvif: camera.deviceUrl, live_url, ...login, password })
    }
    const { NODE_OPTIONS: _, ...inherited } = process.env
    const environment = {
      ...inherited,
      IOC_CAMERA_DATA_DIR: folder,
      IOC_DATA_DIR: join(folder, 'data'),
      IOC_MQTT_PORT: '9',
      IOC_CAMERA_WALL_URL: centre.url,
      IOC_CAMERA_SITE: 'cot-1',
      IOC_CAMERA_NODE: 'bridge',
      IOC_CAMERA_PASSWORD: await openCredentialStore(centre.dataDir).add('cot-1/bridge', 'node'),
      IOC_CAMERA_CADENCE_MS: '500',
      IOC_CAMERA_PICTURE_MS: '500',
    }
    bridge = spawn(process.execPath, [join(import.meta.dirname, '../../camera-bridge/main.ts')], { env: environment })
    bridge.stdout?.on('data', (data) => {
      printed += data
    })
    await eventually(async () => {
      const states = (await listed()).map(({ state }) => state)
      return states.includes('online') && states.includes('offline') && states.includes('degraded') ? true : undefined
    })
    browser = await launchBrowser()
    page = await (await browser.newContext({ locale: 'vi-VN' })).newPage()
    problems = problemsOf(page)
  })
  afterAll(async () => {
    await browser?.close()
    // It writes its last baselines into the folder.
    const stopped = bridge && once(bridge, 'exit')
    bridge?.kill('SIGTERM')
    await stopped
    await Promise.all(cameras.map((camera) => camera.stop()))
    await centre?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('list the abnormal ones first, with their reasons, and filter them', async () => {
    await page.goto(`${centre.url}/cameras`)
    await page.locator('[data-testid=camera-strip] li').nth(1).waitFor()
    const rows = page.locator('[data-testid=cameras] tbody tr')
    expect(await rows.allTextContents()).toEqual([
      expect.stringMatching(/^Bến xe.*Camera không phản hồi/),
      expect.stringMatching(/^Cổng trường.*Sai mật khẩu camera/),
      expect.stringMatching(/^Ngã tư chợ.*Hoạt động.*Cột Thạnh Mỹ 1.*Đơn Dương/),
    ])
    await page.selectOption('[data-testid=filter-state]', 'degraded')
    expect(await rows.count()).toBe(1)
    await page.selectOption('[data-testid=filter-state]', '')
    await page.fill('[data-testid=cameras] [type=search]', 'nga tu')
    expect(await rows.allTextContents()).toEqual([expect.stringContaining('Ngã tư chợ')])
  })

  test('show a camera with its still, its steps and its link', async () => {
    await page.click('[data-testid=camera-cot-1-tot] a')
    await page.locator('[data-testid=camera-page] [data-testid=still]').waitFor()
    await waitForText(page, '[data-testid=step-login]', 'đạt')
    expect(await page.getAttribute('[data-testid=live-link]', 'href')).toBe('https://nvr.example.vn/1')
    expect(await page.locator('[data-testid=camera-ptz]').count()).toBe(0)
    await page.goto(`${centre.url}/cameras/cot-1/sai`)
    await waitForText(page, '[data-testid=step-login]', 'hỏng')
    await page.goto(`${centre.url}/cameras/cot-1/khong-co`)
    await waitForText(page, 'main', 'khong-co')
  })

  test('add a camera and remove it', async () => {
    const added = await startCamera()
    await page.goto(`${centre.url}/cameras`)
    const form = '[data-testid=add-camera]'
    await page.fill(`${form} [name=name]`, 'moi')
    await page.fill(`${form} [name=address]`, added.deviceUrl)
    await page.fill(`${form} [name=username]`, login.username)
    await page.fill(`${form} [name=password]`, login.password)
    await page.click('[data-testid=add-camera-submit]')
    await waitForText(page, '[data-testid=add-camera-outcome]', 'Đã thêm')
    await page.click('[data-testid=camera-cot-1-moi] th a')
    page.once('dialog', (dialog) => void dialog.accept())
    await page.getByRole('button', { name: 'Xóa camera' }).click()
    await eventually(async () => ((await listed()).some(({ name }) => name === 'moi') ? undefined : true))
    expect(printed).not.toContain(login.password)
  })

  test('offer a camera that announced itself', async () => {
    const password = await openCredentialStore(centre.dataDir).add('cot-1/second', 'node')
    const authorization = `Basic ${Buffer.from(`cot-1/second:${password}`).toString('base64')}`
    const link = new WebSocket(`${centre.url.replace('http', 'ws')}/camera-link`, { headers: { authorization } })
    await new Promise((resolve) => link.once('open', resolve))
    const offered = [{ onvif: 'http://10.0.0.9/onvif', name: 'IPC 9', hardware: '', known: false }]
    link.send(JSON.stringify({ kind: 'offered', offered }))
    await eventually(async () =>
      ((await centre.get('/api/camera-bridges')).body as ApiBridges).bridges.find((one) => one.offered.length === 1),
    )
    await page.goto(`${centre.url}/cameras`)
    const form = '[data-testid=add-camera]'
    await page.locator(`${form} select`).first().selectOption({ label: 'cot-1/second' })
    await waitForText(page, '[data-testid=offered]', 'Camera mới tự thông báo trong mạng')
    await page.getByRole('button', { name: 'Chọn' }).click()
    expect(await page.inputValue(`${form} [name=address]`)).toBe('http://10.0.0.9/onvif')
    link.terminate()
  })

  test('are accessible, speak English, and have no errors', async () => {
    for (const path of ['/cameras', '/cameras/cot-1/tot']) {
      await page.goto(centre.url + path)
      await page.locator('.page [data-testid=still], .page [data-testid=camera-strip]').first().waitFor()
      const { violations } = await new AxeBuilder({ page }).include('main').analyze()
      expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([])
    }
    await page.evaluate(() => localStorage.setItem('ioc.language', 'en'))
    await page.reload()
    await waitForText(page, '[data-testid=camera-steps]', 'Health, step by step')
    expect(problems).toEqual([])
  })
})
