import type { CaseRecord } from '@ioc/contract/messages/cases.ts'
import { isObject } from '@ioc/contract/messages/json.ts'
import type { DeviceBirth } from '@ioc/contract/messages/status.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import { isMetricName, isSlug } from '@ioc/contract/names.ts'
import type { Reason } from './ipc.ts'

/** Values of a record, and characters of a text, at most: as of the contract, whose schemas the agent does not load. */
const maxValues = 256
const maxText = 4_096
/** Characters of the name of a device, at most. */
const maxDeviceName = 200
/** Characters of the id and of the state of a case, at most. */
const maxCaseId = 256
const maxCaseState = 64

type Read<T> = { readonly record: T; readonly reason?: never } | { readonly reason: Reason; readonly record?: never }

/** Reads a measurement as a flow wrote it; without a time it is of now. */
export function readMeasurement(raw: unknown, now: number): Read<MeasurementRecord> {
  const head = readHead(raw, now)
  if (head.reason) return head
  const { values } = raw as { values?: unknown }
  if (!isObject(values)) {
    return refuse(
      'payload',
      'cần giá trị theo tên chỉ số, hoặc đặt tên chỉ số ở khối',
      'expected values by metric, or a metric in the node',
    )
  }
  const problem = problemOfValues(values)
  return problem ? { reason: problem } : { record: { ...head.record, values: values as MeasurementRecord['values'] } }
}

/** Reads a case as a flow wrote it. */
export function readCase(raw: unknown, now: number): Read<CaseRecord> {
  const head = readHead(raw, now)
  if (head.reason) return head
  const { case: given } = raw as { case?: unknown }
  if (!isObject(given)) return refuse('payload', 'cần một hồ sơ', 'expected a case')
  const { id, state, opened, due = null, closed = null, ...attributes } = given
  if (!isText(id, maxCaseId))
    return refuse('id', `cần chuỗi từ 1 đến ${maxCaseId} ký tự`, `expected a text of 1 to ${maxCaseId} characters`)
  if (!isText(state, maxCaseState)) {
    return refuse(
      'state',
      `cần chuỗi từ 1 đến ${maxCaseState} ký tự`,
      `expected a text of 1 to ${maxCaseState} characters`,
    )
  }
  if (!isTime(opened)) return refuse('opened', expectedTime.vi, expectedTime.en)
  if (due !== null && !isTime(due)) return refuse('due', expectedTime.vi, expectedTime.en)
  if (closed !== null && !isTime(closed)) return refuse('closed', expectedTime.vi, expectedTime.en)
  const problem = Object.keys(attributes).length > 0 ? problemOfValues(attributes) : undefined
  if (problem) return { reason: problem }
  return { record: { ...head.record, case: { ...attributes, id, state, opened, due, closed } as CaseRecord['case'] } }
}

/** Reads a device as the child declares it; what is not of its form is left out. */
export function readDevice(raw: unknown): DeviceBirth | undefined {
  if (!isObject(raw) || typeof raw['id'] !== 'string' || !isSlug(raw['id'])) return undefined
  const { id, type, name, lat, lon, cadence_s } = raw
  const numbers = Object.entries({ lat, lon, cadence_s }).filter(([, value]) => Number.isFinite(value))
  return {
    id,
    ...(typeof type === 'string' && isSlug(type) ? { type } : {}),
    ...(isString(name, maxDeviceName) ? { name } : {}),
    ...Object.fromEntries(numbers),
  }
}

interface Head {
  readonly device: string
  readonly ts: number
  readonly type?: string
}

function readHead(raw: unknown, now: number): Read<Head> {
  if (!isObject(raw)) return refuse('payload', 'cần một đối tượng', 'expected an object')
  const { device, ts = now, type, ...others } = raw
  const unknown = Object.keys(others).find((name) => name !== 'values' && name !== 'case')
  if (unknown !== undefined) {
    return refuse(
      unknown.slice(0, 60),
      'không có mục này',
      'unknown field; known fields: device, ts, type, values, case',
    )
  }
  if (typeof device !== 'string' || !isSlug(device)) {
    return refuse(
      'device',
      'cần mã thiết bị gồm chữ, số, "_", "." và "-"',
      'expected an id of letters, digits, "_", "." and "-"',
    )
  }
  if (!isTime(ts)) return refuse('ts', expectedTime.vi, expectedTime.en)
  if (type !== undefined && (typeof type !== 'string' || !isSlug(type))) {
    return refuse('type', 'cần tên một loại thiết bị', 'expected the name of a device type')
  }
  return { record: { device, ts, ...(type === undefined ? {} : { type }) } }
}

const expectedTime = {
  vi: 'cần thời điểm tính bằng mili giây từ năm 1970',
  en: 'expected a time in ms since 1970',
} as const

function problemOfValues(values: Readonly<Record<string, unknown>>): Reason | undefined {
  const entries = Object.entries(values)
  if (entries.length === 0 || entries.length > maxValues) {
    return refuse('values', `cần từ 1 đến ${maxValues} giá trị`, `expected 1 to ${maxValues} values`).reason
  }
  for (const [name, value] of entries) {
    if (!isMetricName(name)) {
      return refuse(
        name.slice(0, 60),
        'tên chỉ số không hợp lệ, ví dụ nhiet_do',
        'invalid name of a metric, use one like nhiet_do',
      ).reason
    }
    const isPlain = value === null || typeof value === 'boolean' || Number.isFinite(value) || isString(value, maxText)
    if (!isPlain)
      return refuse(name, 'cần số, chuỗi, true hoặc false', 'expected a number, a text, true or false').reason
  }
  return undefined
}

function refuse(field: string, vi: string, en: string): { readonly reason: Reason } {
  return { reason: { vi: `${field}: ${vi}`, en: `${field}: ${en}` } }
}

const isString = (value: unknown, max: number): value is string => typeof value === 'string' && value.length <= max
const isText = (value: unknown, max: number): value is string => isString(value, max) && value !== ''
/** A time of this millennium: seconds in place of milliseconds are refused here, where the flow can be mended. */
const isTime = (value: unknown): value is number =>
  Number.isFinite(value) && (value as number) >= 1e12 && (value as number) < 1e14
