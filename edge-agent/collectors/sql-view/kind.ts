import { fields, type ValueOf } from '../../config/fields.ts'
import { checkMap } from '../../mapping/check.ts'
import { mapField } from '../../mapping/options.ts'
import { collectorKind } from '../collector.ts'

const engines = ['postgresql', 'mariadb', 'sqlserver'] as const

const options = {
  kind: 'group',
  title: { vi: 'Tùy chọn', en: 'Options' },
  fields: fields({
    engine: { kind: 'choice', choices: engines, title: { vi: 'Hệ quản trị cơ sở dữ liệu', en: 'Database' } },
    host: { kind: 'text', maxLength: 253, title: { vi: 'Địa chỉ mạng', en: 'Host' } },
    port: {
      kind: 'integer',
      optional: true,
      minimum: 1,
      maximum: 65_535,
      title: { vi: 'Cổng; mặc định theo hệ quản trị', en: 'Port; by default that of the database' },
    },
    database: { kind: 'text', title: { vi: 'Tên cơ sở dữ liệu', en: 'Name of the database' } },
    user: {
      kind: 'text',
      title: { vi: 'Người dùng, chỉ cần quyền đọc', en: 'User, who needs only the right to read' },
    },
    password: { kind: 'text', optional: true, secret: true, title: { vi: 'Mật khẩu', en: 'Password' } },
    tls: {
      kind: 'choice',
      choices: ['off', 'unverified', 'verified'],
      default: 'off',
      title: { vi: 'Mã hóa đường truyền', en: 'Encrypted connection' },
    },
    view: {
      kind: 'text',
      pattern: '^[^.]+(\\.[^.]+)?$',
      title: { vi: 'Bảng hoặc view, có thể kèm lược đồ', en: 'Table or view, with its schema if needed' },
    },
    watermark: {
      kind: 'text',
      optional: true,
      title: {
        vi: 'Cột chỉ tăng, như ngày cập nhật; không có thì so từng dòng',
        en: 'Column that only grows, such as the time of change; without it rows are compared',
      },
    },
    limit: {
      kind: 'integer',
      minimum: 1,
      maximum: 10_000,
      default: 5_000,
      title: { vi: 'Số dòng tối đa mỗi lần đọc', en: 'Maximum rows of a run' },
    },
    map: mapField,
  }),
} as const

export const sqlViewKind = collectorKind({
  type: 'sql-view',
  title: {
    vi: 'View của PostgreSQL, MariaDB, MySQL hoặc SQL Server',
    en: 'View of PostgreSQL, MariaDB, MySQL or SQL Server',
  },
  cadenceS: 300,
  timeoutS: 30,
  isPeriodic: false,
  options,
  check: ({ map }, report) => checkMap(map, ['map'], report),
  load: async () => (await import('./sql-view.ts')).createSqlViewCollector,
})

export type SqlViewOptions = ValueOf<typeof options>
