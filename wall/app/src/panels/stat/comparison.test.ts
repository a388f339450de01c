import { beforeEach, expect, test, vi } from 'vitest'

vi.stubGlobal('matchMedia', () => ({ matches: false }))
const { periodNote, trendText } = await import('./comparison.ts')
const { language } = await import('../../preferences.ts')

const before = (value: number, period: 'week' | 'month' | 'quarter' | 'year' = 'week') => ({
  previous: { ts: 0, value },
  period,
  target: null,
})

beforeEach(() => {
  language.value = 'vi'
})

test.each([
  [412, before(400), 'hồ sơ', '▲ 3\u2009% so với tuần trước'],
  [1_234.5, before(1_180, 'year'), 'tỷ đồng', '▲ 4,6\u2009% so với năm trước'],
  [50, before(200, 'month'), 'lượt', '▼ 75\u2009% so với tháng trước'],
  [900, before(100, 'quarter'), 'lượt', '▲ 800\u2009% so với quý trước'],
  [98.2, before(95), '%', '▲ 3,2\u2009điểm % so với tuần trước'],
  [3, before(0), 'vụ', '▲ 3\u2009vụ so với tuần trước'],
  [100, before(100.02), 'm', 'không đổi so với tuần trước'],
  [-5, before(-10), '°C', '▲ 50\u2009% so với tuần trước'],
])('%d after %o in %s reads "%s"', (value, comparison, unit, expected) => {
  expect(trendText(value, comparison, unit)).toBe(expected)
})

test('reads in English', () => {
  language.value = 'en'
  expect(trendText(412, before(400), 'files')).toBe('▲ 3\u2009% from last week')
  expect(trendText(98.2, before(95, 'month'), '%')).toBe('▲ 3.2\u2009points from last month')
})

test('without a value before there is no trend', () => {
  expect(trendText(1, undefined, '')).toBeUndefined()
  expect(trendText(1, { previous: null, period: 'week', target: 5 }, '')).toBeUndefined()
})

test('a period that is not over has the one before beside it, and no fall', () => {
  const display = (value: number) => ({
    value,
    text: String(value),
    unit: 'lượt',
    level: 0 as const,
  })
  const unfinished = { ...before(650), provisional: true }
  expect(periodNote(15, unfinished, display(15), display)).toBe('tuần trước 650\u2009lượt · chưa hết kỳ')
  expect(periodNote(15, before(650), display(15), display)).toBe('▼ 97,7\u2009% so với tuần trước')
  expect(periodNote(15, { ...unfinished, previous: null }, display(15), display)).toBeUndefined()
})
