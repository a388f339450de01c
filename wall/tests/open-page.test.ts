import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Centre, startCentre } from '../server/testing/centre.ts'
import { cpu, device, topicOf } from '../server/testing/samples.ts'
import { canBrowse, launchBrowser } from '../testing/browser.ts'
import { cpuDescriptor } from './descriptors.ts'

const figureOf = (name: string) => `[data-testid="indicator-system_cpu_1m-site-1/${name}"]`

describe.skipIf(!canBrowse)('a page that stays open', () => {
  let centre: Centre
  let browser: Browser
  let address: string
  beforeAll(async () => {
    centre = await startCentre({ IOC_ALLOWED_HOSTS: 'ioc.lan' }, { pingMs: 500 })
    address = `${centre.url}/sites/site-1?from=now-3h&to=now`
    await centre.publishRaw('ioc/v1/_live/indicators', JSON.stringify([cpuDescriptor]))
    for (let index = 0; index < 30; index++) {
      const name = `dev-${String(index).padStart(2, '0')}`
      await centre.publish(`device/site-1/${name}/system`, device(name))
      await centre.publish(topicOf(cpu(41, name)), cpu(41, name))
    }
    browser = await launchBrowser(
      '--host-resolver-rules=MAP ioc.lan 127.0.0.1',
      // A page that a test answers in place of the server has no address, and could not open `/live`.
      '--disable-features=LocalNetworkAccessChecks',
    )
  })
  afterAll(async () => {
    await browser?.close()
    await centre?.stop()
  })

  /** A page whose next `count` loads are of another build than the server's. */
  const openOld = async (count: number) => {
    const page = await browser.newPage()
    let loads = 0
    await page.route(address, async (route) => {
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
    await page.goto(address)
    await page.locator(figureOf('dev-20')).waitFor()
    await page.evaluate(
      `document.querySelector(${JSON.stringify(figureOf('dev-20'))}).scrollIntoView({ block: 'center' })`,
    )
    expect(await page.evaluate<number>('scrollY')).toBeGreaterThan(0)
    release()
    await page.locator('meta[name="build"]:not([content="old"])').waitFor({ state: 'attached' })
    await page.locator(figureOf('dev-20')).waitFor()
    const inView = `(({ top }) => top >= 0 && top < innerHeight)(document.querySelector(${JSON.stringify(figureOf('dev-20'))}).getBoundingClientRect())`
    await expect.poll(() => page.evaluate<boolean>(inView), { timeout: 20_000 }).toBe(true)
    expect(loads()).toBe(2)
    expect(page.url()).toBe(address)
    await page.close()
  })

  it('does not load again and again when it keeps getting the old page', async () => {
    const { page, frames, loads } = await openOld(Number.POSITIVE_INFINITY)
    await page.goto(address)
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
    await page.goto(address)
    await page.locator(figureOf('dev-00')).waitFor()
    await page.evaluate(`window.step = ${step}`)
    await centre.publish(topicOf(cpu(42, 'dev-01')), cpu(42, 'dev-01'))
    await centre.publish('device/site-1/late/system', device('late', { last_ts: Date.now() - 300_000 }))
    const row = page.locator('[data-testid="device-site-1/late"]')
    await row.filter({ hasText: '5 phút trước' }).waitFor()
    await page.locator(`${figureOf('dev-01')}[data-stale="false"]`).waitFor()
    const shown = await page.getByTestId('clock').getAttribute('datetime')
    expect(Math.abs(Date.parse(shown ?? '') - Date.now())).toBeLessThan(60_000)
    await page.close()
  })

  it('subscribes again after a lost connection', async () => {
    const page = await browser.newPage()
    let cut: () => void = () => {}
    await page.routeWebSocket(/\/live$/, (socket) => {
      socket.connectToServer()
      cut = () => void socket.close()
    })
    await page.goto(address)
    await page.locator(figureOf('dev-02')).waitFor()
    cut()
    await page.locator('[data-testid="connection"][data-state="cut"]').waitFor()
    await page.locator('[data-testid="connection"][data-state="live"]').waitFor()
    await centre.publish(topicOf(cpu(77, 'dev-02')), cpu(77, 'dev-02'))
    await page
      .locator(`${figureOf('dev-02')} .figure`)
      .filter({ hasText: '77,0' })
      .waitFor()
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
    await page.locator('.opblock', { hasText: '/api/devices' }).first().waitFor()
    expect(await page.title()).toBe('Đơn Dương IOC: API')
    expect(problems).toEqual([])
    await page.close()
  })
})
