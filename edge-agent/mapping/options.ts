import { metricPattern, slugPattern } from '@ioc/contract/names.ts'
import { fields, type ValueOf } from '../config/fields.ts'
import { timeFormats } from './times.ts'

/** The most metrics or attributes of a mapping. */
const maxValues = 256
/** The most words that an enumeration translates. */
const maxWords = 1_000

const source = {
  kind: 'text',
  title: { vi: 'Tên cột, con trỏ JSON hoặc tên trường ở nguồn', en: 'Column, JSON pointer or field of the source' },
} as const

const constant = {
  kind: 'scalar',
  optional: true,
  title: { vi: 'Giá trị cố định', en: 'Constant value' },
} as const

/** How a number is read, wherever it comes from. */
export const scaling = fields({
  scale: {
    kind: 'number',
    optional: true,
    minimum: -1e12,
    maximum: 1e12,
    title: { vi: 'Hệ số nhân', en: 'Factor' },
  },
  offset: {
    kind: 'number',
    optional: true,
    minimum: -1e12,
    maximum: 1e12,
    title: { vi: 'Số cộng thêm sau khi nhân', en: 'Added after the factor' },
  },
  unit: {
    kind: 'text',
    optional: true,
    maxLength: 32,
    title: { vi: 'Đơn vị ở nguồn', en: 'Unit of the source' },
  },
  enum: {
    kind: 'map',
    optional: true,
    maxItems: maxWords,
    values: { kind: 'scalar', title: { vi: 'Mã', en: 'Code' } },
    title: { vi: 'Từ ở nguồn và mã tương ứng', en: 'Words of the source and their codes' },
  },
  else: {
    kind: 'scalar',
    optional: true,
    title: { vi: 'Mã cho từ không có trong enum', en: 'Code of words that enum does not list' },
  },
})

export const valueField = {
  kind: 'group',
  shorthand: 'from',
  title: { vi: 'Giá trị', en: 'Value' },
  fields: fields({
    from: { ...source, optional: true },
    value: constant,
    ...scaling,
    decimal: {
      kind: 'choice',
      choices: ['auto', 'comma', 'point'],
      optional: true,
      title: { vi: 'Dấu thập phân', en: 'Decimal mark' },
    },
    optional: {
      kind: 'flag',
      default: false,
      title: { vi: 'Có thể không có ở nguồn', en: 'The source may lack it' },
    },
  }),
} as const

export const timeField = {
  kind: 'group',
  shorthand: 'from',
  title: { vi: 'Thời điểm', en: 'Time' },
  fields: fields({
    from: source,
    format: {
      kind: 'choice',
      choices: timeFormats,
      default: 'auto',
      title: { vi: 'Định dạng; dmy là ngày/tháng/năm', en: 'Format; dmy is day/month/year' },
    },
  }),
} as const

export const nameField = {
  ...valueField,
  shorthand: 'value',
  title: { vi: 'Tên thiết bị, hoặc {from: cột}', en: 'Name of the device, or {from: column}' },
} as const

const positionFields = fields({
  lat: { kind: 'number', optional: true, minimum: -90, maximum: 90, title: { vi: 'Vĩ độ', en: 'Latitude' } },
  lon: { kind: 'number', optional: true, minimum: -180, maximum: 180, title: { vi: 'Kinh độ', en: 'Longitude' } },
})

/** What is announced of a device at birth. */
export const deviceFields = fields({
  type: {
    kind: 'text',
    optional: true,
    pattern: slugPattern,
    title: { vi: 'Loại thiết bị', en: 'Device type' },
  },
  name: { kind: 'text', optional: true, maxLength: 200, title: { vi: 'Tên hiển thị', en: 'Displayed name' } },
  ...positionFields,
})

const optionalTime = (vi: string, en: string) => ({ ...timeField, optional: true, title: { vi, en } }) as const
const optionalValue = (vi: string, en: string) => ({ ...valueField, optional: true, title: { vi, en } }) as const

/** From rows of a source to measurements of a device type, or to cases of a case type. */
export const mapField = {
  kind: 'group',
  title: { vi: 'Ánh xạ sang loại thiết bị hoặc loại hồ sơ', en: 'Mapping to a device type or a case type' },
  fields: fields({
    ...deviceFields,
    case: {
      kind: 'text',
      optional: true,
      pattern: slugPattern,
      title: { vi: 'Loại hồ sơ', en: 'Case type' },
    },
    device: nameField,
    time: optionalTime('Thời điểm đo', 'Time of the measurement'),
    reports_every_s: {
      kind: 'number',
      optional: true,
      minimum: 1,
      maximum: 31_622_400,
      unit: 's',
      title: { vi: 'Chu kỳ thiết bị gửi số liệu', en: 'Time between measurements of the device' },
    },
    values: {
      kind: 'map',
      optional: true,
      keys: metricPattern,
      values: valueField,
      maxItems: maxValues,
      title: { vi: 'Các chỉ số', en: 'Metrics' },
    },
    id: optionalValue('Mã hồ sơ', 'Id of the case'),
    state: optionalValue('Trạng thái hồ sơ', 'State of the case'),
    opened: optionalTime('Ngày nhận', 'Received'),
    due: optionalTime('Ngày hẹn trả', 'Due'),
    closed: optionalTime('Ngày trả', 'Closed'),
    attributes: {
      kind: 'map',
      optional: true,
      keys: metricPattern,
      values: valueField,
      maxItems: maxValues,
      title: { vi: 'Thuộc tính hồ sơ', en: 'Attributes of the case' },
    },
  }),
} as const

export type MapOptions = ValueOf<typeof mapField>
export type ValueRule = ValueOf<typeof valueField>
export type TimeRule = ValueOf<typeof timeField>
