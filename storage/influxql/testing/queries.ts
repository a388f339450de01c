import fc, { type Arbitrary } from 'fast-check'
import type {
  BinaryOperator,
  Dimension,
  Expression,
  Fill,
  Limits,
  MeasurementSource,
  NameFilter,
  SelectStatement,
  Source,
  Statement,
} from '../syntax/ast.ts'

/** Any statements, whether or not they make sense: what a formatter must be able to write. */

const at = { line: 1, char: 1 }

const letters = 'abcXYZ019_ \'"\\/.,-+*=ĐơÀ\n'
const names = fc.oneof(
  fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 6 }),
  fc.constantFrom('select', 'time', 'fill', 'x', 'key'),
)
const functionNames = fc.constantFrom('mean', 'max', 'derivative', 'abs', 'percentile')
// InfluxQL has no text from which -0 comes back.
const floats = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => value !== 0)
const numbers = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), floats)
const durations = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n })
// What begins with a star would begin a comment.
const regexes = fc
  .string({ unit: fc.constantFrom(...'ab/.*[]^$|()'), maxLength: 6 })
  .filter((source) => !source.startsWith('*'))
const optional = <T>(arbitrary: Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })

const leaf: Arbitrary<Expression> = fc.oneof(
  numbers.map((value): Expression => ({ kind: 'number', value })),
  fc
    .string({ unit: fc.constantFrom(...letters), maxLength: 6 })
    .map((value): Expression => ({ kind: 'string', value, at })),
  fc.boolean().map((value): Expression => ({ kind: 'boolean', value })),
  durations.map((value): Expression => ({ kind: 'duration', value })),
  fc
    .record({ name: names, of: fc.constantFrom('', 'field', 'tag', 'float') })
    .map((one): Expression => ({ kind: 'reference', ...one, at })),
)
const regex = regexes.map((source): Expression => ({ kind: 'regex', source, at }))
const wildcard = fc
  .constantFrom('any', 'field', 'tag')
  .map((of): Expression => ({ kind: 'wildcard', of }) as Expression)

const operators: readonly BinaryOperator[] = [
  '+',
  '-',
  '*',
  '/',
  '%',
  '&',
  '|',
  '^',
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'AND',
  'OR',
]

const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaf,
    fc
      .record({ operator: fc.constantFrom(...operators), left: tie('expression'), right: tie('expression') })
      .map((one): Expression => ({ kind: 'binary', ...one, at })),
    fc
      .record({ operator: fc.constantFrom<BinaryOperator>('=~', '!~'), left: leaf, right: regex })
      .map((one): Expression => ({ kind: 'binary', ...one, at })),
    fc
      .record({
        name: functionNames,
        arguments: fc.array(fc.oneof(tie('expression'), wildcard, regex), { maxLength: 3 }),
      })
      .map((one): Expression => ({ kind: 'call', ...one, at })),
  ),
}))

const measurement: Arbitrary<MeasurementSource> = fc
  .record({
    database: fc.oneof(fc.constant(''), names),
    policy: fc.oneof(fc.constant(''), names),
    name: names,
    regex: optional(regexes),
  })
  .map((one) => ({ kind: 'measurement', ...one, name: one.regex === undefined ? one.name : '' }))

const dimension: Arbitrary<Dimension> = fc.oneof(
  names.filter((name) => name !== 'time').map((name): Dimension => ({ kind: 'tag', name })),
  fc.constant<Dimension>({ kind: 'wildcard' }),
  regexes.map((source): Dimension => ({ kind: 'regex', source })),
)
const window: Arbitrary<Dimension> = fc
  .record({
    interval: durations,
    offset: optional(durations.map((value): Expression => ({ kind: 'duration', value }))),
  })
  .map((one): Dimension => ({ kind: 'time', ...one }))

const fill: Arbitrary<Fill> = fc.oneof(
  fc.constantFrom('null', 'none', 'previous', 'linear').map((kind): Fill => ({ kind }) as Fill),
  numbers.map((value): Fill => ({ kind: 'number', value })),
)

const counts = optional(fc.nat(1000))
const limits: Arbitrary<Limits> = fc.record({
  limit: counts,
  offset: counts,
  seriesLimit: counts,
  seriesOffset: counts,
})

const { select } = fc.letrec<{ select: SelectStatement; source: Source }>((tie) => ({
  source: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    measurement,
    tie('select').map((statement): Source => ({ kind: 'subquery', statement })),
  ),
  select: fc
    .record({
      fields: fc.array(
        fc.record({ expression: fc.oneof(expression, wildcard, regex), alias: optional(names), at: fc.constant(at) }),
        { minLength: 1, maxLength: 3 },
      ),
      sources: fc.array(tie('source'), { minLength: 1, maxLength: 2 }),
      where: optional(expression),
      dimensions: fc
        .record({ windows: optional(window), tags: fc.array(dimension, { maxLength: 2 }) })
        .map(({ windows, tags }) => (windows ? [windows, ...tags] : tags)),
      fill,
      descending: optional(fc.boolean()),
      limits,
      zone: optional(fc.constantFrom('Asia/Ho_Chi_Minh', 'UTC')),
    })
    .map(({ limits: own, ...one }): SelectStatement => ({ kind: 'select', ...one, ...own })),
}))

const filter: Arbitrary<NameFilter> = fc.oneof(
  fc.record({ names: fc.tuple(names), negated: fc.boolean() }).map((one): NameFilter => ({ kind: 'in', ...one })),
  fc
    .array(names, { minLength: 2, maxLength: 3 })
    .map((list): NameFilter => ({ kind: 'in', names: list, negated: false })),
  fc.record({ source: regexes, negated: fc.boolean() }).map((one): NameFilter => ({ kind: 'regex', ...one })),
)

const show: Arbitrary<Statement> = fc
  .record({
    subject: fc.constantFrom('tag keys', 'tag values', 'field keys', 'series'),
    database: fc.oneof(fc.constant(''), names),
    sources: fc.array(measurement, { maxLength: 2 }),
    with: filter,
    where: optional(expression),
    limits,
  })
  .map(
    ({ limits: own, ...one }): Statement => ({
      kind: 'show',
      ...one,
      ...own,
      with: one.subject === 'tag values' ? one.with : undefined,
      where: one.subject === 'field keys' ? undefined : one.where,
      ...(one.subject !== 'tag keys' && { seriesLimit: undefined, seriesOffset: undefined }),
    }),
  )

export const queries: Arbitrary<Statement[]> = fc.array(fc.oneof(select, show), { minLength: 1, maxLength: 3 })
