import type { ComponentChildren } from 'preact'
import type { Panel } from '../../shared/boards/board.ts'
import type { Comparison } from '../../shared/boards/panel-data.ts'
import type { AttentionItem, LiveAttention } from '../../shared/live-frame.ts'
import type { Frame } from '../src/fields/frame.ts'
import { AttentionList } from '../src/panels/attention/attention-list.tsx'
import { BarGauge } from '../src/panels/bargauge/bargauge.tsx'
import { Gauge } from '../src/panels/gauge/gauge.tsx'
import type { PanelComponent } from '../src/panels/panel.ts'
import { Stat } from '../src/panels/stat/stat.tsx'
import { Table } from '../src/panels/table/table.tsx'
import { Text } from '../src/panels/text/text.tsx'
import { type Column, frame, from, panel, series, to } from './frames.ts'

export interface Example {
  readonly name: string
  readonly title: string
  readonly width: number
  readonly height: number
  readonly content: ComponentChildren
}

const hour_ms = 3_600_000
const linkTo = (url: string, labels: Readonly<Record<string, string>> = {}) =>
  url.replace(/\$\{__data\.fields\.(\w+)\}/g, (_whole, name: string) => labels[name] ?? '')

/** As an operator meets them on a calm or on a bad day. */
export function examples(isBad: boolean): Example[] {
  return [...stats(isBad), ...gauges(isBad), ...bars(isBad), ...tables(isBad), ...texts(), ...attentions(isBad)]
}

function example(
  name: string,
  size: readonly [width: number, height: number],
  Component: PanelComponent,
  shown: Panel,
  frames: readonly Frame[],
  comparison?: Comparison,
): Example {
  const compared = comparison === undefined ? {} : { comparison }
  const content = <Component panel={shown} frames={frames} from={from} to={to} linkTo={linkTo} {...compared} />
  return { name, title: shown.title ?? '', width: size[0], height: size[1], content }
}

function line(last: number, spread: number, column: Omit<Column, 'name' | 'values'>): Frame {
  const { times, values } = series(last, spread)
  return frame({ name: 'Time', values: times }, { name: 'value', values, ...column })
}

const week = (previous: number, target: number | null = null): Comparison => ({
  previous: { ts: to - 7 * 24 * hour_ms, value: previous },
  period: 'week',
  target,
})

function stats(isBad: boolean): Example[] {
  const area = { graphMode: 'area', colorMode: 'value' }
  const onTime = line(isBad ? 71.4 : 98.2, 4, {
    title: 'Đúng hạn',
    unit: '%',
    limits: [90, 80, 75],
    config: { unit: 'percent' },
  })
  const reports = line(isBad ? 1_234 : 412, 60, { title: 'Phản ánh', unit: 'phản ánh', limits: [1_000, 2_000] })
  const budget = line(1_234.5, 80, { title: 'Thu ngân sách', unit: 'tỷ đồng' })
  const aqi = frame(
    { name: 'Time', values: [to] },
    {
      name: 'value',
      title: 'VN_AQI',
      values: [62],
      display: () => ({ text: '62', unit: '', level: 0, colour: '#ffff00' }),
    },
  )
  const old = frame(
    { name: 'Time', values: [to - 50 * hour_ms] },
    { name: 'value', title: 'Lượt khách', values: [3_120], unit: 'lượt' },
  )
  const many = Array.from({ length: 9 }, (_, index) =>
    line(40 + index * 7, 5, {
      title: `Xã ${names[index]}`,
      unit: '%',
      limits: isBad ? [70, 85, 92] : [],
      labels: { area: `${index}` },
    }),
  )
  const cameras = Array.from({ length: 7 }, (_, index) =>
    frame({
      name: 'value',
      title: `Mắt thần ${index + 1}`,
      values: [1],
      display: () =>
        isBad && index === 4 ? { text: 'Mất hình', unit: '', level: 2 } : { text: 'Bình thường', unit: '', level: 0 },
    }),
  )
  const linked = panel('stat', 'Hồ sơ đúng hạn', area, {
    links: [{ title: 'Dịch vụ công', url: '/d/ioc-public-services' }],
  })
  return [
    example('stat-tile', [18.6, 9.2], Stat, linked, [onTime], week(95, 98)),
    example('stat-count', [18.6, 9.2], Stat, panel('stat', 'Phản ánh đang xử lý', area), [reports], week(400)),
    example('stat-money', [18.6, 9.2], Stat, panel('stat', 'Thu ngân sách', area), [budget], {
      previous: { ts: 0, value: 1_180 },
      period: 'year',
      target: 1_500,
    }),
    example('stat-aqi', [18.6, 9.2], Stat, panel('stat', 'Chất lượng không khí', area), [aqi], week(58)),
    example('stat-old', [18.6, 9.2], Stat, panel('stat', 'Khách lưu trú', area), [old], week(3_120)),
    example('stat-none', [18.6, 9.2], Stat, panel('stat', 'Chưa có số đo', area), [
      frame({ name: 'value', title: 'a', values: [null] }),
    ]),
    example('stat-small', [12.6, 6.4], Stat, panel('stat', 'Hồ sơ đúng hạn', area), [onTime], week(95, 98)),
    example('stat-tiny', [9, 5], Stat, panel('stat', 'Đúng hạn', area), [onTime], week(95, 98)),
    example('stat-large', [26, 15], Stat, panel('stat', 'Hồ sơ đúng hạn', area), [onTime], week(95, 98)),
    example(
      'stat-filled',
      [18.6, 9.2],
      Stat,
      panel('stat', 'Phản ánh đang xử lý', { ...area, colorMode: 'background' }),
      [reports],
      week(400),
    ),
    example(
      'stat-centred',
      [18.6, 9.2],
      Stat,
      panel('stat', 'Ở giữa', { justifyMode: 'center' }),
      [onTime],
      week(95, 98),
    ),
    example('stat-many', [40, 14], Stat, panel('stat', 'Các xã', area), many),
    example('stat-crowded', [18.6, 12], Stat, panel('stat', 'Các xã', { graphMode: 'none' }), many),
    example(
      'stat-strip',
      [60, 5.6],
      Stat,
      panel('stat', 'Camera tầm cao', {
        graphMode: 'none',
        orientation: 'vertical',
        reduceOptions: { calcs: ['lastNotNull'], fields: '/.*/', values: false },
      }),
      cameras,
    ),
  ]
}

