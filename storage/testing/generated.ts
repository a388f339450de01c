import fc, { type Arbitrary } from 'fast-check'
import { bases, crowded, lineOf, type Point, pick, points, shardEdge, step, steps } from './random-points.ts'

/**
 * Random points and questions about them, for comparing stores. Values are such that every order of adding gives the same
 * sum. What the stores answer otherwise (`DIFFERENCES.md`) is not asked.
 */
export interface Generated {
  /** Line protocol in nanoseconds, of the measurement `m`. */
  readonly lines: readonly string[]
  /** InfluxQL about `m`. */
  readonly queries: readonly string[]
}

/** A clause, more often left out than not. */
const sometimes = (clause: Arbitrary<string>) => fc.option(clause, { nil: '', freq: 2 })

const numberField = pick('f', 'i', 'f', 'i', 'f::integer', 'i::float')
const anyField = pick('f', 'i', 's', 'o')
const call = (names: Arbitrary<string>, of: Arbitrary<string>) =>
  fc.tuple(names, of).map(([name, one]) => `${name}(${one})`)

/** No `mode`: of values that are equally often there, which some points always have, each store takes another. */
const aggregate = fc.oneof(
  call(pick('count', 'mean', 'sum', 'median', 'stddev', 'spread'), numberField),
  call(pick('first', 'last', 'count'), anyField),
  call(pick('min', 'max'), pick('f', 'i', 'o')),
  pick('mean(f), percentile(f, 50)', 'percentile(i, 90), sum(f)', 'count(distinct(i))'),
)
const selector = fc.oneof(
  call(pick('first', 'last'), anyField),
  call(pick('min', 'max'), numberField),
  pick('top(f, 2)', 'bottom(i, 3)', 'top(f, a, 2)', 'sample(f, 100)'),
)

function transformationOf(of: Arbitrary<string>): Arbitrary<string> {
  return fc.oneof(
    call(
      pick(
        'derivative',
        'non_negative_derivative',
        'difference',
        'non_negative_difference',
        'cumulative_sum',
        'elapsed',
      ),
      of,
    ),
    of.map((one) => `moving_average(${one}, 2)`),
    of.map((one) => `floor(difference(${one})) + 1`),
    of.map((one) => `derivative(${one}, 1m)`),
    of.map((one) => (one.includes('(') ? `difference(cumulative_sum(${one}))` : `difference(${one})`)),
    of.map((one) => (one.includes('(') ? `derivative(difference(${one}))` : `derivative(${one})`)),
    of.map((one) => `elapsed(${one}, 1s)`),
  )
}

const numberAggregate = call(pick('count', 'mean', 'sum', 'max', 'first'), numberField)

const rawColumns = pick(
  '*',
  'f',
  'i, s',
  'f, a',
  'o, f, b',
  'f + i',
  'i % 4 - f * 2',
  'abs(f)',
  'round(f) + ceil(f), i',
  '/[fi]/',
  'f::integer, i::float',
  'i & 3, i | 4, i ^ 1',
  'pow(f, 2), sqrt(i), atan2(f, i)',
  'f AS x',
)

/** What a SELECT asks for, and whether it may, or must, have windows. */
interface Columns {
  readonly text: string
  readonly windows: 'may' | 'must' | 'never'
}

const columns: Arbitrary<Columns> = fc.oneof(
  rawColumns.map((text): Columns => ({ text, windows: 'never' })),
  transformationOf(numberField).map((text): Columns => ({ text, windows: 'never' })),
  transformationOf(numberAggregate).map((text): Columns => ({ text, windows: 'must' })),
  fc
    .array(aggregate, { minLength: 1, maxLength: 3 })
    .map((list): Columns => ({ text: list.join(', '), windows: 'may' })),
  selector.map((text): Columns => ({ text, windows: 'may' })),
  fc
    .tuple(selector, pick('f', 'i, s', 'a', 'o, b'))
    .map((pair): Columns => ({ text: pair.join(', '), windows: 'may' })),
  pick('distinct(i)', 'distinct(s)', 'mean(*)', 'count(*)', 'max(f) - min(i)', 'abs(mean(f)) * 2', 'last(f) / 2').map(
    (text): Columns => ({ text, windows: 'may' }),
  ),
  fc
    .tuple(numberAggregate, transformationOf(numberAggregate))
    .map((pair): Columns => ({ text: pair.join(', '), windows: 'must' })),
)

const condition = pick(
  "a = 'x'",
  "a != 'x'",
  "b = ''",
  'a =~ /x|y/',
  'f > 0',
  'i <= 2 AND f != 1.5',
  "s = 'alpha' OR o = true",
  "a = 'y' OR f < 2",
  'abs(f) > 3',
  'i & 1 = 1',
  'f::integer > 1',
  'i::float / 2 = 1.5',
  's =~ /a/',
)

const interval = pick('10s', '20s', '1m', '45s')
const fill = pick('fill(none)', 'fill(null)', 'fill(previous)', 'fill(linear)', 'fill(0)', 'fill(2.5)')

