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

test('a new critical item calls back once, wherever it stands in the list and whatever moves up', async () => {
  const { onNewCritical } = await import('./kiosk.ts')
  const { attention } = await import('../state.ts')
  const found: string[] = []
  const item = (key: string) => ({ kind: 'down', level: 3, since: 1, key, scope: 'process' }) as const
  const show = (criticals_begun: number, newest: string | null, ...keys: string[]) => {
    attention.value = {
      ts: 1,
      counts: { indicator: 0, silent: 0, offline: 0, lost: 0, down: keys.length },
      levels: { 0: 0, 1: 0, 2: 0, 3: keys.length },
      criticals_begun,
      newest_critical: newest === null ? null : item(newest),
      items: keys.map(item),
    }
  }
  show(2, 'b', 'a', 'b')
  const end = onNewCritical(({ key }) => found.push(key))
  expect(found).toEqual([])
  show(3, 'beyond', 'a', 'b')
  expect(found).toEqual(['beyond'])
  show(3, 'beyond', 'b', 'moved up')
  expect(found).toEqual(['beyond'])
  show(1, 'beyond', 'b', 'moved up')
  expect(found).toEqual(['beyond'])
  show(0, null, 'b', 'begun while the server started')
  expect(found).toEqual(['beyond', 'begun while the server started'])
  end()
})
