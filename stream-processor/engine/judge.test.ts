import type { DeviceType } from '@ioc/contract/device-types/device-type.ts'
import { deviceTypes } from '@ioc/contract/device-types/table.ts'
import type { Value } from '@ioc/contract/messages/envelope.ts'
import { expect, test } from 'vitest'
import { judge } from './judge.ts'

const arrival = Date.UTC(2026, 10, 29)

const reasonsOf = (type: string, values: Readonly<Record<string, Value>>) => {
  const { measurement, faults } = judge(
    { site: 's', node: 'n', device: 'd', type, ts: arrival, sent: arrival, values },
    undefined,
    arrival,
  )
  return { stored: measurement?.values ?? {}, reasons: faults.map(({ reason }) => reason) }
}

test.each([
  ['weather', { pressure_hpa: 101_325 }, 'Khí áp: giá trị hợp lý từ 300 đến 1200 hPa'],
  ['weather', { temperature_c: 298.15 }, 'Nhiệt độ: giá trị hợp lý từ -50 đến 70 Cel'],
  ['school', { pupils: '850' }, 'Số học sinh: phải là một số'],
  ['school', { pupils: -1 }, 'Số học sinh: giá trị hợp lý từ 0 đến 100000'],
  ['school', { present: 900, pupils: 850 }, 'Học sinh có mặt: không thể lớn hơn Số học sinh, là 850'],
  ['lodging', { rooms: 10, rooms_sold: 12 }, 'Phòng đã bán: không thể lớn hơn Phòng có thể bán, là 10'],
  ['camera', { recording: 'yes' }, 'Đang ghi hình: phải là true hoặc false'],
] as const)('a wrong value of %s, %j, has a reason in the words of its department', (type, values, words) => {
  expect(reasonsOf(type, values).reasons).toEqual([expect.stringContaining(words)])
})

test('a part that is more than its whole is set aside, and nothing else', () => {
  expect(reasonsOf('school', { present: 900, pupils: 850, classes: 20 }).stored).toEqual({ pupils: 850, classes: 20 })
  expect(reasonsOf('school', { present: 850, pupils: 850 }).reasons).toEqual([])
  expect(reasonsOf('school', { present: 900 }).reasons).toEqual([])
})

test('the parts that types declare are numbers of theirs', () => {
  for (const type of Object.values<DeviceType>(deviceTypes))
    for (const name of Object.entries(type.parts ?? {}).flat()) expect(type.metrics[name]?.kind).toBe('number')
})
