import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { indicatorHistory, indicatorLatest } from '@ioc/contract/boards/queries.ts'
import type { IndicatorDescriptor, LiveIndicator } from '@ioc/contract/messages/live.ts'
import { hasDebianInflux } from '@ioc/storage/testing/real-influx.ts'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Centre, startCentre } from '../server/testing/centre.ts'
import { type Influxd, startInfluxd } from '../server/testing/influxd.ts'
import { topicOf } from '../server/testing/samples.ts'
import type { Board, Panel, Target } from '../shared/boards/board.ts'
import { canBrowse, launchBrowser, problemsOf, waitForText } from '../testing/browser.ts'

const hour = 3_600_000
const lastHour = Math.floor(Date.now() / hour) * hour

const ofArea = { id: 'load_1h', scope: 'area', tags: { area: '$area' }, by: ['area'] } as const
const ofDistrict = { id: 'load_1h', scope: 'district' } as const

const panel = (id: number, type: Panel['type'], x: number, y: number, part: Partial<Panel>): Panel => ({
  id,
  type,
  title: `Khung ${id}`,
  gridPos: { x, y, w: 8, h: 6 },
  ...part,
})
const asks = (query: string, part: Partial<Target> = {}): Pick<Panel, 'targets'> => ({
  targets: [{ refId: 'A', query, resultFormat: 'time_series', ...part }],
})
const thresholds = {
  mode: 'absolute',
  steps: [
    { value: null, color: 'text' },
    { value: 70, color: 'yellow' },
    { value: 95, color: 'red' },
  ],
} as const
const percent = { unit: 'percent', decimals: 1, thresholds }

const board: Board = {
  uid: 'ioc-load',
  title: 'Tải',
  time: { from: 'now-6h', to: 'now' },
  templating: {
    list: [
      {
        name: 'area',
        label: 'Xã',
        type: 'query',
        query: 'SHOW TAG VALUES FROM "indicator" WITH KEY = "area"',
        multi: true,
        includeAll: true,
      },
    ],
  },
  panels: [
    panel(1, 'stat', 0, 0, {
      title: 'Tải toàn địa bàn',
      description: 'Tải trung bình của mọi xã',
      fieldConfig: { defaults: percent, overrides: [] },
      options: { reduceOptions: { calcs: ['lastNotNull'] } },
      ...asks(indicatorLatest(ofDistrict)),
    }),
    panel(2, 'timeseries', 8, 0, {
      title: 'Tải của $area',
      fieldConfig: { defaults: { ...percent, custom: { thresholdsStyle: { mode: 'dashed' } } }, overrides: [] },
      options: { legend: { showLegend: true, displayMode: 'list', calcs: ['lastNotNull'] } },
      ...asks(indicatorHistory(ofArea), { alias: '$tag_area' }),
    }),
    panel(3, 'table', 16, 0, {
      fieldConfig: {
        defaults: {},
        overrides: [{ matcher: { id: 'byName', options: 'area' }, properties: [{ id: 'displayName', value: 'Xã' }] }],
      },
      ...asks(indicatorLatest(ofArea), { resultFormat: 'table' }),
    }),
    panel(4, 'state-timeline', 0, 6, {
      fieldConfig: {
        defaults: { mappings: [{ type: 'value', options: { '50': { text: 'Ổn định' } } }] },
        overrides: [],
      },
      ...asks(indicatorHistory(ofDistrict), { alias: 'Trạng thái' }),
    }),
    panel(5, 'stat', 8, 6, asks(indicatorLatest({ id: 'nothing', scope: 'district' }))),
    panel(6, 'stat', 16, 6, asks('SELECT nonsense')),
    panel(7, 'stat', 0, 12, { ...asks(indicatorLatest(ofDistrict)), options: { sparkle: true } }),
    panel(8, 'timeseries', 8, 12, {
      fieldConfig: { defaults: percent, overrides: [] },
      ...asks(indicatorHistory({ id: 'old_1h', scope: 'district' }), { alias: 'Cũ' }),
    }),
    panel(9, 'row', 0, 18, {
      title: 'Chi tiết',
      collapsed: true,
      gridPos: { x: 0, y: 18, w: 24, h: 1 },
      panels: [
        panel(10, 'stat', 0, 19, {
          title: 'Tải của $area',
          repeat: 'area',
          ...asks(indicatorLatest({ ...ofArea, by: [] })),
        }),
      ],
    }),
  ],
}

const descriptor = (id: string): IndicatorDescriptor => ({
  id,
  title: { vi: 'Tải', en: 'Load' },
  about: { vi: 'Tải của máy', en: 'Load of machines' },
  unit: '%',
  source: 'system',
  window: { kind: 'tumbling', size_s: 3600 },
  scopes: ['area', 'district'],
  levels: { direction: 'above', attention: 70, critical: 95 },
  formula: 'mean(load) over 1 h',
})

function writeBoards(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ioc-boards-'))
  const write = (file: string, content: Board) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), JSON.stringify(content))
  }
  write('provisioning/dashboards/load.json', board)
  write('english/load.json', { ...board, title: 'Load' })
  return folder
}

