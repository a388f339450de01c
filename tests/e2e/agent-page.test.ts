import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { credentialFile } from '@ioc/runtime/credential-file.ts'
import { testPassword } from '@ioc/wall/server/testing/centre.ts'
import { canBrowse, launchBrowser, problemsOf, waitForText } from '@ioc/wall/testing/browser.ts'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BrokerAndWall, startBrokerAndWall } from '../harness/broker-and-wall.ts'

describe.skipIf(!canBrowse)('the page of an agent, in a browser', () => {
  let centre: BrokerAndWall
  let folder: string
  let agent: ReturnType<typeof spawn>
  let browser: Browser
  let page: Page
  let problems: string[]
  beforeAll(async () => {
    centre = await startBrokerAndWall()
    folder = mkdtempSync(join(tmpdir(), 'ioc-agent-'))
    const path = credentialFile(folder, 'agent')
    mkdirSync(dirname(path), { recursive: true })
    const password = await centre.credentials.add('commune-1/box-1', 'node')
    writeFileSync(path, JSON.stringify({ username: 'commune-1/box-1', password }))
    const { NODE_OPTIONS: _, ...inherited } = process.env
    agent = spawn(process.execPath, [join(import.meta.dirname, '../../edge-agent/main.ts')], {
      stdio: 'ignore',
      env: {
        ...inherited,
        NODE_COMPILE_CACHE: join(folder, 'cache'),
        IOC_DATA_DIR: folder,
        IOC_MQTT_URL: `mqtt://127.0.0.1:${centre.mqttPort}`,
        IOC_AGENT_PROBE_MS: '300',
        IOC_AGENT_UPLINK_CONFIRM_MS: '500',
      },
    })
    browser = await launchBrowser()
    const context = await browser.newContext({ locale: 'vi-VN' })
    page = await context.newPage()
    await context.request.post(`${centre.url}/api/session`, { data: { name: 'admin', password: testPassword } })
    problems = problemsOf(page)
  })
  afterAll(async () => {
    await browser?.close()
    agent?.kill('SIGKILL')
    await centre?.stop()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  const screenshot = async (name: string): Promise<void> => {
    const shots = process.env['IOC_SCREENSHOTS']
    if (shots) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true })
  }

  test('is reached from the list of agents', async () => {
    await page.goto(`${centre.url}/nodes`)
    await waitForText(page, '[data-testid=agent-commune-1-box-1]', 'Theo tệp tại trạm')
    await page.click('[data-testid=agent-commune-1-box-1] a')
    await waitForText(page, '[data-testid=agent-state]', 'Đang kết nối')
  })

  test('adds a collector by a form of its options, shows errors by field, and saves', async () => {
    await page.click('[data-testid=collector-form] summary')
    await page.selectOption('[data-testid=collector-form] [name=kind]', 'check')
    await page.fill('[data-testid=collector-form] [name=id]', 'web')
    await page.fill('[data-testid=collector-form] [name=targets]', '- { device: web, kind: tcp, host: 127.0.0.1 }')
    await screenshot('form-1280')
    await page.click('[data-testid=add-collector]')
    await waitForText(page, '[data-testid=config-outcome]', 'agent.collectors[0].')
    const text = await page.inputValue('[data-testid=agent-editor] [name=yaml]')
    expect(text).toContain('type: check')
    await page.fill(
      '[data-testid=agent-editor] [name=yaml]',
      'cadence_s: 1\nagent:\n  collectors:\n    - type: system\n    - { type: system, id: may-2 }\n',
    )
    await page.click('[data-testid=check-config]')
    await waitForText(page, '[data-testid=config-outcome]', 'Cấu hình hợp lệ.')
    await page.click('[data-testid=save-config]')
    await waitForText(page, '[data-testid=config-outcome]', 'bản 1')
    await waitForText(page, '[data-testid=agent-state]', 'Đã áp dụng (1)')
    await waitForText(page, '[data-testid=agent-state]', 'may-2')
  })

  test('shows what failed and why, and returns to an earlier revision', async () => {
    await page.fill('[data-testid=agent-editor] [name=yaml]', 'uplink:\n  url: mqtt://127.0.0.1:9\n')
    await page.click('[data-testid=save-config]')
    await waitForText(page, '[data-testid=agent-state]', 'Không áp dụng được (2)')
    await waitForText(page, '[data-testid=agent-state]', 'no connection to mqtt://127.0.0.1:9')
    await page.click('[data-testid=collect-now]')
    await waitForText(page, '[data-testid=collect-outcome]', 'Trạm đã đo.')
    await page.click('[data-testid=read-logs]')
    await waitForText(page, '[data-testid=log-lines]', 'configuration reverted')
    for (const [width, height] of [
      [390, 844],
      [1920, 1080],
    ] as const) {
      await page.setViewportSize({ width, height })
      await screenshot(`agent-${width}`)
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
      expect(overflow).toBeLessThanOrEqual(0)
    }
    page.once('dialog', (dialog) => void dialog.accept())
    await page.click('[data-testid=revision-1] .roll-back')
    await waitForText(page, '[data-testid=agent-history]', 'quay về bản 1')
    await waitForText(page, '[data-testid=agent-state]', 'Đã áp dụng (3)')
  })

  test('speaks English, is accessible, and has no errors', async () => {
    await page.evaluate(() => localStorage.setItem('ioc.language', 'en'))
    await page.reload()
    await waitForText(page, '[data-testid=agent-state]', 'Applied (3)')
    const { violations } = await new AxeBuilder({ page }).include('[data-testid=node-page]').analyze()
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([])
    expect(problems).toEqual([])
  })
})
