import type { FieldType } from '../../line-protocol/point.ts'
import { aggregates } from '../functions/aggregates.ts'
import { specials } from '../functions/specials.ts'
import { transformations } from '../functions/transformations.ts'
import type { Relation } from '../relation/relation.ts'
import { type Catalog, tagNames } from '../source.ts'
import type { CallExpression, Expression, Reference, SelectStatement } from '../syntax/ast.ts'
import type { Column } from './calls.ts'
import { resolveSources, subqueriesOf } from './resolve.ts'
import { typeIn } from './types.ts'

/** A column whose name may not be its own yet. */
interface Named extends Column {
  /** Whether it keeps its name even if others have it: an alias, or what a wildcard in a function made. */
  readonly fixed: boolean
}

/** The tags that a statement groups by itself, in order of their names. */
export async function dimensionsOf(catalog: Catalog, statement: SelectStatement): Promise<string[]> {
  const all = (await resolveSources(catalog, statement)).flatMap(({ series }) => [...tagNames(series)])
  for (const subquery of subqueriesOf(statement)) all.push(...(await dimensionsOf(catalog, subquery)))
  const names = new Set<string>()
  for (const dimension of statement.dimensions) {
    if (dimension.kind === 'tag') names.add(dimension.name)
    if (dimension.kind === 'wildcard') for (const name of all) names.add(name)
    if (dimension.kind === 'regex') for (const name of await catalog.matching(dimension.source, all)) names.add(name)
  }
  return [...names].sort()
}

/** The columns that a SELECT asks for, wildcards replaced by what there is, each with its own name. */
export async function expandColumns(
  catalog: Catalog,
  relations: readonly Relation[],
  statement: SelectStatement,
  dimensions: readonly string[],
): Promise<Column[]> {
  const columns: Named[] = []
  // With GROUP BY *, or a regular expression, wildcards stand for fields alone.
  const tagless = statement.dimensions.some(({ kind }) => kind === 'wildcard' || kind === 'regex')
  for (const { expression, alias, at } of statement.fields) {
    if (expression.kind === 'wildcard' || expression.kind === 'regex') {
      for (const reference of await expandNames(catalog, relations, expression, dimensions)) {
        if (tagless && reference.of === 'tag') continue
        columns.push({ name: reference.name, fixed: false, expression: reference, at })
      }
      continue
    }
    const innermost = innermostCall(expression)
    const argument = innermost?.arguments[0]
    if (!innermost || (argument?.kind !== 'wildcard' && argument?.kind !== 'regex')) {
      const name = alias || nameOf(expression)
      columns.push({ name, fixed: name === alias, expression, at }, ...tagColumns(expression))
      continue
    }
    const takes = takenTypes(innermost.name)
    for (const reference of await expandNames(catalog, relations, { ...argument, ...fieldsOnly }, [])) {
      if (!takes.has(typeIn(relations, reference.name) ?? '')) continue
      columns.push({
        name: `${alias || nameOf(expression)}_${reference.name}`,
        fixed: true,
        expression: replaceArgument(expression, reference),
        at,
      })
    }
  }
  return distinctNames(columns)
}

/** In `abs(derivative(mean(*)))` it is `mean` that the fields are put into. */
function innermostCall(expression: Expression): CallExpression | undefined {
  if (expression.kind !== 'call') return undefined
  const [first] = expression.arguments
  return (first && innermostCall(first)) ?? expression
}

function replaceArgument(expression: Expression, reference: Reference): Expression {
  if (expression.kind !== 'call') return reference
  const [first, ...rest] = expression.arguments
  return { ...expression, arguments: [first ? replaceArgument(first, reference) : reference, ...rest] }
}

const numeric: readonly FieldType[] = ['float', 'integer', 'unsigned']

/** Types of field that a wildcard in a function stands for. */
function takenTypes(name: string): ReadonlySet<string> {
  return new Set((aggregates.get(name) ?? specials.get(name) ?? transformations.get(name))?.takes ?? numeric)
}

/** `top(x, tag, 3)` answers with the tag, too. */
function tagColumns(expression: Expression): Named[] {
  if (expression.kind !== 'call' || !specials.get(expression.name)?.tags) return []
  return expression.arguments
    .slice(1, -1)
    .flatMap((tag) => (tag.kind === 'reference' ? [{ name: tag.name, fixed: false, expression: tag, at: tag.at }] : []))
}

const fieldsOnly = { of: 'field' } as const

/** @param pattern a wildcard, or a regular expression, with what it stands for */
async function expandNames(
  catalog: Catalog,
  relations: readonly Relation[],
  pattern: { readonly of?: 'field' | 'tag' | 'any'; readonly source?: string },
  dimensions: readonly string[],
): Promise<Reference[]> {
  const at = { line: 1, char: 1 }
  const found = new Map<string, Reference>()
  for (const { name, of } of relations.flatMap((one) => one.wildcard(pattern.of ?? 'any'))) {
    if (of === 'field' || !dimensions.includes(name)) found.set(`${name}\0${of}`, { kind: 'reference', name, of, at })
  }
  const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, reference]) => reference)
  if (pattern.source === undefined) return sorted
  const names = await catalog.matching(
    pattern.source,
    sorted.map(({ name }) => name),
  )
  return sorted.filter(({ name }) => names.has(name))
}

/** How InfluxDB names a column: by its field or function, or for a calculation by all of them. */
function nameOf(expression: Expression): string {
  switch (expression.kind) {
    case 'reference':
    case 'call':
      return expression.name
    case 'binary':
      return [nameOf(expression.left), nameOf(expression.right)].filter((name) => name !== '').join('_')
    default:
      return ''
  }
}

function distinctNames(columns: readonly Named[]): Column[] {
  const taken = new Set(columns.flatMap(({ name, fixed }) => (fixed ? [name] : [])))
  const counts = new Map<string, number>()
  return columns.map(({ name, fixed, expression, at }) => {
    if (fixed) return { name, expression, at }
    let free = name
    let count = counts.get(name) ?? 0
    while (taken.has(free)) free = `${name}_${++count}`
    counts.set(name, count)
    taken.add(free)
    return { name: free, expression, at }
  })
}
