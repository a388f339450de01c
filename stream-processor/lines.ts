import { undeclared } from '@ioc/contract/device-types/table.ts'
import type { Value } from '@ioc/contract/messages/envelope.ts'
import { type LiveIncident, parseThing, siteOfThing } from '@ioc/contract/messages/incidents.ts'
import type { LiveLedger, LiveProcess } from '@ioc/contract/messages/live.ts'
import { columnOf, groupTag } from '@ioc/contract/names.ts'
import { format } from '@ioc/storage/line-protocol/format.ts'
import { parseSeriesKey } from '@ioc/storage/line-protocol/series-key.ts'
import type { CaseDeadline } from './engine/cases/case-point.ts'
import type { CadencePoint, Output } from './engine/engine.ts'
import type { LifePoint } from './engine/liveness/liveness.ts'
import type { Measurement } from './engine/measurement.ts'
import type { IndicatorPoint, Position, RollupPoint } from './engine/output.ts'
import { declaredTarget, type TargetOf } from './indicators/target.ts'

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

/** Undeclared values under the names of their columns. */
function withKinds(values: Readonly<Record<string, NonNullable<Value>>>): Record<string, NonNullable<Value>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [columnOf(name, value), value]))
}

/**
 * The line of an indicator's value, with the target of its place, so that a chart can draw both. Points cannot be taken out of a store: what is taken back is a point of no samples,
 * whose value counts no more.
 */
export function indicatorLine(
  { indicator, place, ts, value, level, samples }: IndicatorPoint,
  targetOf: TargetOf = declaredTarget,
): string {
  const { scope, area, site, device, group } = place
  const tags = { id: indicator.id, scope, area, site, device, group: group === undefined ? undefined : groupTag(group) }
  const target = value === undefined ? undefined : targetOf(indicator, place, ts)
  const fields = { value, level: BigInt(level), samples: BigInt(samples), target }
  return format({ measurement: 'indicator', tags, fields, ts })
}

export function rollupLine({ measurement, place, ts, metrics }: RollupPoint): string {
  const { area, site, device } = place
  const fields: Record<string, number | bigint> = {}
  for (const { metric, count, mean, min, max } of metrics) {
    // State of before metrics had ranges may hold sums beyond what a number can hold.
    if (![mean, min, max].every(Number.isFinite)) continue
    fields[`${metric}_min`] = min
    fields[`${metric}_mean`] = mean
    fields[`${metric}_max`] = max
    fields[`${metric}_count`] = BigInt(count)
  }
  return format({ measurement, tags: { area, site, device }, fields, ts })
}

/** Ids of one line, at most so many characters: cases are often due at the same time, as at the end of a day. */
const maxIdChars = 2_000

/** Deadlines that pass at once, of one device and one kind of case. */
function deadlinesTogether(deadlines: readonly CaseDeadline[]): CaseDeadline[][] {
  return [...Map.groupBy(deadlines, ({ type, site, device, due }) => [type, site, device, due].join(' ')).values()]
}

/** Deadlines that have passed together, at their time: how many, and which. */
function deadlineLine(cases: readonly CaseDeadline[]): string {
  const { type, site, device, due } = cases[0] as CaseDeadline
  const ids = cases.map(({ id }) => id).join(' ')
  const fields = { cases: BigInt(cases.length), ids: ids.slice(0, maxIdChars).replace(/[\n\r]/g, ' ') }
  return format({ measurement: 'case_deadline', tags: { type, site, device }, fields, ts: due })
}

/** Positions are stamped with the whole hour, in ms: a node that reconnects often writes the same point again. */
const positionStepMs = 3_600_000

/** The coordinates of a device or a site, for the maps of boards. */
export function positionLine({ area, site, device, name, lat, lon, ts }: Position): string {
  const fields = { lat, lon, name: name ?? device ?? site }
  const step = Math.floor(ts / positionStepMs) * positionStepMs
  return format({ measurement: 'place', tags: { area, site, device }, fields, ts: step })
}

/** What a device's liveness has become. */
export function lifeLine({ area, site, device, state, stuck, railed, clockWrong, ts }: LifePoint): string {
  const fields = { state, stuck: BigInt(stuck), railed: BigInt(railed), clock_wrong: clockWrong }
  return format({ measurement: 'liveness', tags: { area, site, device }, fields, ts: Math.floor(ts) })
}

