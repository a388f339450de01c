import { refuse } from '../errors.ts'
import type { SelectStatement } from '../syntax/ast.ts'
import type { Asked, Call } from './calls.ts'
import type { Windows } from './windows.ts'

/**
 * Checks which functions and fields stand together.
 * @throws IocError QUERY_INVALID
 */
export function checkAsked(
  { calls, references }: Asked,
  { fill, limit }: SelectStatement,
  windows: Windows | undefined,
): void {
  if (calls.length === 0) {
    if (fill.kind === 'none' || fill.kind === 'linear') throw refuse(`fill(${fill.kind}) must be used with a function`)
    if (windows && !windows.inherited) throw refuse('GROUP BY requires at least one aggregate function')
    if (references.length === 0) throw refuse('at least 1 non-time field must be queried')
  }
  const tooMany = calls.find((call) => call.kind === 'special' && call.special.tags && limit && call.parameter > limit)
  if (tooMany) throw refuse(`${tooMany.expression.name}() cannot return more points than LIMIT allows`)
  const single = calls.find(({ expression: { name } }) => name === 'distinct' || name === 'top' || name === 'bottom')
  if (single && (calls.length > 1 || (single.expression.name === 'distinct' && references.length > 0))) {
    throw refuse(`function ${single.expression.name}() cannot be combined with other functions or fields`)
  }
  if (calls.length > 0 && references.length > 0 && (calls.length > 1 || !isSelector(calls[0]))) {
    throw refuse('mixing aggregate and non-aggregate queries is not supported')
  }
}

function isSelector(call: Call | undefined): boolean {
  if (call?.kind === 'aggregate') return call.aggregate.selector !== undefined
  return call?.kind === 'special' && call.special.selector
}
