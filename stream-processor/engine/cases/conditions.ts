import type { CaseIndicator } from '../../indicators/case-indicator.ts'
import type { AttributeColumn, AttributeValue } from './attribute-columns.ts'

/** Which conditions the case in a row meets: bit `i` for condition `i`. They see what is kept of its attributes. */
export function createConditions(
  conditions: readonly NonNullable<CaseIndicator['where']>[],
  columns: readonly AttributeColumn[],
): (row: number) => number {
  if (conditions.length === 0) return () => 0
  // One object for all: a condition is a pure function, and so keeps nothing of it.
  const attributes: Record<string, AttributeValue | undefined> = {}
  return (row) => {
    for (const column of columns) attributes[column.name] = column.read(row)
    let met = 0
    for (const [bit, condition] of conditions.entries()) if (condition(attributes)) met |= 1 << bit
    return met
  }
}
