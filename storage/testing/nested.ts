import fc, { type Arbitrary } from 'fast-check'
import type { Generated } from './generated.ts'
import { bases, lineOf, manyPoints, pick, step, steps } from './random-points.ts'

/** What one level of a query calculates: the field `f`, and maybe `i`, from those of the level within. */
interface Calculated {
  /** Expressions about F, which stands for a field of the level within. */
  readonly f: string
  readonly i: string
  /** Whether it may, or must, have windows. */
  readonly windows: 'may' | 'must' | 'never'
}

interface Level {
  readonly calculated: Calculated
  /** The field that each of its columns is about, where the level within has both. */
  readonly of: readonly [f: string, i: string]
  readonly windowed: boolean
  /** Seconds. */
  readonly interval: number
  readonly tags: string
  readonly fill: string
  readonly condition: string
  /** Whether it names the range, which it has from the query around it anyway. */
  readonly ranged: boolean
}

const sometimes = (text: Arbitrary<string>) => fc.option(text, { nil: '', freq: 2 })
const rarely = (text: Arbitrary<string>) => sometimes(sometimes(text))

/** No `stddev`: of values that differ by less than floats tell apart, each store has another; of one it is no number. */
const aggregate = pick(
  ...['count(F)', 'mean(F)', 'sum(F)', 'median(F)', 'spread(F)', 'first(F)', 'last(F)', 'min(F)', 'max(F)'],
  'percentile(F, 50)',
  'count(distinct(F))',
)
const within = pick('count(F)', 'mean(F)', 'sum(F)', 'max(F)', 'min(F)', 'first(F)', 'spread(F)', 'median(F)')

function transformationOf(of: Arbitrary<string>): Arbitrary<string> {
  const names = ['derivative', 'non_negative_derivative', 'difference', 'non_negative_difference', 'cumulative_sum']
  return fc
    .tuple(pick(...names, 'elapsed', 'moving_average'), of, pick(2, 3), pick('', ', 1s', ', 1m'))
    .map(([name, one, count, unit]) => {
      if (name === 'moving_average') return `moving_average(${one}, ${count})`
      return `${name}(${one}${/derivative|elapsed/.test(name) ? unit : ''})`
    })
}

const windowed = transformationOf(fc.oneof({ arbitrary: within, weight: 3 }, transformationOf(within)))

const none = fc.constant('')
const calculated: Arbitrary<Calculated> = fc.oneof(
  fc.record({ f: aggregate, i: sometimes(aggregate), windows: fc.constant('may' as const) }),
  fc.record({
    f: windowed,
    i: sometimes(fc.oneof(within, windowed)),
    windows: fc.constant('must' as const),
  }),
  fc.record({ f: transformationOf(fc.constant('F')), i: none, windows: fc.constant('never' as const) }),
  fc.record({ f: pick('F', 'F + 1', 'F * 2 - F'), i: pick('', 'F', 'F'), windows: fc.constant('never' as const) }),
  fc.record({ f: pick('max(F) - min(F)', 'sum(F) * 2', 'last(F) + 1'), i: none, windows: fc.constant('may' as const) }),
)

const level: Arbitrary<Level> = fc.record({
  calculated,
  of: fc.tuple(pick('f', 'i'), pick('f', 'i')),
  windowed: fc.boolean(),
  interval: pick(10, 20, 30, 60),
  tags: sometimes(pick('a', 'b', 'a, b', '*')),
  fill: pick('', 'fill(none)', 'fill(null)', 'fill(previous)', 'fill(linear)', 'fill(0)', 'fill(7.5)'),
  condition: rarely(pick("a = 'x'", "b != '1'", 'f > 0', 'f < 4 OR i > 1')),
  ranged: fc.boolean(),
})

interface Nested {
  /** The query, then what is within. */
  readonly levels: readonly Level[]
  readonly interval: string
  readonly late: number
  readonly short: number
  readonly order: string
  readonly page: string
  readonly zone: string
}

const shape: Arbitrary<Nested> = fc.record({
  levels: fc.array(level, { minLength: 2, maxLength: 4 }),
  interval: pick('10s', '20s', '45s', '1m', '20s, 3s', '1m, -4s', '1h', '1w'),
  late: fc.nat(90),
  short: fc.nat(60),
  order: rarely(fc.constant('ORDER BY time DESC')),
  page: rarely(pick('LIMIT 3', 'LIMIT 2 OFFSET 1')),
  zone: rarely(pick("tz('Asia/Kolkata')", "tz('America/New_York')")),
})

