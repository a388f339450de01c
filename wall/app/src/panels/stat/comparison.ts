import type { Comparison } from '../../../../shared/boards/panel-data.ts'
import type { DisplayValue } from '../../fields/frame.ts'
import { formatNumber } from '../../format.ts'
import { label } from '../words.ts'

/** Changes smaller than this are shown as none: half of the last digit that would be shown. */
const minShown = 0.05

/**
 * The note below a figure: how it differs from the same period before. A period that is not over has the one before beside
 * it: the count of a morning must not read as a fall from that of a whole day.
 */
export function periodNote(
  value: number,
  comparison: Comparison,
  { unit }: DisplayValue,
  display: (value: number) => DisplayValue,
): string | undefined {
  if (!comparison.provisional) return trendText(value, comparison, unit)
  if (!comparison.previous) return undefined
  const before = display(comparison.previous.value)
  return `${label(comparison.period)} ${withUnit(before.text, before.unit)} · ${label('unfinished')}`
}

/** A figure and its unit after a thin space. */
export function withUnit(text: string, unit: string): string {
  return unit === '' ? text : `${text}\u2009${unit}`
}

/**
 * How a value differs from the same period before, in words. Shares are compared in percentage points: "from 2 % to 4 %"
 * must not read as a rise of 100 %.
 */
export function trendText(value: number, comparison: Comparison | undefined, unit: string): string | undefined {
  const previous = comparison?.previous
  if (!previous) return undefined
  const isShare = unit === '%'
  const isRelative = !isShare && previous.value !== 0
  const difference = value - previous.value
  const change = isRelative ? (difference / Math.abs(previous.value)) * 100 : difference
  const than = `${label('comparedWith')} ${label(comparison.period)}`
  if (Math.abs(change) < minShown) return `${label('unchanged')} ${than}`
  const size = Math.abs(change)
  const amount = formatNumber(size >= 100 ? Math.round(size) : size)
  const suffix = isShare ? label('percentagePoints') : isRelative ? '%' : unit
  return `${change > 0 ? '▲' : '▼'} ${amount}\u2009${suffix}`.trimEnd().concat(` ${than}`)
}
