import { fields, type ValueOf } from '../../config/fields.ts'
import { checkMap } from '../../mapping/check.ts'
import { checkLines, lineFields } from '../../mapping/lines.ts'
import { mapField } from '../../mapping/options.ts'
import { collectorKind } from '../collector.ts'

const options = {
  kind: 'group',
  title: { vi: 'Tùy chọn', en: 'Options' },
  fields: fields({
    command: {
      kind: 'list',
      maxItems: 100,
      items: { kind: 'text', title: { vi: 'Phần của lệnh', en: 'Part of the command' } },
      title: { vi: 'Chương trình và tham số; không qua shell', en: 'Program and arguments; without a shell' },
    },
    ...lineFields,
    map: mapField,
  }),
} as const

export const execKind = collectorKind({
  type: 'exec',
  title: { vi: 'Chương trình in ra số liệu', en: 'Program that prints measurements' },
  cadenceS: 60,
  timeoutS: 30,
  isPeriodic: true,
  options,
  check(given, report) {
    checkLines(given, report)
    checkMap(given.map, ['map'], report)
  },
  load: async () => (await import('./exec.ts')).createExecCollector,
})

export type ExecOptions = ValueOf<typeof options>