const names = ['Đơn Dương', 'Ka Đô', 'Quảng Lập', "D'Ran", 'Lạc Xuân', 'Lạc Lâm', 'Ka Đơn', 'Tu Tra', 'Pró']

function gauges(isBad: boolean): Example[] {
  const lake = line(isBad ? 1_042.6 : 1_038.4, 0.5, {
    title: 'Mực nước',
    unit: 'm',
    limits: [1_041, 1_042, 1_043],
    config: { min: 1_030, max: 1_045 },
  })
  const cpu = line(isBad ? 88 : 41.5, 8, { title: 'CPU', unit: '%', limits: [70, 85, 95], config: { unit: 'percent' } })
  const dry = line(isBad ? 14 : 62, 5, {
    title: 'Độ ẩm đất',
    unit: '%',
    limits: [30, 20, 15],
    config: { unit: 'percent' },
  })
  const several = names.slice(0, 4).map((name, index) =>
    line((isBad ? 60 : 20) + index * 11, 4, {
      title: name,
      unit: '%',
      limits: [70, 85, 95],
      config: { unit: 'percent' },
    }),
  )
  return [
    example('gauge-lake', [16, 14], Gauge, panel('gauge', 'Mực nước hồ'), [lake]),
    example('gauge-cpu', [12, 10], Gauge, panel('gauge', 'CPU trung bình 1 phút'), [cpu]),
    example('gauge-dry', [12, 10], Gauge, panel('gauge', 'Độ ẩm đất'), [dry]),
    example('gauge-several', [36, 11], Gauge, panel('gauge', 'Bộ nhớ theo điểm'), several),
    example('gauge-flat', [20, 6.5], Gauge, panel('gauge', 'Rất thấp'), [cpu]),
  ]
}

function bars(isBad: boolean): Example[] {
  const areas = names.map((name, index) =>
    frame({
      name: 'value',
      title: `Xã ${name}`,
      values: [(isBad ? 55 : 20) + ((index * 37) % 45)],
      unit: '%',
      limits: [80, 90, 95],
      config: { unit: 'percent' },
    }),
  )
  const many = Array.from({ length: 40 }, (_, index) =>
    frame({
      name: 'value',
      title: `Điểm đo số ${index + 1}`,
      values: [((index * 53) % 400) + 3],
      unit: 'hồ sơ',
      limits: isBad ? [350, 390] : [],
    }),
  )
  const horizontal = { orientation: 'horizontal' }
  return [
    example('bars-areas', [32, 20], BarGauge, panel('bargauge', 'Hồ sơ quá hạn theo xã', horizontal), areas),
    example('bars-many', [24, 14], BarGauge, panel('bargauge', 'Hồ sơ theo điểm', horizontal), many),
    example('bars-narrow', [14, 20], BarGauge, panel('bargauge', 'Theo xã', horizontal), areas),
    example('bars-standing', [40, 14], BarGauge, panel('bargauge', 'Theo xã', { orientation: 'vertical' }), areas),
  ]
}

const stateMappings = [{ type: 'value' as const, options: { online: { text: 'Trực tuyến' } } }]

function tables(isBad: boolean): Example[] {
  return [
    example('table-ledger', [44, 16], Table, panel('table', 'Sổ đối chiếu bản tin'), [fleet(8, isBad)]),
    example('table-many', [44, 22], Table, panel('table', 'Thiết bị'), [fleet(120, isBad)]),
    example('table-narrow', [23, 26], Table, panel('table', 'Thiết bị'), [fleet(6, isBad)]),
    example('table-squeezed', [32, 14], Table, panel('table', 'Thiết bị'), [fleet(6, isBad)]),
  ]
}

