import { selectSeries } from '../../influxql/compile/condition.ts'
import { type Group, groupSeries } from '../../influxql/compile/groups.ts'
import { matchingBy } from '../../influxql/regexes.ts'
import { TableRelation } from '../../influxql/relation/table.ts'
import { runStatement } from '../../influxql/run.ts'
import type { Answer, QuerySource } from '../../influxql/source.ts'
import type { Expression, SelectStatement, Statement } from '../../influxql/syntax/ast.ts'
import { splitTime } from '../../influxql/time.ts'
import { type Catalog, never } from './catalog.ts'

/**
 * How far before the newest time of a series its newest row that is committed is looked for, in ns: what is being
 * written has its time in memory already.
 */
const marginNs = 600_000_000_000n

/**
 * Runs a statement. `SELECT last(x)` without a time to begin at, which boards ask all the time, would read the whole
 * table; the catalog knows from when on every group has rows. Where that does not suffice, as the newest rows lack the
 * field, everything is read after all.
 */
export async function runQuickly(
  source: QuerySource,
  catalog: Catalog,
  statement: Statement,
  now: bigint,
): Promise<Answer> {
  const narrowed = statement.kind === 'select' ? await narrow(source, catalog, statement, now) : undefined
  if (narrowed) {
    const answer = await runStatement(source, narrowed.statement, now)
    if (answer.series.length === narrowed.groups) return answer
  }
  return runStatement(source, statement, now)
}

interface Narrowed {
  readonly statement: SelectStatement
  /** Series that a whole answer has. */
  readonly groups: number
}

async function narrow(
  source: QuerySource,
  catalog: Catalog,
  statement: SelectStatement,
  now: bigint,
): Promise<Narrowed | undefined> {
  const measurement = source.measurements.get(nameOfLast(statement) ?? '')
  if (!measurement?.committed) return undefined
  const { range, rest } = splitTime(statement.where, { now, zone: statement.zone })
  const selection = await selectSeries(matchingBy(source.read), new TableRelation(measurement), rest)
  if (range.from !== undefined || selection.sql !== '') return undefined
  const tags = statement.dimensions.flatMap((dimension) => (dimension.kind === 'tag' ? [dimension.name] : []))
  const newest = groupSeries(selection.series, tags).flatMap((group) => newestOf(catalog, group) ?? [])
  if (newest.length === 0) return undefined
  const [oldest = never] = newest.sort(ascending)
  const from = oldest - marginNs
  const at = { line: 1, char: 1 }
  const since: Expression = {
    ...{ kind: 'binary', operator: '>=', at },
    left: { kind: 'reference', name: 'time', of: '', at },
    right: { kind: 'number', value: from },
  }
  const where: Expression = statement.where
    ? { kind: 'binary', operator: 'AND', left: statement.where, right: since, at }
    : since
  return { statement: { ...statement, where }, groups: newest.length }
}

/** The measurement of a statement that asks for nothing but one `last`. */
function nameOfLast({ fields, sources, dimensions, limit, offset, ...more }: SelectStatement): string | undefined {
  const [field] = fields
  const [from] = sources
  const limited = (limit ?? offset ?? more.seriesLimit ?? more.seriesOffset) !== undefined
  if (limited || fields.length !== 1 || sources.length !== 1 || field?.expression.kind !== 'call') return undefined
  const { name, arguments: asked } = field.expression
  const plain = name === 'last' && asked.length === 1 && asked[0]?.kind === 'reference'
  if (!plain || dimensions.some(({ kind }) => kind !== 'tag')) return undefined
  return from?.kind === 'measurement' && from.regex === undefined ? from.name : undefined
}

/** Undefined for a group without rows. */
function newestOf(catalog: Catalog, group: Group): bigint | undefined {
  const times = group.series.map(({ sid }) => catalog.series.get(sid)?.last ?? never)
  const newest = times.sort(ascending).at(-1)
  return newest === never ? undefined : newest
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : 1
}