describe.skipIf(!canBrowse || !hasDebianInflux())('a board, in a browser', () => {
  let folder: string
  let store: Influxd
  let isStoreStopped = false
  let centre: Centre
  let browser: Browser
  let page: Page
  let problems: string[]
  /** Paths of the panels' requests. */
  const requests: string[] = []

  beforeAll(async () => {
    folder = writeBoards()
    store = await startInfluxd()
    const lines: string[] = []
    const point = (tags: string, value: number, ts: number) =>
      lines.push(`indicator,${tags} value=${value},level=0i,samples=1i ${ts}`)
    for (let ts = lastHour - 6 * hour; ts <= lastHour; ts += hour) {
      point('id=load_1h,scope=area,area=24943', 20, ts)
      point('id=load_1h,scope=area,area=24931', 30, ts)
      point('id=load_1h,scope=district', 50, ts)
    }
    for (let ts = lastHour - 5 * hour; ts <= lastHour - 4 * hour; ts += hour / 4)
      point('id=old_1h,scope=district', 10, ts)
    await store.write(lines)
    centre = await startCentre({ IOC_STORAGE_PORT: String(store.port) }, {}, undefined, folder)
    await centre.publishRaw('ioc/v1/_live/indicators', JSON.stringify([descriptor('load_1h'), descriptor('old_1h')]))
    const area = (code: string, name: string) => ({ code, name, lat: 1, lon: 1, unconfirmed: false })
    await centre.publish('district', { areas: [area('24943', 'Ka Đô'), area('24931', 'Đơn Dương')], sites: [] })
    browser = await launchBrowser()
    page = await (await browser.newContext({ locale: 'vi-VN', viewport: { width: 1600, height: 1000 } })).newPage()
    problems = problemsOf(page)
    page.on('request', (request) => {
      const { pathname } = new URL(request.url())
      if (pathname.includes('/panels/')) requests.push(pathname)
    })
    await page.goto(`${centre.url}/d/ioc-load`)
  })
  afterAll(async () => {
    await browser?.close()
    await centre?.stop()
    if (!isStoreStopped) await store?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const of = (key: string | number, within = '') => `[data-testid="panel-${key}"] ${within}`
  const text = (selector: string, expected: string | RegExp) => waitForText(page, selector, expected)
  const state = (key: number, expected: string) =>
    page.locator(`[data-testid="panel-${key}"][data-state="${expected}"]`).waitFor()
  const publishLoad = async (value: number, ts: number, key = 'district') => {
    const scope = key === 'district' ? 'district' : 'area'
    const live: LiveIndicator = { id: 'load_1h', scope, key, value, ts, level: 0, samples: 4 }
    await centre.publish(topicOf(live), live)
  }
  const openMenu = async (key: number) => {
    await page.locator(of(key)).hover()
    await page.locator(of(key, '.panel-menu > button')).last().click()
  }

  test('draws each panel with the values of the store', async () => {
    await text(of(1), '50,0')
    await page.locator(of(2, 'canvas')).waitFor()
    await text(of(2, '.legend'), 'Ka Đô')
    await text(of(2, '.legend'), '20,0 %')
    await text(of(3), 'Đơn Dương')
    await text(of(4, '.stretch'), 'Ổn định')
    await text(of(2, 'h2'), 'Tải của Tất cả')
  })

  test('shows why a panel has no figure', async () => {
    await state(5, 'none')
    await text(of(5), 'Chưa có dữ liệu')
    await state(6, 'failed')
    await text(of(6, '[role=alert]'), 'Không tải được số liệu')
    await text(of(7), 'chưa hỗ trợ: options.sparkle')
  })

  test('shows how old values are that should have been followed by others', async () => {
    await page.locator(`${of(8).trim()}[data-stale="true"]`).waitFor()
    await text(of(8, '.as-of'), /Số liệu cũ: \d+ giờ trước/)
    expect(await page.locator(of(2).trim()).getAttribute('data-stale')).toBe('false')
  })

  test('goes on with live values without a request', async () => {
    const before = requests.length
    await publishLoad(61.5, lastHour + 1000)
    await text(of(1), '61,5')
    await publishLoad(33.25, lastHour + 2000, '24943')
    await text(of(2, '.legend'), /33,[23] %/)
    expect(requests.slice(before)).toEqual([])
  })

  test('filters by a variable, and keeps it in the address', async () => {
    await page.locator('[data-testid="variable-area"] button').click()
    await page.locator('[data-testid="variable-area"] label', { hasText: 'Đơn Dương' }).click()
    await text(of(2, 'h2'), 'Tải của Đơn Dương')
    await page.locator(of(2, '.legend'), { hasText: 'Ka Đô' }).waitFor({ state: 'detached' })
    expect(new URL(page.url()).searchParams.getAll('var-area')).toEqual(['24931'])
    await page.keyboard.press('Escape')
    await page.goBack()
    await text(of(2, '.legend'), 'Ka Đô')
  })

  test('opens a row, which has a copy of its panel for each value', async () => {
    await page.getByRole('button', { name: 'Chi tiết' }).click()
    await text(of('10/area=24943', 'h2'), 'Tải của Ka Đô')
    await text(of('10/area=24943'), /33|20/)
    await text(of('10/area=24931'), '30')
    await page.getByRole('button', { name: 'Chi tiết' }).click()
    await page.locator(of('10/area=24931')).waitFor({ state: 'detached' })
  })

  test('explains what a panel shows', async () => {
    await page.locator(of(1)).hover()
    await page.locator(of(1, '.panel-menu > button')).first().click()
    const dialog = page.getByRole('dialog', { name: 'Tải toàn địa bàn' })
    await dialog.getByText('mean(load) over 1 h').waitFor()
    await dialog.getByText('Tải trung bình của mọi xã').waitFor()
    await dialog.getByText('Chú ý ≥ 70 %').waitFor()
    await dialog.getByRole('button', { name: 'Đóng' }).click()
    await dialog.waitFor({ state: 'detached' })
  })

  test('hands out the data and the image of a panel', async () => {
    const save = async (item: string) => {
      await openMenu(2)
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.locator(of(2, '.panel-menu')).getByText(item).click(),
      ])
      return { name: download.suggestedFilename(), content: readFileSync(await download.path()) }
    }
    const csv = await save('CSV')
    expect(csv.name).toMatch(/\.csv$/)
    expect(csv.content.toString()).toMatch(/^\uFEFFTime,(Ka Đô|Đơn Dương),/)
    const png = await save('PNG')
    expect(png.content.subarray(1, 4).toString()).toBe('PNG')
    // More than an empty image of its size would have.
    expect(png.content.length).toBeGreaterThan(5_000)
  })

  test('says that an image of a panel could not be made', async () => {
    await page.evaluate(
      'window.toBlob = HTMLCanvasElement.prototype.toBlob; HTMLCanvasElement.prototype.toBlob = (done) => done(null)',
    )
    await openMenu(2)
    await page.locator(of(2, '.panel-menu')).getByText('PNG').click()
    await text(of(2, '[role="alert"]'), 'không tạo được hình')
    await page.evaluate('HTMLCanvasElement.prototype.toBlob = window.toBlob')
    await openMenu(2)
    const download = page.waitForEvent('download')
    await page.locator(of(2, '.panel-menu')).getByText('PNG').click()
    await download
    await page.locator(of(2, '[role="alert"]')).waitFor({ state: 'detached' })
  })

  test('closes a list by Esc, and leaves kiosk mode by the next one', async () => {
    await page.goto(`${centre.url}/d/ioc-load?kiosk`)
    await page.locator('[data-testid="variable-area"] button').click()
    await page.locator('[data-testid="variable-area"] label').first().waitFor()
    await page.keyboard.press('Escape')
    await page.locator('[data-testid="variable-area"] label').first().waitFor({ state: 'detached' })
    expect(new URL(page.url()).searchParams.has('kiosk')).toBe(true)
    await page.keyboard.press('Escape')
    await page.locator('header.top').waitFor()
    expect(new URL(page.url()).searchParams.has('kiosk')).toBe(false)
  })

  test('shows a panel alone, and the board again', async () => {
    await openMenu(2)
    await page.locator(of(2, '.panel-menu')).getByText('Xem toàn khung').click()
    await page.locator('.full-panel canvas').waitFor()
    expect(new URL(page.url()).searchParams.get('viewPanel')).toBe('2')
    await page.goBack()
    await text(of(1), '61,5')
  })

  test('zooms to what is dragged over', async () => {
    const over = page.locator(of(2, '.u-over'))
    await over.waitFor()
    const box = await over.boundingBox()
    if (!box) throw new Error('the chart has no size')
    const y = box.y + box.height / 2
    await page.mouse.move(box.x + box.width * 0.2, y)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.6, y, { steps: 5 })
    await page.mouse.up()
    await page.waitForURL(/from=\d{13}&to=\d{13}/)
    await page.goBack()
    await text(of(1), '61,5')
  })

  test('has no violation of accessibility', async () => {
    const { violations } = await new AxeBuilder({ page }).include('main').analyze()
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
  })

  test('keeps what it shows while the store is away, and says so', async () => {
    await store.stop()
    isStoreStopped = true
    // The server still has answers to what was asked before.
    await page.evaluate(
      "history.pushState(null, '', '?from=now-7h&to=now'); dispatchEvent(new PopStateEvent('popstate'))",
    )
    await state(1, 'old')
    await text(of(1), '61,5')
    await text(of(1, '.panel-warning'), 'Kho dữ liệu chưa phản hồi')
  })

  test('that is opened while the store is away says why it has no data', async () => {
    // Of an area that nobody has asked for, so that the server has no answer of before.
    await page.goto(`${centre.url}/d/ioc-load?var-area=24955&from=now-9h&to=now`)
    await state(1, 'failed')
    await text(of(1), 'Kho dữ liệu chưa phản hồi')
    await page.locator('[data-testid="notice-store"]').waitFor()
  })

  test('complains about nothing in the console', () => {
    expect(problems).toEqual([])
  })
})
