import { undeclared } from '@ioc/contract/device-types/table.ts'
import type { Value } from '@ioc/contract/messages/envelope.ts'
import type { LiveLedger, LiveProcess } from '@ioc/contract/messages/live.ts'
import { format } from '@ioc/storage/line-protocol/format.ts'
import type { Measurement } from './engine/measurement.ts'
import type { IndicatorPoint } from './engine/windows.ts'

/** The lines of a measurement: its declared metrics under its type, and what is not declared under `undeclared`. */
export function measurementLines({
  site,
  device,
  type,
  ts,
  claimed,
  values,
  undeclared: others,
}: Measurement): string[] {
  const tags = { site, device }
  const claimedField = claimed === undefined ? {} : { claimed_ms: BigInt(claimed) }
  const lines: string[] = []
  const line = (measurement: string, fields: Readonly<Record<string, NonNullable<Value>>>) => {
    if (Object.keys(fields).length > 0)
      lines.push(format({ measurement, tags, fields: { ...fields, ...claimedField }, ts }))
  }
  line(type, type === undeclared ? withKinds(values) : values)
  if (others) line(undeclared, withKinds(others))
  return lines
}

/**
 * Names of undeclared fields tell their kind, unless it is a number: devices that agree on nothing share this
 * measurement, and a field has one type in the store.
 */
function withKinds(values: Readonly<Record<string, NonNullable<Value>>>): Record<string, NonNullable<Value>> {
  const suffix = { number: '', string: '_text', boolean: '_flag' } as const
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name + suffix[typeof value as keyof typeof suffix], value]),
  )
}

export function indicatorLine({ indicator, scope, site, device, ts, value, level, samples }: IndicatorPoint): string {
  const fields = { value, level: BigInt(level), samples: BigInt(samples) }
  return format({ measurement: 'indicator', tags: { id: indicator.id, scope, site, device }, fields, ts })
}

export function ledgerLine({
  site,
  node,
  ts,
  sent,
  stored,
  duplicates,
  queued,
  lost,
  rejected,
  clamped,
  offset_ms,
}: LiveLedger): string {
  const integers = { sent, stored, duplicates, queued, lost, rejected, clamped, offset_ms }
  const fields = Object.fromEntries(Object.entries(integers).map(([name, value]) => [name, BigInt(value)]))
  return format({ measurement: 'ledger', tags: { site, node }, fields, ts })
}

export function selfLine({
  process,
  ts,
  restarts,
  uptime_s,
  rss_mb,
  cpu_percent,
  loop_p99_ms,
  gauges,
}: LiveProcess): string {
  const fields = { ...gauges, restarts, uptime_s, rss_mb, cpu_percent, loop_p99_ms }
  return format({ measurement: 'self', tags: { process }, fields, ts })
}
