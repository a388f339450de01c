import { refuse } from '../errors.ts'
import type { Catalog, SourceMeasurement } from '../source.ts'
import type { SelectStatement, Source } from '../syntax/ast.ts'

/** The one retention policy there is. How long points are kept is a setting, by measurement. */
export const policyName = 'autogen'

/** @throws IocError QUERY_INVALID for another database or policy than the store's */
export function checkDatabase(catalog: Pick<Catalog, 'database'>, database: string, policy = ''): void {
  if (database !== '' && database !== catalog.database) throw refuse(`database not found: ${database}`)
  if (policy !== '' && policy !== policyName) throw refuse(`retention policy not found: ${policy}`)
}

/** The measurements that a FROM names, sorted by name, each once. One that does not exist answers with nothing. */
export async function resolveSources(
  catalog: Catalog,
  { sources }: { readonly sources: readonly Source[] },
): Promise<SourceMeasurement[]> {
  const names = new Set<string>()
  for (const source of sources) {
    if (source.kind !== 'measurement') continue
    const { database, policy, name, regex } = source
    checkDatabase(catalog, database, policy)
    if (regex === undefined) names.add(name)
    else for (const match of await catalog.matching(regex, catalog.measurements.keys())) names.add(match)
  }
  return [...names].sort().flatMap((name) => {
    const measurement = catalog.measurements.get(name)
    return measurement?.committed ? [measurement] : []
  })
}

export function subqueriesOf({ sources }: SelectStatement): SelectStatement[] {
  return sources.flatMap((one) => (one.kind === 'subquery' ? [one.statement] : []))
}
