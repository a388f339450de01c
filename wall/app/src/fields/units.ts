import { type DateUnit, durationUnits, plainUnits, shareUnit } from '../../../shared/boards/units.ts'
import { type Figure, formatAge, formatDateTime, formatDay, formatValue } from '../format.ts'

/** Steps of a duration, the largest first. */
const durationSteps = [
  { unit: 'd', ms: 86_400_000 },
  { unit: 'h', ms: 3_600_000 },
  { unit: 'min', ms: 60_000 },
  { unit: 's', ms: 1_000 },
  { unit: 'ms', ms: 1 },
] as const

const dates: Readonly<Record<DateUnit, (ts: number, now: number) => string>> = {
  dateTimeAsIso: formatDateTime,
  dateTimeAsLocal: formatDateTime,
  dateTimeAsSystem: formatDateTime,
  dateTimeFromNow: (ts, now) => formatAge(ts, now),
  'time:DD/MM/YYYY': formatDay,
}

/** A number in one of Grafana's units, in the viewer's language. */
export function formatUnit(value: number, unit = 'none', decimals?: number, now = Date.now()): Figure {
  if (unit.startsWith('suffix:')) {
    const suffix = unit.slice('suffix:'.length)
    return { ...formatValue(value, '1', '', decimals), unit: suffix.trim() }
  }
  if (unit.startsWith('prefix:')) {
    return { figure: unit.slice('prefix:'.length) + formatValue(value, '1', '', decimals).figure, unit: '' }
  }
  if (unit === shareUnit) return formatValue(value * 100, '%', '', decimals)
  if (Object.hasOwn(dates, unit)) return { figure: dates[unit as DateUnit](value, now), unit: '' }
  const ms = durationUnits[unit]
  if (ms !== undefined) return formatDuration(value * ms, ms, decimals)
  return formatValue(value, plainUnits[unit] ?? unit, '', decimals)
}

/** In the largest unit that it reaches; nothing at all is in its own. */
function formatDuration(ms: number, own: number, decimals: number | undefined): Figure {
  const [day] = durationSteps
  const step = durationSteps.find((one) => Math.abs(ms) >= one.ms || (ms === 0 && own >= one.ms)) ?? day
  const value = ms / step.ms
  return formatValue(value, step.unit, '', decimals ?? (Number.isInteger(value) ? 0 : undefined))
}
