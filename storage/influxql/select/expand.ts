import type { FieldType } from '../../line-protocol/point.ts'
import { aggregates } from '../functions/aggregates.ts'
import { specials } from '../functions/specials.ts'
import { transformations } from '../functions/transformations.ts'
import { matching, type QuerySource, type SourceMeasurement } from '../source.ts'
import type { Expression, SelectStatement } from '../syntax/ast.ts'
import type { Column } from './column.ts'
import { tagKeys } from './resolve.ts'
import { kindIn } from './types.ts'

/** A column whose name may not be its own yet. */
interface Named extends Column {
  /** Whether it keeps its name even if others have it: an alias, or what a wildcard in a function made. */
  readonly fixed: boolean
}

/**
 * The tags that a statement groups by, in order of their names.
 * @param all tags that the sources have
 */
export async function expandDimensions(
  source: QuerySource,
  all: readonly string[],
  { dimensions }: SelectStatement,
): Promise<string[]> {
  const names = new Set<string>()
  for (const dimension of dimensions) {
    if (dimension.kind === 'tag') names.add(dimension.name)
    if (dimension.kind === 'wildcard') for (const name of all) names.add(name)
    if (dimension.kind === 'regex') for (const name of await matching(source, dimension.source, all)) names.add(name)
  }
  return [...names].sort()
}

/** The columns that a SELECT asks for, wildcards replaced by what there is, each with its own name. */
export async function expandColumns(
  source: QuerySource,
  measurements: readonly SourceMeasurement[],
  statement: SelectStatement,
  dimensions: readonly string[],
): Promise<Column[]> {
  const columns: Named[] = []
  // With GROUP BY *, or a regular expression, wildcards stand for fields alone.
  const tagless = statement.dimensions.some(({ kind }) => kind === 'wildcard' || kind === 'regex')
  for (const { expression, alias, at } of statement.fields) {
    if (expression.kind === 'wildcard' || expression.kind === 'regex') {
      for (const reference of await expandNames(source, measurements, expression, dimensions)) {
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
    for (const reference of await expandNames(source, measurements, { ...argument, ...fieldsOnly }, [])) {
      if (!takes.has(kindIn(measurements, reference.name) ?? '')) continue
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

type Reference = Extract<Expression, { kind: 'reference' }>
type CallExpression = Extract<Expression, { kind: 'call' }>

async function expandNames(
  source: QuerySource,
  measurements: readonly SourceMeasurement[],
  pattern: { readonly kind: string; readonly of?: string; readonly source?: string },
  dimensions: readonly string[],
): Promise<Reference[]> {
  const at = { line: 1, char: 1 }
  const found = new Map<string, Reference>()
  for (const measurement of measurements) {
    if (pattern.of !== 'field') {
      for (const name of tagKeys(measurement)) {
        if (!dimensions.includes(name)) found.set(`${name}\0tag`, { kind: 'reference', name, of: 'tag', at })
      }
    }
    const isTag = (name: string) => measurement.derived?.tags.has(name) === true
    const wanted = (name: string) => (isTag(name) ? pattern.of !== 'field' : pattern.of !== 'tag')
    for (const name of columnNames(measurement).filter(wanted)) {
      found.set(`${name}\0field`, { kind: 'reference', name, of: 'field', at })
    }
  }
  const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, reference]) => reference)
  if (pattern.source === undefined) return sorted
  const names = await matching(
    source,
    pattern.source,
    sorted.map(({ name }) => name),
  )
  return sorted.filter(({ name }) => names.has(name))
}

function columnNames({ fields, derived }: SourceMeasurement): string[] {
  const stored = [...fields.values()].flatMap(({ name, committed }) => (committed ? [name] : []))
  return [...stored, ...(derived?.untyped ?? [])]
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
