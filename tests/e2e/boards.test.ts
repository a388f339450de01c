import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Birth } from '@ioc/contract/messages/status.ts'
import { nodeTopic } from '@ioc/contract/topics.ts'
import { boards } from '@ioc/grafana/boards/table.ts'
import { seedLines } from '@ioc/grafana/testing/seed.ts'
import { canBrowse, launchBrowser, waitForText } from '@ioc/wall/testing/browser.ts'
import mqtt, { type MqttClient } from 'mqtt'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Centre, startCentre } from '../harness/centre.ts'

/** The sites of the seeded district, with names as an operator would give them. */
const sites = [
  { site: 'site-24931', area: '24931', name: 'Hồ Đa Nhim', lat: 11.767, lon: 108.482 },
  { site: 'site-24943', area: '24943', name: 'Trường Tiểu học Ka Đô', lat: 11.758, lon: 108.526 },
]
const [reservoir, school] = sites as [(typeof sites)[0], (typeof sites)[0]]
const languages = ['vi', 'en'] as const
const desk = { width: 1920, height: 1080 }
const root = join(import.meta.dirname, '../..')
const uidOf = (name: string) => `ioc-${name}`

interface Agent {
  readonly client: MqttClient
  /** Publishes a measurement of now, or of so long ago. */
  measure(values: Readonly<Record<string, number>>, agoMs?: number): Promise<void>
}

/** What a page shows of a panel. */
interface Shown {
  readonly key: string
  readonly title: string
  readonly state: string
  /** Options that the page ignores, and what failed while it was drawn. */
  readonly complaint: string
  /** Whether its body has words or a drawing, of a size. */
  readonly isDrawn: boolean
}

const shownPanels = (
  uid: string,
) => `[...document.querySelectorAll('[data-testid="board-${uid}"] .panel')].map((panel) => {
  const body = panel.querySelector('.panel-body')
  const drawing = [...body.querySelectorAll('canvas, svg')].some((one) => one.clientWidth > 0 && one.clientHeight > 0)
  return {
    key: panel.dataset.testid.slice('panel-'.length),
    title: panel.getAttribute('aria-label'),
    state: panel.dataset.state,
    complaint: [...panel.querySelectorAll('.panel-foot, .panel-failed, .panel-warning, .panel-note')].map((one) => one.textContent).join('; '),
    isDrawn: body.clientHeight > 0 && (drawing || body.textContent.trim() !== ''),
  }
})`