/** What is asked: the points, or a subquery of them that has columns of the same names. */
const inner = pick(
  'SELECT f, i, s, o FROM m',
  'SELECT f, i, s FROM m GROUP BY a',
  'SELECT f, i FROM m GROUP BY *',
  'SELECT mean(f) AS f, max(i) AS i FROM m WINDOW 20s',
  'SELECT mean(f) AS f FROM m WINDOW 20s, a',
  'SELECT mean(i) AS i FROM m WINDOW 1m, a, b',
  'SELECT sum(f) AS f, count(i) AS i FROM m WINDOW 1m',
  'SELECT first(f) AS f FROM m WINDOW 20s fill(0)',
  'SELECT max(f) AS f FROM m GROUP BY a, b',
  'SELECT difference(f) AS f FROM m GROUP BY a',
  'SELECT derivative(mean(f)) AS f FROM m WINDOW 20s, a',
  'SELECT f + i AS f, i FROM m GROUP BY b',
  'SELECT sum(f) AS f FROM (SELECT mean(f) AS f FROM m WINDOW 10s) GROUP BY a',
  'SELECT f * 2 AS f, i FROM (SELECT f, i FROM m GROUP BY a) GROUP BY a',
)
const source = fc.oneof({ arbitrary: fc.constant('m'), weight: 3 }, { arbitrary: inner, weight: 1 })

interface Shape {
  readonly source: string
  readonly columns: Columns
  readonly windowed: boolean
  readonly interval: string
  readonly offset: string
  readonly tags: string
  readonly fill: string
  readonly condition: string
  readonly late: number
  readonly short: number
  readonly order: string
  readonly page: string
  readonly zone: string
}

const shape: Arbitrary<Shape> = fc.record({
  source,
  columns,
  windowed: fc.boolean(),
  interval,
  offset: sometimes(pick(', 3s', ', -4s')),
  tags: sometimes(pick('a', 'a, b', '*', '/b/')),
  fill: sometimes(fill),
  condition: sometimes(condition),
  late: fc.nat(60),
  short: fc.nat(60),
  order: sometimes(pick('ORDER BY time DESC')),
  page: sometimes(pick('LIMIT 3', 'LIMIT 4 OFFSET 1', 'OFFSET 2', 'SLIMIT 1')),
  zone: sometimes(pick("tz('Asia/Kolkata')", "tz('America/New_York')")),
})

/** The times that a question looks at; windows always have both ends, so that there are not too many. */
function rangeOf(base: number, { late, short, source: from }: Shape): string {
  // Of a subquery whose first window begins before the range, InfluxDB may answer nothing.
  const start = from.includes('WINDOW') ? Math.floor((base + late) / 60) * 60 : base + late
  return `time >= ${start}s AND time < ${base + step * steps - short}s`
}

/** What counts rows or series without LIMIT, InfluxDB counts in each of its shards. */
function pageOf(base: number, { page, columns, condition }: Shape): string {
  // top and bottom choose, in InfluxDB, from as many points as are let through.
  if (/top|bottom/.test(columns.text)) return ''
  // SLIMIT counts series before it is known that a field in the condition is stored nowhere.
  if (page.startsWith('SLIMIT') && condition !== '') return ''
  return base === shardEdge && !page.startsWith('LIMIT') ? '' : page
}

function sourceOf(base: number, one: Shape): string {
  if (one.source === 'm') return 'm'
  return `(${one.source.replace('WINDOW ', `WHERE ${rangeOf(base, one)} GROUP BY time(`).replace(/(time\(\d+\w)/, '$1)')})`
}

function queryOf(base: number, one: Shape): string {
  const windows = one.columns.windows === 'must' || (one.columns.windows === 'may' && one.windowed)
  const ranged = windows || one.late > 20
  const conditions = [...(ranged ? [rangeOf(base, one)] : []), ...(one.condition === '' ? [] : [`(${one.condition})`])]
  const dimensions = [
    ...(windows ? [`time(${one.interval}${one.offset})`] : []),
    ...(one.tags === '' ? [] : [one.tags]),
  ]
  return [
    `SELECT ${one.columns.text} FROM ${sourceOf(base, one)}`,
    conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '',
    dimensions.length > 0 ? `GROUP BY ${dimensions.join(', ')}` : '',
    windows ? one.fill : '',
    one.order,
    pageOf(base, one),
    one.zone,
  ]
    .filter((part) => part !== '')
    .join(' ')
}

/** What InfluxDB does otherwise over a subquery (`DIFFERENCES.md`) is not asked of one. */
function comparable(one: Shape): Shape {
  if (one.source === 'm') return one
  // A cast of what the subquery does not have is refused.
  const castable = (text: string) =>
    text.replace(/(\w)::\w+/g, (cast, name) => (new RegExp(`\\b${name}\\b`).test(one.source) ? cast : name))
  const condition = castable(one.condition)
  const columns = { ...one.columns, text: castable(one.columns.text) }
  return {
    ...one,
    order: /[W(]/.test(one.source) ? '' : one.order,
    condition: condition.includes('abs(') ? '' : condition,
    columns: /top|bottom|sample/.test(columns.text) ? { ...columns, text: 'first(f)' } : columns,
  }
}

function questions(chosen: Arbitrary<Point[]>, shapes: Arbitrary<Shape>): Arbitrary<Generated> {
  return fc
    .record({ base: pick(...bases), chosen, asked: fc.array(shapes, { minLength: 5, maxLength: 5 }) })
    .map(({ base, chosen: some, asked }) => ({
      lines: some.map((one) => lineOf(base, one)),
      queries: asked.map((one) => queryOf(base, comparable(one))),
    }))
}

export const generated: Arbitrary<Generated> = questions(points, shape)

/** The same where points of one time are in several series; asked is only what their order does not matter to. */
export const tied: Arbitrary<Generated> = questions(
  crowded,
  fc
    .record({
      shape,
      list: fc.array(
        aggregate.filter((one) => !/^(first|last)/.test(one)),
        { minLength: 1, maxLength: 3 },
      ),
    })
    .map(({ shape: one, list }) => ({ ...one, source: 'm', columns: { text: list.join(', '), windows: 'may' } })),
)
