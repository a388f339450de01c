import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildMapFixture, fixturePath } from './app/src/map/testing/build.ts'
import { type Centre, startCentre } from './server/testing/centre.ts'
import { districtFolder, type ExampleDistrict, publishExampleDistrict } from './server/testing/example-district.ts'
import { writePmtiles } from './server/testing/pmtiles.ts'
import { canBrowse, launchChromium } from './testing/browser.ts'

/** The page of the test comes from the test and not from an address: Chromium takes it for one of another network. */
const localPage = '--disable-features=LocalNetworkAccessChecks'

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
}

const reservoir = 'ho-don-duong'
/** Waits until a value of the page is as expected: software draws slowly. */
const soon = <T>(read: () => T) => expect.poll(read, { timeout: 60_000 })
const mark = (site: string) => `.map-mark[data-key="${site}"]`

describe.skipIf(!canBrowse)('the map, in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ioc-map-page-'))
  const bundle = join(folder, 'bundle')
  const district = join(folder, 'district')
  const mapFile = join(folder, 'base.pmtiles')
  const problems: string[] = []
  let centre: Centre
  let example: ExampleDistrict
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    cpSync(districtFolder, district, { recursive: true })
    await buildMapFixture(bundle)
    centre = await startCentre({ IOC_DISTRICT: district, IOC_MAP_FILE: mapFile })
    example = await publishExampleDistrict(centre)
    browser = await launchChromium(localPage)
    page = await open(await contextOf())
  })
  afterAll(async () => {
    await browser?.close()
    await centre?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  async function contextOf(viewport = { width: 1_000, height: 900 }): Promise<BrowserContext> {
    const csp = (await fetch(centre.url)).headers.get('content-security-policy') ?? ''
    const context = await browser.newContext({ locale: 'vi-VN', viewport })
    await context.route(`**${fixturePath}**`, (route) => {
      const path = new URL(route.request().url()).pathname.slice(fixturePath.length) || 'index.html'
      const type = contentTypes[extname(path)] ?? 'application/octet-stream'
      const headers = { 'content-type': type, 'content-security-policy': csp }
      return route.fulfill({ body: readFileSync(join(bundle, path)), headers })
    })
    return context
  }

  /** Opens the page of the map; what it logs, and what it asks elsewhere, are problems. */
  async function open(context: BrowserContext): Promise<Page> {
    const opened = await context.newPage()
    opened.on('pageerror', (error) => problems.push(error.message))
    opened.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text())
    })
    opened.on('request', (request) => {
      if (!request.url().startsWith(centre.url) && !/^(data|blob):/.test(request.url()))
        problems.push(`external request: ${request.url()}`)
    })
    await opened.goto(centre.url + fixturePath)
    await opened.locator('.map-mark').first().waitFor()
    return opened
  }

  /** The colour of a pixel of the page, as red, green and blue. */
  async function pixel(of: Page, x: number, y: number): Promise<readonly number[]> {
    const png = (await of.screenshot({ clip: { x, y, width: 1, height: 1 } })).toString('base64')
    return of.evaluate(`(async () => {
      const image = new Image()
      image.src = 'data:image/png;base64,${png}'
      await image.decode()
      const context = document.createElement('canvas').getContext('2d')
      context.drawImage(image, 0, 0)
      return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3)
    })()`)
  }

  test('draws areas by WebGL, each with its name once, and every site in grey, alone or in a group', async () => {
    await page.locator('[data-ground="gl"] canvas').waitFor()
    const names = await page.locator('.map-area-name').allTextContents()
    expect(names.sort()).toEqual(["D'Ran", 'Ka Đô', 'Quảng Lập', 'Đơn Dương'].sort())
    const counts = await page
      .locator('.map-mark')
      .evaluateAll((marks) => marks.map((one) => Number(one.querySelector('.map-count')?.textContent ?? 1)))
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(example.sites.length)
    expect(await page.locator('.map-mark:not([data-look="normal"])').count()).toBe(0)
    expect(await page.locator('.map-note').textContent()).toBe('Ranh giới gần đúng')
    // Inside D'Ran, far from every mark, and outside of all areas.
    expect(await pixel(page, 800, 300)).toEqual([0xee, 0xf0, 0xf2])
    expect(await pixel(page, 20, 20)).toEqual([0xd3, 0xd9, 0xdd])
  })

  test.each([
    [1, 'attention', 'mua-dran', 'Trạm đo mưa D'],
    [2, 'warning', 'mua-pro', "Trạm đo mưa P'ró"],
    [3, 'critical', reservoir, 'Hồ Đơn Dương'],
  ] as const)('shows level %i in the shape %s, with the name of the site', async (level, look, site, name) => {
    await example.setLevel(site, level)
    await page.locator(`${mark(site)}[data-look="${look}"]`).waitFor()
    await page.locator('.map-place-name', { hasText: name }).waitFor()
  })

  test("gives the outline of an area the colour of the worst level in it, and the others' stay grey", async () => {
    await page.locator('.map-area[data-level="3"]').waitFor({ state: 'attached' })
    const levels = await page
      .locator('.map-area')
      .evaluateAll((all) => all.map((one) => one.getAttribute('data-level')))
    expect(levels).toEqual(['0', '0', '2', '3'])
    await soon(() => pixel(page, 800, 300)).toEqual([0xe9, 0xd7, 0xd8])
  })

  test('hatches a site of which nothing reports, until it does again', async () => {
    await example.setAge('kiem-lam-lac-xuan', 48 * 3_600_000)
    const silent = page.locator('.map-mark[data-look="silent"]')
    await silent.waitFor()
    expect(await silent.locator('.map-hatch').count()).toBe(1)
    await example.setAge('kiem-lam-lac-xuan', 0)
    await silent.waitFor({ state: 'detached' })
  })

  test('draws a camera as a camera', async () => {
    expect(await page.locator('.map-shape[data-kind="camera"]').count()).toBeGreaterThan(0)
  })

  test('names a site when the pointer is at it', async () => {
    await page.locator(mark(reservoir)).hover()
    await page.locator('.map-tip', { hasText: 'Hồ Đơn Dương (Đa Nhim) · Nguy cấp' }).waitFor()
    await page.mouse.move(5, 895)
    await page.locator('.map-tip').waitFor({ state: 'detached' })
  })

  test('opens a panel over the map: level, what is wrong, devices, the way to the page of the site', async () => {
    const before = await page.locator(mark(reservoir)).boundingBox()
    await page.locator(mark(reservoir)).click()
    const panel = page.locator('[data-testid="map-place"]')
    expect(await panel.locator('h3').textContent()).toBe('Hồ Đơn Dương (Đa Nhim)')
    await panel.locator('strong', { hasText: 'Nguy cấp' }).waitFor()
    await panel.locator('.map-row', { hasText: 'Mưa 1 giờ' }).filter({ hasText: '34,5' }).waitFor()
    await panel.locator(`a[href="/devices/${reservoir}/may"]`, { hasText: 'Máy của điểm' }).waitFor()
    expect(await panel.locator('.map-link').getAttribute('href')).toBe(`/sites/${reservoir}`)
    expect(await page.locator(mark(reservoir)).boundingBox()).toEqual(before)
    expect((await new AxeBuilder({ page }).include('.district-map').analyze()).violations).toEqual([])
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
  })

  test('is reachable by keyboard: a list of places, the worst first, and from it the panel and back', async () => {
    const button = page.getByRole('button', { name: 'Danh sách điểm' })
    await button.focus()
    await page.keyboard.press('Enter')
    const list = page.locator('[data-testid="map-list"]')
    await list.waitFor()
    expect(await list.locator('.map-row').count()).toBe(example.sites.length)
    expect(await list.locator('.map-row').first().textContent()).toContain('Hồ Đơn Dương (Đa Nhim)Nguy cấp')
    expect((await new AxeBuilder({ page }).include('.district-map').analyze()).violations).toEqual([])
    // Past the button that closes the list, to its first place.
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.locator('[data-testid="map-place"] h3', { hasText: 'Hồ Đơn Dương' }).waitFor()
    await page.keyboard.press('Escape')
    await page.locator('.map-panel').waitFor({ state: 'detached' })
  })

  test('takes a group apart by a click, and shows the whole again', async () => {
    const whole = page.getByRole('button', { name: 'Toàn địa bàn' })
    expect(await whole.isDisabled()).toBe(true)
    const all = await page.locator('.map-mark').count()
    const counts = await page.locator('.map-count').allTextContents()
    const largest = Math.max(...counts.map(Number))
    await page
      .locator('.map-mark', { has: page.locator('.map-count', { hasText: `${largest}` }) })
      .first()
      .click()
    await soon(() => whole.isDisabled()).toBe(false)
    await whole.click()
    await soon(() => page.locator('.map-mark').count()).toBe(all)
  })

  test('is dragged and zoomed; marks and ground stay together', async () => {
    const before = await page.locator(mark(reservoir)).boundingBox()
    await page.mouse.move(300, 820)
    await page.mouse.down()
    await page.mouse.move(360, 780, { steps: 5 })
    await page.mouse.up()
    await soon(async () => (await page.locator(mark(reservoir)).boundingBox())?.x).toBeGreaterThan(
      (before?.x ?? 0) + 30,
    )
    await page.getByRole('button', { name: 'Toàn địa bàn' }).click()
    await soon(() => page.locator(mark(reservoir)).boundingBox()).toEqual(before)
  })

  test('follows its box, and the theme', async () => {
    const before = await page.locator(mark(reservoir)).boundingBox()
    await page.setViewportSize({ width: 500, height: 450 })
    await soon(() => page.locator(mark(reservoir)).boundingBox()).not.toEqual(before)
    await page.setViewportSize({ width: 1_000, height: 900 })
    await soon(() => page.locator(mark(reservoir)).boundingBox()).toEqual(before)
    await page.emulateMedia({ colorScheme: 'dark' })
    await soon(() => pixel(page, 20, 20)).toEqual([0x11, 0x16, 0x1a])
    await page.emulateMedia({ colorScheme: 'light' })
    await soon(() => pixel(page, 20, 20)).toEqual([0xd3, 0xd9, 0xdd])
  })

  test('draws the same as SVG while WebGL is lost', async () => {
    await page.evaluate(`{
      const gl = document.querySelector('.map-gl canvas').getContext('webgl2')
      globalThis.lost = gl.getExtension('WEBGL_lose_context')
      globalThis.lost.loseContext()
    }`)
    await page.locator('[data-ground="svg"] .map-svg[data-shown="true"]').waitFor()
    expect(await pixel(page, 20, 20)).toEqual([0xd3, 0xd9, 0xdd])
    expect(await pixel(page, 800, 300)).toEqual([0xe9, 0xd7, 0xd8])
    await page.evaluate('globalThis.lost.restoreContext()')
    await page.locator('[data-ground="gl"]').waitFor()
    await soon(() => pixel(page, 800, 300)).toEqual([0xe9, 0xd7, 0xd8])
  })

  test('is drawn as SVG where there is no WebGL, without loading the library', async () => {
    const context = await contextOf()
    await context.addInitScript(`{
      const { getContext } = HTMLCanvasElement.prototype
      HTMLCanvasElement.prototype.getContext = function (kind) {
        return kind.startsWith('webgl') ? null : getContext.call(this, kind)
      }
    }`)
    const loaded: string[] = []
    context.on('request', (request) => loaded.push(request.url()))
    const plain = await open(context)
    await plain.locator('.map-svg[data-shown="true"] .map-area[data-level="3"]').waitFor()
    expect(await pixel(plain, 800, 300)).toEqual([0xe9, 0xd7, 0xd8])
    await plain.getByRole('button', { name: 'Phóng to' }).click()
    expect(await plain.getByRole('button', { name: 'Toàn địa bàn' }).isDisabled()).toBe(false)
    expect(loaded.filter((url) => /gl-ground|worker/.test(url))).toEqual([])
    await context.close()
  })

  test('is on paper as SVG', async () => {
    await page.emulateMedia({ media: 'print' })
    expect(await page.locator('.map-svg').isVisible()).toBe(true)
    expect(await page.locator('.map-gl').isVisible()).toBe(false)
    await page.emulateMedia({ media: 'screen' })
    expect(await page.locator('.map-gl').isVisible()).toBe(true)
  })

  test('takes up the outlines that an operator puts in place of the others', async () => {
    const file = join(district, 'outlines.geojson')
    const outlines = JSON.parse(readFileSync(file, 'utf8')) as { features: { properties: { approximate: boolean } }[] }
    for (const { properties } of outlines.features) properties.approximate = false
    writeFileSync(file, JSON.stringify({ ...outlines, features: outlines.features.slice(0, 3) }))
    await example.describe('another')
    await soon(() => page.locator('.map-area').count()).toBe(3)
    expect(await page.locator('.map-note').textContent()).toBe('')
    expect(await page.locator('.map-area-name').count()).toBe(4)
  })

  test("shows the operator's base map in the colours of the page, and whose it is", async () => {
    // A tile that holds the district, all of it water.
    writePmtiles(mapFile, [8, 205, 119], [{ layer: 'water', property: ['class', 'lake'] }])
    await example.describe('with a base map')
    await page.locator('.map-note', { hasText: '© Bản đồ thử' }).waitFor()
    await soon(() => pixel(page, 20, 20)).toEqual([0xb9, 0xcf, 0xdc])
    expect(await page.locator('.map-note').innerHTML()).not.toContain('<a')
  })

  test('asked nothing of anyone else, and met no error and no violation of the policy', () => {
    expect(problems).toEqual([])
  })
})
