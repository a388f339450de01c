import type { Level, LiveIndicator } from '@ioc/contract/messages/live.ts'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Centre, startCentre } from '../server/testing/centre.ts'
import { cpu, device, ledger, silent, topicOf } from '../server/testing/samples.ts'
import { canBrowse, launchBrowser, problemsOf, waitForText } from '../testing/browser.ts'
import { airDescriptor, cpuDescriptor, vehicleDescriptor } from './descriptors.ts'

const figureOf = (name: string) => `[data-testid="indicator-system_cpu_1m-site-1/${name}"]`

describe.skipIf(!canBrowse)('the page of a site, in a browser', () => {
  let centre: Centre
  let browser: Browser
  let page: Page
  let problems: string[]

  beforeAll(async () => {
    centre = await startCentre()
    await publishDescriptors()
    await centre.publish('device/site-1/dev-1/system', device('dev-1', { name: 'Máy một' }))
    await centre.publish('device/site-1/dev-2/traffic', device('dev-2', { type: 'traffic' }))
    await centre.publish('device/site-1/dev-3/air_quality', device('dev-3', { type: 'air_quality' }))
    await centre.publish('ledger/site-1/node-1', ledger({ lost: 0 }))
    await publishCpu(41.5)
    browser = await launchBrowser()
    page = await browser.newPage({ locale: 'vi-VN' })
    problems = problemsOf(page)
    await page.goto(`${centre.url}/sites/site-1`)
  })
  afterAll(async () => {
    await browser?.close()
    await centre?.stop()
  })

  const publishDescriptors = (...more: readonly object[]) =>
    centre.publishRaw(
      'ioc/v1/_live/indicators',
      JSON.stringify([cpuDescriptor, vehicleDescriptor, airDescriptor, ...more]),
    )
  const publishCpu = (value: number, name = 'dev-1', ts = Date.now()) =>
    centre.publish(topicOf(cpu(value, name)), cpu(value, name, ts))
  const publishAtSite = async (id: string, value: number, level: Level = 0, group?: string, ts = Date.now()) => {
    const live: LiveIndicator = { id, scope: 'site', key: 'site-1', value, level, ts, samples: 6 }
    const full = group === undefined ? live : { ...live, group }
    await centre.publish(topicOf(full), full)
  }
  const clear = (topic: string) => centre.publishRaw(`ioc/v1/_live/${topic}`, '')
  const text = (selector: string, expected: string | RegExp) => waitForText(page, selector, expected)

  it('shows a figure, and changes it when a new value is published', async () => {
    await text(`${figureOf('dev-1')} .figure`, '41,5')
    await publishCpu(57.25)
    await text(`${figureOf('dev-1')} .figure`, '57,3')
    await text('[data-testid="connection"]', 'Trực tuyến')
    await text('[data-testid="device-site-1/dev-1"]', 'Máy một')
    await text('[data-testid="ledger-site-1/node-1"]', '97')
  })

  it('shows the limits of a place', async () => {
    const levels = { direction: 'above', attention: 61.5 }
    const place = { indicator: cpuDescriptor.id, scope: 'device', key: 'site-1/dev-1', group: null, levels }
    await centre.publish('district', {
      areas: [],
      sites: [],
      thresholds: [{ ...place, source: 's', unconfirmed: false }],
      problem: null,
    })
    await text(figureOf('dev-1'), '61,5')
    await centre.publish('district', { areas: [], sites: [], problem: null })
    await text(figureOf('dev-1'), '70')
  })

  it('shows a value for each group, with its level in words', async () => {
    await publishAtSite('vehicles_1h', 7, 0, 'xe máy')
    await publishAtSite('vehicles_1h', 9, 2, 'a/b')
    await text('[data-testid="indicator-vehicles_1h-site-1-xe máy"]', 'Lượt xe: xe máy')
    await text('[data-testid="indicator-vehicles_1h-site-1-a/b"][data-level="2"]', 'Cảnh báo')
    await text('[data-testid="indicator-vehicles_1h-site-1-xe máy"] .value', '7 xe')
    await publishAtSite('vehicles_1h', 9, 0, 'a/b')
    await page.locator('[data-testid="indicator-vehicles_1h-site-1-a/b"][data-level="0"]').waitFor()
  })

  it('names a value as a published scale does, in its colour where that is abnormal', async () => {
    const value = '[data-testid="indicator-air_vn_aqi_1h-site-1"]'
    await publishAtSite('air_vn_aqi_1h', 87)
    await text(`${value} .band`, 'Trung bình')
    expect(await page.locator(`${value} .band-colour`).count()).toBe(0)
    await text(`${value} .limits`, 'Giới hạn ≥ 101')
    await publishAtSite('air_vn_aqi_1h', 120, 1)
    await text(`${value} .band`, 'Kém')
    expect(await page.locator(`${value} .band-colour`).getAttribute('style')).toMatch(/rgb\(255,? 126,? 0\)/)
    await publishAtSite('air_vn_aqi_1h', 87)
  })

  it('writes flows of counts in whole numbers, in the units of the language', async () => {
    await publishDescriptors({ ...vehicleDescriptor, id: 'flow', unit: '1/h', by: undefined })
    await publishAtSite('flow', 1234.5, 2)
    await text('[data-testid="indicator-flow-site-1"] .value', '1.235 xe/giờ')
    await clear('indicator/flow/site/site-1')
    await page.locator('[data-testid="indicator-flow-site-1"]').waitFor({ state: 'detached' })
    await publishDescriptors()
  })

  it('dims a value that is older than three cadences, with its age', async () => {
    const old = device('old', { last_ts: Date.now() - 300_000 })
    await centre.publish('device/site-1/old/system', old)
    await centre.publish('liveness/site-1/old', silent(old))
    await publishCpu(50, 'old', Date.now() - 300_000)
    await page.locator(`${figureOf('old')}[data-stale="true"]`).waitFor()
    await text(`${figureOf('old')} .age`, '5 phút trước')
    await text('[data-testid="device-site-1/old"][data-stale="true"]', 'Không gửi số liệu')
    const opacity = `Number(getComputedStyle(document.querySelector(${JSON.stringify(`${figureOf('old')} .figure`)})).opacity)`
    expect(await page.evaluate<number>(opacity)).toBeLessThan(1)
    // What is silent stands above what is not.
    const rows = page.locator('[data-testid="site-devices"] tbody tr')
    expect(await rows.first().getAttribute('data-testid')).toBe('device-site-1/old')
    await clear('device/site-1/old/system')
    await clear('liveness/site-1/old')
    await clear(`indicator/${cpuDescriptor.id}/device/site-1/old`)
    await page.locator(figureOf('old')).waitFor({ state: 'detached' })
  })

  it('shows a slow value as fresh while it can be no newer', async () => {
    const slow = { ...airDescriptor, id: 'aqi_now', window: { kind: 'tumbling', size_s: 3600 } }
    await publishDescriptors(slow)
    await publishAtSite('aqi_now', 87, 0, undefined, Date.now() - 14 * 60_000)
    await page.locator('[data-testid="indicator-aqi_now-site-1"][data-stale="false"]').waitFor()
    await clear('indicator/aqi_now/site/site-1')
    await centre.publish('device/site-1/feed/one_stop', device('feed', { type: 'one_stop', last_ts: null }))
    await page.locator('[data-testid="device-site-1/feed"][data-stale="false"]').waitFor()
    await clear('device/site-1/feed/one_stop')
    await page.locator('[data-testid="device-site-1/feed"]').waitFor({ state: 'detached' })
  })

  it('shows why something of a node was rejected', async () => {
    const problem = { ts: Date.now() - 180_000, code: 'PAYLOAD_INVALID', reason: 'ts: expected a number' }
    await centre.publish(
      'ledger/site-1/node-1',
      ledger({ lost: 0, rejected: 2, over_quota: 3, reused: 4, corrected: 5, problem }),
    )
    await text('[data-testid="ledger-problem"]', 'Nội dung sai cấu trúc, 3 phút trước')
    expect(await page.locator('[data-testid="ledger-problem"]').textContent()).not.toContain('expected')
    await text('[data-testid="ledger-over_quota"]', '3')
    await page.getByTestId('menu').click()
    await page.getByTestId('language-en').click()
    await text('[data-testid="ledger-problem"]', 'ts: expected a number')
    await page.getByTestId('language-vi').click()
    await page.keyboard.press('Escape')
    await page.setViewportSize({ width: 1920, height: 1080 })
    const excess = `(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('[data-testid="site-nodes"] .scroll'))`
    expect(await page.evaluate<number>(excess)).toBeLessThanOrEqual(0)
    await centre.publish('ledger/site-1/node-1', ledger({ lost: 0 }))
  })

  it('shows names as text', async () => {
    const name = '<img src=x onerror=alert(1)>'
    const images = await page.locator('img').count()
    await centre.publish('device/site-1/dev-1/system', device('dev-1', { name }))
    await text('[data-testid="device-site-1/dev-1"]', name)
    expect(await page.locator('img').count()).toBe(images)
    await centre.publish('device/site-1/dev-1/system', device('dev-1', { name: 'Máy một' }))
  })

  it('leads to the page of a device, and back to its site', async () => {
    await page.locator('[data-testid="device-site-1/dev-1"] a').filter({ hasText: 'Máy một' }).click()
    await page.getByTestId('device-page').waitFor()
    expect(new URL(page.url()).pathname).toBe('/devices/site-1/dev-1')
    await text('[data-testid="page-title"]', 'Máy một')
    await text(`${figureOf('dev-1')} .figure`, '57,3')
    await text('[data-testid="device-neighbours"]', 'dev-2')
    await page.goBack()
    await page.getByTestId('site-page').waitFor()
  })

  it('drops the topics of a page that was left', async () => {
    const sent: string[] = []
    page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(String(payload))))
    await page.reload()
    await page.locator(figureOf('dev-1')).waitFor()
    await page.locator('.brand').click()
    await expect
      .poll(() => sent.some((frame) => frame.includes('"unsubscribe"') && frame.includes('"device/site-1"')))
      .toBe(true)
  })

  it('names a site that does not exist', async () => {
    await page.goto(`${centre.url}/sites/nowhere`)
    await text('[data-testid="unknown"]', 'Không có điểm này')
    await page.goto(`${centre.url}/devices/site-1/nothing`)
    await text('[data-testid="unknown"]', 'site-1/nothing')
    expect(problems).toEqual([])
  })
})
