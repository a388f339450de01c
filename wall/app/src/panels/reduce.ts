import type { Panel } from '../../../shared/boards/board.ts'
import type { Cell } from '../../../shared/boards/panel-data.ts'
import type { CalcId } from '../../../shared/boards/supported.ts'
import { isCalc, reduce } from '../fields/calcs.ts'
import type { DisplayValue, Field, Frame } from '../fields/frame.ts'
import { shortNames } from './names.ts'
import { reduceOptions } from './options.ts'

/** One value of a panel that shows single values. */
export interface Reduced {
  /** Tells it from the others of its panel. */
  readonly key: string
  readonly title: string
  readonly field: Field
  readonly value: Cell
  readonly display: DisplayValue
  /** When it was, in ms since 1970, UTC; undefined where it is of no one time. */
  readonly at?: number
  readonly history: readonly HistoryPoint[]
}

export type HistoryPoint = readonly [ts: number, value: number | null]

/** Rows that a panel makes values of, unless its options have a limit. */
const maxRows = 500
/** So many states beside each other are of things of one kind. */
const manyStates = 5

/** The values that a stat, gauge or bar gauge shows. */
export function reducedValues(panel: Panel, frames: readonly Frame[]): Reduced[] {
  const values = allValues(panel, frames)
  const names = shortNames(
    values.map(({ title }) => title),
    panel.title,
    // States of many things side by side: the title says what they are, in either language.
    values.length >= manyStates && values.every(({ value }) => typeof value === 'string'),
  )
  return values.map((value, index) => ({ ...value, title: names[index] ?? value.title }))
}

function allValues(panel: Panel, frames: readonly Frame[]): Reduced[] {
  const { values, calcs, fields, limit = maxRows } = reduceOptions(panel)
  const chosen = frames.flatMap((frame) => {
    const all = frame.fields.filter((field) => isChosen(field, fields))
    return all.map((field) => ({ frame, field, key: `${frame.refId} ${frame.name} ${field.name} ${field.title}` }))
  })
  if (values) {
    return chosen.flatMap(({ frame, field, key }) =>
      field.values.slice(0, limit).map((_, row) => rowValue(frame, field, row, `${key} ${row}`, chosen.length === 1)),
    )
  }
  return chosen.map(({ frame, field, key }) => {
    const [calc = 'lastNotNull'] = calcs.filter(isCalc)
    const value = reduce(calc, field.values)
    const times = timeField(frame)?.values
    return {
      key,
      title: field.title,
      field,
      value,
      display: field.display(value),
      ...timeOf(times, rowOf(field.values, calc)),
      history: field.values.map((cell, index) => [
        Number(times?.[index] ?? index),
        typeof cell === 'number' ? cell : null,
      ]),
    }
  })
}

function rowValue(frame: Frame, field: Field, row: number, key: string, isOnly: boolean): Reduced {
  const value = field.values[row] ?? null
  const name = frame.fields.find((other) => other.kind === 'string' && other !== field)
  const rowTitle = name?.display(name.values[row] ?? null).text
  const title = rowTitle === undefined ? field.title : isOnly ? rowTitle : `${rowTitle} ${field.title}`
  return {
    key,
    title,
    field,
    value,
    display: field.display(value),
    ...timeOf(timeField(frame)?.values, row),
    history: [],
  }
}

function isChosen(field: Field, fields: string): boolean {
  if (fields === '') return field.kind === 'number'
  const [, pattern] = /^\/(.*)\/$/.exec(fields) ?? []
  if (pattern === undefined) return field.title === fields || field.name === fields
  return field.kind !== 'time' && new RegExp(pattern).test(field.title)
}

/** The row that a calculation takes its result from; -1 for one that is made from all of them. */
function rowOf(values: readonly Cell[], calc: CalcId): number {
  const isPresent = (value: Cell) => value !== null
  switch (calc) {
    case 'last':
      return values.length - 1
    case 'lastNotNull':
      return values.findLastIndex(isPresent)
    case 'first':
      return 0
    case 'firstNotNull':
      return values.findIndex(isPresent)
    default:
      return -1
  }
}

const timeField = (frame: Frame) => frame.fields.find(({ kind }) => kind === 'time')

function timeOf(times: readonly Cell[] | undefined, row: number): { readonly at?: number } {
  const ts = times?.[row]
  return typeof ts === 'number' ? { at: ts } : {}
}
