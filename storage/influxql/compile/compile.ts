import type { AggregateCall, Call, SpecialCall, TransformationCall } from '../analyse/calls.ts'
import type { RelationField } from '../relation/relation.ts'
import { widened, windowSql } from '../windows.ts'
import { pointSql, specialSql } from './points.ts'
import { fieldColumns, groupedSql, isAlone, type RowQuery, rowQuery } from './rows.ts'
import type { Scan } from './scan.ts'

/** SQL, and the calls that its rows become the points of. */
export type Step =
  /** Rows of group, window and a column for each call. */
  | {
      readonly kind: 'aggregates'
      readonly scan: Scan
      readonly calls: readonly AggregateCall[]
      readonly sql: string
    }
  /** Group, window, time, series, value and other fields of points, which keep their times or have that of their window. */
  | {
      readonly kind: 'points'
      readonly scan: Scan
      readonly calls: readonly [AggregateCall | SpecialCall]
      readonly columns: readonly string[]
      readonly keepsTime: boolean
      readonly sql: string
    }
  /** Group, time and value of the points of a field. */
  | (RowQuery & { readonly kind: 'values'; readonly scan: Scan; readonly calls: readonly [] })
  /** The points of another step, one after the other. */
  | {
      readonly kind: 'transformation'
      readonly scan: Scan
      readonly calls: readonly [TransformationCall]
      readonly input: Step
    }
  /** A field that is stored nowhere: there is nothing to read. */
  | { readonly kind: 'empty'; readonly calls: readonly [Call] }

export type StepOf<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>

/** Group, time, series and fields of the rows of a SELECT without functions. */
export interface RowStep extends RowQuery {
  readonly columns: readonly string[]
}

/** The SQL of a SELECT of plain fields and tags; `undefined` where it has no rows. */
export function compileRows(scan: Scan): RowStep | undefined {
  const { relation, references, groups, maxRows, known } = scan
  const columns = fieldColumns(scan, references)
  const conditions = relation.exists(columns, known)
  if (!conditions) return undefined
  const { limit, offset } = rowPage(scan)
  const most = limit && groups.length === 1 ? Math.min(limit + offset, maxRows + 1) : maxRows + 1
  return { ...rowQuery(scan, ['t.sid', ...columns.map((one) => `t.${one}`)], most, ...conditions), columns }
}

/** Without a LIMIT, InfluxDB answers an OFFSET over what is stored with one row. */
export function rowPage({ limit, offset = 0, relation }: Scan) {
  return { limit: limit || (offset > 0 ? relation.limitOfOffset : undefined), offset }
}

/** The SQL of the calls of a SELECT, of which aggregates share a step. */
export function compileCalls(scan: Scan): Step[] {
  const { calls, references, windows } = scan
  const steps: Step[] = []
  const shared: AggregateCall[] = []
  for (const call of calls) {
    if (call.kind === 'transformation') steps.push(compileTransformation(scan, call))
    else if (call.kind === 'special') {
      steps.push(compilePoints(scan, call, call.called.selector === true, (...of) => specialSql(scan, call, ...of)))
    } else {
      const { selector } = call.called
      if (!selector || calls.length > 1 || (windows && references.length === 0)) shared.push(call)
      else steps.push(compilePoints(scan, call, !windows, (...of) => pointSql(scan, selector, call.numbers, ...of)))
    }
  }
  if (shared.length > 0) steps.push(compileAggregates(scan, shared))
  return steps
}

function compileAggregates(scan: Scan, calls: readonly AggregateCall[]): Step {
  const { relation, windows } = scan
  const alone = isAlone(scan)
  const columns = calls.map((call, index) => {
    const field = relation.field(call.argument)
    if (!field) return `NULL AS c${index}`
    const f = `t.${field.column}`
    const { called, distinct, numbers } = call
    return `${distinct ? `nullif(count(DISTINCT ${f}), 0)` : called.sql(f, field.type, numbers, alone)} AS c${index}`
  })
  const ranked = !alone && calls.some(({ called }) => called.ranked)
  return { kind: 'aggregates', scan, calls, sql: groupedSql(scan, windowSql(windows).bucket, ranked, columns) }
}

/**
 * The points that a selector chooses, or those of a function that has a query of its own.
 * @param sqlOf gives the SQL by the field and the columns of the other fields
 */
function compilePoints(
  scan: Scan,
  call: AggregateCall | SpecialCall,
  keepsTime: boolean,
  sqlOf: (field: RelationField, columns: readonly string[]) => string,
): Step {
  const field = scan.relation.field(call.argument)
  if (!field) return { kind: 'empty', calls: [call] }
  const columns = fieldColumns(scan, scan.references)
  return { kind: 'points', scan, calls: [call], columns, keepsTime, sql: sqlOf(field, columns) }
}

function compileTransformation(scan: Scan, call: TransformationCall): Step {
  const wider = call.called.widens ? withOneMore(scan) : scan
  if (call.argument.kind !== 'reference') {
    const fill = staysEmpty(scan, call.argument) ? ({ kind: 'none' } as const) : scan.fill
    // LIMIT counts what the transformation makes of its windows.
    const inner = { ...wider, calls: [call.argument], references: [], fill, limit: undefined, offset: undefined }
    const [input] = compileCalls(inner) as [Step]
    return { kind: 'transformation', scan, calls: [call], input }
  }
  const field = scan.relation.field(call.argument)
  if (!field) return { kind: 'empty', calls: [call] }
  const f = `t.${field.column}`
  const query = rowQuery(wider, [f], scan.maxRows + 1, `${f} IS NOT NULL`)
  return { kind: 'transformation', scan, calls: [call], input: { kind: 'values', scan, calls: [], ...query } }
}

/** Whether windows without points have no value, which a transformation leaves out: there may be millions of them. */
function staysEmpty({ fill }: Scan, input: Call): boolean {
  if (fill.kind !== 'null' || input.kind === 'transformation') return false
  return input.kind !== 'aggregate' || input.called.empty === undefined
}

/** One window more, before the first of the answer: what a transformation compares that one with. */
function withOneMore(scan: Scan): Scan {
  const { windows, range, descending, level } = scan
  if (!windows) return scan
  return { ...scan, level: level + 1, range: widened(range, windows, descending, 1n) }
}
