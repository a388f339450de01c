import { declarationLimits } from '@ioc/contract/device-types/declaration-limits.ts'
import {
  type SelfDeclaredType,
  selfDeclaredTypes,
  setSelfDeclaredTypes,
} from '@ioc/contract/device-types/self-declared.ts'
import { deviceTypes } from '@ioc/contract/device-types/table.ts'
import type { TypeDeclaration } from '@ioc/contract/messages/type-declaration.ts'
import { metricPattern } from '@ioc/contract/names.ts'
import { type Field, fields, type Place, type Report, validate } from './fields.ts'

const { maxTypes, maxMetrics, maxTitle, maxUnit, maxCadence, idPattern } = declarationLimits

const title = {
  kind: 'group',
  shorthand: 'vi',
  title: { vi: 'Tên hiển thị', en: 'Title' },
  fields: fields({
    vi: { kind: 'text', maxLength: maxTitle, title: { vi: 'Tên tiếng Việt', en: 'Title in Vietnamese' } },
    en: { kind: 'text', maxLength: maxTitle, optional: true, title: { vi: 'Tên tiếng Anh', en: 'Title in English' } },
  }),
} as const

const number = (vi: string, en: string) =>
  ({ kind: 'number', optional: true, minimum: -1e15, maximum: 1e15, title: { vi, en } }) as const

/** Types of devices that the agent declares in its birth: what `contract/messages/type-declaration.ts` accepts. */
export const typesField = {
  kind: 'list',
  minItems: 0,
  maxItems: maxTypes,
  title: { vi: 'Loại thiết bị tự khai báo', en: 'Self-declared device types' },
  items: {
    kind: 'group',
    title: { vi: 'Loại thiết bị', en: 'Device type' },
    fields: fields({
      id: { kind: 'text', pattern: idPattern, title: { vi: 'Mã loại', en: 'Id of the type' } },
      title,
      cadence_s: {
        kind: 'number',
        minimum: 0.05,
        maximum: maxCadence,
        unit: 's',
        title: { vi: 'Chu kỳ đo', en: 'Time between measurements' },
      },
      metrics: {
        kind: 'map',
        keys: metricPattern,
        maxItems: maxMetrics,
        title: { vi: 'Các chỉ số', en: 'Metrics' },
        values: {
          kind: 'group',
          title: { vi: 'Chỉ số', en: 'Metric' },
          fields: fields({
            kind: {
              kind: 'choice',
              choices: ['number', 'string', 'boolean'],
              default: 'number',
              title: { vi: 'Kiểu giá trị', en: 'Kind of value' },
            },
            unit: { kind: 'text', maxLength: maxUnit, optional: true, title: { vi: 'Đơn vị', en: 'Unit' } },
            title,
            min: number('Giá trị hợp lý nhỏ nhất', 'Least plausible value'),
            max: number('Giá trị hợp lý lớn nhất', 'Greatest plausible value'),
            levels: {
              kind: 'group',
              optional: true,
              title: { vi: 'Ngưỡng', en: 'Limits' },
              fields: fields({
                direction: {
                  kind: 'choice',
                  choices: ['above', 'below'],
                  title: { vi: 'Vượt lên hay xuống dưới', en: 'Beyond above or below' },
                },
                attention: number('Chú ý', 'Attention'),
                warning: number('Cảnh báo', 'Warning'),
                critical: number('Nguy cấp', 'Critical'),
              }),
            },
          }),
        },
      },
    }),
  },
} as const satisfies Field

/** Reads the types that a configuration declares. What is invalid is reported, and left out. */
export function readTypes(written: unknown, place: Place, report: Report): TypeDeclaration[] {
  let isValid = true
  const types = validate(typesField, written, place, (at, reason) => {
    isValid = false
    report(at, reason)
  }) as TypeDeclaration[]
  if (!isValid) return []
  const known = new Set<string>(Object.keys(deviceTypes))
  for (const [index, { id, metrics }] of types.entries()) {
    if (known.has(id)) {
      report([...place, index, 'id'], { vi: `đã có loại ${id}`, en: `the type ${id} exists already` })
    }
    known.add(id)
    if (Object.keys(metrics).length === 0) {
      report([...place, index, 'metrics'], { vi: 'cần ít nhất một chỉ số', en: 'expected at least one metric' })
    }
    for (const [name, { kind, min, max, levels }] of Object.entries(metrics)) {
      const at = [...place, index, 'metrics', name]
      if (kind !== 'number' && (min !== undefined || max !== undefined || levels !== undefined)) {
        report(at, { vi: 'chỉ số có min, max, levels phải là number', en: 'only a number has min, max and levels' })
      }
      if (min !== undefined && max !== undefined && min > max) {
        report([...at, 'min'], { vi: 'min lớn hơn max', en: 'min is above max' })
      }
    }
  }
  return types
}

/** Runs something synchronous while this process knows the types beside those that it knew before. */
export function withTypes<T>(types: readonly TypeDeclaration[], run: () => T): T {
  const before = [...selfDeclaredTypes().values()]
  useTypes(types, before)
  try {
    return run()
  } finally {
    setSelfDeclaredTypes(before)
  }
}

/** Makes the types known to this process, beside others. */
export function useTypes(types: readonly TypeDeclaration[], others: readonly SelfDeclaredType[] = []): void {
  const declared = types.map(
    ({ id, title: named, cadence_s, metrics }): SelfDeclaredType => ({
      id,
      title: bothTitles(named),
      cadence_s,
      metrics: Object.fromEntries(
        Object.entries(metrics).map(([name, { kind = 'number', unit = '1', title: metricTitle }]) => [
          name,
          { kind, unit, title: bothTitles(metricTitle) },
        ]),
      ),
      owner: '',
      version: 1,
      levels: {},
    }),
  )
  setSelfDeclaredTypes([...others, ...declared])
}

const bothTitles = ({ vi, en = vi }: { readonly vi: string; readonly en?: string }) => ({ vi, en })
