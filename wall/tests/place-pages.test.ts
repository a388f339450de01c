import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Centre, startCentre } from '../server/testing/centre.ts'
import { cpu, device, ledger, silent, topicOf } from '../server/testing/samples.ts'
import { canBrowse, launchBrowser, problemsOf, waitForText } from '../testing/browser.ts'
import { cpuDescriptor } from './descriptors.ts'

/** Counts the tones that the page plays. */
const countTones = `
  globalThis.tones = 0
  const create = AudioContext.prototype.createOscillator
  AudioContext.prototype.createOscillator = function () {
    globalThis.tones++
    return create.call(this)
  }
`

describe.skipIf(!canBrowse)('pages of places, in a browser', () => {
  const offline = { site: 'site-2', node: 'node-2', online: false, last_ts: Date.now() - 600_000 }
  let centre: Centre
  let browser: Browser
  let page: Page
  let problems: string[]

  beforeAll(async () => {
    centre = await startCentre({ IOC_GRAFANA_URL: 'https://grafana.example.vn/ioc/' })
    await centre.publishRaw('ioc/v1/_live/indicators', JSON.stringify([cpuDescriptor]))
    await centre.publish('district', {
      areas: [{ code: '24943', name: 'Ka Đô', lat: 11.7, lon: 108.6, unconfirmed: false }],
      sites: [
        { site: 'site-1', area: '24943', name: 'Hồ Đa Nhim', lat: 11.72, lon: 108.61 },
        { site: 'site-2', area: '24943', name: 'Trạm hai', lat: 11.8, lon: 108.5 },
      ],
      problem: null,
    })
    await centre.publish('device/site-1/dev-1/system', device('dev-1', { name: 'Máy một', cadence_s: 3_600 }))
    const two = device('dev-2', { last_ts: Date.now() - 600_000 })
    await centre.publish('device/site-1/dev-2/system', two)
    for (const one of [two, device('dev-3', offline), device('dev-4', offline)])
      await centre.publish(`liveness/${one.site}/${one.device}`, silent(one))
    await centre.publish('device/site-2/dev-3/system', device('dev-3', offline))
    await centre.publish('device/site-2/dev-4/system', device('dev-4', offline))
    await centre.publish('ledger/site-2/node-2', ledger({ site: 'site-2', node: 'node-2', lost: 3 }))
    browser = await launchBrowser()
    const context = await browser.newContext({ locale: 'vi-VN', viewport: { width: 1600, height: 900 } })
    page = await context.newPage()
    problems = problemsOf(page)
    await page.addInitScript({ content: countTones })
  })
  afterAll(async () => {
    await browser?.close()
    await centre?.stop()
  })

  const text = (selector: string, expected: string | RegExp) => waitForText(page, selector, expected)
  const map = '[data-testid="site-map"] [data-testid="district-map"]'

  it('shows a site on the map, marked where some of its devices are silent', async () => {
    await page.goto(`${centre.url}/sites/site-1`)
    await page.locator(`${map} .map-focus`).waitFor({ state: 'attached' })
    const mark = page.locator(`${map} .map-mark[data-key="site-1"][data-look="partly"]`)
    await mark.waitFor({ state: 'attached' })
    await mark.click()
    await text('[data-testid="map-place"]', '1/2 thiết bị không có số liệu')
    await text('[data-testid="map-place"]', 'Thiết bị không gửi số liệu')
  })

  it('names what is wrong besides indicators: nodes, messages, whole sites', async () => {
    await page.goto(`${centre.url}/sites/site-2`)
    await page.locator(`${map} .map-mark[data-key="site-2"]`).click()
    await text('[data-testid="map-place"]', 'Trạm mất kết nối (2 thiết bị)')
    await text('[data-testid="map-place"]', '3 bản tin bị mất')
    for (const name of ['dev-3', 'dev-4'])
      await centre.publish(`device/site-2/${name}/system`, device(name, { ...offline, online: true }))
    await text('[data-testid="map-place"]', 'Cả điểm không gửi số liệu (2 thiết bị)')
  })

  it('has no map of a site whose position nobody knows', async () => {
    await centre.publish('device/site-3/dev-5/system', device('dev-5', { site: 'site-3' }))
    await page.goto(`${centre.url}/sites/site-3`)
    await text('[data-testid="device-site-3/dev-5"]', 'dev-5')
    expect(await page.getByTestId('site-map').count()).toBe(0)
  })

  it('shows the charts of a device, and they alone, of the board of its type', async () => {
    const asked = page.waitForRequest(
      (request) => /ioc-type-system\/panels\/\d+\?.*var-site=site-1.*var-device=dev-1/.test(request.url()),
      { timeout: 20_000 },
    )
    await page.goto(`${centre.url}/devices/site-1/dev-1`)
    await page.locator('[data-testid="device-charts"] .panel-timeseries').first().waitFor()
    await page.locator('[data-testid="device-charts"] .panel-timeseries').first().scrollIntoViewIfNeeded()
    await asked
    expect(await page.locator('[data-testid="device-charts"] :is(.panel-stat, .panel-table)').count()).toBe(0)
  })

  it('leads from a panel and from a board to the same in Grafana', async () => {
    const panel = page.locator('[data-testid="device-charts"] .panel-timeseries').first()
    await panel.hover()
    await panel.getByRole('button', { name: /^Thao tác/ }).click()
    const link = panel.getByRole('link', { name: 'Mở trong Grafana' })
    expect(await link.getAttribute('href')).toMatch(
      /^https:\/\/grafana\.example\.vn\/ioc\/d\/ioc-type-system\?from=now-24h&to=now&var-site=site-1&var-device=dev-1&viewPanel=\d+$/,
    )
    await page.goto(`${centre.url}/d/ioc-type-system?from=now-7d`)
    const href = await page.locator('.board-links').getByRole('link', { name: 'Mở trong Grafana' }).getAttribute('href')
    expect(href).toMatch(/^https:\/\/grafana\.example\.vn\/ioc\/d\/ioc-type-system\?from=now-7d&to=now/)
  })

  it('sounds once for a new critical item, when the viewer wants it', async () => {
    const tones = () => page.evaluate<number>('globalThis.tones')
    const sound = page.locator('header [data-testid="sound"]')
    await page.locator('[data-testid="sound"][data-sound="off"]').first().waitFor()
    const raise = async (name: string, value: number) => {
      await centre.publish(topicOf(cpu(value, name)), cpu(value, name))
    }
    await raise('dev-1', 97)
    await text('[data-testid="alerts"]', '1 nguy cấp')
    expect(await tones()).toBe(0)
    await sound.click()
    await page.locator('header [data-sound="on"]').waitFor()
    await expect.poll(tones).toBe(1)
    await raise('dev-1', 99)
    await raise('dev-2', 98)
    await text('[data-testid="alerts"]', '2 nguy cấp')
    await expect.poll(tones).toBe(2)
    await sound.click()
    await page.locator('header [data-sound="off"]').waitFor()
    await raise('dev-5', 98)
    await text('[data-testid="alerts"]', '3 nguy cấp')
    expect(await tones()).toBe(2)
    expect(problems).toEqual([])
  })
})
