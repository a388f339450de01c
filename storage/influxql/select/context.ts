import type { Selection } from '../condition.ts'
import { refuse } from '../errors.ts'
import type { QuerySource, SourceMeasurement } from '../source.ts'
import type { SelectStatement } from '../syntax/ast.ts'
import type { TimeRange } from '../time.ts'
import type { Column } from './column.ts'
import type { Group } from './group.ts'
import type { Windows } from './windows.ts'

/** What the ways of running a SELECT over one measurement are given. */
export interface SelectContext {
  readonly source: QuerySource
  readonly statement: SelectStatement
  readonly measurement: SourceMeasurement
  readonly columns: readonly Column[]
  /** What the column of the time is called. */
  readonly timeName: string
  readonly groups: readonly Group[]
  readonly selection: Selection
  readonly range: TimeRange
  /** What is read of what is stored; windows beyond it are empty, and filled. */
  readonly limits: TimeRange
  /** How many windows before the first the range begins: which of a subquery's tables is read. */
  readonly level: number
  readonly windows: Windows | undefined
  /** Whether any of the fields and tags that are asked for is stored in any of the sources. */
  readonly known: boolean
  readonly descending: boolean
  readonly now: bigint
}

/** @throws IocError QUERY_INVALID for more rows, or values, than an answer may have */
export function checkSize({ source, columns }: SelectContext, rows: number): void {
  if (rows > source.maxRows) throw refuse(`the answer has more than ${source.maxRows} rows`)
  checkValues(source, rows * (columns.length + 1))
}

/** @throws IocError QUERY_INVALID for more values than an answer may have */
export function checkValues({ maxValues }: QuerySource, values: number): void {
  if (values > maxValues) throw refuse(tooManyValues)
}

export const tooManyValues = 'the answer has too many values: select fewer columns, or a shorter time range'
