import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { ApiHealth } from '@ioc/contract/messages/api.ts'
import type { Level, LiveIndicator } from '@ioc/contract/messages/live.ts'
import { indicatorTopic } from '@ioc/contract/topics.ts'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appDist } from './server/pages.ts'
import { type Centre, startCentre } from './server/testing/centre.ts'
import { cpu, device, ledger, process as processOf, topicOf } from './server/testing/samples.ts'

const executablePath = '/usr/bin/chromium'
const present = existsSync(executablePath)
const required = process.env['IOC_REQUIRE_REAL'] === '1'
if (!present) console.warn(`skipped: the page in a browser (${executablePath} is missing)`)

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--enable-unsafe-swiftshader',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const descriptor = {
  id: 'system_cpu_1m',
  title: { vi: 'CPU trung bình 1 phút', en: 'CPU, 1 min mean' },
  about: { vi: 'Thử.', en: 'A test.' },
  unit: '%',
  source: 'system',
  window: { kind: 'sliding', size_s: 60, every_s: 10 },
  scopes: ['device', 'site', 'district'],
  levels: { direction: 'above', attention: 70, warning: 85, critical: 95 },
  formula: 'mean(cpu_percent) over 1 min',
}

const grouped = {
  ...descriptor,
  id: 'vehicles_1h',
  title: { vi: 'Lượt xe', en: 'Vehicles' },
  about: { vi: 'Thử.', en: 'A test.' },
  unit: '1',
  scopes: ['area', 'district'],
  by: 'kind',
}

const index = {
  ...descriptor,
  id: 'air_vn_aqi_1h',
  title: { vi: 'VN_AQI giờ', en: 'VN_AQI, hourly' },
  about: { vi: 'Thử.', en: 'A test.' },
  unit: '1',
  scopes: ['area', 'district'],
  levels: { direction: 'above', attention: 101 },
  bands: [
    { to: 100, title: { vi: 'Trung bình', en: 'Moderate' }, colour: [255, 255, 0] },
    { to: 150, title: { vi: 'Kém', en: 'Unhealthy for sensitive groups' }, colour: [255, 126, 0] },
  ],
  unconfirmed: { vi: 'số giờ tối thiểu', en: 'how many hours it must have' },
}

const cardOf = (name: string) => `[data-testid="indicator-system_cpu_1m-site-1/${name}"]`

