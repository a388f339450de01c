import { createNames, type Names } from './names.ts'
import { type DeclaredAttribute, intAt, type Rows, timeAt } from './rows.ts'

/** Most values of an attribute that are told apart; all others are one value, `+`. */
const maxValues = 4096
/** Of cases that have no value: a case whose value is this text counts as one that has none. */
const noValue = '-'
const otherValues = '+'

export type AttributeValue = string | number | boolean

/** Hears what is said of an attribute if it is not of the declared kind: it may be nothing. Returns what stands for none. */
export type OnOther = (attribute: DeclaredAttribute, value: unknown, none: number) => number

/** One attribute of all cases in the rows. */
export interface AttributeColumn extends DeclaredAttribute {
  /**
   * What stands in a row for what a claim says. A value of another kind than declared is left out.
   * @param like what it most likely is
   */
  numberOf(value: unknown, like: number, onOther: OnOther): number
  read(row: number): AttributeValue | undefined
  /** Which of two rows has the greater value: positive if it is the left one. */
  compare(left: number, right: number): number
  /** The number of the group that the case belongs to; 0 without a value. */
  groupAt(row: number): number
  groupNumber(name: string): number
  groupName(number: number): string
  /** What numbers in the rows stand for. */
  readonly names?: Names
}

export function createColumns(rows: Rows): AttributeColumn[] {
  return rows.attributes.map((attribute, index) =>
    createColumn[attribute.kind](rows, attribute, rows.columns[index] as number),
  )
}

const createColumn = { string: textColumn, number: numberColumn, boolean: flagColumn } as const

/** A number for each text. */
function textColumn(rows: Rows, attribute: DeclaredAttribute, column: number): AttributeColumn {
  const names = createNames(noValue, otherValues, maxValues)
  const groupAt = (row: number) => intAt(rows, row, column)
  return {
    ...attribute,
    names,
    numberOf: (value, like, onOther) =>
      typeof value === 'string' ? names.numberOf(value, like) : onOther(attribute, value, 0),
    read: (row) => (groupAt(row) === 0 ? undefined : names.nameOf(groupAt(row))),
    compare(left, right) {
      const one = groupAt(left)
      const other = groupAt(right)
      return one === other ? 0 : compare(names.nameOf(one), names.nameOf(other))
    },
    groupAt,
    groupNumber: names.numberOf,
    groupName: names.nameOf,
  }
}

/** The number itself, or NaN: groups get their numbers only where an indicator asks for them. */
function numberColumn(rows: Rows, attribute: DeclaredAttribute, column: number): AttributeColumn {
  const groups = createNames(noValue, otherValues, maxValues)
  const valueAt = (row: number) => timeAt(rows, row, column)
  const sortedAt = (row: number) => (Number.isNaN(valueAt(row)) ? Number.NEGATIVE_INFINITY : valueAt(row))
  return {
    ...attribute,
    numberOf: (value, _, onOther) => (typeof value === 'number' ? value : onOther(attribute, value, Number.NaN)),
    read: (row) => (Number.isNaN(valueAt(row)) ? undefined : valueAt(row)),
    compare: (left, right) => compare(sortedAt(left), sortedAt(right)),
    groupAt: (row) => (Number.isNaN(valueAt(row)) ? 0 : groups.numberOf(String(valueAt(row)))),
    groupNumber: groups.numberOf,
    groupName: groups.nameOf,
  }
}

const flagNames = [noValue, 'false', 'true']

/** 0 for none, then false and true. */
function flagColumn(rows: Rows, attribute: DeclaredAttribute, column: number): AttributeColumn {
  const groupAt = (row: number) => intAt(rows, row, column)
  return {
    ...attribute,
    numberOf: (value, _, onOther) => (typeof value === 'boolean' ? (value ? 2 : 1) : onOther(attribute, value, 0)),
    read: (row) => (groupAt(row) === 0 ? undefined : groupAt(row) === 2),
    compare: (left, right) => groupAt(left) - groupAt(right),
    groupAt,
    groupNumber: (name) => Math.max(0, flagNames.indexOf(name)),
    groupName: (number) => flagNames[number] as string,
  }
}

/** Which of two is the greater: positive if it is the left one. */
export function compare<T extends number | string>(left: T, right: T): number {
  return left < right ? -1 : left > right ? 1 : 0
}
