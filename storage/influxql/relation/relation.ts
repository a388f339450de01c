import type { FieldType } from '../../line-protocol/point.ts'
import type { AnswerSeries, ScratchTable, SourceSeries } from '../source.ts'
import type { Reference } from '../syntax/ast.ts'
import type { TimeRange } from '../time.ts'

/** The type of a column; `undefined` for one that is stored nowhere. */
export type ColumnType = FieldType | 'tag' | undefined

/** A field as SQL reads it: a stored column, or a cast of one. */
export interface RelationField {
  readonly name: string
  readonly column: string
  readonly type: FieldType
  /** Whether it may be NaN, which stored fields are not. */
  readonly mayBeNaN: boolean
}

/** What is known of the answer of a SELECT before it is executed. */
export interface AnswerShape {
  /** Names of its series: those of the measurements that it reads. */
  readonly names: readonly string[]
  /** Its columns without the time. */
  readonly types: ReadonlyMap<string, ColumnType>
  /** The tags of its series, sorted. */
  readonly dimensions: readonly string[]
  /** Those of them that only the query around it groups by. */
  readonly hidden: readonly string[]
  /**
   * Whether the query around it reads the rows of all series by their times. It does, unless the subquery, or one that it
   * asks for points, reduces each series to one value for its whole time: then series follow each other.
   */
  readonly byTime: boolean
  readonly descending: boolean
  /** Whether it has stored points as they are. Other rows of one time are in the order of their series, even descending. */
  readonly ofPoints: boolean
}

/** An executed subquery. */
export interface SubqueryAnswer {
  readonly shape: AnswerShape
  readonly series: readonly AnswerSeries[]
}

/**
 * What a SELECT reads: the table of a measurement, or the answers of subqueries. Analysis asks it for names and types,
 * compilation for SQL. Each way in which the two kinds differ is a member here.
 */
export interface Relation {
  readonly name: string
  /** Those of a subquery are known once it has been executed. */
  readonly series: readonly SourceSeries[]

  /** The field that a reference names or casts. Fields hide tags of the same name. */
  field(reference: Reference): RelationField | undefined
  /** The type of a name, whatever a reference casts it to. */
  typeOf(name: string): ColumnType
  /** Whether a reference may mean a tag that any series has. */
  hasTag(reference: Reference): boolean
  /** Whether a condition compares a reference that names no field as a tag; one that does not exist is an empty tag. */
  comparesTag(reference: Reference): boolean
  /** The tag's value in a series, as conditions compare it: empty where the series has none. */
  comparedTag(series: SourceSeries, reference: Reference): string
  /** The tag's value in a series, as answers show it. */
  shownTag(series: SourceSeries | undefined, reference: Reference): string | undefined
  /** What a wildcard stands for. */
  wildcard(of: 'field' | 'tag' | 'any'): readonly Pick<Reference, 'name' | 'of'>[]
  /** Whether the cast in a reference has a meaning. */
  canCast(reference: Reference): boolean
  /** The relation with a column for each number that the references cast to another kind of number. */
  withCasts(references: readonly Reference[]): Relation

  /** Whether a name of several types in several relations is cast to one of them, even where there are no functions. */
  readonly castsRows: boolean
  /** Whether SLIMIT and SOFFSET count its series. */
  readonly countsSeries: boolean
  /** Whether no two rows of a series have the same time. */
  readonly uniqueTimes: boolean
  /** Whether all rows that are read lie within the range of the statement. */
  readonly withinRange: boolean
  /** Whether rows are read by their times; else series follow each other. */
  readonly byTime: boolean
  /** Whether rows are points as they were written. */
  readonly ofPoints: boolean
  /** The LIMIT of rows where only an OFFSET was named. */
  readonly limitOfOffset: 1 | undefined

  /**
   * SQL of the table, with the columns `time`, `sid` and those of the fields.
   * @param level how many windows before the first of the answer it includes
   */
  table(level: number): string
  /** SQL of the conditions that rows of `t` are of this time and of these series. */
  within(time: TimeRange, sids: readonly number[]): string[]
  /** SQL of the rank among rows of one time: that of their series, or their own. `0` where no two have one time. */
  rank(sids: readonly number[]): string
  /** SQL of the order of the rows of a group. */
  order(rank: string, direction: 'ASC' | 'DESC'): string[]
  /** SQL of the order in which the rows of a group follow each other for a line through them. */
  sequence(descending: boolean): string
  /**
   * SQL of the conditions that a row exists where no function is called; `undefined` where none does.
   * @param columns the fields that are asked for
   * @param known whether anything that is asked for is stored in any relation
   */
  exists(columns: readonly string[], known: boolean): string[] | undefined

  /**
   * The relation with the answers of the subqueries that it reads, and the tables that hold them.
   * @param levels the answers, then those with one window more before the first, and so on
   */
  load(levels: readonly (readonly SubqueryAnswer[])[]): {
    readonly relation: Relation
    readonly tables: readonly ScratchTable[]
  }
}

/** What a name may be in several relations: the first of these that it is in one of them, it is taken for in all. */
const precedence: readonly ColumnType[] = ['float', 'integer', 'unsigned', 'string', 'boolean', 'tag', undefined]

export function stronger<T extends ColumnType>(one: T, other: T): T {
  return precedence.indexOf(one) <= precedence.indexOf(other) ? one : other
}

/** Adds the types that one more relation has. */
export function addTypes(types: Map<string, ColumnType>, more: ReadonlyMap<string, ColumnType>): void {
  for (const [name, type] of more) types.set(name, stronger(types.get(name), type))
}