describe.skipIf(!present && !required)('the page, in a browser', () => {
  let centre: Centre
  let browser: Browser
  let page: Page
  const problems: string[] = []

  beforeAll(async () => {
    buildIfNeeded()
    centre = await startCentre()
    await centre.publishRaw('ioc/v1/_live/indicators', JSON.stringify([descriptor]))
    await centre.publish('device/site-1/dev-1/system', device('dev-1', { name: 'Máy một' }))
    await centre.publish('ledger/site-1/node-1', ledger({ lost: 0 }))
    await centre.publish('process/broker', processOf('broker'))
    await publishCpu(41.5)
    browser = await chromium.launch({ executablePath, args })
    page = await browser.newPage({ locale: 'vi-VN' })
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (message) => {
      // The store is away in these tests, which the page shows; the browser logs each 503 besides.
      if (message.type() === 'error' && !message.text().includes('503')) problems.push(message.text())
    })
    await page.goto(centre.url)
  })
  afterAll(async () => {
    await browser?.close()
    await centre?.stop()
  })

  const publishCpu = (value: number, name = 'dev-1', ts = Date.now()) =>
    centre.publish(topicOf(cpu(value, name)), cpu(value, name, ts))
  const text = (selector: string, expected: string | RegExp) =>
    page.locator(selector).filter({ hasText: expected }).first().waitFor()

  it('shows a figure, and changes it when a new value is published', async () => {
    await text(`${cardOf('dev-1')} .figure`, '41,5')
    await publishCpu(57.25)
    await text(`${cardOf('dev-1')} .figure`, '57,3')
    await text('[data-testid="connection"]', 'Trực tuyến')
    await page.locator(`${cardOf('dev-1')} canvas`).waitFor()
  })

  it('says on the page and in /api/health that the data are simulated, for as long as they are', async () => {
    const simulation = {
      ts: Date.now(),
      scenario: 'flood',
      title: { vi: 'Lũ về hồ Đơn Dương', en: 'Flood of the Đơn Dương reservoir' },
      about: { vi: 'Thử.', en: 'A test.' },
      phase: 'filling',
      percent: 42,
      clock: Date.parse('2025-11-17T10:00:00+07:00'),
      speed: 60,
      agents: 124,
    }
    const banner = '[data-testid="simulation"]'
    const health = async () => ((await (await fetch(`${centre.url}/api/health`)).json()) as ApiHealth).simulated
    expect(await page.locator(banner).count()).toBe(0)
    await centre.publish('simulation', simulation)
    await text(banner, 'Dữ liệu mô phỏng')
    await text(banner, 'Lũ về hồ Đơn Dương')
    await text(banner, '42%')
    await text(banner, '10:00:00')
    expect(await health()).toMatchObject({ scenario: 'flood', phase: 'filling', percent: 42, speed: 60 })
    await centre.publish('simulation', { ...simulation, phase: 'live', percent: 100, speed: 1 })
    await page.locator(`${banner}[data-phase="live"]`).waitFor()
    expect(await page.locator(`${banner} progress`).count()).toBe(0)
    await text(banner, 'Dữ liệu mô phỏng')
    await centre.publishRaw('ioc/v1/_live/simulation', '')
    await page.locator(banner).waitFor({ state: 'detached' })
    expect(await health()).toBeNull()
  })

  it('shows why an edit of the district is refused until it is corrected, and the limits of a place', async () => {
    const problem = { file: 'sites.yaml', line: 3, reason: 'sites[0].area: unknown', since: Date.now() }
    const thresholds = [
      {
        indicator: 'system_cpu_1m',
        scope: 'device',
        key: 'site-1/dev-1',
        group: null,
        levels: { direction: 'above', attention: 61.5 },
        source: 's',
        unconfirmed: false,
      },
    ]
    await centre.publish('district', { areas: [], sites: [], thresholds, problem })
    const notice = '[data-testid="notice-district"]'
    await text(notice, 'Tệp dữ liệu địa bàn có lỗi')
    await text(notice, 'sites.yaml, dòng 3: sites[0].area: unknown')
    await text(cardOf('dev-1'), '61,5')
    await centre.publish('district', { areas: [], sites: [], problem: null })
    await page.locator(notice).waitFor({ state: 'detached' })
    await text(cardOf('dev-1'), '70')
  })

  it('shows areas by their names, and a card for each group', async () => {
    await centre.publishRaw('ioc/v1/_live/indicators', JSON.stringify([descriptor, grouped]))
    await centre.publish('district', {
      areas: [{ code: '24943', name: 'Ka Đô', lat: 11.7, lon: 108.6, unconfirmed: false }],
      sites: [],
    })
    const publish = async (key: string, group: string, level: Level) => {
      const value: LiveIndicator = { ...cpu(7), id: 'vehicles_1h', scope: 'area', key, group, level }
      await centre.publish(topicOf(value), value)
    }
    for (const [key, group, level] of [
      ['24943', 'xe máy', 0],
      ['24943', 'a/b', 2],
      ['1', 'xe máy', 0],
    ] as const)
      await publish(key, group, level)
    await text('#group-24943 h2', 'Ka Đô')
    await text('#group-1 h2', '1')
    await text('[data-testid="indicator-vehicles_1h-24943-xe máy"] h3', 'Lượt xe: xe máy')
    await text('[data-testid="indicator-vehicles_1h-24943-a/b"][data-level="2"] h3', 'Lượt xe: a/b')
    await text('[data-testid="overview"] .named', 'Ka Đô · a/b')
    expect(await page.locator('section.group').evaluateAll((all) => all.map(({ id }) => id))).toEqual([
      'group-1',
      'group-24943',
      'group-site-1--dev-1',
    ])
    await publish('24943', 'a/b', 0)
  })

  it('says how a published scale names a value, in its colour where that is abnormal, and what is unconfirmed', async () => {
    await centre.publishRaw('ioc/v1/_live/indicators', JSON.stringify([descriptor, grouped, index]))
    const publish = async (value: number, level: Level) => {
      const live: LiveIndicator = { ...cpu(value), id: index.id, scope: 'district', key: 'district', level }
      await centre.publish(topicOf(live), live)
    }
    const card = '[data-testid="indicator-air_vn_aqi_1h-district"]'
    await publish(87, 0)
    await text(`${card} .band`, 'Trung bình')
    expect(await page.locator(`${card} .band-colour`).count()).toBe(0)
    await text(`${card} .limits`, 'Giới hạn ≥ 101  (chưa xác nhận)')
    expect(await page.locator(`${card} .unconfirmed`).getAttribute('title')).toBe('số giờ tối thiểu')
    await publish(120, 1)
    await text(`${card} .band`, 'Kém')
    expect(await page.locator(`${card} .band-colour`).getAttribute('style')).toMatch(/rgb\(255,? 126,? 0\)/)
    await publish(87, 0)
  })

  it('shows colour only for what is abnormal, and counts it', async () => {
    await text('[data-testid="overview-abnormal"]', '0')
    await publishCpu(96)
    await page.locator(`${cardOf('dev-1')}[data-level="3"]`).waitFor()
    await text('[data-testid="overview-abnormal"]', '1')
    await text(`${cardOf('dev-1')} .badge`, 'Nguy cấp')
    await text('[data-testid="overview-abnormal"]', '1 Chỉ số bất thường')
    await page.getByTestId('language-en').click()
    await text('[data-testid="overview-abnormal"]', /^1 Abnormal indicator$/)
    await text('[data-testid="overview-down"]', /^0 Services down$/)
    await centre.publish('process/hub', processOf('hub', { up: false }))
    await text('[data-testid="overview-down"]', /^1 Service down$/)
    await centre.publishRaw('ioc/v1/_live/process/hub', '')
    await text('[data-testid="overview-down"]', /^0 Services down$/)
    await centre.publish('device/site-1/gone/system', device('gone', { node: 'gone', online: false }))
    await text('[data-testid="overview-offline"]', /^1 Node offline$/)
    await centre.publishRaw('ioc/v1/_live/device/site-1/gone/system', '')
    await text('[data-testid="overview-offline"]', /^0 Nodes offline$/)
    await page.getByTestId('language-vi').click()
    await publishCpu(20)
    await text('[data-testid="overview-abnormal"]', '0')
  })

  it('dims a value that is older than three cadences, and says how old it is', async () => {
    await centre.publish('device/site-1/old/system', device('old', { last_ts: Date.now() - 300_000 }))
    await publishCpu(50, 'old', Date.now() - 300_000)
    await page.locator(`${cardOf('old')}[data-stale="true"]`).waitFor()
    await text(`${cardOf('old')} .age`, '5 phút trước')
    await page.locator('[data-testid="device-site-1/old"][data-stale="true"]').waitFor()
    const opacityOf = (selector: string) =>
      page.evaluate<number>(`Number(getComputedStyle(document.querySelector(${JSON.stringify(selector)})).opacity)`)
    expect(await opacityOf(`${cardOf('old')} .figure`)).toBeLessThan(1)
    expect(await opacityOf('[data-testid="device-site-1/old"] th')).toBeLessThan(1)
  })

  it('shows a slow value as fresh while it can be no newer', async () => {
    const aqi = { ...index, id: 'aqi_now', source: 'indicators', window: { kind: 'tumbling', size_s: 3600 } }
    await centre.publishRaw('ioc/v1/_live/indicators', JSON.stringify([descriptor, grouped, index, aqi]))
    const ts = Date.now() - 14 * 60_000
    const live: LiveIndicator = { ...cpu(87, 'x', ts), id: aqi.id, scope: 'district', key: 'district' }
    await centre.publish(topicOf(live), live)
    await page.locator('[data-testid="indicator-aqi_now-district"][data-stale="false"]').waitFor()
    await centre.publishRaw('ioc/v1/_live/indicator/aqi_now/district/district', '')
    await page.locator('[data-testid="indicator-aqi_now-district"]').waitFor({ state: 'detached' })
    await centre.publish('device/site-1/feed/one_stop', device('feed', { type: 'one_stop', last_ts: null }))
    await page.locator('[data-testid="device-site-1/feed"][data-stale="false"]').waitFor()
    await centre.publishRaw('ioc/v1/_live/device/site-1/feed/one_stop', '')
    await page.locator('[data-testid="device-site-1/feed"]').waitFor({ state: 'detached' })
  })

  it('counts a process as stopped when it is down, or silent while others report', async () => {
    const publish = (name: string, change: object) => centre.publish(`process/${name}`, processOf(name, change))
    const late = Date.now() - 600_000
    await publish('broker', { ts: late })
    await publish('hub', { ts: late - 5_000 })
    await text('[data-testid="process-hub"]', 'Đang chạy')
    await text('[data-testid="overview-down"]', '0')
    await publish('broker', {})
    await text('[data-testid="process-hub"]', 'Không phản hồi')
    await text('[data-testid="overview-down"]', '1')
    await publish('hub', { up: false })
    await text('[data-testid="process-hub"]', 'Đã dừng')
    await centre.publishRaw('ioc/v1/_live/process/hub', '')
    await text('[data-testid="overview-down"]', '0')
  })

  it('writes counts without decimals, with what is counted, and no English place', async () => {
    const counts = { ...grouped, id: 'cars', source: 'traffic', scopes: ['district'], by: undefined }
    const flow = { ...counts, id: 'flow', unit: '1/h' }
    await centre.publishRaw('ioc/v1/_live/indicators', JSON.stringify([descriptor, grouped, index, counts, flow]))
    for (const [id, value] of [
      ['cars', 7],
      ['flow', 1234.5],
    ] as const) {
      const live: LiveIndicator = { ...cpu(value), id, scope: 'district', key: 'district', level: 2 }
      await centre.publish(topicOf(live), live)
    }
    await text('[data-testid="indicator-cars-district"] .value', '7 xe')
    await text('[data-testid="indicator-flow-district"] .value', '1.235 xe/giờ')
    const named = page.locator('[data-testid="overview"] .named li')
    await named.filter({ hasText: '1.235 xe/giờ' }).waitFor()
    expect((await named.allTextContents()).join()).not.toContain('district')
    for (const id of ['cars', 'flow'] as const) {
      await centre.publishRaw(`ioc/v1/_live/indicator/${id}/district/district`, '')
      await page.locator(`[data-testid="indicator-${id}-district"]`).waitFor({ state: 'detached' })
    }
  })

  it('shows why something of a node was rejected', async () => {
    const problem = { ts: Date.now() - 180_000, code: 'PAYLOAD_INVALID', reason: 'ts: expected a number' }
    await centre.publish(
      'ledger/site-1/node-1',
      ledger({ lost: 0, rejected: 2, over_quota: 3, reused: 4, corrected: 5, problem }),
    )
    await text('[data-testid="ledger-problem"]', 'Nội dung sai cấu trúc, 3 phút trước')
    expect(await page.locator('[data-testid="ledger-problem"]').textContent()).not.toContain('expected')
    await page.getByTestId('language-en').click()
    await text('[data-testid="ledger-problem"]', 'ts: expected a number')
    await page.getByTestId('language-vi').click()
    await text('[data-testid="ledger-over_quota"]', '3')
    const size = page.viewportSize()
    await page.setViewportSize({ width: 1920, height: 1080 })
    const excess = `(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('#ledger .scroll'))`
    expect(await page.evaluate<number>(excess)).toBeLessThanOrEqual(0)
    if (size) await page.setViewportSize(size)
    await centre.publish('ledger/site-1/node-1', ledger({ lost: 0 }))
  })

  it('shows nodes, ledger and processes', async () => {
    await text('[data-testid="device-site-1/dev-1"]', 'Máy một')
    await text('[data-testid="ledger-site-1/node-1"]', '97')
    await text('[data-testid="process-broker"]', '80 MB')
    await text('[data-testid="clock"]', ':')
  })

  it('shows what others say as text', async () => {
    const name = '<img src=x onerror=alert(1)>'
    await centre.publish('device/site-1/dev-1/system', device('dev-1', { name }))
    await text('[data-testid="device-site-1/dev-1"]', name)
    expect(await page.locator('img').count()).toBe(0)
    await centre.publish('device/site-1/dev-1/system', device('dev-1'))
  })

  it('switches language and theme, and keeps them', async () => {
    await page.getByTestId('language-en').click()
    await text(cardOf('dev-1'), 'CPU, 1 min mean')
    await page.getByTestId('theme').click()
    await page.getByTestId('theme').click()
    await page.reload()
    await text(cardOf('dev-1'), 'CPU, 1 min mean')
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark')
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    await page.getByTestId('language-vi').click()
  })

  it('does not scroll sideways on a phone', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    const excess = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
    expect(excess).toBeLessThanOrEqual(0)
  })

  it('says so when the broker is gone, and when the server is', async () => {
    await centre.stopBroker()
    await text('[data-testid="notice-cut"]', 'MQTT')
    expect(await page.getByTestId('main').getAttribute('class')).toBe('dimmed')
    await centre.stop()
    await text('[data-testid="connection"]', 'Mất kết nối')
    await text('[data-testid="notice-cut"]', 'đang thử lại')
    const network = problems.filter((problem) => !/ERR_CONNECTION_REFUSED|WebSocket/.test(problem))
    expect(network).toEqual([])
  })
})