describe.skipIf(!canBrowse)('the boards on a running centre, in a browser', () => {
  let district: string
  let centre: Centre
  /** A server of the reservoir, and a counter of vehicles of the school. */
  let server: Agent
  let counter: Agent
  let browser: Browser
  const problems: string[] = []
  const now = Date.now()

  beforeAll(async () => {
    district = mkdtempSync(join(tmpdir(), 'ioc-district-'))
    for (const file of ['areas.yaml', 'outlines.geojson']) {
      copyFileSync(join(root, 'district', file), join(district, file))
    }
    writeFileSync(join(district, 'sites.yaml'), JSON.stringify({ sites }))
    centre = await startCentre({
      IOC_DISTRICT: district,
      IOC_PROCESSES: 'storage,broker,stream-processor,wall',
      IOC_IDLE_MS: '100',
      IOC_CHECKPOINT_MS: '10',
    })
    const body = seedLines(now).join('\n')
    const response = await fetch(`${centre.storeUrl}/write?db=ioc&precision=ms`, { method: 'POST', body })
    if (!response.ok) throw new Error(`the store answered ${response.status}: ${await response.text()}`)
    server = await startAgent(reservoir.site, { id: 'device', type: 'system', name: 'Máy chủ hồ' })
    counter = await startAgent(school.site, { id: 'device', type: 'traffic', name: 'Đường trước trường' })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    for (const agent of [server, counter]) await agent?.client.endAsync()
    await centre?.stop()
    for (const folder of [centre?.dataDir, district]) if (folder) rmSync(folder, { recursive: true, force: true })
  })

  /** Connects an agent with one device, as `ioc agent` does. */
  async function startAgent(site: string, device: Birth['devices'][number]): Promise<Agent> {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${centre.mqttPort}`, await centre.addNode(site, 'n1'))
    const topic = (kind: 'status' | 'telemetry') => nodeTopic({ site, node: 'n1' }, kind)
    const birth: Birth = { online: true, session: now, agent: { version: '1', host: 'h' }, devices: [device] }
    await client.publishAsync(topic('status'), JSON.stringify(birth), { qos: 1 })
    let seq = 0
    const measure = async (values: Readonly<Record<string, number>>, agoMs = 0) => {
      const record = { device: device.id, ts: Date.now() - agoMs, values }
      const message = { epoch: 'e', seq: ++seq, sent: Date.now(), records: [record] }
      await client.publishAsync(topic('telemetry'), JSON.stringify(message), { qos: 1 })
    }
    return { client, measure }
  }

  async function open(path: string, language: 'vi' | 'en' = 'vi'): Promise<Page> {
    const context = await browser.newContext({ locale: 'vi-VN', viewport: desk })
    await context.addInitScript(`localStorage.setItem('ioc.language', '${language}')`)
    const page = await context.newPage()
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text())
    })
    page.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? ''
      // The page itself cancels what it no longer needs.
      if (reason !== 'net::ERR_ABORTED') problems.push(`${request.url()}: ${reason}`)
    })
    page.on('response', (response) => {
      if (response.status() >= 400) problems.push(`${response.url()}: ${response.status()}`)
    })
    page.on('request', (request) => {
      if (!request.url().startsWith(centre.httpUrl) && !/^(data|blob):/.test(request.url()))
        problems.push(`external request: ${request.url()}`)
    })
    await page.goto(centre.httpUrl + path)
    await page.locator('[data-testid="connection"][data-state="live"]').waitFor()
    return page
  }

  /** Opens a board from the menu, as a viewer does. */
  async function openFromMenu(page: Page, uid: string): Promise<void> {
    await page.keyboard.press('m')
    const menu = page.getByTestId('dialog-menu')
    await menu.waitFor()
    const types = menu.locator('details:not([open]) > summary')
    if (uid.includes('-type-') && (await types.count()) > 0) await types.click()
    await menu.locator(`a[href^="/d/${uid}"]`).filter({ visible: true }).first().click()
    await page.getByTestId(`board-${uid}`).waitFor()
  }

  /** Opens all rows of a board, and waits until each panel has its answer. */
  async function settled(page: Page, uid: string): Promise<Shown[]> {
    const closed = page.locator('.row-title button[aria-expanded="false"]')
    while ((await closed.count()) > 0) await closed.first().click()
    // Panels are read when they are on the screen.
    const height = await page.evaluate<number>('document.documentElement.scrollHeight')
    await page.setViewportSize({ width: desk.width, height: Math.max(height, desk.height) })
    let panels: Shown[] = []
    const waiting = async () => {
      panels = await page.evaluate<Shown[]>(shownPanels(uid))
      return panels.length === 0 ? ['all'] : panels.flatMap(({ key, state }) => (state === 'loading' ? [key] : []))
    }
    await expect.poll(waiting, { timeout: 30_000 }).toEqual([])
    return panels
  }

  describe.each(languages)('in %s', (language) => {
    let page: Page
    beforeAll(async () => {
      page = await open('/', language)
    })
    afterAll(() => page?.context().close())

    test.each(boards)('every panel of $name is drawn', async ({ name, build }) => {
      const uid = uidOf(name)
      await page.setViewportSize(desk)
      await openFromMenu(page, uid)
      expect(await page.title()).toContain(build(language).title)
      // The seeded district has a value of everything that the boards ask for.
      const bad = async () =>
        (await settled(page, uid)).filter(
          ({ state, complaint, isDrawn }) => state !== 'data' || complaint !== '' || !isDrawn,
        )
      await expect.poll(bad).toEqual([])
      expect(problems.splice(0)).toEqual([])
    })
  })

  describe('a viewer', () => {
    let page: Page
    beforeAll(async () => {
      page = await open('/')
    })
    afterAll(() => page?.context().close())

    const path = () => new URL(page.url()).pathname
    const parameters = (name: string) => new URL(page.url()).searchParams.getAll(`var-${name}`)
    const panel = (title: string) => page.locator(`.panel[aria-label="${title}"]`)
    const go = async (to: string) => {
      await page.goto(centre.httpUrl + to)
      await page.locator('.panel[data-state="data"]').first().waitFor()
    }

    test('sees a value that a device sends on the home board, without reading anything again', async () => {
      const speed = panel('Tốc độ xe, 1 giờ')
      await settled(page, 'ioc-home')
      const requests: string[] = []
      page.on('request', (request) => requests.push(request.url()))
      await speed.filter({ hasText: '10,0' }).waitFor()
      await counter.measure({ speed_kmh: 47.5 })
      await speed.filter({ hasText: '47,5' }).waitFor()
      await counter.measure({ speed_kmh: 37.5 })
      await speed.filter({ hasText: '42,5' }).waitFor()
      expect(requests.filter((url) => url.includes('/panels/') || url === `${centre.httpUrl}/`)).toEqual([])
      page.removeAllListeners('request')
    })

    test('sees what is wrong now, and where', async () => {
      // One value is too few for a level: as many as a minute has.
      for (let ago = 60; ago >= 0; ago -= 10) await server.measure({ cpu_percent: 97 }, ago * 1000)
      await panel('Cần chú ý ngay')
        .filter({ hasText: 'CPU trung bình 1 phút: 97,0 %' })
        .filter({ hasText: 'Máy chủ hồ' })
        .waitFor()
    })

    test('filters a board by a variable', async () => {
      await go('/d/ioc-traffic')
      const areas = panel('So sánh các xã').locator('a')
      await expect.poll(() => areas.allTextContents()).toEqual(['Đơn Dương', 'Ka Đô'])
      await page.getByTestId('variable-area').locator('button').click()
      await page.getByTestId('variable-area').locator('label', { hasText: 'Ka Đô' }).click()
      await expect.poll(() => areas.allTextContents()).toEqual(['Ka Đô'])
      expect(parameters('area')).toEqual(['24943'])
    })

    test('goes from the district to an area, a site and a device', async () => {
      await go('/d/ioc-traffic')
      await panel('So sánh các xã').getByRole('link', { name: 'Ka Đô' }).click()
      await page.waitForURL(/var-area=24943/)
      const closed = page.locator('.row-title button[aria-expanded="false"]')
      while ((await closed.count()) > 0) await closed.first().click()
      const counters = panel('Các điểm đếm xe')
      await counters.scrollIntoViewIfNeeded()
      await counters.getByRole('link', { name: school.name }).waitFor()
      expect(await counters.getByRole('link', { name: reservoir.name }).count()).toBe(0)
      await counters.getByRole('link', { name: school.name }).click()
      await page.getByTestId('board-ioc-devices').waitFor()
      expect(parameters('site')).toEqual([school.site])
      await waitForText(page, '[data-testid="variable-site"]', school.name)
      await page.goBack()
      await counters.scrollIntoViewIfNeeded()
      await counters.getByRole('link', { name: 'Đường trước trường' }).click()
      await page.getByTestId('board-ioc-type-traffic').waitFor()
      expect([parameters('site'), parameters('device')]).toEqual([[school.site], ['device']])
      await page.locator('.panel[data-state="data"]').first().waitFor()
    })

    test.each([
      ['ho da nhim', `/sites/${reservoir.site}`],
      ['Hồ Đa Nhim', `/sites/${reservoir.site}`],
      ['may chu ho', `/devices/${reservoir.site}/device`],
      ['Máy chủ hồ', `/devices/${reservoir.site}/device`],
      ['giao thong', '/d/ioc-traffic'],
      ['CPU trung binh 1 phut', '/d/ioc-type-system'],
    ])('finds %j', async (typed, found) => {
      await go('/')
      await page.keyboard.press('Control+k')
      await page.getByTestId('search-input').fill(typed)
      // Sites and devices come a moment after the boards: until then another entry may be the first.
      const first = page.getByTestId('search-result').first()
      await expect.poll(async () => (await first.getAttribute('href'))?.split('?')[0]).toBe(found)
      await page.keyboard.press('Enter')
      await expect.poll(path).toBe(found)
    })

    test('saves a panel as CSV', async () => {
      await go('/d/ioc-traffic')
      const areas = panel('So sánh các xã')
      await areas.getByRole('link', { name: 'Ka Đô' }).waitFor()
      await areas.hover()
      await areas.locator('.panel-menu > button').last().click()
      const saved = page.waitForEvent('download')
      await areas.locator('.panel-menu').getByText('CSV').click()
      const download = await saved
      expect(download.suggestedFilename()).toBe('So sánh các xã.csv')
      expect(readFileSync(await download.path(), 'utf8')).toContain('Ka Đô')
    })

    test('watches boards in turn in kiosk mode', async () => {
      await go('/d/ioc-traffic?kiosk&playlist=ioc-traffic,ioc-centre&every=5s')
      expect(await page.locator('header.top').count()).toBe(0)
      for (const uid of ['ioc-centre', 'ioc-traffic']) {
        await page.getByTestId(`board-${uid}`).waitFor()
        await page.locator('.panel[data-state="data"]').first().waitFor()
      }
      await page.keyboard.press('Escape')
    })

    test.each(['home', 'environment', 'devices'])(
      'can read %s in both themes, by the rules of WCAG A and AA',
      async (name) => {
        await go(`/d/${uidOf(name)}`)
        for (const theme of ['light', 'dark']) {
          await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`)
          await page.evaluate('Promise.all(document.getAnimations().map(({ finished }) => finished))')
          const axe = new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'])
          const { violations } = await axe.analyze()
          expect(violations.map(({ id, nodes }) => [theme, id, nodes.map(({ html }) => html)])).toEqual([])
        }
      },
    )

    test('complains about nothing', () => {
      expect(problems.splice(0)).toEqual([])
    })
  })
})
