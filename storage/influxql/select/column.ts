import type { Expression, Position } from '../syntax/ast.ts'

/** A column of the answer. */
export interface Column {
  readonly name: string
  readonly expression: Expression
  /** Where it stands in the query. */
  readonly at: Position
}
