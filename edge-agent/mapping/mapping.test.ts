import { describe, expect, test } from 'vitest'
import { type Report, validate } from '../config/fields.ts'
import { checkMap } from './check.ts'
import { Mapping, type Row } from './mapping.ts'
import { type MapOptions, mapField } from './options.ts'

const ts = 1_700_000_000_000

function read(written: unknown): { map: MapOptions; errors: string[] } {
  const errors: string[] = []
  const report: Report = (place, { vi, en }) => errors.push(`${place.join('.')}: ${en} | ${vi}`)
  const map = validate(mapField, written, [], report) as MapOptions
  if (errors.length === 0) checkMap(map, [], report)
  return { map, errors }
}

function mappingOf(written: unknown): Mapping {
  const { map, errors } = read(written)
  expect(errors).toEqual([])
  return new Mapping(map)
}

function rows(...given: readonly Record<string, unknown>[]): Row[] {
  return given.map((row, index) => ({ label: `row ${index + 1}`, get: (name) => row[name] }))
}

describe('measurements', () => {
  test('have the declared kind and unit, whatever the source writes', () => {
    const mapping = mappingOf({
      type: 'site_power',
      device: { from: 'meter' },
      time: 'at',
      values: {
        mains: { from: 'grid', enum: { Có: true, Mất: false } },
        mains_v: { from: 'u', scale: 0.1 },
        load_w: { from: 'p', unit: 'kW' },
        battery_percent: { from: 'soc', optional: true },
        network: 'net',
      },
    })
    const { measurements, problems } = mapping.map(
      rows(
        { meter: 'Tủ 1', at: '15/11/2026 08:30', grid: 'CO', u: 2_304, p: '1,25', net: 'không' },
        { meter: 'B2', at: 1_794_706_200, grid: 'mất', u: 2_315n, p: '0,5', soc: '87', net: 1 },
      ),
      { ts, decimal: undefined },
    )
    expect(problems).toEqual([])
    expect(measurements).toEqual([
      {
        device: 'Tu_1',
        ts: 1_794_706_200_000,
        type: 'site_power',
        values: { mains: true, mains_v: 230.4, load_w: 1250, network: false },
      },
      {
        device: 'B2',
        ts: 1_794_706_200_000,
        type: 'site_power',
        values: { mains: false, mains_v: 231.5, load_w: 500, battery_percent: 87, network: true },
      },
    ])
    expect(mapping.devices()).toEqual([
      { id: 'Tu_1', type: 'site_power' },
      { id: 'B2', type: 'site_power' },
    ])
  })

  test('a value that cannot be read costs that value, a time or device the row', () => {
    const mapping = mappingOf({
      type: 'site_power',
      device: { from: 'd' },
      time: 't',
      values: { mains_v: 'u', load_w: 'p' },
    })
    const { measurements, problems, usedRows } = mapping.map(
      rows(
        { d: 'a', t: '31/02/2026', u: 1, p: 1 },
        { d: 'b', t: '01/02/2026', u: '#REF!', p: 1 },
        { d: '', t: '01/02/2026', u: 1, p: 1 },
        { d: 'c', t: '01/02/2026', u: '1.234', p: '' },
        { d: 'd', t: '01/02/2026', u: 1 },
      ),
      { ts, decimal: undefined },
    )
    expect(measurements.map(({ device, values }) => [device, values])).toEqual([
      ['b', { load_w: 1 }],
      ['d', { mains_v: 1 }],
    ])
    expect(usedRows).toBe(2)
    expect(problems.map(({ row, column, reason }) => `${row}, ${column}: ${reason.vi}`)).toEqual([
      'row 1, t: "31/02/2026" không phải là ngày giờ',
      'row 2, u: "#REF!" không phải là số',
      'row 3, d: không có giá trị',
      'row 4, u: "1.234" không rõ dấu thập phân; hãy đặt decimal: comma hoặc point',
      'row 5, p: không có giá trị',
    ])
  })

  test('a device without a type sends values as they are', () => {
    const mapping = mappingOf({ device: 'box', values: { a: 'a', b: 'b', c: { from: 'c', scale: 10 } } })
    const { measurements } = mapping.map(rows({ a: 'open', b: true, c: '1.5' }), { ts, decimal: '.' })
    expect(measurements).toEqual([{ device: 'box', ts, values: { a: 'open', b: true, c: 15 } }])
  })
})

