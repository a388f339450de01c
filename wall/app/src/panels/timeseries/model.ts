import { displayOffsetMs } from '@ioc/runtime/display-time.ts'
import type { FieldConfig, Panel } from '../../../../shared/boards/board.ts'
import type { Cell } from '../../../../shared/boards/panel-data.ts'
import { cssColour, levelOfColour, seriesColours } from '../../fields/colours.ts'
import type { Field, Frame } from '../../fields/frame.ts'
import { rangeOf } from '../../fields/pipeline.ts'
import { limitsOf } from '../../fields/thresholds.ts'
import { shortNames } from '../names.ts'
import { isGap, usualSpacing } from './gaps.ts'

/** Series that have a colour of their own; more cannot be told apart. */
export const maxStrong = seriesColours.length

/** `undefined` where another series has a point and this one has none; `null` where its line is broken. */
export type Value = number | null | undefined

export interface Line {
  readonly title: string
  readonly field: Field
  readonly values: readonly Value[]
  /** As they are drawn: on top of those below them where they are stacked. */
  readonly drawn: readonly Value[]
  readonly colour: string
  /** Whether it is among the six series that have a colour of their own. */
  readonly isStrong: boolean
  readonly scale: string
  readonly style: LineStyle
  /** The series below it in its stack, by index. */
  readonly below?: number
  readonly isHidden: boolean
  readonly inLegend: boolean
  readonly inTooltip: boolean
}

export interface LineStyle {
  readonly draw: 'line' | 'bars' | 'points'
  readonly interpolation: 'linear' | 'smooth' | 'stepBefore' | 'stepAfter'
  readonly width: number
  readonly dash?: readonly number[]
  /** 0 to 1. */
  readonly fill: number
  /** Its place among bars that stand side by side; without it a bar is as wide as its interval. */
  readonly beside?: { readonly index: number; readonly count: number }
  readonly points: 'auto' | 'never' | 'always'
  readonly pointSize: number
}

export interface Scale {
  readonly key: string
  readonly side: 'left' | 'right' | 'hidden'
  readonly field: Field
  readonly label: string
  readonly hasGrid: boolean
  readonly limits: {
    readonly min?: number
    readonly max?: number
    readonly softMin?: number
    readonly softMax?: number
  }
  readonly isPercentOfStack: boolean
}

export interface LimitLine {
  readonly scale: string
  readonly value: number
  readonly colour: string
  readonly level: number
}

export interface Chart {
  /** In ms. */
  readonly times: readonly number[]
  readonly lines: readonly Line[]
  readonly scales: readonly Scale[]
  readonly limits: readonly LimitLine[]
}

/** What a time series panel draws, on one axis of times. */
export function chartOf(panel: Panel, frames: readonly Frame[]): Chart {
  const interval_ms = intervalMs(panel.interval)
  const columns = frames.flatMap((frame) => columnsOf(frame, interval_ms))
  const times = [...new Set(columns.flatMap(({ points }) => [...points.keys()]))].sort((a, b) => a - b)
  const scales = scalesOf(columns.map(({ field }) => field))
  const shown = columns.filter(({ field }) => !isHiddenFrom(field, 'viz')).length
  let strong = 0
  const titles = shortNames(
    columns.map(({ field }) => field.title || panel.title || ''),
    panel.title,
  )
  const lines = columns.map(({ field, points }, index): Line => {
    const custom = customOf(field.config)
    const isHidden = isHiddenFrom(field, 'viz')
    const own = ownColour(field)
    const isStrong = own !== undefined || (!isHidden && strong < maxStrong)
    const colour = own ?? (isStrong ? seriesColours[strong % maxStrong] : undefined) ?? 'var(--muted)'
    if (own === undefined && isStrong) strong++
    const values = brokenAt(times.map((time) => points.get(time)))
    return {
      title: titles[index] ?? '',
      field,
      values,
      drawn: values,
      colour,
      isStrong,
      scale: scaleKey(field),
      style: {
        ...styleOf(custom),
        ...(!isStrong && shown > maxStrong && !hasArea(field.config) && { width: 1, fill: 0 }),
      },
      isHidden,
      inLegend: !isHiddenFrom(field, 'legend'),
      inTooltip: !isHiddenFrom(field, 'tooltip'),
    }
  })
  return {
    times,
    lines: besideEachOther(stacked(lines, times)),
    scales,
    limits: limitLines(columns.map(({ field }) => field)),
  }
}

