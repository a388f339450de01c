import { beforeAll, expect, test, vi } from 'vitest'

beforeAll(() => {
  vi.stubGlobal('location', new URL('http://wall.test/'))
  vi.stubGlobal('document', { querySelector: () => null, documentElement: { dataset: {} } })
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => {} }))
  vi.stubGlobal('addEventListener', () => {})
})

test('the pointer meets the events that go on at its time, and those of a moment a little beside it', async () => {
  const { marksAround } = await import('./tooltip.tsx')
  const mark = (text: string, from: number, to = from) => ({ from, to, colour: 'red', text })
  const marks = [mark('before', 0, 89), mark('long', 0, 500), mark('moment', 95), mark('after', 111)]
  expect(marksAround(marks, { from: 90, to: 110 }).map(({ text }) => text)).toEqual(['long', 'moment'])
})
