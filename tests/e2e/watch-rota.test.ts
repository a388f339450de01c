import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AuditLog } from '@ioc/accounts/audit-log.ts'
import type { ApiRota } from '@ioc/contract/messages/api-rota.ts'
import { eventually } from '@ioc/wall/server/testing/centre.ts'
import { canBrowse, launchBrowser, problemsOf, waitForText } from '@ioc/wall/testing/browser.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWatchCentre, type WatchCentre } from '../harness/watch.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

describe('the rota', () => {
  let centre: WatchCentre
  beforeAll(async () => {
    centre = await startWatchCentre()
    await eventually(async () => ((await rota()).ts === null ? undefined : true))
  })
  afterAll(() => centre?.stop())

  const rota = async (): Promise<ApiRota> => (await (await fetch(`${centre.url}/api/rota`)).json()) as ApiRota
  const post = async (path: string, body?: object) => {
    const json = body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}
    const response = await fetch(centre.url + path, { method: 'POST', ...json })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const ioc = async (...args: string[]) => {
    const main = join(import.meta.dirname, '../../hub/main.ts')
    const env = { ...process.env, ...centre.environment }
    return (await promisify(execFile)(process.execPath, [main, ...args], { env })).stdout
  }
  const onCall = async () => (await rota()).rotas[0]?.on_call
  /** Resolves when the watch has published an override, or that there is none. */
  const overridden = (isThere: boolean) =>
    eventually(async () => ((await rota()).overrides.length > 0 === isThere ? true : undefined))

  test('shows each hand-over of 14 days, without addresses', async () => {
    const { rotas, people } = await rota()
    expect(rotas).toMatchObject([{ id: 'truc', name: 'Trực ban', gaps: [] }])
    const [{ shifts = [] } = {}] = rotas
    expect(shifts.length).toBeGreaterThanOrEqual(2)
    for (const [at, { from, person }] of shifts.entries()) {
      expect(['lan', 'minh']).toContain(person)
      // Monday at 07:00 in Vietnam.
      if (at > 0) expect(new Date(from + 7 * hourMs).toISOString()).toMatch(/T07:00/)
    }
    expect(people.map(({ id, channels }) => [id, channels])).toEqual([
      ['lan', ['webhook', 'sms']],
      ['minh', ['sms']],
    ])
    expect(JSON.stringify(await rota())).not.toMatch(/\+84|127\.0\.0\.1/)
  })

  test.each([
    ['a person', 'minh'],
    ['another person', 'lan'],
    ['nobody', null],
  ])('replaces whoever is on call by %s, until the override is ended', async (_what, person) => {
    const times = { from: Date.now() - hourMs, to: Date.now() + hourMs }
    expect(await post('/api/rota/overrides', { rota: 'truc', person, ...times })).toMatchObject({ status: 202 })
    await overridden(true)
    expect(await onCall()).toBe(person)
    const { overrides, rotas } = await rota()
    expect(overrides).toMatchObject([{ rota: 'truc', person, by: 'local-admin' }])
    if (person === null) expect(rotas[0]?.gaps).toMatchObject([{ to: times.to }])
    expect((await post(`/api/rota/overrides/${overrides[0]?.id}/end`)).status).toBe(202)
    await overridden(false)
    expect(await onCall()).not.toBeNull()
  })

  test.each([
    ['an unknown rota', { rota: 'x', person: 'lan' }, 404],
    ['an unknown person', { rota: 'truc', person: 'x' }, 404],
    ['no person', { rota: 'truc' }, 400],
    ['a past time', { rota: 'truc', person: 'lan', from: 1, to: 2 }, 400],
    ['an end before the beginning', { rota: 'truc', person: 'lan', from: Date.now() + dayMs, to: Date.now() }, 400],
    ['more than 30 days', { rota: 'truc', person: 'lan', from: Date.now(), to: Date.now() + 31 * dayMs }, 400],
  ])('refuses %s', async (_what, body, status) => {
    const times = { from: Date.now(), to: Date.now() + hourMs }
    expect((await post('/api/rota/overrides', { ...times, ...body })).status).toBe(status)
  })

  test('is overridden by the command line', async () => {
    const at = (ms: number) => new Date(Date.now() + ms).toISOString()
    const id = (await ioc('rota', 'override', 'truc', 'minh', at(-hourMs), at(hourMs))).trim()
    await overridden(true)
    expect([await onCall(), (await rota()).overrides[0]?.id]).toEqual(['minh', id])
    expect(await ioc('rota')).toContain('Trần Minh')
    await expect(ioc('rota', 'override', 'truc', 'nobody', at(0), at(hourMs))).rejects.toThrow('no person nobody')
    await ioc('rota', 'end', id)
    await overridden(false)
    await ioc('rota', 'override', 'truc', 'none', at(dayMs), at(2 * dayMs))
    await overridden(true)
    expect((await rota()).rotas[0]?.gaps).toHaveLength(1)
    for (const { id: one } of (await rota()).overrides) await ioc('rota', 'end', one)
    await overridden(false)
  })

  test.each([
    ['webhook', 'lan', { status: 200, body: { sent: true, detail: null } }],
    ['sms', 'lan', { status: 200, body: { sent: false, detail: expect.stringContaining('not set up') } }],
    ['email', 'lan', { status: 404 }],
    ['sms', 'nobody', { status: 404 }],
  ])('tries the channel %s of %s', async (channel, person, expected) => {
    const before = centre.received.length
    expect(await post('/api/rota/test', { person, channel })).toMatchObject(expected)
    expect(centre.received.slice(before).map(({ kind }) => kind)).toEqual(channel === 'webhook' ? ['test'] : [])
    expect(new AuditLog(centre.dataDir).read(20)).toContainEqual(
      expect.objectContaining({ who: 'local-admin', what: 'channel.test', target: person, detail: { channel } }),
    )
  })

  test.skipIf(!canBrowse)('is shown on a page that replaces and tries', async () => {
    const browser = await launchBrowser()
    try {
      const context = await browser.newContext({ locale: 'vi-VN', viewport: { width: 390, height: 844 } })
      const page = await context.newPage()
      const problems = problemsOf(page)
      await page.goto(`${centre.url}/rota`)
      await waitForText(page, '[data-testid="rota-truc"]', /Trực ban/)
      await page.getByText('Đổi ca', { exact: true }).click()
      await page.locator('select[name="person"]').selectOption({ label: 'Không có người trực' })
      await page.getByTestId('save-override').click()
      await waitForText(page, '[data-testid="gap"]', 'Không có người trực')
      await waitForText(page, '[data-testid="on-duty"]', 'Không có người trực')
      await page.getByTestId('end-override').click()
      await page.getByTestId('gap').waitFor({ state: 'detached' })
      await page.getByTestId('test-lan-webhook').click()
      await waitForText(page, '[data-testid="result-lan-webhook"]', 'Đã gửi')
      await page.getByTestId('test-minh-sms').click()
      await waitForText(page, '[data-testid="result-minh-sms"]', 'Không gửi được')
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
      expect(problems).toEqual([])
    } finally {
      await browser.close()
    }
  })

  test('is changed by technicians who are not limited, and by nobody else', async () => {
    const override = { rota: 'truc', person: 'lan', from: Date.now(), to: Date.now() + hourMs }
    const statusOf = async (name: string, grant: Parameters<WatchCentre['addUser']>[1]) => {
      const headers = { ...(await centre.addUser(name, grant)), 'content-type': 'application/json' }
      const init = { method: 'POST', headers, body: JSON.stringify(override) }
      const read = await fetch(`${centre.url}/api/rota`, { headers })
      return [read.status, (await fetch(`${centre.url}/api/rota/overrides`, init)).status]
    }
    expect(await statusOf('viewer', { role: 'viewer' })).toEqual([200, 403])
    expect(await statusOf('operator', { role: 'operator' })).toEqual([200, 403])
    expect(await statusOf('limited', { role: 'technician', areas: ['24943'] })).toEqual([200, 403])
    expect(await statusOf('technician', { role: 'technician' })).toEqual([200, 202])
  })
})