describe.skipIf(!present && !required)('a page that stays open', () => {
  let centre: Centre
  let browser: Browser
  beforeAll(async () => {
    buildIfNeeded()
    centre = await startCentre({ IOC_ALLOWED_HOSTS: 'ioc.lan' }, { pingMs: 500 })
    for (let index = 0; index < 30; index++) {
      const name = `dev-${String(index).padStart(2, '0')}`
      await centre.publish(`device/site-1/${name}/system`, device(name))
      await centre.publish(topicOf(cpu(41, name)), cpu(41, name))
    }
    browser = await chromium.launch({
      executablePath,
      args: [
        ...args,
        '--host-resolver-rules=MAP ioc.lan 127.0.0.1',
        // A page that a test answers in place of the server has no address, and could not open `/live`.
        '--disable-features=LocalNetworkAccessChecks',
      ],
    })
  })
  afterAll(async () => {
    await browser?.close()
    await centre?.stop()
  })

  /** A page whose next `count` loads are of another build than the server's. */
  const openOld = async (count: number) => {
    const page = await browser.newPage()
    let loads = 0
    await page.route(`${centre.url}/`, async (route) => {
      const response = await route.fetch()
      const body = await response.text()
      const old = body.replace(/(name="build" content=")[^"]*/, '$1old')
      await route.fulfill({ response, body: loads++ < count ? old : body })
    })
    const frames: string[] = []
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))))
    return { page, frames, loads: () => loads }
  }

  it('loads its code again when the centre hands out another build, and stays where it was', async () => {
    const { page, loads } = await openOld(1)
    // Frames are held back until the viewer has moved.
    let release: () => void = () => {}
    const moved = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.routeWebSocket(/\/live$/, (socket) => {
      const server = socket.connectToServer()
      server.onMessage((message) => {
        if (!String(message).includes('"topic":"link"')) socket.send(message)
        else void moved.then(() => socket.send(message))
      })
    })
    await page.goto(`${centre.url}/`)
    await page
      .getByRole('button', { name: /Xem thêm/ })
      .first()
      .click()
    await page.locator('#group-site-1--dev-20').scrollIntoViewIfNeeded()
    expect(await page.evaluate<number>('scrollY')).toBeGreaterThan(0)
    release()
    await page.locator('meta[name="build"]:not([content="old"])').waitFor({ state: 'attached' })
    await page.locator('#group-site-1--dev-20').waitFor()
    const inView =
      '(({ top }) => top >= 0 && top < innerHeight)(document.getElementById("group-site-1--dev-20").getBoundingClientRect())'
    await expect.poll(() => page.evaluate<boolean>(inView), { timeout: 20_000 }).toBe(true)
    expect(loads()).toBe(2)
    await page.close()
  })

  it('does not load again and again when it keeps getting the old page', async () => {
    const { page, frames, loads } = await openOld(Number.POSITIVE_INFINITY)
    await page.goto(`${centre.url}/`)
    await expect.poll(loads, { timeout: 20_000 }).toBe(2)
    const seen = frames.length
    await expect
      .poll(() => frames.slice(seen).filter((frame) => frame.includes('"link"')).length, { timeout: 20_000 })
      .toBeGreaterThan(2)
    expect(loads()).toBe(2)
    await page.close()
  })

  it.each([
    ['ahead', 400 * 86_400_000],
    ['behind', -3 * 3_600_000],
  ])('shows right ages and times when the clock of its machine steps %s', async (_way, step) => {
    const page = await browser.newPage()
    await page.addInitScript('{ const real = Date.now; window.step = 0; Date.now = () => real() + window.step }')
    await page.goto(`${centre.url}/`)
    await page.locator(cardOf('dev-00')).waitFor()
    await page.evaluate(`window.step = ${step}`)
    await centre.publish(topicOf(cpu(42, 'dev-01')), cpu(42, 'dev-01'))
    await centre.publish('device/site-1/late/system', device('late', { last_ts: Date.now() - 300_000 }))
    const row = page.locator('[data-testid="device-site-1/late"]')
    await row.filter({ hasText: '5 phút trước' }).waitFor()
    await page.locator(`${cardOf('dev-01')}[data-stale="false"]`).waitFor()
    const shown = await page.getByTestId('clock').getAttribute('datetime')
    expect(Math.abs(Date.parse(shown ?? '') - Date.now())).toBeLessThan(60_000)
    await page.close()
  })

  it('has a documentation page over plain HTTP, by a name that is not loopback', async () => {
    const page = await browser.newPage()
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('requestfailed', (request) => problems.push(request.url()))
    await page.goto(`${centre.url.replace('127.0.0.1', 'ioc.lan')}/api/docs/`)
    await page.locator('.info .title', { hasText: 'Đơn Dương IOC: API' }).waitFor()
    await page.getByRole('heading', { name: /Live values/ }).waitFor()
    await page.locator('.opblock', { hasText: '/api/devices' }).waitFor()
    expect(await page.title()).toBe('Đơn Dương IOC: API')
    expect(problems).toEqual([])
    await page.close()
  })
})

it('subscribes to topics that the contract builds', () => {
  expect(`ioc/v1/_live/${topicOf(cpu(1))}`).toBe(indicatorTopic('system_cpu_1m', 'device', 'site-1/dev-1'))
})

/** Builds the page when a source is newer: the bundle of another state of the sources would be tested in its place. */
function buildIfNeeded(): void {
  const root = join(import.meta.dirname, '..')
  const changed = (path: string): number => (existsSync(path) ? statSync(path).mtimeMs : 0)
  const sources = ['wall/app', 'wall/shared', 'contract'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(appDist))
      .map((entry) => changed(join(entry.parentPath, entry.name))),
  )
  if (changed(join(appDist, 'index.html')) > Math.max(...sources)) return
  execFileSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', 'wall/app'], { cwd: root })
}
