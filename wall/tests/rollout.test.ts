import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { UpdateReport } from '@ioc/contract/messages/node-report.ts'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Centre, startCentre } from '../server/testing/centre.ts'
import { canBrowse, launchBrowser, problemsOf, waitForText } from '../testing/browser.ts'

describe.skipIf(!canBrowse)('roll-outs on the page of the nodes, in a browser', () => {
  const bundles = mkdtempSync(join(tmpdir(), 'ioc-bundles-'))
  let centre: Centre
  let browser: Browser
  let page: Page
  let problems: string[]
  beforeAll(async () => {
    centre = await startCentre({ IOC_AGENT_BUNDLES: bundles })
    browser = await launchBrowser()
    page = await (await browser.newContext({ locale: 'vi-VN' })).newPage()
    problems = problemsOf(page)
  })
  afterAll(async () => {
    await browser?.close()
    await centre?.stop()
    rmSync(bundles, { recursive: true, force: true })
  })

  let session = 1
  const birth = (site: string, version: string, update?: Partial<UpdateReport>): Promise<void> =>
    centre.publishRaw(
      `ioc/v1/${site}/may-1/status`,
      JSON.stringify({
        ...{ online: true, session: session++, agent: { version, host: 'h' }, devices: [] },
        ...(update ? { update: { version, state: 'done', at: Date.now(), ...update } } : {}),
      }),
    )

  test('a release that is built while the wall runs is offered; it reaches one node first', async () => {
    for (let at = 1; at <= 20; at++) await birth(`truong-${at}`, '0.1.0', {})
    await birth('tram-cu', '0.1.0')
    await page.goto(`${centre.url}/nodes`)
    await waitForText(page, '[data-testid=rollout]', 'Chưa có bản phát hành nào')
    await waitForText(page, '[data-testid=rollout-versions]', '0.1.0: 20 (1 trạm phải cập nhật tại chỗ)')
    writeFileSync(join(bundles, 'ioc-agent-0.2.0-linux-x64.release.json'), '{}')
    await page.reload()
    const configs = await centre.listen('ioc/v1/+/+/config')
    page.once('dialog', (dialog) => void dialog.accept())
    await page.click('[data-testid=start-rollout]')
    await waitForText(page, '[data-testid=rollout-present]', 'Đang thực hiện')
    await expect
      .poll(() => configs)
      .toEqual([{ schema: 1, revision: 1, update: { version: '0.2.0', start: 'window', rollout: '0.2.0-1' } }])
  })

  test('a node that reverts pauses it, with the reason; an operator cancels it', async () => {
    await page.reload()
    await waitForText(page, '[data-testid=rollout-present]', 'Đợt 1/4')
    const rows = await page.locator('[data-testid=rollout-present] tbody tr').first().getAttribute('data-testid')
    const site = /rollout-(.*)-may-1/.exec(rows ?? '')?.[1] ?? ''
    await birth(site, '0.1.0', { version: '0.2.0', state: 'reverted', reason: 'no PUBACK', rollout: '0.2.0-1' })
    await expect
      .poll(async () => JSON.stringify((await centre.get('/api/agent/rollout')).body))
      .toContain('"state":"paused"')
    await page.reload()
    await waitForText(page, '[data-testid=rollout-present]', 'Tạm dừng vì 1/1 trạm đã tự quay về phiên bản cũ')
    await waitForText(page, `[data-testid=rollout-${site}-may-1]`, 'no PUBACK')
    page.once('dialog', (dialog) => void dialog.accept())
    await page.click('[data-testid=rollout-present] button:not(.primary)')
    await waitForText(page, '[data-testid=rollout-present]', 'Đã hủy')
    await page.waitForSelector('[data-testid=start-rollout]')
  })

  test('speaks English, is accessible, and has no errors', async () => {
    await page.evaluate(() => localStorage.setItem('ioc.language', 'en'))
    await page.reload()
    await waitForText(page, '[data-testid=rollout-present]', 'Cancelled')
    const { violations } = await new AxeBuilder({ page }).include('[data-testid=rollout]').analyze()
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([])
    expect(problems).toEqual([])
  })
})
