import { beforeAll, expect, test, vi } from 'vitest'

/** A browser of which the clock was reset to 1970, on a wall. */
const reload = vi.fn()
const page = new URL('http://wall.test/d/ioc-home?kiosk')
beforeAll(() => {
  vi.useFakeTimers({ now: 60_000 })
  vi.stubGlobal('location', { href: page.href, origin: page.origin, reload })
  vi.stubGlobal('document', { querySelector: () => null, documentElement: { dataset: {} } })
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => {} }))
  vi.stubGlobal('addEventListener', () => {})
})

test('a wall with a wrong clock loads the page again at night, by the clock of the centre', async () => {
  const { startKiosk } = await import('./kiosk.ts')
  const { connections, link, noteServerTime } = await import('../state.ts')
  startKiosk()
  link.value = 'live'
  connections.value++
  noteServerTime(Date.parse('2026-11-30T09:00:00+07:00'))
  expect(reload).not.toHaveBeenCalled()
  noteServerTime(Date.parse('2026-12-01T03:29:00+07:00'))
  expect(reload).not.toHaveBeenCalled()
  noteServerTime(Date.parse('2026-12-01T03:30:01+07:00'))
  expect(reload).toHaveBeenCalledOnce()
})
