import { fields, type ValueOf } from '../../config/fields.ts'
import { checkMap } from '../../mapping/check.ts'
import { checkLines, lineFields } from '../../mapping/lines.ts'
import { mapField } from '../../mapping/options.ts'
import { collectorKind } from '../collector.ts'

const options = {
  kind: 'group',
  title: { vi: 'Tùy chọn', en: 'Options' },
  fields: fields({
    path: {
      kind: 'text',
      title: { vi: 'Cổng nối tiếp, như /dev/ttyUSB0 hoặc COM3', en: 'Serial port, such as /dev/ttyUSB0 or COM3' },
    },
    baud: {
      kind: 'integer',
      minimum: 50,
      maximum: 4_000_000,
      default: 9_600,
      unit: 'Bd',
      title: { vi: 'Tốc độ', en: 'Speed' },
    },
    data_bits: { kind: 'integer', minimum: 5, maximum: 8, default: 8, title: { vi: 'Bit dữ liệu', en: 'Data bits' } },
    parity: {
      kind: 'choice',
      choices: ['none', 'even', 'odd'],
      default: 'none',
      title: { vi: 'Bit chẵn lẻ', en: 'Parity' },
    },
    stop_bits: { kind: 'integer', minimum: 1, maximum: 2, default: 1, title: { vi: 'Bit dừng', en: 'Stop bits' } },
    ...lineFields,
    map: mapField,
  }),
} as const

export const serialLineKind = collectorKind({
  type: 'serial-line',
  title: { vi: 'Thiết bị gửi từng dòng qua cổng nối tiếp', en: 'Device that sends lines over a serial port' },
  cadenceS: 5,
  timeoutS: 15,
  isPeriodic: false,
  options,
  check(given, report) {
    checkLines(given, report)
    checkMap(given.map, ['map'], report)
  },
  load: async () => (await import('./serial-line.ts')).createSerialLineCollector,
})

export type SerialLineOptions = ValueOf<typeof options>
