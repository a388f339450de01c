import type { Cell } from '../../../shared/boards/panel-data.ts'

/** What people call the values of the tags `area`, `site`, `device` and `group`. */
export interface Names {
  /** The name of a tag's value; the value itself where there is none. A device is known only together with its site. */
  readonly tag: (tag: string, value: string, tags: Readonly<Record<string, string>>) => string
}

const namedTags: ReadonlySet<string> = new Set(['area', 'site', 'device', 'group'])

/** Names of a column that holds the values of a tag; undefined for any other column. */
export function columnNames(
  column: string,
  values: readonly Cell[],
  sites: readonly Cell[] | undefined,
  names: Names,
): ReadonlyMap<string, string> | undefined {
  if (!namedTags.has(column)) return undefined
  const found = new Map<string, string>()
  const ambiguous = new Set<string>()
  values.forEach((value, row) => {
    if (typeof value !== 'string') return
    const site = sites?.[row]
    const name = names.tag(column, value, typeof site === 'string' ? { site } : {})
    if (found.has(value) && found.get(value) !== name) ambiguous.add(value)
    found.set(value, name)
  })
  // One key of two sites' devices stands for neither.
  for (const value of ambiguous) found.set(value, value)
  return found
}
