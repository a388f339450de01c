import type { Level } from '@ioc/contract/messages/live.ts'
import type { Cell } from '../../../../shared/boards/panel-data.ts'
import type { DisplayValue, Field, Frame } from '../../fields/frame.ts'
import { fold } from '../../fold.ts'

export type CellKind = 'plain' | 'colour' | 'background' | 'gauge'

/** A column of the table: the fields of one name of all frames. */
export interface Column {
  readonly name: string
  readonly title: string
  readonly kind: Field['kind']
  readonly cell: CellKind
  readonly align: 'left' | 'center' | 'right'
  /** Whether its values are too short to be broken into lines. */
  readonly isShort: boolean
  /** In the pixels of Grafana. */
  readonly width: number | undefined
  /** Whether the width is the least one. */
  readonly isLeast: boolean
  /** Whether a bar stands alone, without its value. */
  readonly isHidden: boolean
  /** State or age, which stays in sight where the table is wider than its box. */
  readonly isKept: boolean
}

export interface Row {
  readonly key: string
  readonly frame: Frame
  readonly index: number
  /** The worst of its cells that are coloured by level. */
  readonly level: Level
}

export interface Sorting {
  readonly column: string
  readonly isDescending: boolean
}

/** Letters up to which a text stays on one line, and rows that are looked at for it. */
const maxShort = 16
const sampledRows = 100

export function columnsOf(frames: readonly Frame[]): Column[] {
  const columns = new Map<string, Column>()
  for (const field of frames.flatMap(({ fields }) => fields)) {
    if (!columns.has(field.name) && !isHidden(field)) columns.set(field.name, columnOf(field))
  }
  return [...columns.values()]
}

function columnOf({ name, title, kind, config, values, display }: Field): Column {
  const isShort = values.slice(0, sampledRows).every((value) => display(value).text.length <= maxShort)
  const align = config.custom?.['align']
  const width = config.custom?.['width'] ?? config.custom?.['minWidth']
  const cellOptions = config.custom?.['cellOptions'] as { valueDisplayMode?: string } | undefined
  return {
    name,
    title,
    kind,
    cell: cellKind(config.custom),
    align: align === 'left' || align === 'center' || align === 'right' ? align : kind === 'number' ? 'right' : 'left',
    isShort,
    width: typeof width === 'number' ? width : undefined,
    isLeast: config.custom?.['width'] === undefined,
    isHidden: cellOptions?.valueDisplayMode === 'hidden',
    isKept: (config.mappings?.length ?? 0) > 0 || config.unit === 'dateTimeFromNow',
  }
}

/** Grafana 9 writes `hidden` and `displayMode`, newer ones `hideFrom` and `cellOptions`. */
function isHidden({ config }: Field): boolean {
  const hideFrom = config.custom?.['hideFrom'] as { viz?: boolean } | undefined
  return config.custom?.['hidden'] === true || hideFrom?.viz === true
}

function cellKind(custom: Field['config']['custom']): CellKind {
  const options = custom?.['cellOptions'] as { type?: string } | undefined
  const mode = options?.type ?? String(custom?.['displayMode'] ?? 'auto')
  if (mode.startsWith('color-background')) return 'background'
  if (mode === 'color-text') return 'colour'
  return mode === 'basic' || mode.endsWith('gauge') ? 'gauge' : 'plain'
}

export function rowsOf(frames: readonly Frame[], columns: readonly Column[]): Row[] {
  const coloured = columns.filter(({ cell }) => cell !== 'plain')
  return frames.flatMap((frame, number) => {
    const count = frame.fields.reduce((most, { values }) => Math.max(most, values.length), 0)
    return Array.from({ length: count }, (_, index) => {
      const row = { key: `${number} ${index}`, frame, index, level: 0 as const }
      const levels = coloured.map(({ name }) => displayIn(row, name).level)
      return { ...row, level: levels.sort((a, b) => b - a)[0] ?? 0 }
    })
  })
}

export const fieldIn = ({ frame }: Row, name: string) => frame.fields.find((field) => field.name === name)

export const valueIn = (row: Row, name: string): Cell => fieldIn(row, name)?.values[row.index] ?? null

const noDisplay: DisplayValue = { text: '', unit: '', level: 0 }

export const displayIn = (row: Row, name: string): DisplayValue =>
  fieldIn(row, name)?.display(valueIn(row, name)) ?? noDisplay

/** The values of a row by column, for its links. */
export function valuesOf({ frame, index }: Row): Record<string, string> {
  const labels: Record<string, string> = {}
  for (const field of frame.fields) {
    Object.assign(labels, field.labels)
    const value = field.values[index] ?? null
    if (value !== null) labels[field.name] = String(value)
  }
  return labels
}

/** Rows that hold all words of a search, in what they show. */
export function searched(rows: readonly Row[], columns: readonly Column[], search: string): readonly Row[] {
  const words = fold(search).split(/\s+/).filter(Boolean)
  if (words.length === 0) return rows
  return rows.filter((row) => {
    const text = fold(columns.map(({ name }) => displayIn(row, name).text).join(' '))
    return words.every((word) => text.includes(word))
  })
}

const collator = new Intl.Collator('vi', { numeric: true })

/** In the order of a column with what is missing at the end, else the worst first. */
export function sorted(rows: readonly Row[], columns: readonly Column[], sorting: Sorting | undefined): Row[] {
  const column = columns.find(({ name }) => name === sorting?.column)
  if (!column || !sorting) return [...rows].sort((a, b) => b.level - a.level)
  const direction = sorting.isDescending ? -1 : 1
  return [...rows].sort((a, b) => compare(a, b, column) * direction || b.level - a.level).sort(missingLast(column))
}

const missingLast =
  ({ name }: Column) =>
  (a: Row, b: Row) =>
    Number(valueIn(a, name) === null) - Number(valueIn(b, name) === null)

function compare(a: Row, b: Row, { name }: Column): number {
  const [left, right] = [valueIn(a, name), valueIn(b, name)]
  if (typeof left === 'number' && typeof right === 'number') return left - right
  return collator.compare(displayIn(a, name).text, displayIn(b, name).text)
}
