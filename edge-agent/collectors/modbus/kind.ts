import { metricPattern, slugPattern } from '@ioc/contract/names.ts'
import { fields, type ValueOf } from '../../config/fields.ts'
import { checkMetric, checkType } from '../../mapping/check.ts'
import { deviceFields, scaling } from '../../mapping/options.ts'
import { collectorKind } from '../collector.ts'
import { areas, byteOrders, formats } from './registers.ts'

const register = {
  kind: 'group',
  shorthand: 'address',
  title: { vi: 'Thanh ghi', en: 'Register' },
  fields: fields({
    address: {
      kind: 'integer',
      minimum: 0,
      maximum: 65_535,
      title: { vi: 'Địa chỉ, tính từ 0', en: 'Address, counted from 0' },
    },
    area: { kind: 'choice', choices: areas, default: 'holding', title: { vi: 'Vùng', en: 'Area' } },
    format: { kind: 'choice', choices: formats, default: 'uint16', title: { vi: 'Kiểu số', en: 'Format' } },
    order: { kind: 'choice', choices: byteOrders, default: 'ABCD', title: { vi: 'Thứ tự byte', en: 'Byte order' } },
    bit: {
      kind: 'integer',
      optional: true,
      minimum: 0,
      maximum: 15,
      title: { vi: 'Chỉ lấy bit này của thanh ghi', en: 'Only this bit of the register' },
    },
    ...scaling,
  }),
} as const

const device = {
  kind: 'group',
  title: { vi: 'Thiết bị', en: 'Device' },
  fields: fields({
    device: { kind: 'text', pattern: slugPattern, title: { vi: 'Tên thiết bị', en: 'Name of the device' } },
    slave: {
      kind: 'integer',
      minimum: 0,
      maximum: 255,
      default: 1,
      title: { vi: 'Địa chỉ slave', en: 'Slave address' },
    },
    ...deviceFields,
    registers: {
      kind: 'map',
      keys: metricPattern,
      values: register,
      maxItems: 256,
      title: { vi: 'Chỉ số và thanh ghi của nó', en: 'Metrics and their registers' },
    },
  }),
} as const

const options = {
  kind: 'group',
  title: { vi: 'Tùy chọn', en: 'Options' },
  fields: fields({
    host: { kind: 'text', optional: true, maxLength: 253, title: { vi: 'Địa chỉ mạng', en: 'Host' } },
    port: { kind: 'integer', minimum: 1, maximum: 65_535, default: 502, title: { vi: 'Cổng TCP', en: 'TCP port' } },
    framing: {
      kind: 'choice',
      choices: ['tcp', 'rtu'],
      default: 'tcp',
      title: {
        vi: 'Khung tin qua TCP; rtu cho bộ chuyển đổi nối tiếp',
        en: 'Frames over TCP; rtu for serial converters',
      },
    },
    serial: {
      kind: 'text',
      optional: true,
      title: { vi: 'Cổng nối tiếp, như /dev/ttyUSB0 hoặc COM3', en: 'Serial port, such as /dev/ttyUSB0 or COM3' },
    },
    baud: {
      kind: 'integer',
      minimum: 300,
      maximum: 1_000_000,
      default: 9_600,
      unit: 'Bd',
      title: { vi: 'Tốc độ', en: 'Speed' },
    },
    parity: {
      kind: 'choice',
      choices: ['none', 'even', 'odd'],
      default: 'none',
      title: { vi: 'Bit chẵn lẻ', en: 'Parity' },
    },
    stop_bits: { kind: 'integer', minimum: 1, maximum: 2, default: 1, title: { vi: 'Bit dừng', en: 'Stop bits' } },
    response_ms: {
      kind: 'integer',
      minimum: 10,
      maximum: 60_000,
      default: 1_000,
      unit: 'ms',
      title: { vi: 'Thời gian chờ một trả lời', en: 'Maximum wait for a response' },
    },
    pause_ms: {
      kind: 'integer',
      minimum: 0,
      maximum: 10_000,
      default: 0,
      unit: 'ms',
      title: { vi: 'Nghỉ giữa hai yêu cầu', en: 'Pause between requests' },
    },
    devices: { kind: 'list', items: device, maxItems: 247, title: { vi: 'Các thiết bị', en: 'Devices' } },
  }),
} as const

export const modbusKind = collectorKind({
  type: 'modbus',
  title: { vi: 'Thiết bị Modbus TCP hoặc RTU', en: 'Modbus TCP or RTU devices' },
  cadenceS: 10,
  timeoutS: 60,
  isPeriodic: true,
  options,
  check({ host, serial, devices }, report) {
    if ((host === undefined) === (serial === undefined)) {
      report([], { vi: 'cần một trong hai mục host và serial', en: 'requires either host or serial' })
    }
    const names = devices.map((one) => one.device)
    for (const [index, { device: name, type, registers }] of devices.entries()) {
      const place = ['devices', index]
      if (names.indexOf(name) < index)
        report([...place, 'device'], { vi: 'trùng tên thiết bị', en: 'another device has this name' })
      if (!checkType(type, place, report)) continue
      for (const [metric, rule] of Object.entries(registers)) {
        const at = [...place, 'registers', metric]
        checkMetric(type, metric, rule, at, report)
        if (rule.bit !== undefined && rule.format !== 'uint16') {
          report([...at, 'bit'], { vi: 'chỉ dùng với format uint16', en: 'requires the format uint16' })
        }
      }
    }
  },
  load: async () => (await import('./modbus.ts')).createModbusCollector,
})

export type ModbusOptions = ValueOf<typeof options>