describe('cases', () => {
  const oneStop = {
    case: 'one_stop',
    device: 'mot-cua',
    id: 'Số hồ sơ',
    state: { from: 'Trạng thái', enum: { 'Đang xử lý': 'processing', 'Đã trả': 'done' } },
    opened: 'Ngày nhận',
    due: 'Ngày hẹn trả',
    closed: 'Ngày trả',
    attributes: { field: 'Lĩnh vực', online: { from: 'Trực tuyến', optional: true } },
  }
  const row = (more: Record<string, unknown>) => ({
    'Số hồ sơ': 'H1',
    'Trạng thái': 'đang xử lý',
    'Ngày nhận': '02/11/2026 08:30',
    'Ngày hẹn trả': '15/11/2026',
    'Ngày trả': '',
    'Lĩnh vực': 'Đất đai',
    ...more,
  })

  test('a due day lasts until its end, and a closing day includes the receipt', () => {
    const { cases, problems } = mappingOf(oneStop).map(
      rows(row({}), row({ 'Số hồ sơ': 12, 'Ngày trả': '02/11/2026', 'Trạng thái': 'ĐÃ TRẢ', 'Trực tuyến': 'x' })),
      { ts, decimal: undefined },
    )
    expect(problems).toEqual([])
    const opened = Date.parse('2026-11-02T08:30:00+07:00')
    const due = Date.parse('2026-11-15T23:59:59.999+07:00')
    expect(cases).toEqual([
      {
        device: 'mot-cua',
        ts,
        type: 'one_stop',
        case: { id: 'H1', state: 'processing', opened, due, closed: null, field: 'Đất đai' },
      },
      {
        device: 'mot-cua',
        ts,
        type: 'one_stop',
        case: { id: '12', state: 'done', opened, due, closed: opened, field: 'Đất đai', online: true },
      },
    ])
  })

  test('an incomplete or contradictory case is left out, with the reason', () => {
    const { cases, problems } = mappingOf(oneStop).map(
      rows(
        row({ 'Ngày hẹn trả': '31/02/2026' }),
        row({ 'Số hồ sơ': null }),
        row({ 'Trạng thái': 'thất lạc' }),
        row({ 'Ngày trả': '01/11/2026' }),
        row({ 'Ngày hẹn trả': '1/11/2026' }),
        row({ 'Trực tuyến': 'có lẽ' }),
      ),
      { ts, decimal: undefined },
    )
    expect(cases.map(({ case: one }) => one)).toEqual([expect.not.objectContaining({ online: expect.anything() })])
    expect(problems.map(({ row: label, column }) => `${label}, ${column}`)).toEqual([
      'row 1, Ngày hẹn trả',
      'row 2, Số hồ sơ',
      'row 3, Trạng thái',
      'row 4, Ngày trả',
      'row 5, Ngày hẹn trả',
      'row 6, Trực tuyến',
    ])
  })
})

test('a mapping that does not fit the declared types is refused', () => {
  const base = { device: 'a', values: { mains: 'x' } }
  expect(read({ ...base, type: 'site_power' }).errors).toEqual([])
  const cases: [unknown, string][] = [
    [{ ...base, type: 'site_powr' }, 'type: no device type site_powr'],
    [{ ...base, type: 'site_power', values: { volts: 'x' } }, 'values.volts: type site_power has no metric volts'],
    [{ ...base, type: 'site_power', values: { mains: { from: 'x', enum: { a: 'yes' } } } }, 'expected true or false'],
    [{ ...base, type: 'site_power', values: { mains_v: { from: 'x', unit: 'kW' } } }, 'cannot convert kW to V'],
    [{ ...base, device: 'tủ điện' }, 'device: the name of a device'],
    [{ device: 'a' }, 'missing field values'],
    [{ ...base, case: 'one_stop' }, 'values: cannot be combined with case'],
    [{ case: 'one_stop', device: 'a', id: 'i', state: 's' }, 'missing field opened'],
    [{ case: 'one_stop', device: 'a', id: 'i', state: 's', opened: 'o', attributes: { x: 'x' } }, 'no attribute x'],
    [{ case: 'two_stop', device: 'a', id: 'i', state: 's', opened: 'o' }, 'no case type two_stop'],
    [{ ...base, opened: 'x' }, 'opened: requires the field case'],
    [{ ...base, values: { mains: { from: 'x', value: 1 } } }, 'use either from or value'],
  ]
  for (const [written, expected] of cases) expect(read(written).errors.join('\n')).toContain(expected)
})
