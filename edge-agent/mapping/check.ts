import { caseTypes, findCaseType } from '@ioc/contract/case-types/table.ts'
import { deviceTypes, findDeviceType } from '@ioc/contract/device-types/table.ts'
import { isSlug } from '@ioc/contract/names.ts'
import type { Place, Report } from '../config/fields.ts'
import type { MapOptions, ValueRule } from './options.ts'
import { conversion } from './units.ts'
import type { Kind } from './value.ts'

/** Validates a mapping against the declared types: what the centre would store as undeclared is reported before it is sent. */
export function checkMap(map: MapOptions, place: Place, report: Report): void {
  checkValue(map.device, 'string', undefined, [...place, 'device'], report)
  if (typeof map.device.value === 'string' && !isSlug(map.device.value)) {
    report([...place, 'device'], {
      vi: 'tên thiết bị chỉ gồm chữ không dấu, số, "_", "." và "-", tối đa 64 ký tự',
      en: 'the name of a device has letters without diacritics, digits, "_", "." and "-", at most 64 characters',
    })
  }
  if (map.case === undefined) checkMeasurements(map, place, report)
  else checkCases(map, map.case, place, report)
}

function checkMeasurements(map: MapOptions, place: Place, report: Report): void {
  for (const name of ['id', 'state', 'opened', 'due', 'closed', 'attributes'] as const) {
    if (map[name] !== undefined)
      report([...place, name], { vi: 'chỉ dùng cùng mục case', en: 'requires the field case' })
  }
  const { values = {} } = map
  if (Object.keys(values).length === 0) report(place, { vi: 'thiếu mục values', en: 'missing field values' })
  checkMetrics(map.type, values, place, report)
}

/** Validates a device type, and the metrics in the field `values`. */
export function checkMetrics(
  type: string | undefined,
  values: Readonly<Record<string, Partial<ValueRule>>>,
  place: Place,
  report: Report,
): void {
  if (!checkType(type, place, report)) return
  for (const [metric, rule] of Object.entries(values)) {
    checkMetric(type, metric, rule, [...place, 'values', metric], report)
  }
}

/** Whether the type is declared, or none is given. */
export function checkType(type: string | undefined, place: Place, report: Report): boolean {
  if (type === undefined || findDeviceType(type)) return true
  const known = Object.keys(deviceTypes).join(', ')
  report([...place, 'type'], {
    vi: `không có loại thiết bị ${type}; các loại: ${known}. Bỏ mục type nếu chưa khai báo`,
    en: `no device type ${type}; types: ${known}. Omit type if none is declared`,
  })
  return false
}

/** Validates one metric of a device type, and the rule that reads it. */
export function checkMetric(
  type: string | undefined,
  name: string,
  rule: Partial<ValueRule>,
  place: Place,
  report: Report,
): void {
  const declared = type === undefined ? undefined : findDeviceType(type)
  if (!declared) {
    checkValue(rule, undefined, undefined, place, report)
    return
  }
  const metric = Object.hasOwn(declared.metrics, name) ? declared.metrics[name] : undefined
  if (!metric) {
    const known = Object.keys(declared.metrics).join(', ')
    report(place, {
      vi: `loại ${declared.id} không có chỉ số ${name}; các chỉ số: ${known}`,
      en: `type ${declared.id} has no metric ${name}; metrics: ${known}`,
    })
    return
  }
  checkValue(rule, metric.kind, metric.unit, place, report)
}

function checkCases(map: MapOptions, id: string, place: Place, report: Report): void {
  for (const name of ['type', 'values'] as const) {
    if (map[name] !== undefined)
      report([...place, name], { vi: 'không dùng cùng mục case', en: 'cannot be combined with case' })
  }
  for (const name of ['id', 'state', 'opened'] as const) {
    if (map[name] === undefined) report(place, { vi: `thiếu mục ${name}`, en: `missing field ${name}` })
  }
  for (const name of ['id', 'state'] as const) {
    const rule = map[name]
    if (rule) checkValue(rule, 'string', undefined, [...place, name], report)
  }
  const declared = findCaseType(id)
  if (!declared) {
    const known = Object.keys(caseTypes).join(', ')
    report([...place, 'case'], {
      vi: `không có loại hồ sơ ${id}; các loại: ${known}`,
      en: `no case type ${id}; types: ${known}`,
    })
    return
  }
  const attributes: Readonly<Record<string, { readonly kind: Kind } | undefined>> = declared.attributes
  for (const [name, rule] of Object.entries(map.attributes ?? {})) {
    const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined
    const at = [...place, 'attributes', name]
    if (attribute) checkValue(rule, attribute.kind, undefined, at, report)
    else {
      const known = Object.keys(attributes).join(', ')
      report(at, {
        vi: `loại ${id} không có thuộc tính ${name}; các thuộc tính: ${known}`,
        en: `type ${id} has no attribute ${name}; attributes: ${known}`,
      })
    }
  }
}

const kindNames: Readonly<Record<Kind, { readonly vi: string; readonly en: string }>> = {
  string: { vi: 'chuỗi', en: 'a text' },
  number: { vi: 'số', en: 'a number' },
  boolean: { vi: 'true hoặc false', en: 'true or false' },
}

function checkValue(
  rule: Partial<ValueRule>,
  kind: Kind | undefined,
  unit: string | undefined,
  place: Place,
  report: Report,
): void {
  if (rule.from !== undefined && rule.value !== undefined) {
    report(place, { vi: 'chỉ dùng một trong hai mục from và value', en: 'use either from or value' })
  }
  const constants = [...Object.values(rule.enum ?? {}), rule.else, rule.value]
  for (const constant of constants) {
    // The name of a device, and the id of a case, may be written as a number.
    if (constant === undefined || kind === undefined || kind === typeof constant || kind === 'string') continue
    report(place, {
      vi: `cần ${kindNames[kind].vi}, nhận được ${constant}`,
      en: `expected ${kindNames[kind].en}, got ${constant}`,
    })
  }
  if (rule.unit === undefined) return
  if (unit === undefined || !conversion(rule.unit, unit)) {
    report([...place, 'unit'], {
      vi: `không đổi được từ ${rule.unit} sang ${unit ?? 'giá trị không có đơn vị'}; hãy dùng scale và offset`,
      en: `cannot convert ${rule.unit} to ${unit ?? 'a value without a unit'}; use scale and offset`,
    })
  }
}