function hasWindows({ calculated: { windows }, windowed }: Level): boolean {
  return windows === 'must' || (windows === 'may' && windowed)
}

function queryOf(base: number, shape: Nested): string {
  const [outermost] = shape.levels as [Level]
  const aligned = hasWindows(outermost) ? base + shape.late : Math.floor((base + shape.late) / 60) * 60
  const range = `time >= ${aligned}s AND time < ${base + step * steps - shape.short}s`
  const textOf = (place: number): string => {
    const one = shape.levels[place] as Level
    const inner = shape.levels[place + 1]
    const { calculated } = one
    const both = inner?.calculated.i !== ''
    const columns = [calculated.f, calculated.i].flatMap((text, column) =>
      text === '' ? [] : [`${text.replaceAll('F', both ? (one.of[column] as string) : 'f')} AS ${'fi'[column]}`],
    )
    const conditions = [
      ...(place === 0 || one.ranged ? [range] : []),
      ...(one.condition === '' ? [] : [`(${one.condition})`]),
    ]
    const windows = hasWindows(one)
    const dimensions = [
      ...(windows ? [`time(${place === 0 ? shape.interval : `${one.interval}s`})`] : []),
      ...(one.tags === '' ? [] : [one.tags]),
    ]
    return [
      `SELECT ${columns.join(', ')} FROM ${inner ? `(${textOf(place + 1)})` : 'm'}`,
      conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '',
      dimensions.length > 0 ? `GROUP BY ${dimensions.join(', ')}` : '',
      windows ? one.fill : '',
    ]
      .filter((part) => part !== '')
      .join(' ')
  }
  return [textOf(0), shape.order, shape.page, shape.zone].filter((part) => part !== '').join(' ')
}

/** The tags that a level names; a wildcard stands for those of the level within. */
function tagsOf(levels: readonly Level[], place: number): string[] {
  const tags = levels[place]?.tags ?? 'a, b'
  return tags === '*' ? tagsOf(levels, place + 1) : tags.split(', ').filter((tag) => tag !== '')
}

/** What InfluxDB does otherwise (`DIFFERENCES.md`) is not asked. */
function comparable(shape: Nested): Nested {
  const outermost = tagsOf(shape.levels, 0)
  // Rows that were grouped by `a`, and are grouped by `b` alone, come in the order of the one there, of the other here.
  const regrouped = (one: Level, place: number) => place > 0 && one.tags === 'b' && !outermost.includes('b')
  const ordered = shape.levels.map((one, place) => (regrouped(one, place) ? { ...one, tags: 'a, b' } : one))
  const grouped = new Set<string>()
  // Without windows around it, a window that begins before the range is answered with nothing: none does if each width
  // divides those around it.
  let width = hasWindows(ordered[0] as Level) ? undefined : 60
  const levels = ordered.map((one, place): Level => {
    for (const tag of tagsOf(ordered, place)) grouped.add(tag)
    // Series that the outermost does not part are filled anew whenever the next point is of another.
    const fill = grouped.size === outermost.length ? one.fill : ''
    const interval = width && width % one.interval !== 0 ? width : one.interval
    if (width && hasWindows(one)) width = interval
    return { ...one, fill, interval, calculated: comparableWithin(one, place > 0 && grouped.size > 0) }
  })
  // Windows that a subquery has from the query around it are, in InfluxDB, those of UTC.
  const inherits = levels.some((one, place) => place > 0 && one.calculated.windows !== 'never' && !hasWindows(one))
  return { ...shape, levels, zone: inherits ? '' : shape.zone }
}

function comparableWithin(one: Level, grouped: boolean): Calculated {
  const { windows, f, i } = one.calculated
  // Which of equal values it takes the time of is by chance where there are many, as where windows are filled.
  const known = (text: string) => (hasWindows(one) ? text : text.replace('percentile(F, 50)', 'median(F)'))
  // Rows of several functions are joined as long as these have points of the same times.
  return { windows, f: known(f), i: grouped && windows !== 'never' ? '' : known(i) }
}

/** Questions about the answers of others, several levels deep. */
export const nested: Arbitrary<Generated> = fc
  .record({ base: pick(...bases), chosen: manyPoints, shapes: fc.array(shape, { minLength: 5, maxLength: 5 }) })
  .map(({ base, chosen, shapes }) => ({
    lines: chosen.map((one) => lineOf(base, one)),
    queries: shapes.map((one) => queryOf(base, comparable(one))),
  }))
