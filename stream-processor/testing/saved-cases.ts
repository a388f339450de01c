import type { CaseVersion } from '../engine/cases/case-version.ts'
import type { CaseChanges, SavedTable } from '../engine/cases/saved.ts'

/** What a checkpoint store holds of cases after `changes`: what it held before, and what has changed. */
export function mergeCases(before: CaseChanges | undefined, changes: CaseChanges): CaseChanges {
  const types = new Map(before?.tables.map((table) => [table.type, new Map(table.cases)]))
  for (const { type, cases, gone } of structuredClone(changes.tables)) {
    const known = types.get(type) ?? new Map<number, CaseVersion>()
    types.set(type, known)
    for (const number of gone) known.delete(number)
    for (const [number, version] of cases) known.set(number, version)
  }
  const tables = [...types].map(([type, cases]): SavedTable => ({ type, cases: [...cases], gone: [] }))
  return { ...structuredClone(changes), tables }
}

/** The cases that a complete state holds. */
export function casesIn({ tables }: CaseChanges): (CaseVersion & { readonly type: string })[] {
  return tables.flatMap(({ type, cases }) => cases.map(([, version]) => ({ type, ...version })))
}
