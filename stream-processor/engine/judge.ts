import type { DeviceType, Metric } from '@ioc/contract/device-types/device-type.ts'
import { findDeviceType, undeclared } from '@ioc/contract/device-types/table.ts'
import type { Value } from '@ioc/contract/messages/envelope.ts'
import { shown } from '@ioc/contract/messages/problem.ts'
import { placeTime } from './clock.ts'
import type { Fault, Measurement } from './measurement.ts'

/** A record as its device sent it, with the node that it came through. */
export interface Claim {
  readonly site: string
  readonly node: string
  readonly device: string
  readonly type: string | undefined
  /** Absent: when it arrived. */
  readonly ts: number | undefined
  /** What the clock of its node showed when it sent the message; absent where it did not say. */
  readonly sent: number | undefined
  readonly values: Readonly<Record<string, Value>>
}

/**
 * Largest magnitude of a number that no type declares. Counters of 64 bits and times in nanoseconds are below it, and the
 * squares and sums that queries make of such numbers are finite.
 */
const maxMagnitude = 1e21

/** Judges a record against the clock of the broker and against what its type declares. */
export function judge(
  claim: Claim,
  area: string | undefined,
  arrival: number,
): { measurement?: Measurement; faults: Fault[]; moved?: 'clamped' | 'corrected' | undefined } {
  const { site, node, device } = claim
  const placed = placeTime(claim.ts, claim.sent, arrival)
  if ('fault' in placed) return { faults: [{ device, reason: placed.fault }] }

  const faults: Fault[] = []
  const declared: Record<string, NonNullable<Value>> = {}
  let others: Record<string, NonNullable<Value>> | undefined
  let isMeasured = false
  const type = claim.type === undefined ? undefined : findDeviceType(claim.type)
  for (const name in claim.values) {
    const value = claim.values[name]
    if (value === null || value === undefined) continue
    const metric = type && Object.hasOwn(type.metrics, name) ? type.metrics[name] : undefined
    const whole = metric && type?.parts?.[name]
    const reason =
      (metric ? faultOfMetric(value, metric) : faultOfNumber(value)) ??
      (type && whole && faultOfPart(value, claim.values[whole], type, name, whole))
    if (reason !== undefined) {
      faults.push({ device, reason: `${name}: got ${shown(value)}; ${reason}` })
      continue
    }
    isMeasured = true
    if (metric) declared[name] = value
    else {
      others ??= {}
      others[name] = value
    }
  }
  // A sensor that sends nothing but nulls or errors has measured nothing, and must become silent.
  if (!isMeasured) return { faults }
  const measurement: Measurement = {
    area,
    site,
    node,
    device,
    type: type?.id ?? undeclared,
    ts: placed.ts,
    claimed: placed.claimed,
    values: type ? declared : (others ?? {}),
    undeclared: type ? others : undefined,
  }
  return { measurement, faults, moved: placed.moved }
}

const kinds = {
  number: { vi: 'một số', en: 'a number' },
  string: { vi: 'một chuỗi ký tự', en: 'a text' },
  boolean: { vi: 'true hoặc false', en: 'true or false' },
} as const

/** Why a value cannot be one of a declared metric, if so: in both languages, for whoever sent it. */
function faultOfMetric(value: NonNullable<Value>, { kind, unit, title, min, max }: Metric): string | undefined {
  if (typeof value !== kind) return `expected ${kinds[kind].en} (${title.vi}: phải là ${kinds[kind].vi})`
  if (typeof value !== 'number' || min === undefined || max === undefined || (value >= min && value <= max)) {
    return undefined
  }
  const of = unit === '1' ? '' : ` ${unit}`
  return `expected a plausible value, from ${min} to ${max}${of} (${title.vi}: giá trị hợp lý từ ${min} đến ${max}${of})`
}

/** Why a value cannot be a part of another one of its record, if so. */
function faultOfPart(
  value: NonNullable<Value>,
  whole: Value | undefined,
  { metrics }: DeviceType,
  name: string,
  wholeName: string,
): string | undefined {
  if (typeof value !== 'number' || typeof whole !== 'number' || value <= whole) return undefined
  const [part, all] = [metrics[name]?.title.vi, metrics[wholeName]?.title.vi]
  return `expected at most ${wholeName}, which is ${whole} (${part}: không thể lớn hơn ${all}, là ${whole})`
}

/** Why a value of no declared metric cannot be stored, if so. */
function faultOfNumber(value: NonNullable<Value>): string | undefined {
  return typeof value === 'number' && !(Math.abs(value) <= maxMagnitude)
    ? `expected a number from -${maxMagnitude} to ${maxMagnitude}`
    : undefined
}
