import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { columnOf, isMetricName, isSlug, metricNameOf, reservedNames, slugOf } from './names.ts'

describe('names of values', () => {
  test.each([
    ['pm25', 'pm25'],
    ['PM2.5', 'PM2_5'],
    ['PM₂.₅ (µg/m³)', 'PM2_5_g_m3'],
    ['nhiệt_độ', 'nhiet_do'],
    ['Độ ẩm (%)', 'Do_am'],
    ['nhie\u0323\u0302t', 'nhiet'],
    ['temp-c', 'temp_c'],
    ['a__b_', 'a__b_'],
    ['1h', 'n_1h'],
    ['__proto__', 'proto'],
    ['area', 'area_value'],
    ['Time', 'Time_value'],
    ['x_text', 'x_text_value'],
    ['door.open_flag', 'door_open_flag_value'],
    ['claimed-ms', 'claimed_ms_value'],
    ['a\nb', undefined],
    ['温度', undefined],
    ['', undefined],
    ['x'.repeat(65), undefined],
    [`${'x'.repeat(59)}_text`, undefined],
  ])('%s becomes %s', (text, name) => {
    expect(metricNameOf(text)).toBe(name)
  })

  test('become names, and names stay as they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const name = metricNameOf(text)
        if (name === undefined) return
        expect(isMetricName(name)).toBe(true)
        expect(metricNameOf(name)).toBe(name)
      }),
    )
  })

  test.each(reservedNames)('%s is reserved, in capitals too', (name) => {
    expect(isMetricName(name)).toBe(false)
    expect(isMetricName(name.toUpperCase())).toBe(false)
  })

  test('values of different types never share a column', () => {
    const name = fc.stringMatching(/^[a-c](_(text|flag|value|ms|b))*$/)
    const value = fc.constantFrom(1, 'x', true)
    fc.assert(
      fc.property(name, value, name, value, (leftName, left, rightName, right) => {
        const [a, b] = [metricNameOf(leftName) as string, metricNameOf(rightName) as string]
        if (typeof left === typeof right && a === b) return
        expect(columnOf(a, left)).not.toBe(columnOf(b, right))
      }),
    )
  })
})

describe('names of devices', () => {
  test.each([
    ['aq-01.b', 'aq-01.b'],
    ['Phòng 1', 'Phong_1'],
    ['AQ 01', 'AQ_01'],
    ['Đường số 3/2', 'Duong_so_3_2'],
    ['-x-', 'x-'],
    ['1', '1'],
    ['???', undefined],
    ['', undefined],
    ['a\nb', undefined],
    ['x'.repeat(65), undefined],
  ])('%s becomes %s', (text, slug) => {
    expect(slugOf(text)).toBe(slug)
  })

  test('become slugs, and slugs stay as they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const slug = slugOf(text)
        if (slug === undefined) return
        expect(isSlug(slug)).toBe(true)
        expect(slugOf(slug)).toBe(slug)
      }),
    )
  })
})
