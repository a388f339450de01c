import { AxeBuilder } from '@axe-core/playwright'
import type { TimelineEntry } from '@ioc/contract/messages/incidents.ts'
import { alertingTopic } from '@ioc/contract/topics.ts'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Centre, eventually, startCentre } from '../server/testing/centre.ts'
import { device, incident, silent } from '../server/testing/samples.ts'
import { canBrowse, launchBrowser, problemsOf, waitForText } from '../testing/browser.ts'

const hourMs = 3_600_000

describe.skipIf(!canBrowse)('pages of incidents, in a browser', () => {
  let centre: Centre
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let problems: string[]
  let commands: unknown[]
  let windows: object[]

  beforeAll(async () => {
    centre = await startCentre()
    commands = await centre.listen(alertingTopic)
    await centre.publish('district', {
      areas: [{ code: '24943', name: 'Ka Đô', lat: 11.7, lon: 108.6, unconfirmed: false }],
      sites: [{ site: 'site-1', area: '24943', name: 'Hồ Đa Nhim', kind: null, lat: 11.72, lon: 108.61 }],
      upstreams: [{ id: 'line-a', name: 'Tuyến cáp A', sites: ['site-1'], areas: [], on: [] }],
    })
    const rain = device('dev-1', { name: 'Trạm mưa', cadence_s: 10, last_ts: Date.now() - hourMs, area: '24943' })
    await centre.publish('device/site-1/dev-1/system', rain)
    await centre.publish('liveness/site-1/dev-1', silent(rain))
    await centre.publish('device/site-1/dev-2/system', device('dev-2', { area: '24943', cadence_s: 3_600 }))
    await centre.publish(
      'incident/1',
      incident(1, { title: { vi: 'Thiết bị không gửi số liệu Trạm mưa', en: 'Device is silent Trạm mưa' } }),
    )
    const acknowledged = { by: 'lan', at: Date.now(), until: Date.now() + hourMs, note: 'Đang đến' }
    await centre.publish('incident/2', incident(2, { state: 'acknowledged', acknowledged, severity: 'medium' }))
    await centre.publish('incident/3', incident(3, { assigned: 'local-admin', severity: 'low' }))
    const window = { id: 'w-1', reason: 'Thay pin', by: 'lan', covers: { devices: ['site-1/dev-2'] } }
    const to = Date.now() + 2 * hourMs - 30_000
    windows = [{ ...window, from: Date.now() - hourMs, to, active: true }]
    await centre.publish('maintenance', { windows })
    const sent = { kind: 'opened', name: 'Nguyễn Thị Lan', person: 'lan', step: 1, at: Date.now(), changed: Date.now() }
    await centre.publish('deliveries/1', {
      incident: 1,
      deliveries: [
        { ...sent, key: '1', channel: 'zalo', state: 'failed', tries: 3, reason: 'HTTP 500' },
        { ...sent, key: '2', channel: 'sms', state: 'sent', tries: 1 },
        { ...sent, key: '3', channel: 'email', state: 'dropped', tries: 0, reason: 'sent by another channel' },
        { ...sent, key: '4', channel: 'telegram', state: 'waiting', tries: 0 },
      ],
    })
    const person = (id: string, name: string) => ({ id, name, user: id, unit: null, channels: ['sms'] })
    await centre.publish('rota', {
      ...{ ts: Date.now(), rotas: [], overrides: [], push_key: '' },
      people: [person('lan', 'Nguyễn Thị Lan'), person('hung', 'Trần Hùng')],
    })
    browser = await launchBrowser()
    context = await browser.newContext({ locale: 'vi-VN', viewport: { width: 1600, height: 900 } })
    page = await context.newPage()
    problems = problemsOf(page)
  })
  afterAll(async () => {
    await browser?.close()
    await centre?.stop()
  })

  const text = (selector: string, expected: string | RegExp) => waitForText(page, selector, expected)
  /** The next command that the watch gets after `act`. */
  const commandAfter = async (act: () => Promise<void>): Promise<unknown> => {
    const before = commands.length
    await act()
    return eventually(() => commands[before])
  }

  it('lists incidents, filters them, and follows changes', async () => {
    await page.goto(`${centre.url}/incidents`)
    await text('[data-testid="incident-1"]', /Cao.*Trạm mưa.*Chưa tiếp nhận.*Hồ Đa Nhim/)
    await page.getByTestId('filter-severity').selectOption('medium')
    await page.getByTestId('incident-1').waitFor({ state: 'detached' })
    await text('[data-testid="incident-2"]', 'lan')
    expect(page.url()).toContain('severity=medium')
    await page.getByTestId('filter-severity').selectOption('')
    await centre.publish('incident/4', incident(4, { severity: 'critical' }))
    await text('[data-testid="incident-4"]', 'Nguy cấp')
  })

  it('shows an incident, and acknowledges it by the keyboard', async () => {
    await page.goto(`${centre.url}/incidents`)
    await page.getByTestId('incident-1').getByRole('link').click()
    await text('[data-testid="incident-chain"]', /Trung tâm.*Tuyến cáp A.*Hồ Đa Nhim.*Trạm mưa nguyên nhân/)
    await page.locator('[data-testid="incident-map"] [data-testid="district-map"]').waitFor()
    await text('[data-testid="incident-timeline"]', 'Mở sự cố')
    const command = await commandAfter(async () => {
      await page.getByTestId('acknowledge-hours4').focus()
      await page.keyboard.press('Enter')
    })
    expect(command).toMatchObject({ kind: 'acknowledge', by: 'local-admin', id: 1, note: '' })
    const { until } = command as { until: number }
    expect(until).toBeGreaterThan(Date.now() + 3 * hourMs)
    await text('[data-testid="outcome"]', 'Đã gửi')
    const acknowledged = { by: 'local-admin', at: Date.now(), until, note: '' }
    await centre.publish('incident/1', incident(1, { state: 'acknowledged', acknowledged }))
    await text('[data-testid="incident-state"]', 'Đã tiếp nhận')
  })

  it('assigns, notes, snoozes and resolves', async () => {
    await page.goto(`${centre.url}/incidents/1`)
    await page.getByTestId('assign-to').selectOption({ label: 'Trần Hùng (hung)' })
    expect(await commandAfter(() => page.getByTestId('assign').click())).toMatchObject({ kind: 'assign', to: 'hung' })
    const offered = await page.getByTestId('assign-to').locator('option').allTextContents()
    expect(offered).toEqual(['Chọn người', 'local-admin', 'Nguyễn Thị Lan (lan)', 'Trần Hùng (hung)'])
    await page.getByTestId('note-text').fill('Cầu chì cháy')
    expect(await commandAfter(() => page.getByTestId('note').click())).toMatchObject({ text: 'Cầu chì cháy' })
    await page.getByText('Tạm hoãn cảnh báo').click()
    expect(await commandAfter(() => page.getByTestId('snooze-day1').click())).toMatchObject({
      kind: 'shelve',
      cause: 'device/site-1/dev-1#loss',
    })
    expect(await commandAfter(() => page.getByTestId('resolve').click())).toMatchObject({ kind: 'resolve', id: 1 })
  })

  it('shows who was notified, on which channel, with which result', async () => {
    await page.goto(`${centre.url}/incidents/1`)
    await text('[data-testid="delivery"]', /Nguyễn Thị Lan.*Zalo.*Không gửi được · 3 lần thử HTTP 500/)
    await text('[data-testid="delivery"]', /SMS.*Đã gửi/)
    await text('[data-testid="delivery"]', /Thư điện tử.*Không cần gửi nữa đã nhận qua kênh khác/)
    await text('[data-testid="delivery"]', /Telegram.*Đang chờ gửi/)
    await page.goto(`${centre.url}/incidents/2`)
    await text('[data-testid="incident-deliveries"]', 'Chưa gửi thông báo nào')
  })

  it('names things and messages in the timeline', async () => {
    const at = Date.now()
    const timeline: readonly TimelineEntry[] = [
      { at, what: 'opened', text: 'device/site-1/dev-1' },
      { at, what: 'notified', text: 'opened' },
      { at, what: 'notified', text: 'escalation' },
      { at, what: 'severity', text: 'critical' },
    ]
    await centre.publish('incident/5', incident(5, { cause: 'device/site-1/dev-1', aspect: 'stuck', timeline }))
    await page.goto(`${centre.url}/incidents/5`)
    await text(
      '[data-testid="incident-timeline"]',
      /Mức độ thay đổi · Nguy cấp.*Gửi thông báo · Chưa có người nhận.*Sự cố mới.*Mở sự cố · Trạm mưa/,
    )
    await centre.publishRaw('ioc/v1/_live/incident/5', '')
  })

  it('lists what is snoozed, and ends it', async () => {
    const shelf = { by: 'lan', reason: 'Chờ linh kiện', until: Date.now() + 26 * hourMs }
    await centre.publish('maintenance', {
      windows,
      shelves: [
        { ...shelf, cause: 'device/site-1/dev-1#loss' },
        { ...shelf, cause: 'device/site-1/dev-2#stuck', until: Date.now() + hourMs },
        { ...shelf, cause: 'ledger/site-1/node-1#losses', reason: '' },
      ],
    })
    await page.goto(`${centre.url}/maintenance`)
    await text('[data-testid="shelf"]', /Trạm mưa.*Không có tín hiệu.*1 ngày [12] giờ.*Chờ linh kiện.*lan/)
    await text('[data-testid="shelf"]', /dev-2.*Số đo không đổi/)
    const row = page.getByTestId('shelf').filter({ hasText: 'Mất bản tin' })
    expect(await commandAfter(() => row.getByTestId('unshelve').click())).toEqual({
      ...{ kind: 'unshelve', by: 'local-admin', cause: 'ledger/site-1/node-1#losses' },
    })
    await centre.publish('maintenance', { windows, shelves: [] })
    await text('[data-testid="shelves"]', 'Không có cảnh báo nào đang tạm hoãn')
  })

  it('names on the pages of devices and sites what is wrong with a device', async () => {
    const change = { since: Date.now() - 2 * hourMs, silent_ms: 300_000, last_ts: Date.now(), node: 'node-1' }
    const evidence = { by: 'flat', value: 73.2, points: 120, lasted_s: 7_200 }
    const stuck = { metric: 'cpu_percent', kind: 'stuck', since: Date.now() - 2 * hourMs, evidence }
    const life = { site: 'site-1', state: 'measuring', faults: [], clock: null, ...change }
    const of = (name: string, change: object) =>
      centre.publish(`liveness/site-1/${name}`, { ...life, device: name, ...change })
    for (const name of ['late', 'stuck', 'railed', 'clock', 'never'])
      await centre.publish(`device/site-1/${name}/system`, device(name, { area: '24943', cadence_s: 3_600 }))
    await of('late', { state: 'late' })
    await of('stuck', { faults: [stuck] })
    await of('railed', { faults: [{ ...stuck, kind: 'railed', evidence: { ...evidence, by: 'rail' } }] })
    await of('clock', { clock: { offset_ms: -7_200_000, since: Date.now(), of: 'node' } })
    await of('never', { state: 'never_heard', last_ts: null })
    await page.goto(`${centre.url}/sites/site-1`)
    for (const [name, word] of [
      ['late', 'Gửi chậm'],
      ['stuck', 'Số đo không đổi'],
      ['railed', 'Kịch thang đo'],
      ['clock', 'Đồng hồ sai'],
      ['never', 'Chưa từng gửi số liệu'],
      ['dev-2', 'Bình thường'],
    ] as const)
      await text(`[data-testid="device-site-1/${name}"]`, word)
    await page.goto(`${centre.url}/devices/site-1/stuck`)
    await text('[data-testid="fault-cpu_percent"]', /Số đo không đổi.*73,2 %, 120 lần đo, 2 giờ: không đổi lâu hơn/)
    await page.goto(`${centre.url}/devices/site-1/clock`)
    await text('[data-testid="fault-clock"]', /Đồng hồ sai.*đồng hồ của trạm.*-120 phút/)
  })

  it('says that there is no such incident', async () => {
    await page.goto(`${centre.url}/incidents/x`)
    await text('[data-testid="unknown"]', 'Không có trang này')
  })

  it('leads from what needs attention to its incident', async () => {
    await page.goto(centre.url)
    const link = page.locator('.attention a[href="/incidents/1"]').first()
    await link.waitFor()
    expect(await page.getByTestId('alerts').getAttribute('href')).toBe('/incidents/1')
  })

  it('lets a technician take an incident with one tap on a phone', async () => {
    const phone = await context.newPage()
    try {
      await phone.setViewportSize({ width: 390, height: 844 })
      await phone.goto(`${centre.url}/my`)
      await waitForText(phone, '[data-testid="mine"]', 'dev-3')
      await phone.getByTestId('take-4').waitFor()
      const width = await phone.evaluate<number>('document.documentElement.scrollWidth')
      expect(width).toBeLessThanOrEqual(390)
      expect(await commandAfter(() => phone.getByTestId('take-4').click())).toMatchObject({
        kind: 'acknowledge',
        id: 4,
      })
      await eventually(() => commands.find((one) => (one as { kind: string; id: number }).kind === 'assign') && true)
    } finally {
      await phone.close()
    }
  })

  it('shows maintenance with the time that remains, and opens a window', async () => {
    await page.goto(`${centre.url}/devices/site-1/dev-2`)
    await text('[data-testid="maintenance-mark"]', /Đang bảo trì · còn lại (2 giờ|1 giờ 5\d phút)/)
    await page.goto(`${centre.url}/maintenance?place=site-1%2Fdev-1`)
    await text('[data-testid="window-w-1"]', 'Thay pin')
    await page.locator('input[name="reason"]').fill('Vệ sinh phễu')
    expect(await commandAfter(() => page.getByTestId('save-window').click())).toMatchObject({
      kind: 'maintain',
      window: { reason: 'Vệ sinh phễu', covers: { devices: ['site-1/dev-1'] } },
    })
    expect(await commandAfter(() => page.getByTestId('end-window').click())).toMatchObject({ id: 'w-1' })
  })

  it('keeps the work log on the page of a device', async () => {
    await page.goto(`${centre.url}/devices/site-1/dev-1`)
    await page.getByText('Ghi một lần sửa chữa').click()
    await page.locator('input[name="what"]').fill('Thay pin')
    await page.locator('input[name="cost"]').fill('350000')
    await page.getByTestId('save-work').click()
    await text('[data-testid="work-entry"]', /Thay pin.*350\.000.*local-admin/)
    await text('[data-testid="place-incidents"]', 'Thiết bị không gửi số liệu')
  })

  it.each([
    ['/incidents', 'incident-list'],
    ['/incidents/1', 'incident-page'],
    ['/my', 'my-page'],
    ['/maintenance', 'maintenance-page'],
    ['/rota', 'rota-page'],
    ['/devices/site-1/dev-1', 'work-log'],
  ])('passes axe in both themes: %s', async (path, testId) => {
    await page.goto(`${centre.url}${path}`)
    await page.getByTestId(testId).waitFor()
    for (const theme of ['light', 'dark']) {
      await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`)
      const { violations } = await new AxeBuilder({ page }).include('main').analyze()
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
    }
  })

  it('complains about nothing', () => {
    expect(problems).toEqual([])
  })
})
