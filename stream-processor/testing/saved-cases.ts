import type { CaseVersion } from '../engine/cases/case-version.ts'
import type { CaseChanges, SavedPage, SavedTable } from '../engine/cases/saved.ts'

/** What a checkpoint store holds of cases after `changes`: what it held before, and what has changed. */
export function mergeCases(before: CaseChanges | undefined, changes: CaseChanges): CaseChanges {
  const byPage = (pages: readonly SavedPage[]) => new Map(pages.map((one) => [one.page, one]))
  const types = new Map(before?.tables.map(({ type, pages }) => [type, byPage(pages)]))
  for (const { type, pages } of structuredClone(changes.tables)) {
    types.set(type, new Map([...(types.get(type) ?? []), ...byPage(pages)]))
  }
  const tables = [...types].map(([type, pages]): SavedTable => ({ type, pages: [...pages.values()] }))
  return { ...structuredClone(changes), tables }
}

/** The cases that a complete state holds. */
export function casesIn({ tables }: CaseChanges): (CaseVersion & { readonly type: string })[] {
  return tables.flatMap(({ type, pages }) =>
    pages.flatMap(({ cases }) => cases.map(([, version]) => ({ type, ...version }))),
  )
}
