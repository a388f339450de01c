import type { FieldType } from '../../line-protocol/point.ts'
import type { AnswerShape, Relation } from '../relation/relation.ts'
import type { Expression, Fill } from '../syntax/ast.ts'
import type { TimeRange } from '../time.ts'
import type { Windows } from '../windows.ts'
import type { Asked, Call, Column } from './calls.ts'

/**
 * A SELECT of which everything is known but its data: names are found, wildcards expanded, types and functions checked. Plain
 * data; the shape of its answer is part of it.
 */
export interface SelectPlan extends AnswerShape {
  /** What is read, in order of the names. */
  readonly reads: readonly Reading[]
  /** The subqueries that the relations hold the answers of; then those with one window more before the first, and so on. */
  readonly subqueries: readonly (readonly SelectPlan[])[]
  /** What the column of the time is called. */
  readonly timeName: string
  readonly range: TimeRange
  /** What is read of what is stored, even to compare a window with; windows beyond it are empty, and filled. */
  readonly limits: TimeRange
  readonly windows: Windows | undefined
  readonly fill: Fill
  readonly limit: number | undefined
  readonly offset: number | undefined
  /** Whether any of the fields and tags that are asked for is stored in any of the relations. */
  readonly known: boolean
  /** The tags that the outermost query groups by: what SLIMIT counts series by, even in a subquery. */
  readonly outermost: readonly string[]
  readonly seriesLimit: number
  readonly seriesOffset: number
  /** Nanoseconds. */
  readonly now: bigint
}

/** What is asked of one relation. */
export interface Reading extends Asked {
  readonly relation: Relation
  readonly columns: readonly Column[]
  readonly condition: Expression | undefined
  /** The types of the values of calls, also of those that others transform; `undefined` for one of what is stored nowhere. */
  readonly callTypes: ReadonlyMap<Call, FieldType | undefined>
}
