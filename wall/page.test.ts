import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
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
  unit: '1',
  scopes: ['area', 'district'],
  by: 'kind',
}

const index = {
  ...descriptor,
  id: 'air_vn_aqi_1h',
  title: { vi: 'VN_AQI giờ', en: 'VN_AQI, hourly' },
  unit: '1',
  scopes: ['area', 'district'],
  levels: { direction: 'above', attention: 101 },
  bands: [
    { to: 100, title: { vi: 'Trung bình', en: 'Moderate' }, colour: [255, 255, 0] },
    { to: 150, title: { vi: 'Kém', en: 'Unhealthy for sensitive groups' }, colour: [255, 126, 0] },
  ],
  unconfirmed: 'how many hours it must have',
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
  const text = (selector: string, expected: string) =>
    page.locator(selector).filter({ hasText: expected }).first().waitFor()

  it('shows a figure, and changes it when a new value is published', async () => {
    await text(`${cardOf('dev-1')} .figure`, '41,5')
    await publishCpu(57.25)
    await text(`${cardOf('dev-1')} .figure`, '57,3')
    await text('[data-testid="connection"]', 'Trực tuyến')
    await page.locator(`${cardOf('dev-1')} canvas`).waitFor()
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
    expect(await page.locator(`${card} .unconfirmed`).getAttribute('title')).toBe('how many hours it must have')
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
    await publishCpu(20)
    await text('[data-testid="overview-abnormal"]', '0')
  })

  it('dims a value that is older than three cadences, and says how old it is', async () => {
    await centre.publish('device/site-1/old/system', device('old', { last_ts: Date.now() - 300_000 }))
    await publishCpu(50, 'old', Date.now() - 300_000)
    await page.locator(`${cardOf('old')}[data-stale="true"]`).waitFor()
    await text(`${cardOf('old')} .age`, '5 phút trước')
    await page.locator('[data-testid="device-site-1/old"][data-stale="true"]').waitFor()
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
