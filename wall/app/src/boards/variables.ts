import type { Board, Variable } from '../../../shared/boards/board.ts'
import type { VariableOption } from '../../../shared/boards/panel-data.ts'

/** What stands for all values, in URLs and in the API. */
export const allValue = '$__all'

/** What is chosen of a variable. */
export interface Choice {
  readonly variable: Variable
  readonly options: readonly VariableOption[]
  /** As the URL writes it: `$__all` where all are chosen. */
  readonly values: readonly string[]
}

/** The choices of a board: as the URL says, else as the board does, else all of them, else the first one. */
export function choicesOf(
  board: Board,
  query: URLSearchParams,
  options: Readonly<Record<string, readonly VariableOption[]>>,
): Choice[] {
  return (board.templating?.list ?? []).map((variable) => {
    const own = options[variable.name] ?? []
    return { variable, options: own, values: valuesOf(variable, query.getAll(`var-${variable.name}`), own) }
  })
}

function valuesOf(variable: Variable, given: readonly string[], options: readonly VariableOption[]): readonly string[] {
  const { current, includeAll = false, multi = false, type, query } = variable
  if (type === 'constant') return [query]
  if (type === 'textbox') return [given[0] ?? firstOf(current?.value) ?? query]
  const isOption = (value: string) => options.some((option) => option.value === value)
  const isAll = (values: readonly string[]) =>
    includeAll && values.some((value) => value === allValue || value === 'All')
  if (isAll(given)) return [allValue]
  // What the URL names stays, although there is no such choice: the panels then say that there are no data.
  const asked = given.filter((value) => value !== '')
  if (asked.length > 0) return multi ? asked : asked.slice(0, 1)
  const declared = [current?.value ?? []].flat()
  if (isAll(declared)) return [allValue]
  const known = declared.filter(isOption)
  if (known.length > 0) return multi ? known : known.slice(0, 1)
  if (includeAll) return [allValue]
  return options.slice(0, 1).map(({ value }) => value)
}

/** Variables whose choices depend on one, also by way of others: a device on the area of its site. */
export function dependentOf(name: string, variables: readonly Pick<Variable, 'name' | 'query'>[]): readonly string[] {
  const changed = new Set([name])
  for (const variable of variables) {
    const isDependent = [...changed].some((one) => variable.name !== one && usesVariable(variable.query, one))
    if (isDependent) changed.add(variable.name)
  }
  changed.delete(name)
  return [...changed]
}

const usesVariable = (query: string, name: string): boolean => new RegExp(`\\$(?:\\{${name}\\b|${name}\\b)`).test(query)

function firstOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0]
}

/** The values one by one: those of all choices where all are chosen. */
export function singleValues({ values, options }: Choice): readonly string[] {
  return values.includes(allValue) ? options.map(({ value }) => value) : values
}

/** What is chosen as people read it; `all` stands for all of them. */
export function choiceText({ values, options }: Choice, all: string): string {
  if (values.includes(allValue)) return all
  return values.map((value) => options.find((option) => option.value === value)?.text ?? value).join(', ')
}

/** The parameters of the API and of links: each value once. */
export function variableQuery(
  choices: readonly Choice[],
  scoped: Readonly<Record<string, string>> = {},
): [string, string][] {
  return choices.flatMap(({ variable, values }) =>
    (Object.hasOwn(scoped, variable.name) ? [scoped[variable.name] ?? ''] : values).map((value): [string, string] => [
      `var-${variable.name}`,
      value,
    ]),
  )
}
