import { metricPattern, slugPattern } from '@ioc/contract/names.ts'
import { fields, type Report, type ValueOf } from '../../config/fields.ts'
import { checkMetrics } from '../../mapping/check.ts'
import { deviceFields, scaling } from '../../mapping/options.ts'
import { collectorKind } from '../collector.ts'

const oidPattern = '^\\.?\\d+(\\.\\d+)+$'

const rate = {
  kind: 'flag',
  default: false,
  title: { vi: 'Bộ đếm: gửi mức tăng mỗi giây', en: 'A counter: send its increase per second' },
} as const

const value = {
  kind: 'group',
  shorthand: 'oid',
  title: { vi: 'Giá trị', en: 'Value' },
  fields: fields({
    oid: { kind: 'text', pattern: oidPattern, title: { vi: 'OID, kể cả chỉ số cuối', en: 'OID, with its instance' } },
    rate,
    ...scaling,
  }),
} as const

const device = {
  kind: 'group',
  title: { vi: 'Thiết bị', en: 'Device' },
  fields: fields({
    device: { kind: 'text', pattern: slugPattern, title: { vi: 'Tên thiết bị', en: 'Name of the device' } },
    ...deviceFields,
    values: {
      kind: 'map',
      keys: metricPattern,
      values: value,
      maxItems: 256,
      title: { vi: 'Chỉ số và OID của nó', en: 'Metrics and their OIDs' },
    },
  }),
} as const

const columnNumber = {
  kind: 'integer',
  minimum: 1,
  maximum: 4_294_967_295,
  title: { vi: 'Số cột', en: 'Column number' },
} as const

const column = {
  kind: 'group',
  shorthand: 'column',
  title: { vi: 'Cột', en: 'Column' },
  fields: fields({ column: columnNumber, rate, ...scaling }),
} as const

const table = {
  kind: 'group',
  title: { vi: 'Bảng: mỗi dòng là một thiết bị', en: 'Table: each row is a device' },
  fields: fields({
    oid: {
      kind: 'text',
      pattern: oidPattern,
      title: { vi: 'OID của dòng, như 1.3.6.1.2.1.2.2.1', en: 'OID of its entry, such as 1.3.6.1.2.1.2.2.1' },
    },
    prefix: {
      kind: 'text',
      pattern: slugPattern,
      title: { vi: 'Phần đầu tên thiết bị', en: 'Beginning of the names of devices' },
    },
    name_column: {
      ...columnNumber,
      optional: true,
      title: {
        vi: 'Cột có tên dòng; không có thì dùng chỉ số',
        en: 'Column with the name of a row; by default its index',
      },
    },
    only: {
      kind: 'list',
      optional: true,
      maxItems: 1_000,
      items: { kind: 'text', title: { vi: 'Tên dòng', en: 'Name of a row' } },
      title: { vi: 'Chỉ các dòng này', en: 'Only these rows' },
    },
    type: deviceFields.type,
    values: {
      kind: 'map',
      keys: metricPattern,
      values: column,
      maxItems: 64,
      title: { vi: 'Chỉ số và cột của nó', en: 'Metrics and their columns' },
    },
  }),
} as const

const secret = (vi: string, en: string) => ({ kind: 'text', optional: true, secret: true, title: { vi, en } }) as const

const options = {
  kind: 'group',
  title: { vi: 'Tùy chọn', en: 'Options' },
  fields: fields({
    host: { kind: 'text', maxLength: 253, title: { vi: 'Địa chỉ mạng', en: 'Host' } },
    port: { kind: 'integer', minimum: 1, maximum: 65_535, default: 161, title: { vi: 'Cổng UDP', en: 'UDP port' } },
    version: { kind: 'choice', choices: ['1', '2c', '3'], default: '2c', title: { vi: 'Phiên bản', en: 'Version' } },
    community: {
      kind: 'text',
      secret: true,
      default: 'public',
      title: { vi: 'Community của v1 và v2c', en: 'Community of v1 and v2c' },
    },
    user: { kind: 'text', optional: true, title: { vi: 'Người dùng của v3', en: 'User of v3' } },
    auth: {
      kind: 'choice',
      choices: ['none', 'md5', 'sha', 'sha224', 'sha256', 'sha384', 'sha512'],
      default: 'none',
      title: { vi: 'Xác thực của v3', en: 'Authentication of v3' },
    },
    auth_password: secret('Mật khẩu xác thực', 'Authentication password'),
    privacy: {
      kind: 'choice',
      choices: ['none', 'des', 'aes', 'aes256b', 'aes256r'],
      default: 'none',
      title: { vi: 'Mã hóa của v3', en: 'Encryption of v3' },
    },
    privacy_password: secret('Mật khẩu mã hóa', 'Encryption password'),
    context: { kind: 'text', optional: true, title: { vi: 'Context của v3', en: 'Context of v3' } },
    response_ms: {
      kind: 'integer',
      minimum: 10,
      maximum: 60_000,
      default: 2_000,
      unit: 'ms',
      title: { vi: 'Thời gian chờ một trả lời', en: 'Maximum wait for a response' },
    },
    retries: { kind: 'integer', minimum: 0, maximum: 10, default: 1, title: { vi: 'Số lần thử lại', en: 'Retries' } },
    devices: {
      kind: 'list',
      optional: true,
      items: device,
      maxItems: 100,
      title: { vi: 'Các thiết bị', en: 'Devices' },
    },
    tables: { kind: 'list', optional: true, items: table, maxItems: 16, title: { vi: 'Các bảng', en: 'Tables' } },
  }),
} as const

export type SnmpOptions = ValueOf<typeof options>

export const snmpKind = collectorKind({
  type: 'snmp',
  title: { vi: 'Thiết bị mạng, UPS, máy in qua SNMP', en: 'Network equipment, UPS, printers by SNMP' },
  cadenceS: 60,
  timeoutS: 30,
  isPeriodic: true,
  options,
  check(given, report) {
    checkSecurity(given, report)
    const { devices = [], tables = [] } = given
    if (devices.length + tables.length === 0) {
      report([], { vi: 'cần devices hoặc tables', en: 'requires devices or tables' })
    }
    const names = devices.map((one) => one.device)
    for (const [index, { device: name, type, values }] of devices.entries()) {
      const place = ['devices', index]
      if (names.indexOf(name) < index)
        report([...place, 'device'], { vi: 'trùng tên thiết bị', en: 'another device has this name' })
      checkMetrics(type, values, place, report)
    }
    for (const [index, one] of tables.entries()) checkMetrics(one.type, one.values, ['tables', index], report)
  },
  load: async () => (await import('./snmp.ts')).createSnmpCollector,
})

function checkSecurity(
  { version, user, auth, auth_password, privacy, privacy_password }: SnmpOptions,
  report: Report,
): void {
  if (version !== '3') return
  if (user === undefined) report([], { vi: 'v3 cần mục user', en: 'version 3 requires the field user' })
  if (auth !== 'none' && auth_password === undefined)
    report([], { vi: 'thiếu mục auth_password', en: 'missing field auth_password' })
  if (privacy === 'none') return
  if (auth === 'none') report(['privacy'], { vi: 'cần auth', en: 'requires auth' })
  if (privacy_password === undefined)
    report([], { vi: 'thiếu mục privacy_password', en: 'missing field privacy_password' })
}
