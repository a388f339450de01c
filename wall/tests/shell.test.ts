import { AxeBuilder } from '@axe-core/playwright'
import { AccountStore } from '@ioc/accounts/account-store.ts'
import type { ApiHealth } from '@ioc/contract/messages/api.ts'
import { indicatorTopic } from '@ioc/contract/topics.ts'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Centre, startCentre, testPassword } from '../server/testing/centre.ts'
import { cpu, device, ledger, topicOf } from '../server/testing/samples.ts'
import { canBrowse, launchBrowser, problemsOf, waitForText } from '../testing/browser.ts'
import { cpuDescriptor } from './descriptors.ts'

describe.skipIf(!canBrowse)('the shell of the page, in a browser', () => {
  let centre: Centre
  let browser: Browser
  let page: Page
  let problems: string[]

  beforeAll(async () => {
    centre = await startCentre()
    await centre.publishRaw('ioc/v1/_live/indicators', JSON.stringify([cpuDescriptor]))
    await centre.publish('district', {
      areas: [{ code: '24943', name: 'Ka Đô', lat: 11.7, lon: 108.6, unconfirmed: false }],
      sites: [{ site: 'site-1', area: '24943', name: 'Hồ Đa Nhim', lat: null, lon: null }],
      problem: null,
    })
    await centre.publish('device/site-1/dev-1/system', device('dev-1', { name: 'Máy một' }))
    await centre.publish('ledger/site-1/node-1', ledger({ lost: 0 }))
    await centre.publish(topicOf(cpu(41)), cpu(41))
    browser = await launchBrowser()
    const context = await browser.newContext({ locale: 'vi-VN', viewport: { width: 1600, height: 900 } })
    page = await context.newPage()
    problems = problemsOf(page)
    await page.goto(centre.url)
    await page.locator('[data-testid="connection"][data-state="live"]').waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await centre?.stop()
  })

  const text = (selector: string, expected: string | RegExp) => waitForText(page, selector, expected)
  const search = () => new URL(page.url()).searchParams

  it('says on the page and in /api/health that the data are simulated, for as long as they are', async () => {
    const simulation = {
      ts: Date.now(),
      scenario: 'flood',
      title: { vi: 'Lũ về hồ Đơn Dương', en: 'Flood of the Đơn Dương reservoir' },
      phase: 'filling',
      percent: 42,
      clock: Date.parse('2025-11-17T10:00:00+07:00'),
      speed: 60,
      agents: 124,
    }
    const band = '[data-testid="simulation"]'
    const health = async () => ((await (await fetch(`${centre.url}/api/health`)).json()) as ApiHealth).simulated
    expect(await page.locator(band).count()).toBe(0)
    await centre.publish('simulation', simulation)
    await text(band, 'Dữ liệu mô phỏng')
    await text(band, 'Lũ về hồ Đơn Dương')
    await text(band, '42%')
    await text(band, '10:00:00')
    expect(await health()).toMatchObject({ scenario: 'flood', phase: 'filling', percent: 42, speed: 60 })
    await centre.publish('simulation', { ...simulation, phase: 'live', percent: 100, speed: 1 })
    await page.locator(`${band}[data-phase="live"]`).waitFor()
    expect(await page.locator(`${band} progress`).count()).toBe(0)
    await text(band, 'Dữ liệu mô phỏng')
    await centre.publishRaw('ioc/v1/_live/simulation', '')
    await page.locator(band).waitFor({ state: 'detached' })
    expect(await health()).toBeNull()
  })

  it('shows why an edit of the district is refused until it is corrected', async () => {
    const areas = [{ code: '24943', name: 'Ka Đô', lat: 11.7, lon: 108.6, unconfirmed: false }]
    const sites = [{ site: 'site-1', area: '24943', name: 'Hồ Đa Nhim', lat: null, lon: null }]
    const problem = { file: 'sites.yaml', line: 3, reason: 'sites[0].area: unknown', since: Date.now() }
    await centre.publish('district', { areas, sites, problem })
    const notice = '[data-testid="notice-district"]'
    await text(notice, 'Tệp dữ liệu địa bàn có lỗi')
    await text(notice, 'sites.yaml, dòng 3: sites[0].area: unknown')
    await centre.publish('district', { areas, sites, problem: null })
    await page.locator(notice).waitFor({ state: 'detached' })
  })

  it('counts what needs attention by its worst level, and is calm without any', async () => {
    await text('[data-testid="alerts"][data-level="0"]', 'Không có cảnh báo')
    await centre.publish(topicOf(cpu(96)), cpu(96))
    await text('[data-testid="alerts"][data-level="3"]', '1 nguy cấp')
    await centre.publish(topicOf(cpu(41)), cpu(41))
    await page.locator('[data-testid="alerts"][data-level="0"]').waitFor()
  })

  it('chooses an area in the URL, without the site of another one', async () => {
    await page.goto(`${centre.url}/d/ioc-devices?var-area=24931&var-site=other&var-device=its&from=now-7d&to=now`)
    await page.getByTestId('area').selectOption({ label: 'Ka Đô' })
    expect(search().get('var-area')).toBe('24943')
    expect([search().has('var-site'), search().has('var-device'), search().get('from')]).toEqual([
      false,
      false,
      'now-7d',
    ])
    await page.getByTestId('area').selectOption({ label: 'Toàn địa bàn' })
    expect(search().has('var-area')).toBe(false)
  })

  it('picks a time range as Grafana does, and keeps it in the URL', async () => {
    await page.keyboard.press('t')
    await page.getByTestId('dialog-time').getByRole('button', { name: '24 giờ qua' }).click()
    expect([search().get('from'), search().get('to')]).toEqual(['now-24h', 'now'])
    await text('[data-testid="time-range"]', '24 giờ qua')
    await page.getByTestId('time-range').click()
    await page.getByTestId('time-from').fill('28/11/2026 08:00')
    await page.getByTestId('time-to').fill('31/11/2026')
    await page.getByTestId('time-apply').click()
    await text('[data-testid="dialog-time"] [role="alert"]', 'Thời điểm không hợp lệ')
    await page.getByTestId('time-to').fill('28/11/2026 10:00')
    await page.getByTestId('time-apply').click()
    const range = () => [Number(search().get('from')), Number(search().get('to'))]
    const start = Date.parse('2026-11-28T08:00:00+07:00')
    const hour = 3_600_000
    expect(range()).toEqual([start, start + 2 * hour])
    await text('[data-testid="time-range"]', '28/11/2026 08:00 – 10:00')
    await page.getByTestId('time-later').click()
    expect(range()).toEqual([start + hour, start + 3 * hour])
    await page.getByTestId('time-earlier').click()
    await page.getByTestId('time-zoomOut').click()
    expect(range()).toEqual([start - hour, start + 3 * hour])
    await page.getByTestId('refresh').selectOption('30s')
    expect(search().get('refresh')).toBe('30s')
    await page.goBack()
    expect(range()).toEqual([start, start + 2 * hour])
    await page.getByTestId('time-range').click()
    await page.getByTestId('dialog-time').getByRole('button', { name: '28/11/2026 08:00 – 10:00' }).click()
    expect(range()).toEqual([start, start + 2 * hour])
    await page.getByTestId('time-range').click()
    await page.getByTestId('time-from').fill('27/11/2026')
    await page.getByTestId('time-to').fill('28/11/2026')
    await page.getByTestId('time-apply').click()
    expect(range()).toEqual([start - 32 * hour, start + 16 * hour - 1])
    await page.goto(`${centre.url}/?from=yesterday&to=now`)
    await text('[data-testid="time-range"]', /qua$/)
  })

  it.each([
    ['may mot', 'Máy một', '/devices/site-1/dev-1'],
    ['máy một', 'Máy một', '/devices/site-1/dev-1'],
    ['ho da nhim', 'Hồ Đa Nhim', '/sites/site-1'],
    ['NHIM đa', 'Hồ Đa Nhim', '/sites/site-1'],
    ['ka do', 'Ka Đô', '/d/ioc-home'],
    ['phan tich', 'Phân tích', '/d/ioc-analysis'],
  ])('finds %j by the keyboard', async (typed, title, path) => {
    await page.goto(centre.url)
    await page.locator('[data-testid="connection"][data-state="live"]').waitFor()
    await page.keyboard.press('Control+k')
    await page.getByTestId('search-input').fill(typed)
    await text('[data-testid="search-result"]', title)
    // The Enter that ends a word of a Vietnamese input method chooses nothing.
    await page.getByTestId('search-input').dispatchEvent('keydown', { key: 'Enter', isComposing: true })
    await page.getByTestId('dialog-search').waitFor()
    expect(new URL(page.url()).pathname).toBe('/')
    await page.keyboard.press('Enter')
    await expect.poll(() => new URL(page.url()).pathname).toBe(path)
  })

  it('has shortcuts, and a list of them', async () => {
    await page.goto(`${centre.url}/sites/site-1`)
    await page.getByTestId('site-page').waitFor()
    await page.keyboard.press('?')
    await text('[data-testid="dialog-help"]', 'Toàn màn hình')
    await page.keyboard.press('Escape')
    await page.getByTestId('dialog-help').waitFor({ state: 'hidden' })
    await page.keyboard.press('g')
    await page.keyboard.press('h')
    await expect.poll(() => new URL(page.url()).pathname).toBe('/d/ioc-home')
    const theme = () => page.locator('html').getAttribute('data-theme')
    const before = await theme()
    await page.keyboard.press('d')
    await expect.poll(theme).not.toBe(before)
    await page.keyboard.press('m')
    await page.getByTestId('dialog-menu').waitFor()
    await page.keyboard.press('Escape')
    // The keys belong to a field while somebody types in it.
    await page.keyboard.press('/')
    await page.getByTestId('search-input').waitFor()
    await page.keyboard.type('tkd')
    expect(await page.getByTestId('search-input').inputValue()).toBe('tkd')
    await page.keyboard.press('Escape')
  })

  it('hides header and menu in kiosk mode, and Esc leaves it', async () => {
    await page.getByTestId('dialog-search').waitFor({ state: 'hidden' })
    await page.keyboard.press('k')
    await page.locator('header.top').waitFor({ state: 'detached' })
    expect(search().has('kiosk')).toBe(true)
    expect(await page.locator('html').getAttribute('data-size')).toBe('wall')
    await page.keyboard.press('Escape')
    await page.locator('header.top').waitFor()
    expect(search().has('kiosk')).toBe(false)
    await page.goto(`${centre.url}/d/ioc-home?kiosk=tv`)
    await page.locator('header.tv').waitFor()
    expect(await page.getByTestId('menu').count()).toBe(0)
    await page.getByTestId('clock').waitFor()
  })

  it('takes a key that is pressed as a dialog closes', async () => {
    await page.goto(`${centre.url}/d/ioc-home`)
    await page.locator('header.top').waitFor()
    await page.keyboard.press('/')
    await page.getByTestId('search-input').waitFor()
    await page.evaluate(`{
      const field = document.querySelector('[data-testid="search-input"]')
      document.querySelector('dialog[open]').close()
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', bubbles: true, cancelable: true }))
    }`)
    await page.locator('header.top').waitFor({ state: 'detached' })
    await page.keyboard.press('Escape')
    await page.locator('header.top').waitFor()
  })

  it('turns through boards, skips empty ones, and shows the board of a new critical item', async () => {
    await page.goto(`${centre.url}/d/ioc-centre?kiosk&playlist=ioc-centre,ioc-health,ioc-undeclared&every=5s`)
    await expect.poll(() => new URL(page.url()).pathname, { timeout: 30_000 }).toBe('/d/ioc-undeclared')
    await centre.publish(topicOf(cpu(97)), cpu(97))
    await text('[data-testid="critical-bar"]', /CPU trung bình 1 phút: 97.* · Máy một/)
    const announced = '[data-testid="critical-announced"]'
    await text(announced, 'CPU trung bình 1 phút: 97')
    // Read out once: a new value of it changes only what is seen.
    await centre.publish(topicOf(cpu(98)), cpu(98))
    await text('[data-testid="critical-bar"] a', 'CPU trung bình 1 phút: 98')
    await text(announced, 'CPU trung bình 1 phút: 97')
    await expect.poll(() => new URL(page.url()).pathname).not.toMatch(/ioc-(centre|health|undeclared)$/)
    expect(search().get('playlist')).toBe('ioc-centre,ioc-health,ioc-undeclared')
    await centre.publish(topicOf(cpu(41)), cpu(41))
    await page.getByTestId('critical-bar').waitFor({ state: 'detached' })
    await page.keyboard.press('Escape')
    expect(search().has('playlist')).toBe(false)
  })

  it('switches language and theme, and keeps them', async () => {
    await page.goto(`${centre.url}/sites/site-1`)
    await page.getByTestId('menu').click()
    await page.getByTestId('language-en').click()
    await page.getByTestId('theme-dark').click()
    await page.reload()
    await text('[data-testid="site-page"]', 'CPU, 1 min mean')
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark')
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    await page.getByTestId('menu').click()
    await page.getByTestId('language-vi').click()
    await page.getByTestId('theme-light').click()
    await page.keyboard.press('Escape')
  })

  it.each([
    ['a site', '/sites/site-1', undefined],
    ['a device', '/devices/site-1/dev-1', undefined],
    ['an unknown address', '/d/nothing', undefined],
    ['the menu', '/sites/site-1', 'm'],
    ['the time picker', '/sites/site-1', 't'],
    ['the search', '/sites/site-1', '/'],
    ['the shortcuts', '/sites/site-1', '?'],
  ])('passes axe in both themes: %s', async (_what, path, key) => {
    await page.goto(centre.url + path)
    await page.locator('.page h2, [data-testid="unknown"]').first().waitFor()
    if (key) await page.keyboard.press(key)
    if (key) await page.locator('dialog[open]').waitFor()
    for (const theme of ['light', 'dark']) {
      await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`)
      await page.evaluate('Promise.all(document.getAnimations().map(({ finished }) => finished))')
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
    }
  })

  it.each([
    ['/sites/site-1', 390, 844],
    ['/devices/site-1/dev-1', 390, 844],
    ['/d/nothing', 360, 740],
  ])('does not scroll sideways on a phone: %s', async (path, width, height) => {
    await page.setViewportSize({ width, height })
    await page.goto(centre.url + path)
    await page.locator('.page h2, [data-testid="unknown"]').first().waitFor()
    expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    await page.getByTestId('menu').click()
    await page.getByTestId('dialog-menu').waitFor()
    expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    await page.keyboard.press('Escape')
  })

  it('shows that the broker is gone, and that the server is, with a frame and the time since', async () => {
    await page.setViewportSize({ width: 1600, height: 900 })
    await page.goto(`${centre.url}/sites/site-1`)
    await page.locator('[data-testid="connection"][data-state="live"]').waitFor()
    await centre.stopBroker()
    await text('[data-testid="notice-cut"]', 'MQTT')
    expect(await page.getByTestId('main').getAttribute('class')).toBe('dimmed')
    await centre.stop()
    await text('[data-testid="connection"]', 'Mất kết nối')
    await text('[data-testid="notice-cut"]', 'đang thử lại')
    await text('[data-testid="lost-frame"]', 'Không có số liệu mới từ')
    const network = problems.filter(
      (problem) => !/ERR_CONNECTION_REFUSED|WebSocket|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/.test(problem),
    )
    expect(network).toEqual([])
  })
})

describe.skipIf(!canBrowse)('an empty centre, in a browser', () => {
  it('shows what to do next, beside its own machine, until another node reports', async () => {
    const centre = await startCentre()
    const browser = await launchBrowser()
    try {
      const context = await browser.newContext({ viewport: { width: 390, height: 844 } })
      const page = await context.newPage()
      await page.goto(centre.url)
      await waitForText(page, '[data-testid="empty"]', 'npm run demo')
      await waitForText(page, '[data-testid="empty"]', 'ioc node add')
      await waitForText(page, '[data-testid="own-machine"]', 'chưa gửi số liệu')
      const own = device('pc', { site: 'office', node: 'centre-01', name: 'Máy chủ' })
      await centre.publishRaw('ioc/v1/_live/indicators', JSON.stringify([cpuDescriptor]))
      await centre.publish('device/office/pc/system', own)
      await centre.publish('indicator/system_cpu_1m/device/office/pc', { ...cpu(41), key: 'office/pc' })
      await waitForText(page, '[data-testid="own-machine"]', 'Máy chủ')
      await waitForText(page, '[data-testid="indicator-system_cpu_1m-office/pc"]', '41')
      await page.reload()
      await waitForText(page, '[data-testid="own-machine"]', 'Máy chủ')
      expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id }) => id)).toEqual([])
      await centre.publish('device/site-1/dev-1/system', device('dev-1'))
      await page.getByTestId('empty').waitFor({ state: 'detached' })
    } finally {
      await browser.close()
      await centre.stop()
    }
  })

  it('asks for a login where the centre has accounts; the password is changed, and the user logs out', async () => {
    const centre = await startCentre()
    await centre.addUser('lan', { role: 'operator' })
    const browser = await launchBrowser()
    try {
      const context = await browser.newContext({ locale: 'vi-VN' })
      const page = await context.newPage()
      await page.goto(centre.url)
      const fillIn = async (password: string) => {
        await page.getByTestId('login-name').fill('lan')
        await page.getByTestId('login-password').fill(password)
        await page.keyboard.press('Enter')
      }
      await fillIn('wrong')
      await waitForText(page, '[role="alert"]', 'Tên đăng nhập hoặc mật khẩu không đúng')
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id }) => id)).toEqual([])
      await fillIn(testPassword)
      await page.locator('[data-testid="connection"][data-state="live"]').waitFor()
      await page.getByTestId('menu').click()
      await waitForText(page, '[data-testid="account-name"]', 'lan')
      await page.getByTestId('change-password').click()
      for (const [field, value] of [
        ['current', testPassword],
        ['next', 'a longer password 7'],
        ['repeat', 'a longer password 7'],
      ] as const) {
        await page.getByTestId(`password-${field}`).fill(value)
      }
      await page.getByTestId('password-submit').click()
      await waitForText(page, '[data-testid="password-outcome"]', 'Đã đổi mật khẩu')
      await page.getByTestId('logout').click()
      await fillIn('a longer password 7')
      await page.locator('[data-testid="connection"][data-state="live"]').waitFor()
      // The page of a user who is removed asks for a login by itself.
      new AccountStore(centre.dataDir).remove('lan')
      await page.getByTestId('login-name').waitFor()
    } finally {
      await browser.close()
      await centre.stop()
    }
  })
})

it('subscribes to topics that the contract builds', () => {
  expect(`ioc/v1/_live/${topicOf(cpu(1))}`).toBe(indicatorTopic('system_cpu_1m', 'device', 'site-1/dev-1'))
})
