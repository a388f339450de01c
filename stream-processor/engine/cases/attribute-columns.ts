import type { CaseClaim } from './case-point.ts'
import { createNames, type Names } from './names.ts'
import { type DeclaredAttribute, intAt, type Rows, setInt, setTime, timeAt } from './rows.ts'

/** Most values of an attribute that are told apart; all others are one value, `+`. */
const maxValues = 4096
/** Of cases that have no value: a case whose value is this text counts as one that has none. */
const noValue = '-'
const otherValues = '+'

export type AttributeValue = string | number | boolean

/** Claims that are being read into the incoming rows. */
export interface Incoming {
  claims: readonly CaseClaim[]
  /** Of each row which claim it is of, and the row that most likely is that of its case. */
  readonly claimOf: Int32Array
  readonly likely: Int32Array
  /** Rows of claims, from 0 on. */
  count: number
  /** Hears what is wrong with the claim of a row. */
  onFault(row: number, reason: string): void
}

/** One attribute of all cases in the rows. */
export interface AttributeColumn extends DeclaredAttribute {
  /** Writes what claims say into their rows. A value of another kind than declared is left out. */
  take(incoming: Incoming): void
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
    take(incoming) {
      for (let row = 0; row < incoming.count; row++) {
        const value = valueIn(incoming, row, attribute)
        const like = incoming.likely[row] as number
        setInt(rows, row, column, value === undefined ? 0 : names.numberOf(value as string, groupAt(like)))
      }
    },
    read: (row) => (groupAt(row) === 0 ? undefined : names.nameOf(groupAt(row))),
    compare(left, right) {
      const [one, other] = [groupAt(left), groupAt(right)]
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
    take(incoming) {
      for (let row = 0; row < incoming.count; row++) {
        setTime(rows, row, column, (valueIn(incoming, row, attribute) as number | undefined) ?? Number.NaN)
      }
    },
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
    take(incoming) {
      for (let row = 0; row < incoming.count; row++) {
        const value = valueIn(incoming, row, attribute)
        setInt(rows, row, column, value === undefined ? 0 : value ? 2 : 1)
      }
    },
    read: (row) => (groupAt(row) === 0 ? undefined : groupAt(row) === 2),
    compare: (left, right) => groupAt(left) - groupAt(right),
    groupAt,
    groupNumber: (name) => Math.max(0, flagNames.indexOf(name)),
    groupName: (number) => flagNames[number] as string,
  }
}

/** What the claim of a row says of an attribute; `undefined` if nothing, or nothing of the kind that is declared. */
function valueIn(incoming: Incoming, row: number, { name, kind }: DeclaredAttribute): AttributeValue | undefined {
  const claim = incoming.claims[incoming.claimOf[row] as number] as CaseClaim
  const value = (claim.case as Readonly<Record<string, unknown>>)[name]
  if (value === undefined || value === null) return undefined
  if (isOfKind(value, kind)) return value
  incoming.onFault(row, `${name}: ${claim.type} declares a ${kind}, got ${JSON.stringify(value)}`)
  return undefined
}

const isOfKind = (value: unknown, kind: AttributeColumn['kind']): value is AttributeValue => typeof value === kind

/** Which of two is the greater: positive if it is the left one. */
export function compare<T extends number | string>(left: T, right: T): number {
  return left < right ? -1 : left > right ? 1 : 0
}
