import { AxeBuilder } from '@axe-core/playwright'
import { openCredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import { parseToken } from '@ioc/contract/enrolment-token.ts'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Centre, startCentre } from '../server/testing/centre.ts'
import { canBrowse, launchBrowser, problemsOf, waitForText } from '../testing/browser.ts'

describe.skipIf(!canBrowse)('the page of the nodes, in a browser', () => {
  let centre: Centre
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let problems: string[]
  beforeAll(async () => {
    centre = await startCentre({ IOC_AGENT_BUNDLES: '/nonexistent' })
    await openCredentialStore(centre.dataDir).add('ubnd-pro/cong', 'node')
    browser = await launchBrowser()
    context = await browser.newContext({ locale: 'vi-VN' })
    page = await context.newPage()
    problems = problemsOf(page)
  })
  afterAll(async () => {
    await browser?.close()
    await centre?.stop()
  })

  const machine = (pubkey: string) => ({
    ...{ machine: 'm', pubkey: pubkey.repeat(40), host: 'may-tram', arch: 'linux-x64', agent: '0.1.0' },
  })

  test('creates a token, and shows the line to paste with its QR code', async () => {
    await page.goto(`${centre.url}/nodes`)
    await page.fill('[data-testid=new-token] [name=site]', 'tram-y-te-ka-do')
    await page.click('[data-testid=create-token]')
    const line = await page.textContent('[data-testid=added-token] .line-to-paste')
    const [, url, token] = /^ioc-agent enrol (\S+) (\S+)$/.exec(line ?? '') ?? []
    expect([url, parseToken(token ?? '')]).toEqual([centre.url, expect.objectContaining({ authority: undefined })])
    await page.waitForSelector('[data-testid=qr-code]')
    await waitForText(page, '[data-testid=tokens]', 'tram-y-te-ka-do')
    const { body } = await centre.post('/api/enrol', { token, ...machine('A') })
    expect(body).toMatchObject({ username: 'tram-y-te-ka-do/may-tram' })
  })

  test('accepts one machine that waits, and rejects another', async () => {
    const codes: string[] = []
    const tokens: string[] = []
    for (const pubkey of ['B', 'C']) {
      const { body } = await centre.post('/api/enrol/request', machine(pubkey))
      codes.push((body as { code: string }).code)
      tokens.push((body as { token: string }).token)
    }
    await page.reload()
    await page.fill(`[data-testid=pending-${codes[0]}] [name=site]`, 'ubnd-pro')
    await page.click(`[data-testid=pending-${codes[0]}] .primary`)
    await page.waitForSelector(`[data-testid=pending-${codes[0]}]`, { state: 'detached' })
    await page.click(`[data-testid=pending-${codes[1]}] button:not(.primary)`)
    await page.waitForSelector(`[data-testid=pending-${codes[1]}]`, { state: 'detached' })
    const answers = []
    for (const [index, token] of tokens.entries()) {
      answers.push((await centre.post('/api/enrol', { token, ...machine('BC'.charAt(index)) })).status)
    }
    expect(answers).toEqual([200, 403])
  })

  test('shows which credentials expire, and which have', async () => {
    const store = openCredentialStore(centre.dataDir)
    await store.add('ubnd-pro/het-han', 'node', { expires: Date.parse('2026-01-31T08:00:00+07:00') })
    await store.add('ubnd-pro/con-han', 'node', { expires: Date.parse('2099-01-31T08:00:00+07:00') })
    await page.reload()
    await waitForText(page, '[data-testid=node-ubnd-pro-het-han]', /Hết hạn.*31\/01\/2026/)
    expect(await page.locator('[data-testid=node-ubnd-pro-het-han] .badge.level-2').count()).toBe(1)
    await waitForText(page, '[data-testid=node-ubnd-pro-con-han]', '31/01/2099')
    await waitForText(page, '[data-testid=node-ubnd-pro-cong]', 'Không hết hạn')
  })

  test('revokes a node after a question', async () => {
    await page.reload()
    await waitForText(page, '[data-testid=node-ubnd-pro-cong]', 'Chưa kết nối lần nào')
    page.once('dialog', (dialog) => void dialog.accept())
    await page.click('[data-testid=node-ubnd-pro-cong] button')
    await waitForText(page, '[data-testid=node-ubnd-pro-cong]', 'Đã thu hồi')
    expect(openCredentialStore(centre.dataDir).find('ubnd-pro/cong')).toBeUndefined()
  })

  test('speaks English, is accessible, and has no errors', async () => {
    await page.evaluate(() => localStorage.setItem('ioc.language', 'en'))
    await page.reload()
    await waitForText(page, '[data-testid=pending-nodes]', 'No machine waits')
    const { violations } = await new AxeBuilder({ page }).include('[data-testid=nodes-page]').analyze()
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([])
    expect(problems).toEqual([])
  })
})
