import { expect, test } from 'vitest'
import { mean } from '../engine/aggregates/aggregates.ts'
import { derived, history, indicator } from '../indicators/indicator.ts'
import { during, sayWindow } from '../indicators/words.ts'
import { pagesOf } from './pages.ts'

const minute = indicator({
  id: 'air_test',
  title: { vi: 'thử', en: 'test' },
  about: { vi: 'Thử.', en: 'A test.' },
  unit: 'ug/m3',
  source: 'air_quality',
  window: { kind: 'sliding', size_s: 3600, every_s: 90 },
  scopes: ['device', 'area'],
  levels: { direction: 'below', attention: 3, critical: 1 },
  bands: [
    { to: 3, title: { vi: 'Thấp', en: 'Low' }, colour: [0, 0, 255] },
    { to: 9, title: { vi: 'Cao', en: 'High' }, colour: [255, 0, 0] },
  ],
  unconfirmed: { vi: 'các ngưỡng', en: 'the limits' },
  aggregates: { value: mean('pm25') },
  value: ({ value }) => value,
})

const day = derived({
  ...minute,
  id: 'air_test_day',
  window: { kind: 'calendar', unit: 'day' },
  about: { vi: 'Hai giờ qua.', en: 'The last two hours.' },
  formula: 'the last | the first',
  inputs: { last: history(minute, 2) },
  value: ({ last }) => last[0],
})

test('a page says all that the declarations say, in both languages', () => {
  const domain = {
    id: 'test',
    title: { vi: 'Thử', en: 'Test' },
    indicators: [minute, day],
  }
  const pages = pagesOf([domain], {
    examples: { air_test: { value: 12.345678, key: 's/d' } },
    targets: [{ indicator: 'air_test_day', scope: 'area', value: 50, period: '2026', source: 'x' }],
  })
  expect(pages.get('README.md')).toContain('| [Thử · Test](test.md) | 2 |')
  expect(pages.get('test.md')).toBe(`# Thử · Test

## air_test

**thử** · test

Thử.

A test.

|  |  |
| --- | --- |
| Đơn vị · Unit | \`ug/m3\` |
| Khoảng thời gian · Window | 1 giờ, tính lại mỗi 90 giây · 1 h, every 90 s |
| Phạm vi · Scopes | thiết bị, xã · device, area |
| Nguồn số liệu · Source | Trạm quan trắc không khí · Air-quality station (\`air_quality\`) |
| Công thức · Formula | mean(pm25) |
| Ngưỡng · Levels | chú ý từ 3 trở xuống, nguy cấp từ 1 trở xuống · attention from 3 down, critical from 1 down |
| Mức · Bands | đến 3 Thấp, đến 9 Cao · to 3 Low, to 9 High |
| **Chưa xác nhận · Unconfirmed** | các ngưỡng · the limits |
| Ví dụ · Example | 12.3457 ug/m3 (\`s/d\`) |

## air_test_day

**thử** · test

Hai giờ qua.

The last two hours.

|  |  |
| --- | --- |
| Đơn vị · Unit | \`ug/m3\` |
| Khoảng thời gian · Window | từng ngày dương lịch · calendar day |
| Phạm vi · Scopes | thiết bị, xã · device, area |
| Nguồn số liệu · Source | 2 × [air_test](test.md#air_test) |
| Công thức · Formula | the last \\| the first |
| Ngưỡng · Levels | chú ý từ 3 trở xuống, nguy cấp từ 1 trở xuống · attention from 3 down, critical from 1 down |
| Mức · Bands | đến 3 Thấp, đến 9 Cao · to 3 Low, to 9 High |
| Chỉ tiêu · Target | 50 (xã · area, 2026) |
| **Chưa xác nhận · Unconfirmed** | các ngưỡng · the limits |
`)
})

test.each([
  [{ kind: 'tumbling', size_s: 86_400 }, 'từng 1 ngày', 'each 1 d'],
  [{ kind: 'sliding', size_s: 28_800, every_s: 600 }, '8 giờ, tính lại mỗi 10 phút', '8 h, every 10 min'],
  [{ kind: 'calendar', unit: 'quarter' }, 'từng quý dương lịch', 'calendar quarter'],
] as const)('%j is "%s"', (window, vi, en) => {
  expect(sayWindow(window)).toEqual({ vi, en })
})

test.each([
  [{ kind: 'calendar', unit: 'month' }, 'trong tháng', 'in the month'],
  [{ kind: 'calendar', unit: 'day' }, 'trong ngày', 'on the day'],
  [{ kind: 'tumbling', size_s: 3600 }, 'trong 1 giờ gần nhất', 'in the last hour'],
  [{ kind: 'sliding', size_s: 86_400, every_s: 3600 }, 'trong 24 giờ gần nhất', 'in the last 24 hours'],
  [{ kind: 'sliding', size_s: 2_592_000, every_s: 21_600 }, 'trong 30 ngày gần nhất', 'in the last 30 days'],
  [{ kind: 'sliding', size_s: 100, every_s: 10 }, 'trong 100 giây gần nhất', 'in the last 100 seconds'],
] as const)('a sentence calls %j "%s"', (window, vi, en) => {
  expect(during(window)).toEqual({ vi, en })
})
