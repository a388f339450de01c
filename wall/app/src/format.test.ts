import { deviceTypes } from '@ioc/contract/device-types/table.ts'
import { expect, test, vi } from 'vitest'

vi.stubGlobal('matchMedia', () => ({ matches: false }))
const { formatAge, formatLimit, formatValue } = await import('./format.ts')
const { language } = await import('./preferences.ts')

const shown = (value: number, unit: string, source?: string) => {
  const { figure, unit: text } = formatValue(value, unit, source)
  return `${figure} ${text}`.trim()
}

test.each([
  [1042.042, 'm', '1.042,04 m', '1,042.04 m'],
  [0.2345, 'm/h', '0,23 m/giờ', '0.23 m/h'],
  [1075.6, 'm3/s', '1.076 m³/s', '1,076 m³/s'],
  [165e6, 'm3', '165.000.000 m³', '165,000,000 m³'],
  [12.4, 'mm', '12,4 mm', '12.4 mm'],
  [6.25, 'mg/L', '6,3 mg/L', '6.3 mg/L'],
  [40, '{NTU}', '40,0 NTU', '40.0 NTU'],
  [7.2, '[pH]', '7,2', '7.2'],
  [0.5, 'deg', '0,5 °', '0.5 °'],
  [-12.5, 'kPa', '-12,5 kPa', '-12.5 kPa'],
  [-1.5, 'hPa/h', '-1,5 hPa/giờ', '-1.5 hPa/h'],
  [48.5, 'km/h', '48,5 km/h', '48.5 km/h'],
  [1840, '{PCU}/h', '1.840 PCU/giờ', '1,840 PCU/h'],
  [12.6, 'V', '12,6 V', '12.6 V'],
  [230, 'ms', '230 ms', '230 ms'],
  [45, 'min', '45,0 phút', '45.0 min'],
  [4_200_000, 'bit/s', '4,2 Mbit/s', '4.2 Mbit/s'],
  [1, '{camera}', '1 camera', '1 camera'],
  [3, '{site}', '3 điểm', '3 sites'],
  [1, '{time}', '1 lần', '1 time'],
  [12, '{day}', '12 ngày', '12 days'],
  [2.5, '%/d', '2,5 %/ngày', '2.5 %/day'],
])('%f %s is "%s" in Vietnamese, "%s" in English', (value, unit, vietnamese, english) => {
  language.value = 'vi'
  expect(shown(value, unit)).toBe(vietnamese)
  language.value = 'en'
  expect(shown(value, unit)).toBe(english)
})

test('limits keep the digits that they have', () => {
  language.value = 'vi'
  expect([0.05, 0.2, 1, 21.3, 50.1, 10_000].map(formatLimit)).toEqual(['0,05', '0,2', '1', '21,3', '50,1', '10.000'])
})

test('what is counted a minute has its name', () => {
  language.value = 'vi'
  expect(shown(12, '1/min', 'traffic')).toBe('12,0 xe/phút')
  language.value = 'en'
  expect(shown(12, '1/min', 'traffic')).toBe('12.0 vehicles/min')
})

test('no unit of a device type is shown as UCUM writes it where people write it otherwise', () => {
  const units = Object.values(deviceTypes).flatMap(({ metrics }) => Object.values(metrics).map(({ unit }) => unit))
  for (const unit of new Set(units)) expect(formatValue(2, unit).unit).not.toMatch(/[[\]{}]|Cel|3\b|^By/)
})

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

const noon = Date.parse('2026-11-30T12:00:00+07:00')

test.each([
  ['2026-11-30T11:59:59+07:00', 'vừa xong', 'just now'],
  ['2026-11-30T11:59:15+07:00', '45 giây trước', '45 s ago'],
  ['2026-11-30T11:57:00+07:00', '3 phút trước', '3 min ago'],
  ['2026-11-30T09:30:00+07:00', '2 giờ trước', '2 h ago'],
  ['2026-11-29T14:05:00+07:00', 'hôm qua 14:05', 'yesterday 14:05'],
  ['2026-11-28T14:05:00+07:00', '45 giờ trước', '45 h ago'],
  ['2026-11-27T11:00:00+07:00', '3 ngày trước', '3 days ago'],
])('%s is "%s" at noon of 30/11', (time, vietnamese, english) => {
  language.value = 'vi'
  expect(formatAge(Date.parse(time), noon)).toBe(vietnamese)
  language.value = 'en'
  expect(formatAge(Date.parse(time), noon)).toBe(english)
})

test('what was a few hours ago is not of yesterday, though midnight lies between', () => {
  language.value = 'vi'
  expect(formatAge(Date.parse('2026-11-29T23:00:00+07:00'), Date.parse('2026-11-30T02:00:00+07:00'))).toBe(
    '3 giờ trước',
  )
})
