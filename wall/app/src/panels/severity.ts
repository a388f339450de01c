import type { Level } from '@ioc/contract/messages/live.ts'
import type { Field } from '../fields/frame.ts'
import { limitsOf, type Range } from '../fields/thresholds.ts'
import type { Reduced } from './reduce.ts'

/** The part of a scale that has one level. */
export interface Band {
  readonly from: number
  readonly to: number
  readonly level: Level
}

/** Room above the highest value or limit where the board sets no end of the scale. */
const headroom = 1.1

/** The ends of the scale of one or more values: as the board says, else from 0 to a little above all that it shows. */
export function scaleOf(values: readonly Reduced[]): Range {
  const configs = values.map(({ field }) => field.config)
  const shown = values.flatMap(({ value, field }) => [
    ...(typeof value === 'number' ? [value] : []),
    ...(field.config.thresholds?.mode === 'absolute'
      ? limitsOf(field.config, undefined).map((limit) => limit.value)
      : []),
  ])
  const highest = shown.reduce((most, value) => Math.max(most, value), 0)
  const lowest = shown.reduce((least, value) => Math.min(least, value), 0)
  const isShare = configs.every(({ unit }) => unit === 'percent')
  const min = configs[0]?.min ?? lowest
  const max = configs[0]?.max ?? (isShare && highest <= 100 ? 100 : highest * headroom)
  return { min, max: max > min ? max : min + 1 }
}

/** The parts of a scale by level, in the order of their values. */
export function bandsOf(field: Field, { min, max }: Range): Band[] {
  const inside = limitsOf(field.config, { min, max }).flatMap(({ value }) =>
    value > min && value < max ? [value] : [],
  )
  const ends = [min, ...inside, max]
  return ends.slice(1).map((to, index) => {
    const from = ends[index] ?? min
    return { from, to, level: field.display((from + to) / 2).level }
  })
}

/** The worst first: by level, and among equals by the value, low ones first where low is bad. */
export function worstFirst(values: readonly Reduced[]): Reduced[] {
  return [...values].sort((a, b) => {
    const difference = b.display.level - a.display.level
    if (difference !== 0 || typeof a.value !== 'number' || typeof b.value !== 'number') return difference
    return lowIsBad(a.field) ? a.value - b.value : b.value - a.value
  })
}

/** Values that are abnormal first, all others in the order of the board. */
export function abnormalFirst(values: readonly Reduced[]): Reduced[] {
  return [...values].sort((a, b) => b.display.level - a.display.level)
}

function lowIsBad(field: Field): boolean {
  const { min = 0, max = 100 } = field.config
  const limits = limitsOf(field.config, { min, max }).map(({ value }) => value)
  if (limits.length === 0) return false
  return field.display(Math.min(...limits) - 1).level > field.display(Math.max(...limits) + 1).level
}
