import { metricPattern, slugPattern } from '@ioc/contract/names.ts'
import { fields, type ValueOf } from '../../config/fields.ts'
import { checkMap } from '../../mapping/check.ts'
import { deviceFields, valueField } from '../../mapping/options.ts'
import { collectorKind } from '../collector.ts'
import { mapOf } from './map.ts'

const target = {
  kind: 'group',
  title: { vi: 'Đối tượng kiểm tra', en: 'Target' },
  fields: fields({
    check: {
      kind: 'choice',
      choices: ['ping', 'tcp', 'http', 'tls-certificate'],
      title: { vi: 'Cách kiểm tra', en: 'How it is checked' },
    },
    device: { kind: 'text', pattern: slugPattern, title: { vi: 'Tên thiết bị', en: 'Name of the device' } },
    ...deviceFields,
    host: {
      kind: 'text',
      optional: true,
      // A host that begins with a dash would be an option of ping.
      pattern: '^[A-Za-z0-9:][A-Za-z0-9.:_-]*$',
      maxLength: 253,
      title: { vi: 'Địa chỉ mạng', en: 'Host' },
    },
    port: { kind: 'integer', optional: true, minimum: 1, maximum: 65_535, title: { vi: 'Cổng', en: 'Port' } },
    url: { kind: 'text', optional: true, pattern: '^https?://', title: { vi: 'Địa chỉ trang', en: 'URL' } },
    contains: {
      kind: 'text',
      optional: true,
      title: { vi: 'Chuỗi phải có trong trang', en: 'Text that the page must contain' },
    },
    packets: {
      kind: 'integer',
      minimum: 1,
      maximum: 20,
      default: 3,
      title: { vi: 'Số gói ping', en: 'Packets of a ping' },
    },
    response_ms: {
      kind: 'integer',
      minimum: 10,
      maximum: 60_000,
      default: 5_000,
      unit: 'ms',
      title: { vi: 'Thời gian chờ trả lời', en: 'Maximum wait for a response' },
    },
    values: {
      kind: 'map',
      optional: true,
      keys: metricPattern,
      values: valueField,
      maxItems: 16,
      title: {
        vi: 'Chỉ số lấy từ up, latency_ms, loss_percent, status, valid_days; không có thì gửi tất cả',
        en: 'Metrics from up, latency_ms, loss_percent, status, valid_days; without it all are sent',
      },
    },
  }),
} as const

const options = {
  kind: 'group',
  title: { vi: 'Tùy chọn', en: 'Options' },
  fields: fields({
    targets: { kind: 'list', items: target, maxItems: 500, title: { vi: 'Các đối tượng', en: 'Targets' } },
  }),
} as const

export const checkKind = collectorKind({
  type: 'check',
  title: { vi: 'Kiểm tra ping, TCP, HTTP và chứng chỉ TLS', en: 'Checks by ping, TCP, HTTP and of TLS certificates' },
  cadenceS: 60,
  timeoutS: 60,
  isPeriodic: true,
  options,
  check({ targets }, report) {
    const names = targets.map(({ device }) => device)
    for (const [index, one] of targets.entries()) {
      const place = ['targets', index]
      if (names.indexOf(one.device) < index)
        report([...place, 'device'], { vi: 'trùng tên thiết bị', en: 'another target has this device' })
      const needs = { ping: ['host'], tcp: ['host', 'port'], http: ['url'], 'tls-certificate': ['host'] } as const
      for (const field of needs[one.check]) {
        if (one[field] === undefined) report(place, { vi: `thiếu mục ${field}`, en: `missing field ${field}` })
      }
      if (one.values || one.type !== undefined) checkMap(mapOf(one), place, report)
    }
  },
  load: async () => (await import('./check.ts')).createCheckCollector,
})

export type CheckOptions = ValueOf<typeof options>
