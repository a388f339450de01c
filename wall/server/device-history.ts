import { findCaseType } from '@ioc/contract/case-types/table.ts'
import { findDeviceType, undeclared } from '@ioc/contract/device-types/table.ts'
import type { ApiDeviceDetail } from '@ioc/contract/messages/api-places.ts'
import type { LiveDevice } from '@ioc/contract/messages/live.ts'
import { displayZone } from '@ioc/runtime/display-time.ts'
import { type Calendar, reportingDays } from '@ioc/runtime/district/calendar.ts'
import { localDay } from '@ioc/runtime/district/in-force.ts'
import { cadence_s } from '../shared/stale.ts'
import { startOf } from '../shared/time-range.ts'
import { type CadencePeriod, cadenceStatement, cadencesOf, expectedIn } from './cadences.ts'
import { literal } from './store-query.ts'
import { mostOf, type RunStatements, rowsOf } from './store-rows.ts'

const dayMs = 86_400_000
/** Days of availability, today included. */
const days = 30
/** Measurements that are listed as they are stored. */
const maxMessages = 20

type Stored = Pick<ApiDeviceDetail, 'metrics' | 'availability' | 'messages'>

/**
 * What the store has of a device, by all types that it sends.
 * @throws IocError STORE_UNREACHABLE
 */
export async function readDevice(
  devices: readonly LiveDevice[],
  calendar: Calendar,
  run: RunStatements,
  now: number,
): Promise<Stored> {
  const measured = devices.filter(({ type }) => !findCaseType(type))
  const parts = await Promise.all(measured.map((device) => readType(device, calendar, run, now)))
  const messages = parts.flatMap((part) => part.messages).sort((a, b) => b.ts - a.ts)
  return {
    metrics: parts.flatMap((part) => part.metrics),
    availability: parts.find(({ availability }) => availability.length > 0)?.availability ?? [],
    messages: messages.slice(0, maxMessages),
  }
}

async function readType(device: LiveDevice, calendar: Calendar, run: RunStatements, now: number): Promise<Stored> {
  const { site, type } = device
  const declared = findDeviceType(type)
  const names = Object.keys(declared?.metrics ?? {})
  const where = `WHERE "site" = ${literal(site)} AND "device" = ${literal(device.device)}`
  const today = startOf(now, 'd')
  const from = today - (days - 1) * dayMs
  const [last = [], before = [], since = [], first = [], firstToday = [], changes = [], ...newest] = await run(
    [
      `SELECT * FROM "${type}" ${where} ORDER BY time DESC LIMIT ${maxMessages}`,
      // The rollups of hours: raw rows of a month would be many.
      `SELECT sum(/_count$/) FROM "${type}_1h" ${where} AND time >= ${from}ms AND time < ${today}ms ` +
        `GROUP BY time(1d) fill(none) tz('${displayZone}')`,
      `SELECT count(*) FROM "${type}" ${where} AND time >= ${today}ms AND time <= ${Math.floor(now)}ms`,
      `SELECT * FROM "${type}_1h" ${where} ORDER BY time ASC LIMIT 1`,
      // The rollup of its first hour may not be there yet.
      `SELECT * FROM "${type}" ${where} AND time >= ${today}ms ORDER BY time ASC LIMIT 1`,
      cadenceStatement(type, { site, device: device.device }),
      ...names.map((name) => `SELECT last("${name}") FROM "${type}" ${where}`),
    ].join('; '),
  )
  const messages = rowsOf(last).map(({ time, values: { area: _a, site: _s, device: _d, ...values } }) => ({
    ts: time,
    type,
    values: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)),
  }))
  const metrics = names.flatMap((metric, index) => {
    const [row] = rowsOf(newest[index] ?? [])
    const value = row?.values['last'] ?? null
    if (!row || value === null) return []
    const { title, unit } = declared?.metrics[metric] ?? { title: null, unit: null }
    return [{ type, metric, title, unit, ts: row.time, value }]
  })
  const counts = new Map(rowsOf(before).map(({ time, values }) => [localDay(time), mostOf(values)]))
  for (const { values } of rowsOf(since)) counts.set(localDay(now), mostOf(values))
  const began = rowsOf(first)[0]?.time ?? rowsOf(firstToday)[0]?.time
  const cadences = cadencesOf(changes, cadence_s(device))
  return {
    messages,
    metrics: declared ? metrics : undeclaredMetrics(messages),
    availability:
      type === undeclared ? [] : availabilityOf(counts, began, cadences, reportingDays(calendar, type), today, now),
  }
}

/** The newest value of each field of a type that declares none. */
function undeclaredMetrics(messages: Stored['messages']): Stored['metrics'] {
  const newest = new Map<string, Stored['metrics'][number]>()
  for (const { ts, type, values } of messages) {
    for (const [metric, value] of Object.entries(values)) {
      if (!newest.has(metric)) newest.set(metric, { type, metric, title: null, unit: null, ts, value })
    }
  }
  return [...newest.values()].sort((a, b) => (a.metric < b.metric ? -1 : 1))
}

/** @param began when it first measured, in ms since 1970; undefined: never */
function availabilityOf(
  counts: ReadonlyMap<string, number>,
  began: number | undefined,
  cadences: readonly CadencePeriod[],
  reports: (ts: number) => boolean,
  today: number,
  now: number,
): Stored['availability'] {
  const all = Array.from({ length: days }, (_, index) => {
    const start = today - (days - 1 - index) * dayMs
    const day = localDay(start)
    const end = Math.min(start + dayMs, now)
    const from = began !== undefined && began < end ? Math.max(start, began) : start
    const expected = expectedIn(cadences, from, end, reports)
    const measured = counts.get(day) ?? 0
    return { day, measured, expected, share: expected === 0 ? null : Math.min(1, measured / expected) }
  })
  const begin = all.findIndex(({ measured }) => measured > 0)
  return all.map((one, index) => (begin < 0 || index < begin ? { ...one, share: null } : one))
}