interface Column {
  readonly field: Field
  readonly points: ReadonlyMap<number, number | null>
}

/** The numbers of a frame by their time; a null after the last point before a gap. */
function columnsOf({ fields }: Frame, interval_ms: number): Column[] {
  const time = fields.find(({ kind }) => kind === 'time')
  if (!time) return []
  return fields
    .filter(({ kind }) => kind === 'number' || kind === 'boolean')
    .map((field) => ({
      field,
      points: isBars(field) ? barsOf(time.values, field, interval_ms) : pointsOf(time.values, field),
    }))
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** An interval as a board writes it, such as `15m`. 0 without one. */
function intervalMs(interval = ''): number {
  const [, count = '0', unit = 's'] = /^(\d+)([smhd])$/.exec(interval) ?? []
  return Number(count) * (unitMs[unit] ?? 0)
}

const isBars = ({ config }: Field): boolean => customOf(config)['drawStyle'] === 'bars'

/**
 * A bar for each interval, as the store counts them. A live value of the open interval has a time of its own: it replaces
 * the bar of its interval, and bars of several series stand at one time.
 */
function barsOf(times: readonly Cell[], { values }: Field, interval_ms: number): Map<number, number | null> {
  const step = Math.max(interval_ms, usualSpacing(times.filter((time) => typeof time === 'number'))) || 1
  const points = new Map<number, number | null>()
  times.forEach((time, row) => {
    const value = numberOf(values[row])
    if (typeof time === 'number' && value !== null) {
      points.set(Math.floor((time + displayOffsetMs) / step) * step - displayOffsetMs, value)
    }
  })
  return points
}

function pointsOf(times: readonly Cell[], { values, config }: Field): Map<number, number | null> {
  const spans = customOf(config)['spanNulls'] ?? false
  const rows = times
    .flatMap((time, row) => (typeof time === 'number' ? [[time, numberOf(values[row])] as const] : []))
    .filter(([, value]) => value !== null || spans !== true)
    .sort(([a], [b]) => a - b)
  const points = new Map<number, number | null>(rows)
  if (spans === true) return points
  const spacing = typeof spans === 'number' ? spans / 3 : usualSpacing(rows.map(([time]) => time))
  for (let index = 1; index < rows.length; index++) {
    const [before = 0] = rows[index - 1] ?? []
    const [after = 0] = rows[index] ?? []
    if (isGap(before, after, spacing)) points.set(before + spacing, null)
  }
  return points
}

/** A break lasts until the next point of its own line, whatever points other lines have in between. */
function brokenAt(values: readonly Value[]): Value[] {
  let isBroken = false
  return values.map((value) => {
    if (value === undefined) return isBroken ? null : undefined
    isBroken = value === null
    return value
  })
}

function numberOf(value: Cell | undefined): number | null {
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'number' ? value : null
}

function customOf({ custom = {} }: FieldConfig): Readonly<Record<string, unknown>> {
  return custom
}

function isHiddenFrom({ config }: Field, where: 'viz' | 'legend' | 'tooltip'): boolean {
  const hidden = customOf(config)['hideFrom'] as Readonly<Record<string, boolean>> | undefined
  return hidden?.[where] === true
}

function ownColour({ config: { color } }: Field): string | undefined {
  return color?.mode === 'fixed' && color.fixedColor !== undefined
    ? (cssColour(color.fixedColor) ?? 'var(--ink)')
    : undefined
}

function choice<T extends string>(value: unknown, allowed: readonly T[], fallback: T): T {
  return allowed.find((one) => one === value) ?? fallback
}

function styleOf(custom: Readonly<Record<string, unknown>>): LineStyle {
  const draw = choice(custom['drawStyle'], ['line', 'bars', 'points'], 'line')
  const line = custom['lineStyle'] as { readonly fill?: string; readonly dash?: readonly number[] } | undefined
  const dash =
    line?.fill === 'dash' ? (line.dash ?? [10, 10]) : line?.fill === 'dot' ? (line.dash ?? [0, 10]) : undefined
  const isStacked = stackMode(custom) !== 'none'
  return {
    draw,
    interpolation: choice(custom['lineInterpolation'], ['linear', 'smooth', 'stepBefore', 'stepAfter'], 'linear'),
    width: typeof custom['lineWidth'] === 'number' ? custom['lineWidth'] : draw === 'bars' ? 1 : 2,
    ...(dash && { dash }),
    fill:
      (typeof custom['fillOpacity'] === 'number' ? custom['fillOpacity'] : draw === 'bars' || isStacked ? 60 : 0) / 100,
    points: choice(custom['showPoints'], ['auto', 'never', 'always'], 'auto'),
    pointSize: typeof custom['pointSize'] === 'number' ? custom['pointSize'] : 5,
  }
}

function stackMode(custom: Readonly<Record<string, unknown>>): 'none' | 'normal' | 'percent' {
  const stacking = custom['stacking'] as { readonly mode?: string } | undefined
  return choice(stacking?.mode, ['none', 'normal', 'percent'], 'none')
}

function stackGroup(line: Line): string | undefined {
  const custom = customOf(line.field.config)
  if (line.isHidden || stackMode(custom) === 'none') return undefined
  const { group = 'A' } = custom['stacking'] as { readonly group?: string }
  return `${line.scale}\n${line.style.draw}\n${group}`
}

/** The lines with those of each stack on top of each other, as shares of its sum where it is one of percentages. */
function stacked(lines: readonly Line[], times: readonly number[]): Line[] {
  const totals = new Map<string, number[]>()
  for (const line of lines) {
    const group = stackGroup(line)
    if (group === undefined) continue
    const total = totals.get(group) ?? []
    const own = line.style.draw === 'bars' ? line.values : held(line.values, times)
    own.forEach((value, index) => {
      total[index] = (total[index] ?? 0) + Math.abs(value ?? 0)
    })
    totals.set(group, total)
  }
  const tops = new Map<string, { readonly index: number; readonly values: readonly Value[] }>()
  return lines.map((line, index) => {
    const group = stackGroup(line)
    if (group === undefined) return line
    const isPercent = stackMode(customOf(line.field.config)) === 'percent'
    const below = tops.get(group)
    const own = line.style.draw === 'bars' ? line.values : held(line.values, times)
    const drawn = own.map((value, at) => {
      if (value === null || value === undefined) return below?.values[at] ?? value
      const total = totals.get(group)?.[at] ?? 0
      const share = isPercent ? (total === 0 ? 0 : (value / total) * 100) : value
      return (below?.values[at] ?? 0) + share
    })
    tops.set(group, { index, values: drawn })
    return { ...line, drawn, ...(below && { below: below.index }) }
  })
}

/** Bars that are not stacked stand side by side, else the last one would cover the others. */
function besideEachOther(lines: readonly Line[]): Line[] {
  const places = lines.filter((line) => isSideBar(line))
  if (places.length < 2) return [...lines]
  return lines.map((line) => {
    const index = places.indexOf(line)
    return index < 0 ? line : { ...line, style: { ...line.style, beside: { index, count: places.length } } }
  })
}

function isSideBar({ isHidden, style, field }: Line): boolean {
  return !isHidden && style.draw === 'bars' && stackMode(customOf(field.config)) === 'none'
}

/** Between its points, where only other series have one, a stacked line keeps its value: else all above it would fall. */
function held(values: readonly Value[], times: readonly number[]): Value[] {
  const spacing = usualSpacing(times.filter((_, index) => typeof values[index] === 'number'))
  let last: { readonly value: Value; readonly time: number } | undefined
  return values.map((value, index) => {
    const time = times[index] ?? 0
    if (value !== undefined) last = { value, time }
    return last && time - last.time < spacing ? last.value : value
  })
}

function isPercentStack(field: Field): boolean {
  return stackMode(customOf(field.config)) === 'percent'
}

/** Fields of one unit and side share an axis. */
function scaleKey(field: Field): string {
  const placement = customOf(field.config)['axisPlacement'] ?? 'auto'
  return isPercentStack(field) ? 'share' : `${field.config.unit ?? ''}/${placement}`
}

function scalesOf(fields: readonly Field[]): Scale[] {
  const byKey = new Map<string, Field[]>()
  for (const field of fields) byKey.set(scaleKey(field), [...(byKey.get(scaleKey(field)) ?? []), field])
  let automatic = 0
  return [...byKey].flatMap(([key, own]): Scale[] => {
    const [field] = own
    if (!field) return []
    const custom = customOf(field.config)
    const placement = choice(custom['axisPlacement'], ['auto', 'left', 'right', 'hidden'], 'auto')
    // The first unit is read on the left, the second on the right; a third has its values in legend and tooltip.
    const side = placement !== 'auto' ? placement : ((['left', 'right', 'hidden'] as const)[automatic++] ?? 'hidden')
    return [
      {
        key,
        side,
        field,
        label: typeof custom['axisLabel'] === 'string' ? custom['axisLabel'] : '',
        hasGrid: custom['axisGridShow'] !== false,
        limits: limitsOfScale(own),
        isPercentOfStack: isPercentStack(field),
      },
    ]
  })
}

function limitsOfScale(fields: readonly Field[]): Scale['limits'] {
  const numbers = (pick: (field: Field) => unknown) => fields.map(pick).filter((value) => typeof value === 'number')
  const min = numbers(({ config }) => config.min)
  const max = numbers(({ config }) => config.max)
  const softMin = numbers(({ config }) => customOf(config)['axisSoftMin'])
  const softMax = numbers(({ config }) => customOf(config)['axisSoftMax'])
  const startsAtZero = fields.some(({ config }) => hasArea(config))
  return {
    ...(min.length > 0 && { min: Math.min(...min) }),
    ...(max.length > 0 && { max: Math.max(...max) }),
    ...(softMin.length > 0 ? { softMin: Math.min(...softMin) } : startsAtZero && { softMin: 0 }),
    ...(softMax.length > 0 && { softMax: Math.max(...softMax) }),
  }
}

/** Lengths that do not begin at zero would mislead. For lines the board says where the axis begins. */
function hasArea({ custom = {} }: FieldConfig): boolean {
  return custom['drawStyle'] === 'bars' || stackMode(custom) !== 'none'
}

/** Limits that are drawn, each once. */
function limitLines(fields: readonly Field[]): LimitLine[] {
  const lines = new Map<string, LimitLine>()
  for (const field of fields) {
    const style = customOf(field.config)['thresholdsStyle'] as { readonly mode?: string } | undefined
    if (style?.mode === undefined || style.mode === 'off' || isHiddenFrom(field, 'viz')) continue
    const scale = scaleKey(field)
    const { steps = [] } = field.config.thresholds ?? {}
    for (const { value, color } of limitsOf(field.config, rangeOf(field.config, field.values))) {
      // Where low is bad, a limit has the colour of what is below it.
      const at = steps.findIndex((step) => step.value === value)
      const below = steps[at - 1]?.color ?? color
      const level = Math.max(levelOfColour(color) ?? 0, levelOfColour(below) ?? 0)
      lines.set(`${scale} ${value}`, {
        scale,
        value,
        level,
        colour: level > 0 ? `var(--level-${level})` : 'var(--muted)',
      })
    }
  }
  return [...lines.values()]
}
