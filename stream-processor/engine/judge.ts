import { findDeviceType, undeclared } from '@ioc/contract/device-types/table.ts'
import type { Value } from '@ioc/contract/messages/envelope.ts'
import type { Fault, Measurement } from './measurement.ts'

/** A record as its device sent it, with the node that it came through. */
export interface Claim {
  readonly site: string
  readonly node: string
  readonly device: string
  readonly type: string | undefined
  readonly ts: number
  readonly values: Readonly<Record<string, Value>>
}

/** How far in the future a record may be stamped before it is clamped to its arrival, in ms. */
export const futureToleranceMs = 60_000
/** 2000-01-01: before it a time is not in milliseconds, but in seconds. */
const earliestMs = 946_684_800_000
/** 2200-01-01: after it a time is not in milliseconds, but in microseconds or nanoseconds. */
const latestMs = 7_258_118_400_000

/** Judges a record against the clock of the broker and against what its type declares. */
export function judge(
  claim: Claim,
  area: string | undefined,
  arrival: number,
): { measurement?: Measurement; faults: Fault[] } {
  const { site, node, device } = claim
  const claimed = Math.round(claim.ts)
  const clockFault = faultOfTime(claimed)
  if (clockFault) return { faults: [{ device, reason: clockFault }] }

  const faults: Fault[] = []
  const declared: Record<string, NonNullable<Value>> = {}
  let others: Record<string, NonNullable<Value>> | undefined
  const type = claim.type === undefined ? undefined : findDeviceType(claim.type)
  for (const name in claim.values) {
    const value = claim.values[name]
    if (value === null || value === undefined) continue
    const metric = type && Object.hasOwn(type.metrics, name) ? type.metrics[name] : undefined
    if (!metric) {
      others ??= {}
      others[name] = value
    } else if (typeof value === metric.kind) {
      declared[name] = value
    } else {
      faults.push({ device, reason: `${name}: ${type?.id} declares a ${metric.kind}, got ${JSON.stringify(value)}` })
    }
  }
  const inFuture = claimed > arrival + futureToleranceMs
  const measurement: Measurement = {
    area,
    site,
    node,
    device,
    type: type?.id ?? undeclared,
    ts: inFuture ? arrival : claimed,
    claimed: inFuture ? claimed : undefined,
    values: type ? declared : (others ?? {}),
    undeclared: type ? others : undefined,
  }
  return { measurement, faults }
}

/** Why a time cannot be what it claims to be, if so. @param name what the record calls it */
export function faultOfTime(ts: number, name = 'ts'): string | undefined {
  if (isTime(ts)) return undefined
  if (!Number.isFinite(ts)) return `${name} is not a number`
  if (ts < 0) return `${name} ${ts} is negative`
  if (ts < earliestMs) return `${name} ${ts} is before 2000: times are in milliseconds, not in seconds`
  return `${name} ${ts} is after 2200: times are in milliseconds, not in microseconds or nanoseconds`
}

/** Whether a time can be what it claims to be, in ms since 1970. */
export const isTime = (ts: number): boolean => ts >= earliestMs && ts <= latestMs
