import type { Level } from '@ioc/contract/messages/live.ts'
import type { FieldConfig, Panel } from '../../shared/boards/board.ts'
import type { Cell } from '../../shared/boards/panel-data.ts'
import type { DisplayValue, Field, Frame } from '../src/fields/frame.ts'
import { formatNumber } from '../src/format.ts'

/** Frames made by hand, as the pipeline of the boards makes them. */
export interface Column {
  readonly name: string
  readonly title?: string
  readonly values: readonly Cell[]
  readonly unit?: string
  readonly config?: FieldConfig
  readonly labels?: Readonly<Record<string, string>>
  /** Limits from which the levels 1, 2, 3 begin; falling ones: low is bad. */
  readonly limits?: readonly number[]
  readonly display?: (value: Cell) => DisplayValue
}

const colours = ['text', 'yellow', 'orange', 'red']

export function column({
  name,
  title = name,
  values,
  unit = '',
  config = {},
  labels = {},
  limits = [],
  display,
}: Column): Field {
  const first = values.find((value) => value !== null)
  const kind =
    name === 'Time' ? 'time' : typeof first === 'string' ? 'string' : typeof first === 'boolean' ? 'boolean' : 'number'
  const thresholds = limits.length === 0 ? {} : { thresholds: { mode: 'absolute' as const, steps: stepsOf(limits) } }
  const show = display ?? ((value: Cell) => plainDisplay(value, unit, limits))
  return { name, title, kind, labels, values, config: { ...thresholds, ...config }, display: show }
}

const isFalling = (limits: readonly number[]) => (limits[0] ?? 0) > (limits.at(-1) ?? 0)

function stepsOf(limits: readonly number[]) {
  const rising = [null, ...[...limits].sort((a, b) => a - b)]
  const levels = isFalling(limits) ? [3, 2, 1, 0] : [0, 1, 2, 3]
  return rising.map((value, index) => ({ value, color: colours[levels[index] ?? 0] ?? 'text' }))
}

function plainDisplay(value: Cell, unit: string, limits: readonly number[]): DisplayValue {
  if (value === null) return { text: '–', unit: '', level: 0 }
  if (typeof value !== 'number') return { text: String(value), unit: '', level: 0 }
  const level = limits.filter((limit) => (isFalling(limits) ? value < limit : value >= limit)).length as Level
  const colour = level === 0 ? {} : { colour: `var(--level-${level})` }
  return { text: formatNumber(value), unit, level, ...colour }
}

export const frame = (...columns: readonly Column[]): Frame => ({
  refId: 'A',
  name: columns.at(-1)?.title ?? '',
  fields: columns.map(column),
})

export const to = Date.UTC(2026, 10, 30, 7, 32, 5)
export const from = to - 30 * 86_400_000

/** A course that ends at a value, with a gap. */
export function series(last: number, spread: number, count = 60): { times: number[]; values: (number | null)[] } {
  const times = Array.from({ length: count }, (_, index) => to - ((count - 1 - index) * (to - from)) / count)
  const wave = (index: number) => Math.sin(index / 3) + Math.sin(index / 7.3) * 0.6
  const values = times.map((_, index) =>
    index > 20 && index < 24 ? null : last + (wave(index) - wave(count - 1)) * spread,
  )
  return { times, values }
}

export function panel(
  type: Panel['type'],
  title: string,
  options: Readonly<Record<string, unknown>> = {},
  more: Partial<Panel> = {},
): Panel {
  return { id: 7, type, title, gridPos: { x: 0, y: 0, w: 6, h: 4 }, options, ...more }
}
