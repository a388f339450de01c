import { slugPattern } from '@ioc/contract/names.ts'
import { fields, type ValueOf } from '../../config/fields.ts'
import { collectorKind } from '../collector.ts'

const ups = {
  kind: 'group',
  title: { vi: 'Bộ lưu điện', en: 'UPS' },
  fields: fields({
    ups: {
      kind: 'text',
      pattern: '^[A-Za-z0-9_.-]+$',
      maxLength: 64,
      title: { vi: 'Tên trong NUT', en: 'Name in NUT' },
    },
    device: { kind: 'text', pattern: slugPattern, title: { vi: 'Tên thiết bị', en: 'Name of the device' } },
    name: { kind: 'text', optional: true, maxLength: 200, title: { vi: 'Tên hiển thị', en: 'Name for people' } },
  }),
} as const

const options = {
  kind: 'group',
  title: { vi: 'Tùy chọn', en: 'Options' },
  fields: fields({
    host: {
      kind: 'text',
      default: '127.0.0.1',
      maxLength: 253,
      title: { vi: 'Địa chỉ máy chủ NUT', en: 'Host of the NUT server' },
    },
    port: { kind: 'integer', minimum: 1, maximum: 65_535, default: 3493, title: { vi: 'Cổng', en: 'Port' } },
    ups: { kind: 'list', items: ups, maxItems: 50, title: { vi: 'Các bộ lưu điện', en: 'UPSs' } },
  }),
} as const

export const nutKind = collectorKind({
  type: 'nut',
  title: { vi: 'Bộ lưu điện qua Network UPS Tools (NUT)', en: 'UPS by Network UPS Tools (NUT)' },
  cadenceS: 60,
  timeoutS: 20,
  isPeriodic: true,
  options,
  check({ ups: all }, report) {
    const names = all.map(({ device }) => device)
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) < index)
        report(['ups', index, 'device'], { vi: 'trùng tên thiết bị', en: 'another UPS has this device' })
    }
  },
  load: async () => (await import('./nut.ts')).createNutCollector,
})

export type NutOptions = ValueOf<typeof options>
