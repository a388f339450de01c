import { beforeAll, expect, test, vi } from 'vitest'

beforeAll(() => {
  vi.stubGlobal('location', new URL('http://wall.test/'))
  vi.stubGlobal('document', { querySelector: () => null, documentElement: { dataset: {} } })
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => {} }))
  vi.stubGlobal('addEventListener', () => {})
})

test('the menu has the groups that the boards are tagged with, and boards of users at its end', async () => {
  const { boards, menu } = await import('./boards.ts')
  const entry = (uid: string, ...tags: string[]) => ({ uid, title: { vi: uid, en: uid }, tags, indicators: [] })
  boards.value = [
    entry('own'),
    entry('ioc-type-pump', 'ioc', 'types'),
    entry('irrigation', 'irrigation', 'environment'),
    entry('ioc-home', 'ioc', 'overview'),
  ]
  expect(menu.value.map(({ group, entries }) => [group, entries.map(({ uid }) => uid)])).toEqual([
    ['overview', ['ioc-home']],
    ['environment', ['irrigation']],
    ['types', ['ioc-type-pump']],
    ['other', ['own']],
  ])
})

test('groups that are sent as identifiers have the words of the boards', async () => {
  const { sayGroup } = await import('../words.ts')
  expect(['motorbike', 'lower_secondary', 'foreign', 'Một cửa', 'constructor'].map(sayGroup)).toEqual([
    ...['xe máy', 'trung học cơ sở', 'khách quốc tế', 'Một cửa', 'constructor'],
  ])
})
