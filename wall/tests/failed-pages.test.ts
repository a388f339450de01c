import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { type Centre, ownNode, startCentre } from '../server/testing/centre.ts'
import { device } from '../server/testing/samples.ts'
import { canBrowse, launchBrowser } from '../testing/browser.ts'

describe.skipIf(!canBrowse)('a page that could not be read', () => {
  let centre: Centre
  let browser: Browser
  let context: BrowserContext
  beforeAll(async () => {
    centre = await startCentre()
    await centre.publish('device/site-1/d/system', device('d', { site: 'site-1' }))
    browser = await launchBrowser()
    context = await browser.newContext({ locale: 'vi-VN' })
  })
  afterAll(async () => {
    await browser?.close()
    await centre?.stop()
  })

  test.each([
    ['/incidents', '**/api/incidents*'],
    ['/my', '**/api/incidents*'],
    ['/maintenance', '**/api/maintenance'],
    ['/rota', '**/api/rota'],
    ['/reports/availability', '**/api/reports/availability*'],
    ['/cameras', '**/api/cameras'],
    ['/nodes', '**/api/{agents,nodes,enrol/pending,agent/rollout}'],
    [`/nodes/${ownNode}`, '**/api/agents/**'],
    ['/devices/site-1/d', '**/api/devices/site-1/d'],
  ])('%s says so, and reads again when asked to', async (path, api) => {
    const page = await context.newPage()
    let isAway = true
    let asked = 0
    await page.route(api, (route) => {
      if (isAway) return route.abort()
      asked++
      return route.continue()
    })
    await page.goto(centre.url + path)
    const retry = page.locator('main [role=alert] button').first()
    await retry.waitFor()
    isAway = false
    await Promise.all([page.waitForResponse(() => asked > 0), retry.click()])
    await page.close()
  })
})
