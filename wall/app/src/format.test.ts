import { expect, test, vi } from 'vitest'

// The preferences of a viewer ask the browser for its colours.
vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => {} }))
const { formatValue } = await import('./format.ts')
const { language } = await import('./preferences.ts')

test.each([
  [0, '0', 'đồng', 'VND'],
  [950_000, '950.000', 'đồng', 'VND'],
  [12_500_000, '12,5', 'triệu đồng', 'm VND'],
  [999_400_000, '999', 'triệu đồng', 'm VND'],
  [999_600_000, '1,0', 'tỷ đồng', 'bn VND'],
  [-2_340_000_000, '-2,3', 'tỷ đồng', 'bn VND'],
  [1_234_000_000_000, '1.234', 'tỷ đồng', 'bn VND'],
])('%d VND is %s %s', (value, figure, vietnamese, english) => {
  language.value = 'vi'
  expect(formatValue(value, 'VND')).toEqual({ figure, unit: vietnamese })
  language.value = 'en'
  expect(formatValue(value, 'VND').unit).toBe(english)
})

test('points, and what is counted, have words', () => {
  language.value = 'vi'
  expect(formatValue(17.1, '{point}', 'indicators')).toEqual({ figure: '17,1', unit: 'điểm' })
  expect(formatValue(3, '1', 'violation')).toEqual({ figure: '3', unit: 'vụ' })
  language.value = 'en'
  expect(formatValue(1, '1', 'land_file')).toEqual({ figure: '1', unit: 'file' })
})
