import { refuse } from '../errors.ts'
import { matching, type QuerySource, type SourceMeasurement, tagNames } from '../source.ts'
import type { MeasurementSource } from '../syntax/ast.ts'

/** The one retention policy there is. How long points are kept is a setting, by measurement. */
export const policyName = 'autogen'

/** @throws IocError QUERY_INVALID for another database or policy than the store's */
export function checkDatabase(source: QuerySource, database: string, policy = ''): void {
  if (database !== '' && database !== source.database) throw refuse(`database not found: ${database}`)
  if (policy !== '' && policy !== policyName) throw refuse(`retention policy not found: ${policy}`)
}

/** The measurements that a FROM names, sorted by name, each once. One that does not exist answers with nothing. */
export async function resolveSources(
  source: QuerySource,
  sources: readonly MeasurementSource[],
): Promise<SourceMeasurement[]> {
  const names = new Set<string>()
  for (const { database, policy, name, regex } of sources) {
    checkDatabase(source, database, policy)
    if (regex === undefined) names.add(name)
    else for (const match of await matching(source, regex, source.measurements.keys())) names.add(match)
  }
  return [...names].sort().flatMap((name) => {
    const measurement = source.measurements.get(name)
    return measurement?.committed ? [measurement] : []
  })
}

/** All tags of a measurement, sorted. */
export function tagKeys({ series }: Pick<SourceMeasurement, 'series'>): string[] {
  return [...tagNames(series)].sort()
}
