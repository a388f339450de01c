import { describe, expect, test } from 'vitest'
import { labelKey } from './labels.ts'
import { decimalMarkOfColumn, parseNumber } from './numbers.ts'
import { parseTime, type TimeFormat } from './times.ts'
import { conversion } from './units.ts'

describe('numbers as people write them', () => {
  test.each([
    ['1.234.567,89', 1_234_567.89],
    ['1,234,567.89', 1_234_567.89],
    ['1 234 567,5', 1_234_567.5],
    ['-0,5', -0.5],
    ['\u221212', -12],
    ['1.500.000', 1_500_000],
    ['0.123', 0.123],
    ['1e3', 1000],
    ['1.234', 'ambiguous'],
    ['12,345', 'ambiguous'],
    ['1.23.4', undefined],
    ['12 kg', undefined],
    ['', undefined],
    ['.', undefined],
  ])('%s is %s', (text, expected) => {
    expect(parseNumber(text, undefined)).toBe(expected)
  })

  test('a number that could be read either way follows its column', () => {
    expect(decimalMarkOfColumn(['1.234', '1.234,5', 'x'])).toBe(',')
    expect(decimalMarkOfColumn(['1.234', '12', '3.5'])).toBe('.')
    expect(decimalMarkOfColumn(['1.234', '12,345'])).toBeUndefined()
    expect(parseNumber('1.234', ',')).toBe(1234)
    expect(parseNumber('1.234', '.')).toBe(1.234)
  })
})

describe('times as registers write them', () => {
  const at = (iso: string) => Date.parse(iso)
  test.each<[unknown, TimeFormat, string | undefined]>([
    ['15/11/2026', 'auto', '2026-11-15T00:00:00+07:00'],
    ['5-1-2026 8:05', 'auto', '2026-01-05T08:05:00+07:00'],
    ['08h30 15.11.2026', 'auto', '2026-11-15T08:30:00+07:00'],
    ['11/15/2026', 'mdy', '2026-11-15T00:00:00+07:00'],
    ['20261115083000', 'auto', '2026-11-15T08:30:00+07:00'],
    [20261115, 'auto', '2026-11-15T00:00:00+07:00'],
    ['2026-11-15T01:30:00Z', 'auto', '2026-11-15T08:30:00+07:00'],
    ['2026-11-15 08:30:00', 'iso', '2026-11-15T08:30:00+07:00'],
    [1_794_706_200, 'auto', '2026-11-15T08:30:00+07:00'],
    ['1794706200000', 'auto', '2026-11-15T08:30:00+07:00'],
    [46_341.354_166_7, 'excel', '2026-11-15T08:30:00+07:00'],
    ['31/02/2026', 'auto', undefined],
    ['15/13/2026', 'auto', undefined],
    ['2026-02-30', 'auto', undefined],
    ['tháng 11', 'auto', undefined],
    ['11/15/2026', 'dmy', undefined],
    [{}, 'auto', undefined],
  ])('%s as %s is %s', (raw, format, expected) => {
    expect(parseTime(raw, format)?.ms).toBe(expected === undefined ? undefined : at(expected))
  })

  test('a day is parsed as one without a time of day', () => {
    expect(parseTime('15/11/2026', 'auto')?.isDay).toBe(true)
    expect(parseTime('15/11/2026 00:00', 'auto')?.isDay).toBe(false)
  })
})

test('units convert where they measure the same', () => {
  expect(conversion('kW', 'W')?.(1.5)).toBe(1500)
  expect(conversion('°F', 'Cel')?.(212)).toBeCloseTo(100, 9)
  expect(conversion('km/h', 'm/s')?.(36)).toBeCloseTo(10, 9)
  expect(conversion('kW', 'V')).toBeUndefined()
  expect(conversion('furlong', 'm')).toBeUndefined()
})

test('labels are compared without diacritics, case, spaces and punctuation', () => {
  expect(labelKey('  Ngày  HẸN trả: ')).toBe('ngay hen tra')
  expect(labelKey('Đang_xử-lý')).toBe('dang xu ly')
  expect(labelKey('+')).toBe('+')
})
