import type { QuerySeries } from '../shared/boards/panel-data.ts'
import { literal } from './store-query.ts'
import { type Row, rowsOf } from './store-rows.ts'

const day_s = 86_400

/** From when on, in ms since 1970, a device was to measure how often. */
export interface CadencePeriod {
  readonly from: number
  readonly cadence_s: number
}

/** The statement that reads the cadences of devices of a type, of one device or of those of a site where these are named. */
export function cadenceStatement(
  type: string,
  { site, device }: { readonly site?: string; readonly device?: string } = {},
) {
  const tags = Object.entries({ type, site, device }).filter(([, value]) => value !== undefined)
  const where = tags.map(([name, value]) => `"${name}" = ${literal(value as string)}`).join(' AND ')
  return `SELECT "cadence_s", "before_s" FROM "cadence" WHERE ${where} GROUP BY "site", "device"`
}

/**
 * The cadences of a device over time, oldest first. Only changes are stored: what held before the first one is in it.
 * @param series of the device: one that moved to another area has several
 * @param current the cadence of a device of which no change is stored, in seconds
 */
export function cadencesOf(series: readonly QuerySeries[], current: number): CadencePeriod[] {
  const changes = rowsOf(series).sort((a, b) => a.time - b.time)
  const before = numberIn(changes[0], 'before_s') ?? current
  return [
    { from: Number.NEGATIVE_INFINITY, cadence_s: before },
    ...changes.map((row) => ({ from: row.time, cadence_s: numberIn(row, 'cadence_s') ?? current })),
  ]
}

function numberIn(row: Row | undefined, field: string): number | undefined {
  const value = row?.values[field]
  return typeof value === 'number' && value > 0 ? value : undefined
}

/**
 * How many measurements a device was to send within one day, in `[from, to)`, in ms since 1970.
 * @param reports whether what comes once a day or less is expected on the day
 */
export function expectedIn(
  cadences: readonly CadencePeriod[],
  from: number,
  to: number,
  reports: (ts: number) => boolean,
): number {
  return cadences.reduce((sum, { from: begin, cadence_s }, index) => {
    const start = Math.max(begin, from)
    const ms = Math.min(cadences[index + 1]?.from ?? Number.POSITIVE_INFINITY, to) - start
    if (ms <= 0 || (cadence_s >= day_s && !reports(start))) return sum
    return sum + Math.floor(ms / 1_000 / cadence_s)
  }, 0)
}
