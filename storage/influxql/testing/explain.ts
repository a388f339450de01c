import { analyse } from '../analyse/analyse.ts'
import type { SelectPlan } from '../analyse/plan.ts'
import { type Scan, scanOf } from '../compile/scan.ts'
import type { Catalog } from '../source.ts'
import type { SelectStatement } from '../syntax/ast.ts'
import { parseQuery } from '../syntax/parse.ts'
import { formatExpression } from './format.ts'

/** The plan of one SELECT. */
export function planOf(catalog: Catalog, query: string, now = 0n): Promise<SelectPlan> {
  const [statement] = parseQuery(query).statements
  return analyse(catalog, statement as SelectStatement, now)
}

/** What a plan reads, relation by relation, without limits. */
export async function scansOf(catalog: Catalog, plan: SelectPlan): Promise<Scan[]> {
  const limits = { maxRows: 1_000, maxValues: 10_000 }
  const scans = await Promise.all(plan.reads.map((read) => scanOf(catalog.matching, limits, plan, read)))
  return scans.flatMap((scan) => scan ?? [])
}

/** A plan as text, for examples: each relation with its columns and their types, then what holds for all. */
export function explain(plan: SelectPlan): string {
  const { reads, types, dimensions, range, windows, subqueries } = plan
  const lines = reads.flatMap(({ relation, columns, condition }) => [
    `read ${relation.name}`,
    ...columns.map(({ name, expression }) => `  ${name}: ${formatExpression(expression)} (${types.get(name)})`),
    ...(condition ? [`  where ${formatExpression(condition)}`] : []),
  ])
  if (dimensions.length > 0) lines.push(`by ${dimensions.join(', ')}`)
  if (windows) lines.push(`every ${windows.interval} ns`)
  if (range.from !== undefined || range.to !== undefined) lines.push(`from ${range.from} to ${range.to}`)
  subqueries.forEach((plans, level) => {
    for (const inner of plans) {
      lines.push(
        `subquery, level ${level}`,
        ...explain(inner)
          .split('\n')
          .map((line) => `  ${line}`),
      )
    }
  })
  return lines.join('\n')
}
