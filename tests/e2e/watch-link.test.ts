import { AuditLog } from '@ioc/accounts/audit-log.ts'
import type { ApiIncidentDetail, ApiIncidents } from '@ioc/contract/messages/api-incidents.ts'
import { eventually } from '@ioc/wall/server/testing/centre.ts'
import { canBrowse, launchChromium } from '@ioc/wall/testing/browser.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWatchCentre, type WatchCentre } from '../harness/watch.ts'

describe('the page of a link in a message', () => {
  let centre: WatchCentre
  beforeAll(async () => {
    centre = await startWatchCentre()
  })
  afterAll(() => centre?.stop())

  const read = async <T>(path: string): Promise<T> => (await fetch(centre.url + path)).json() as Promise<T>
  const active = async () => (await read<ApiIncidents>('/api/incidents')).incidents
  /** Opens an incident of a device, and returns its number and the path of the link that was sent. */
  const openIncident = async (name: string) => {
    await centre.publishDevice('site-1', name, true)
    const { id } = await eventually(async () => (await active()).find(({ cause }) => cause === `device/site-1/${name}`))
    const message = await eventually(() => centre.received.find(({ text }) => text.includes(`#${id}`)))
    const [, path = ''] = /https:\/\/ioc\.example\.vn(\/a\/\S+)/.exec(message.text) ?? []
    return { id, path }
  }
  const stateOf = async (id: number) => (await read<ApiIncidentDetail>(`/api/incidents/${id}`)).state
  const open = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(centre.url + path, init)
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
  const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: '' }

  test('shows the incident and the person, and acknowledges by its button alone, once', async () => {
    const { id, path } = await openIncident('d1')
    for (const method of ['GET', 'HEAD', 'GET']) expect((await open(path, { method })).status).toBe(200)
    const page = await open(path)
    expect(page.text).toMatch(/Cảm biến d1.*Nguyễn Thị Lan|Nguyễn Thị Lan[\s\S]*Cảm biến d1/)
    expect(page.text).toContain('Trạm 1')
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(page.text).not.toContain('<script')
    expect(await stateOf(id)).toBe('open')

    const done = await open(path, form)
    expect(done).toMatchObject({ status: 200, text: expect.stringContaining('Đã tiếp nhận') })
    await eventually(async () => ((await stateOf(id)) === 'acknowledged' ? true : undefined))
    const { acknowledged } = await read<ApiIncidentDetail>(`/api/incidents/${id}`)
    expect(acknowledged).toMatchObject({ by: 'lan' })
    expect(new AuditLog(centre.dataDir).read(10)).toContainEqual(
      expect.objectContaining({ who: 'lan', what: 'incident.acknowledge_by_link', target: String(id) }),
    )
    for (const init of [form, {}])
      expect(await open(path, init)).toMatchObject({ status: 410, text: expect.stringContaining('đã được sử dụng') })
  })

  test('stays used after a restart of the watch', async () => {
    const { id, path } = await openIncident('d2')
    await open(path, form)
    await eventually(async () => ((await stateOf(id)) === 'acknowledged' ? true : undefined))
    await centre.restartWatch()
    const answer = await eventually(async () => {
      const page = await open(path)
      return page.status === 503 ? undefined : page
    })
    expect(answer.status).toBe(410)
  })

  test('has nothing to acknowledge once the incident is over', async () => {
    const { id, path } = await openIncident('d3')
    await centre.publishDevice('site-1', 'd3', false)
    await eventually(async () => ((await stateOf(id)) === 'resolved' ? true : undefined))
    expect(await open(path, form)).toMatchObject({ status: 410, text: expect.stringContaining('đã kết thúc') })
  })

  test.skipIf(!canBrowse)('works in a browser without a script, opened from another site', async () => {
    const { id, path } = await openIncident('d4')
    const browser = await launchChromium()
    try {
      const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } })
      const page = await context.newPage()
      await page.setContent(`<a href="${centre.url}${path}">link</a>`)
      await page.getByText('link').click()
      await page.getByText('Người nhận tin').waitFor()
      const [width = 0] = await page.locator('html').evaluateAll((all) => all.map((one) => one.scrollWidth))
      expect(width).toBeLessThanOrEqual(390)
      await page.getByRole('button', { name: 'Tiếp nhận' }).click()
      await page.getByRole('heading', { name: 'Đã tiếp nhận' }).waitFor()
      await eventually(async () => ((await stateOf(id)) === 'acknowledged' ? true : undefined))
    } finally {
      await browser.close()
    }
  })

  test.each([
    ['of no form', '/a/x'],
    ['with another signature', '/a/1-aaaaaaaaaaaaaaaa'],
    ['with a number that was never signed', '/a/zzz-0123456789abcdef'],
    ['with a path of its own', '/a/..%2F..%2Fapi%2Fincidents'],
  ])('refuses a token %s', async (_what, path) => {
    expect(await open(path)).toMatchObject({ status: 404, text: expect.stringContaining('Liên kết không đúng') })
    expect((await open(path, form)).status).toBe(404)
  })

  test('refuses a form of another site', async () => {
    const headers = { ...form.headers, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    expect((await open('/a/1-aaaaaaaaaaaaaaaa', { ...form, headers })).status).toBe(403)
  })

  test('refuses an address that tries many', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 40 }, async (_, at) => (await open(`/a/${at}-aaaaaaaaaaaaaaaa`)).status),
    )
    expect(new Set(statuses).has(429)).toBe(true)
    expect((await open('/a/1-aaaaaaaaaaaaaaaa', form)).text).toContain('Có quá nhiều yêu cầu')
  })
})