/** From when on a device is to measure at another cadence than before. */
export function cadenceLine({ area, device: { site, device, type }, before_s, cadence_s, ts }: CadencePoint): string {
  const fields = { cadence_s, before_s }
  return format({ measurement: 'cadence', tags: { area, site, device, type }, fields, ts: Math.floor(ts) })
}

export function ledgerLine({ site, node, ts, problem: _, ...integers }: LiveLedger): string {
  const fields = Object.fromEntries(Object.entries(integers).map(([name, value]) => [name, integer(value)]))
  return format({ measurement: 'ledger', tags: { site, node }, fields, ts })
}

/** Integers of the store have 64 bits: a figure beyond that saturates. */
const maxInteger = 9.2e18

function integer(value: number): bigint {
  return BigInt(Math.round(Math.min(Math.max(value, -maxInteger), maxInteger)))
}

/** The tags of a line. */
export function tagsOf(line: string): Readonly<Record<string, string>> {
  const [series = ''] = /^(?:[^ \\]|\\.)*/.exec(line) ?? []
  return Object.fromEntries(parseSeriesKey(series).tags)
}

export interface Lines {
  readonly lines: string[]
  /** What could not be written as a line, and why: it is left out. */
  readonly failures: Error[]
}

/** The lines of everything that a batch gives. */
export function linesOf(output: LineSource, targetOf?: TargetOf): Lines {
  const all: Lines = { lines: [], failures: [] }
  addLines(all, output.measurements ?? [], measurementLines)
  addLines(all, output.points, (point) => [indicatorLine(point, targetOf)])
  addLines(all, output.rollups, (rollup) => [rollupLine(rollup)])
  addLines(all, deadlinesTogether(output.deadlines ?? []), (cases) => [deadlineLine(cases)])
  addLines(all, output.ledgerPoints ?? [], (ledger) => [ledgerLine(ledger)])
  addLines(all, output.lives ?? [], (life) => [lifeLine(life)])
  addLines(all, output.cadences ?? [], (change) => [cadenceLine(change)])
  addLines(all, output.positions ?? [], (position) => [positionLine(position)])
  return all
}

type LineSource = Pick<Output, 'points' | 'rollups'> &
  Partial<Pick<Output, 'measurements' | 'deadlines' | 'ledgerPoints' | 'positions' | 'lives' | 'cadences'>>

function addLines<T>({ lines, failures }: Lines, points: readonly T[], toLines: (point: T) => readonly string[]): void {
  for (const point of points) {
    try {
      lines.push(...toLines(point))
    } catch (error) {
      failures.push(error as Error)
    }
  }
}

/**
 * An incident as it is now, at the time when it was opened: each change writes the same point again. One that was re-rooted
 * keeps the tags of its first cause, and one that another took over has the state `merged`.
 */
export function incidentLine(incident: LiveIncident): string {
  const {
    id,
    cause,
    first_cause = cause,
    aspect,
    severity,
    title,
    began,
    opened,
    ended,
    affected_count,
    messages,
  } = incident
  const tags = { id: String(id), aspect, kind: parseThing(first_cause).kind, site: siteOfThing(first_cause) }
  const state = incident.merged_into === null ? incident.state : 'merged'
  const acknowledged = incident.timeline.find(({ what }) => what === 'acknowledged')?.at
  const fields = {
    ...{ cause, state, severity, title: title.vi, title_en: title.en, began: BigInt(began) },
    ...{ affected: BigInt(affected_count), messages: BigInt(messages) },
    ...(ended === null ? {} : { ended: BigInt(ended), ttr_s: Math.max(ended - opened, 0) / 1_000 }),
    ...(acknowledged === undefined ? {} : { tta_s: Math.max(acknowledged - opened, 0) / 1_000 }),
  }
  return format({ measurement: 'incident', tags, fields, ts: opened })
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
  const figures = Object.entries({ ...gauges, restarts, uptime_s, rss_mb, cpu_percent, loop_p99_ms })
  // JSON makes null of a figure that has no value.
  const fields = Object.fromEntries(figures.filter(([, figure]) => Number.isFinite(figure)))
  return format({ measurement: 'self', tags: { process }, fields, ts })
}
