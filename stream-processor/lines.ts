import { undeclared } from '@ioc/contract/device-types/table.ts'
import type { Value } from '@ioc/contract/messages/envelope.ts'
import type { LiveLedger, LiveProcess } from '@ioc/contract/messages/live.ts'
import { groupTag } from '@ioc/contract/names.ts'
import { format } from '@ioc/storage/line-protocol/format.ts'
import type { CaseDeadline } from './engine/cases/case-point.ts'
import type { Measurement } from './engine/measurement.ts'
import type { IndicatorPoint, RollupPoint } from './engine/output.ts'

/** The lines of a measurement: its declared metrics under its type, and what is not declared under `undeclared`. */
export function measurementLines(measurement: Measurement): string[] {
  const { area, site, device, type, ts, claimed, values, undeclared: others } = measurement
  const tags = { area, site, device }
  const claimedField = claimed === undefined ? {} : { claimed_ms: BigInt(claimed) }
  const lines: string[] = []
  const line = (name: string, fields: Readonly<Record<string, NonNullable<Value>>>) => {
    if (Object.keys(fields).length > 0)
      lines.push(format({ measurement: name, tags, fields: { ...fields, ...claimedField }, ts }))
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

/**
 * The line of an indicator's value. Points cannot be taken out of a store: what is taken back is a point of no samples,
 * whose value counts no more.
 */
export function indicatorLine({ indicator, place, ts, value, level, samples }: IndicatorPoint): string {
  const { scope, area, site, device, group } = place
  const tags = { id: indicator.id, scope, area, site, device, group: group === undefined ? undefined : groupTag(group) }
  const fields = { value, level: BigInt(level), samples: BigInt(samples) }
  return format({ measurement: 'indicator', tags, fields, ts })
}

export function rollupLine({ measurement, place, ts, metrics }: RollupPoint): string {
  const { area, site, device } = place
  const fields: Record<string, number | bigint> = {}
  for (const { metric, count, mean, min, max } of metrics) {
    fields[`${metric}_min`] = min
    fields[`${metric}_mean`] = mean
    fields[`${metric}_max`] = max
    fields[`${metric}_count`] = BigInt(count)
  }
  return format({ measurement, tags: { area, site, device }, fields, ts })
}

/** Ids of one line, at most so many characters: cases are often due at the same time, as at the end of a day. */
const mostIdChars = 2_000

/** The deadlines that have passed, at their times: how many of a device were due at once, and which. */
export function deadlineLines(deadlines: readonly CaseDeadline[]): string[] {
  const together = Map.groupBy(deadlines, ({ type, site, device, due }) => [type, site, device, due].join(' '))
  return [...together.values()].map((cases) => {
    const { type, site, device, due } = cases[0] as CaseDeadline
    const ids = cases.map(({ id }) => id).join(' ')
    const fields = { cases: BigInt(cases.length), ids: ids.slice(0, mostIdChars).replace(/[\n\r]/g, ' ') }
    return format({ measurement: 'case_deadline', tags: { type, site, device }, fields, ts: due })
  })
}

export function ledgerLine({ site, node, ts, problem: _, ...integers }: LiveLedger): string {
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
