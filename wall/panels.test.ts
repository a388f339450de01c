import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { createServer, type ViteDevServer } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canBrowse, launchChromium } from './testing/browser.ts'

const desk = { width: 1920, height: 1080 }
const phone = { width: 390, height: 844 }

describe.skipIf(!canBrowse)('the panels, in a browser', () => {
  let server: ViteDevServer
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let origin = ''
  const problems: string[] = []

  beforeAll(async () => {
    server = await createServer({
      configFile: join(import.meta.dirname, 'app/vite.config.ts'),
      server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
      logLevel: 'error',
    })
    await server.listen()
    origin = server.resolvedUrls?.local[0] ?? ''
    browser = await launchChromium()
    context = await browser.newContext({ viewport: desk })
    page = await context.newPage()
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text())
    })
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  /** Opens the gallery, as `day=bad&only=stat`. */
  const open = async (query: string, size = desk) => {
    await page.setViewportSize(size)
    await page.goto(`${origin}gallery/index.html?${query}`)
    await page.locator('.example').first().waitFor()
    await page.evaluate('document.fonts.ready.then(() => undefined)')
  }
  const of = (name: string): Locator => page.getByTestId(name)
  const text = async (locator: Locator) => (await locator.allInnerTexts()).join(' ').replaceAll('\n', ' ')
  const isSeen = async (locator: Locator) => (await locator.count()) > 0 && (await locator.first().isVisible())
  /** Asks the page by a function of `gallery/measure.ts`. */
  const ask = <T>(name: string, ...values: readonly unknown[]) =>
    page.evaluate<T>(`gallery.${name}(${values.map((value) => JSON.stringify(value)).join(', ')})`)

  test('a tile has its figure with the unit after a thin space, trend and target in words, and no level when calm', async () => {
    await open('only=stat')
    expect(await of('stat-tile').locator('.figure-value').textContent()).toBe('98,2\u2009%')
    expect(await of('stat-tile').locator('.tile-trend').textContent()).toBe('▲ 3,2\u2009điểm % so với tuần trước')
    expect(await of('stat-tile').locator('.tile-target').textContent()).toBe('mục tiêu 98\u2009%')
    expect(await of('stat-money').locator('.tile-notes').textContent()).toContain('so với năm trước')
    expect(await page.locator('.level-mark').count()).toBe(0)
    expect(await of('stat-tile').locator('a.tile').getAttribute('href')).toBe('/d/ioc-public-services')
    expect(await isSeen(of('stat-tile').locator('.sparkline'))).toBe(true)
  })

  test('a tile names the level with shape and word, also where low is bad', async () => {
    await open('only=stat&day=bad')
    expect(await text(of('stat-tile').locator('.level-mark'))).toBe('Nguy cấp')
    expect(await text(of('stat-count').locator('.level-mark'))).toBe('Chú ý')
    expect(await of('stat-tile').locator('.level-mark svg path').count()).toBe(1)
    expect(await of('stat-strip').locator('.level-mark').count()).toBe(1)
    await open('only=stat&day=bad&language=en')
    expect(await text(of('stat-tile').locator('.level-mark'))).toBe('Critical')
    expect(await of('stat-tile').locator('.tile-trend').textContent()).toBe('▼ 23.6\u2009points from last week')
  })

  test('a value of another time has its time, a missing one is no zero, a prescribed colour is a chip', async () => {
    await open('only=stat')
    expect(await text(of('stat-old').locator('.tile-time'))).toBe('số liệu 12:32 28/11/2026')
    expect(await of('stat-tile').locator('.tile-time').count()).toBe(0)
    expect(await text(of('stat-none'))).toContain('–')
    expect(await text(of('stat-none'))).toContain('chưa có dữ liệu')
    expect(await ask('style', 'stat-aqi', '.colour-chip', 'background-color')).toBe('rgb(255, 255, 0)')
  })

  test('a tile gives up its line first, then its target, and cuts off no text', async () => {
    for (const day of ['calm', 'bad']) {
      await open(`only=stat-tile&day=${day}`)
      const tile = of('stat-tile')
      for (const width of [9, 12.6, 16, 19, 26, 40]) {
        let before = 4
        for (const height of [16, 12, 9.2, 8, 7, 6.4, 5.6, 5, 4.4]) {
          await ask('resize', 'stat-tile', width, height)
          const [line, target, trend] = [
            await isSeen(tile.locator('.sparkline')),
            await isSeen(tile.locator('.tile-target')),
            await isSeen(tile.locator('.tile-trend')),
          ]
          const at = `${day} ${width} × ${height}`
          expect(await isSeen(tile.locator('.figure-value')), at).toBe(true)
          if (target) expect(trend, at).toBe(true)
          const shown = Number(trend) + Number(target) + Number(line && target)
          expect(shown, at).toBeLessThanOrEqual(before)
          before = shown
          expect(await ask('textsOutside', 'stat-tile'), at).toEqual([])
        }
      }
    }
  })

  test('many values share the box, and those that do not fit are counted', async () => {
    await open('only=stat')
    expect(await of('stat-many').locator('.tile').count()).toBe(9)
    expect(await of('stat-crowded').locator('.tile').count()).toBe(5)
    expect(await of('stat-crowded').locator('.others').textContent()).toBe('+ 4 khác')
    expect(await of('stat-strip').locator('.tile').count()).toBe(7)
    await open('only=stat-crowded&day=bad')
    expect(await text(of('stat-crowded'))).toContain('Pró')
  })

  test('a dial shows its figure, its limits around it, and the level', async () => {
    await open('only=gauge&day=bad')
    expect(await of('gauge-lake').locator('.figure-value').textContent()).toBe('1.042,6\u2009m')
    expect(await of('gauge-lake').locator('.dial-band').count()).toBe(4)
    expect(await of('gauge-lake').locator('.dial-band.current').count()).toBe(1)
    expect(await text(of('gauge-dry').locator('.level-mark'))).toBe('Nguy cấp')
    expect(await of('gauge-several').locator('.dial').count()).toBe(4)
    await open('only=gauge')
    expect(await page.locator('.dial-band.current, .level-mark').count()).toBe(0)
  })

  test('bars show the worst first and lead to the others', async () => {
    await open('only=bars&day=bad')
    const names = await of('bars-areas').locator('.bar-name').allInnerTexts()
    expect(names.slice(0, 2)).toEqual(['Ka Đơn', 'Ka Đô'])
    expect(names).toHaveLength(9)
    const figures = await of('bars-many').locator('.figure-value').allInnerTexts()
    expect(figures.map((figure) => Number.parseInt(figure, 10))).toEqual([398, 393, 374, 369, 364])
    const others = of('bars-many').locator('.others')
    expect(await others.textContent()).toBe('+ 35 khác')
    expect(await others.getAttribute('href')).toContain('viewPanel=7')
    expect(await of('bars-areas').locator('.only-aloud').first().textContent()).toBe('Nguy cấp')
  })

  test('a table has the worst first, sorts by a press on a head, by keyboard as well, and back', async () => {
    await open('only=table-ledger&day=bad')
    const table = of('table-ledger')
    const firstNames = () => table.locator('tbody th').first().textContent()
    const sentHead = table.getByRole('columnheader', { name: 'Đã gửi' })
    expect(await firstNames()).toBe("Trạm đo mưa D'Ran 4")
    expect(await table.getByRole('row').count()).toBe(9)
    expect(await table.getByRole('columnheader').allInnerTexts()).toEqual([
      'Thiết bị',
      'Trạng thái',
      'Đo lần cuối',
      'Đã gửi',
      'Mất',
      'Pin',
    ])
    await sentHead.getByRole('button').click()
    expect(await sentHead.getAttribute('aria-sort')).toBe('descending')
    const sent = async () =>
      (await table.locator('tbody td:nth-child(4)').allInnerTexts()).map((cell) => Number(cell.replace('.', '')))
    expect(await sent()).toEqual((await sent()).toSorted((a, b) => b - a))
    await sentHead.getByRole('button').press('Enter')
    expect(await sentHead.getAttribute('aria-sort')).toBe('ascending')
    await sentHead.getByRole('button').press('Space')
    expect(await sentHead.getAttribute('aria-sort')).toBe('none')
    expect(await firstNames()).toBe("Trạm đo mưa D'Ran 4")
  })

  test('a table leads to what its rows are of, hides columns, aligns numbers and names states', async () => {
    await open('only=table-ledger&day=bad')
    const table = of('table-ledger')
    expect(await table.locator('tbody th a').first().getAttribute('href')).toBe('/devices/site-3/rain-3')
    expect(await ask('style', 'table-ledger', 'tbody td.align-right', 'text-align')).toBe('right')
    const state = table.locator('tbody tr').first().locator('.cell-background')
    expect(await text(state)).toContain('Mất kết nối')
    expect(await state.locator('.only-aloud').textContent()).toBe('Cảnh báo')
  })

  test('more than fifty rows are searched, with or without diacritics', async () => {
    await open('only=table-many')
    const table = of('table-many')
    expect(await table.locator('tbody tr').count()).toBe(50)
    expect(await text(table.locator('.table-note'))).toContain('70 dòng khác')
    await table.getByRole('searchbox').fill('don duong 10')
    expect(await text(table.getByRole('status'))).toBe('3 dòng')
    await table.getByRole('searchbox').fill('Đơn Dương 100')
    expect(await table.locator('tbody th').allInnerTexts()).toEqual(['Trạm đo mưa Đơn Dương 100'])
    await table.getByRole('searchbox').fill('zzz')
    expect(await text(table.locator('.table-note'))).toBe('Không có dòng nào phù hợp')
    await open('only=table-ledger')
    expect(await page.getByRole('searchbox').count()).toBe(0)
  })

  test('the state stays in sight where a table is wider or as narrow as a phone', async () => {
    for (const size of [desk, phone]) {
      await open('only=table&day=bad', size)
      for (const name of ['table-squeezed', 'table-narrow']) {
        const [box, state] = [
          await of(name).locator('.table-scroll').boundingBox(),
          await of(name).locator('.cell-background .cell-content').first().boundingBox(),
        ]
        expect(state && box && state.x >= box.x && state.x + state.width <= box.x + box.width, name).toBe(true)
      }
    }
  })

  test('text becomes headings, lists, tables and links, but no markup and no script', async () => {
    await open('only=text')
    const panel = of('text')
    expect(await panel.getByRole('heading', { name: 'Cách đọc bảng này' }).count()).toBe(1)
    expect(await panel.getByRole('listitem').count()).toBe(2)
    expect(await panel.getByRole('cell', { name: 'xử lý ngay' }).count()).toBe(1)
    expect(
      await panel.getByRole('link').evaluateAll((links) => links.map((link) => link.getAttribute('href'))),
    ).toEqual(['https://example.vn/766', '/d/ioc-devices'])
    expect(await panel.locator('script').count()).toBe(0)
    expect(await text(panel)).toContain('<script>alert(1)</script>')
  })

  test('the list of what needs attention shows at most seven that fit, and counts the others by kind', async () => {
    await open('only=attention&day=bad')
    const items = of('attention').locator('li')
    expect(await items.count()).toBe(7)
    expect(await text(items.first())).toContain('Mực nước hồ vượt 1.042,04 m')
    expect(await text(items.first())).toContain('Nguy cấp')
    expect(await text(items.first())).toMatch(/hôm qua \d\d:\d\d|giờ trước/)
    expect(await items.first().locator('a').getAttribute('href')).toBe('/devices/site-0/dev')
    expect(await text(of('attention').locator('.attention-others'))).toBe(
      '+ 17 khác 8 chỉ số · 4 thiết bị không gửi số liệu · 5 trạm mất kết nối',
    )
    expect(await of('attention-small').locator('li').count()).toBe(2)
    await open('only=attention')
    expect(await text(of('attention'))).toContain('Không có gì bất thường')
  })

  test('a calm day has no colour, a bad one has', async () => {
    await open('only=')
    // The colours of VN_AQI are prescribed: its chip is left out.
    await page.addStyleTag({ content: '.colour-chip { display: none }' })
    expect(await ask<number>('saturatedShare', (await page.screenshot()).toString('base64'))).toBeLessThan(0.005)
    await open('day=bad')
    expect(await ask<number>('saturatedShare', (await page.screenshot()).toString('base64'))).toBeGreaterThan(0.01)
  })

  test.each([
    ['light', 'vi', desk],
    ['dark', 'en', phone],
  ] as const)('is accessible, %s, in %s', async (theme, language, size) => {
    await open(`theme=${theme}&day=bad&language=${language}`, size)
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
  })

  test('digits are equally wide, so that values do not jump and columns align', async () => {
    await open('only=stat-tile')
    const widths = await ask<number[]>('widthsOf', [...'0123456789'])
    expect(new Set(widths).size).toBe(1)
  })

  test.each([phone, { width: 1366, height: 768 }, desk, { width: 3840, height: 2160 }])(
    'fits a screen of $width px, with its own font',
    async (size) => {
      await open('day=bad', size)
      const width = await page.evaluate<number>('document.documentElement.scrollWidth')
      expect(width).toBeLessThanOrEqual(size.width)
      expect(await page.evaluate(`document.fonts.check('600 16px "Be Vietnam Pro"', 'Đơn Dương 1.234')`)).toBe(true)
      const base = await page.evaluate<number>('parseFloat(getComputedStyle(document.documentElement).fontSize)')
      expect(base).toBeCloseTo(size.width === 390 ? 16 : size.width === 3840 ? 30 : 15, 1)
    },
  )

  test('no page had an error', () => {
    expect(problems).toEqual([])
  })
})