/** Devices as the board of the devices lists them. */
function fleet(count: number, isBad: boolean): Frame {
  const every = Array.from({ length: count }, (_, index) => index)
  const isAway = (index: number) => isBad && index % 5 === 3
  return frame(
    {
      name: 'device',
      title: 'Thiết bị',
      values: every.map((index) => `Trạm đo mưa ${names[index % names.length]} ${index + 1}`),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: as Grafana writes the values of a row in a link
      config: { links: [{ title: 'Thiết bị', url: '/devices/${__data.fields.site}/${__data.fields.key}' }] },
    },
    {
      name: 'state',
      title: 'Trạng thái',
      values: every.map((index) => (isAway(index) ? 'offline' : 'online')),
      config: { mappings: stateMappings, custom: { cellOptions: { type: 'color-background' } } },
      display: (value) =>
        value === 'offline'
          ? { text: 'Mất kết nối', unit: '', level: 2, colour: 'var(--level-2)' }
          : { text: 'Trực tuyến', unit: '', level: 0 },
    },
    { name: 'age', title: 'Đo lần cuối', values: every.map((index) => (isAway(index) ? '3 giờ trước' : 'vừa xong')) },
    { name: 'sent', title: 'Đã gửi', values: every.map((index) => 18_234 + ((index * 7_919) % 5_000)) },
    {
      name: 'lost',
      title: 'Mất',
      values: every.map((index) => (isAway(index) ? 12 + index : 0)),
      limits: [1, 20, 100],
      config: { custom: { cellOptions: { type: 'color-text' } } },
    },
    {
      name: 'battery',
      title: 'Pin',
      values: every.map((index) => 40 + ((index * 31) % 60)),
      unit: '%',
      config: { min: 0, max: 100, custom: { cellOptions: { type: 'gauge', mode: 'basic' } } },
    },
    {
      name: 'site',
      title: 'Điểm',
      values: every.map((index) => `site-${index}`),
      config: { custom: { hidden: true } },
    },
    { name: 'key', title: 'Khóa', values: every.map((index) => `rain-${index}`), config: { custom: { hidden: true } } },
  )
}

const markdown = `# Cách đọc bảng này

Các chỉ số **đúng hạn** tính theo [Quyết định 766](https://example.vn/766), *chưa xác nhận* ở hai xã.

- Màu xám: bình thường
- Có màu: cần chú ý, xem [danh sách thiết bị](/d/ioc-devices)

| Mức | Nghĩa | Từ |
| --- | --- | ---: |
| Chú ý | theo dõi | 80 % |
| Nguy cấp | xử lý ngay | 95 % |

<script>alert(1)</script> [bấm](javascript:alert(1))
`

function texts(): Example[] {
  return [example('text', [30, 22], Text, panel('text', 'Hướng dẫn', { mode: 'markdown', content: markdown }), [])]
}

function attentions(isBad: boolean): Example[] {
  const items: AttentionItem[] = Array.from({ length: 24 }, (_, index) => {
    const kind = (['indicator', 'indicator', 'silent', 'offline'] as const)[index % 4] ?? 'indicator'
    const level = index < 2 ? 3 : index < 4 ? 2 : kind === 'indicator' ? 1 : 0
    return {
      kind,
      level,
      since: to - (24 - index) * 0.7 * hour_ms,
      key: `site-${index}/dev`,
      scope: 'device',
      id: `id_${index}`,
    }
  })
  const attention: LiveAttention = isBad
    ? {
        ts: to,
        counts: { indicator: 12, silent: 6, offline: 6, lost: 0, down: 0 },
        levels: { 0: 8, 1: 12, 2: 2, 3: 2 },
        criticals_begun: 2,
        newest_critical: items[1] ?? null,
        items,
      }
    : {
        ts: to,
        counts: { indicator: 0, silent: 0, offline: 0, lost: 0, down: 0 },
        levels: { 0: 0, 1: 0, 2: 0, 3: 0 },
        criticals_begun: 0,
        newest_critical: null,
        items: [],
      }
  const describe = ({ kind, key }: AttentionItem) => ({
    what: {
      indicator: 'Mực nước hồ vượt 1.042,04 m',
      silent: 'Không gửi số liệu',
      offline: 'Trạm mất kết nối',
      lost: '',
      down: '',
    }[kind],
    where: `Trạm thủy văn Đa Nhim, xã D'Ran (${key})`,
    href: `/devices/${key}`,
  })
  const list = <AttentionList attention={attention} now={to} describe={describe} />
  return [
    { name: 'attention', title: 'Cần chú ý ngay', width: 31, height: 46, content: list },
    { name: 'attention-small', title: 'Cần chú ý ngay', width: 22, height: 17, content: list },
  ]
}
