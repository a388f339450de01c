/** Where something stands in a query, both counted from 1. */
export interface Position {
  readonly line: number
  readonly char: number
}

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '&'
  | '|'
  | '^'
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '=~'
  | '!~'
  | 'AND'
  | 'OR'

/** An expression. Integers are bigints, durations nanoseconds. */
export type Expression =
  | { readonly kind: 'number'; readonly value: number | bigint }
  | { readonly kind: 'string'; readonly value: string; readonly at: Position }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'duration'; readonly value: bigint }
  | { readonly kind: 'regex'; readonly source: string; readonly at: Position }
  | { readonly kind: 'wildcard'; readonly of: 'field' | 'tag' | 'any' }
  | { readonly kind: 'reference'; readonly name: string; readonly of: string; readonly at: Position }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[]; readonly at: Position }
  | BinaryExpression

export type Reference = Extract<Expression, { kind: 'reference' }>
export type CallExpression = Extract<Expression, { kind: 'call' }>

export interface BinaryExpression {
  readonly kind: 'binary'
  readonly operator: BinaryOperator
  readonly left: Expression
  readonly right: Expression
  readonly at: Position
}

export interface SelectedField {
  readonly expression: Expression
  readonly alias: string | undefined
  readonly at: Position
}

/** A measurement, by name or by regular expression, with the database and policy that were named. */
export interface MeasurementSource {
  readonly kind: 'measurement'
  readonly database: string
  readonly policy: string
  readonly name: string
  readonly regex: string | undefined
}

export type Source = MeasurementSource | { readonly kind: 'subquery'; readonly statement: SelectStatement }

export type Dimension =
  | { readonly kind: 'time'; readonly interval: bigint; readonly offset: Expression | undefined }
  | { readonly kind: 'tag'; readonly name: string }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'regex'; readonly source: string }

export type Fill =
  | { readonly kind: 'null' | 'none' | 'previous' | 'linear' }
  | { readonly kind: 'number'; readonly value: number | bigint }

/** `undefined` where the clause was not given. */
export interface Limits {
  readonly limit: number | undefined
  readonly offset: number | undefined
  readonly seriesLimit: number | undefined
  readonly seriesOffset: number | undefined
}

export interface SelectStatement extends Limits {
  readonly kind: 'select'
  readonly fields: readonly SelectedField[]
  readonly sources: readonly Source[]
  readonly where: Expression | undefined
  readonly dimensions: readonly Dimension[]
  readonly fill: Fill
  /** `undefined` where no order was given: a subquery then follows the one around it. */
  readonly descending: boolean | undefined
  readonly zone: string | undefined
}

/** Which names a clause such as `WITH KEY` lets through. */
export type NameFilter =
  | { readonly kind: 'in'; readonly names: readonly string[]; readonly negated: boolean }
  | { readonly kind: 'regex'; readonly source: string; readonly negated: boolean }

export type ShowSubject = 'measurements' | 'tag keys' | 'tag values' | 'field keys' | 'series'

export interface ShowStatement extends Limits {
  readonly kind: 'show'
  readonly subject: ShowSubject
  readonly database: string
  readonly sources: readonly MeasurementSource[]
  readonly with: NameFilter | undefined
  readonly where: Expression | undefined
}

export type Statement =
  | SelectStatement
  | ShowStatement
  | { readonly kind: 'show databases' }
  | { readonly kind: 'show retention policies'; readonly database: string }
  | { readonly kind: 'create database'; readonly name: string }
