import type { FieldType } from '../../line-protocol/point.ts'

/** What the SQL of a function is made from. */
interface SpecialParts {
  /** FROM and WHERE of the rows that have the field, as `t`, with the columns `gid` and `rank`. */
  readonly rows: string
  /** Column of the field, and of other fields that are asked of the same points. */
  readonly f: string
  readonly others: readonly string[]
  /** The window that a row is in, and how far into it the row is, in nanoseconds. */
  readonly bucket: string
  readonly passed: string
  /** Width of the windows, in nanoseconds; none where there are no windows. */
  readonly interval: bigint | undefined
  /** What follows the field: how many points, or the unit of time in nanoseconds. */
  readonly parameter: bigint
  /** Number of the combination of tags that a row has, where tags stand in the call. */
  readonly part: string | undefined
  /** Whether each of these is one series of a measurement. */
  readonly ofSeries: boolean
  /** Whether all rows are of one group and one window. */
  readonly single: boolean
  readonly order: 'ASC' | 'DESC'
  /** What the points follow each other by. */
  readonly sequence: string
}

/** A function that answers with points of its own number or kind, so that it has a query of its own. */
export interface Special {
  readonly takes: readonly FieldType[]
  readonly gives: 'float' | 'same'
  readonly parameter: 'none' | 'unit' | 'size'
  /** Tags may stand between the field and the number: then each combination of them gives its best point only. */
  readonly tags?: true
  /** Whether its values are those of points, which other fields can be asked of, and whose times they keep. */
  readonly selector?: true
  /** Whether windows without a value are filled. */
  readonly fills?: true
  /** Whether without windows its point is at 1970, and not where the range begins. */
  readonly atZero?: true
  /** SQL of the columns gid, bucket, time, sid, value and the others. */
  sql(parts: SpecialParts): string
}

const numeric: readonly FieldType[] = ['float', 'integer', 'unsigned']
const any: readonly FieldType[] = [...numeric, 'boolean', 'string']

/** In the order of the time at which the answer comes to a value first, which always ascends. */
function distinct({ rows, f, bucket, order }: SpecialParts): string {
  const since = order === 'ASC' ? 'min(t.time)' : 'max(t.time)'
  return `SELECT gid, ${bucket} AS bucket, NULL, NULL, t.${f} AS f ${rows}
    GROUP BY gid, bucket, f ORDER BY gid ${order}, bucket ${order}, ${since}, f`
}

/**
 * The value that most points have; of such that equally many have, the one that was come to at the earliest time. Where none
 * is there twice, the least.
 */
function mode({ rows, f, bucket, order }: SpecialParts): string {
  const since = order === 'ASC' ? 'min(t.time)' : 'max(t.time)'
  return `SELECT gid, bucket, NULL, NULL, f FROM (
      SELECT gid, ${bucket} AS bucket, t.${f} AS f, count(*) AS n, ${since} AS since ${rows} GROUP BY gid, bucket, f
    ) QUALIFY row_number() OVER (PARTITION BY gid, bucket
      ORDER BY n DESC, CASE WHEN typeof(f) = 'BOOLEAN' OR n = 1 THEN NULL ELSE since END,
        CASE WHEN typeof(f) <> 'BOOLEAN' AND n = 1 THEN f END ASC, f DESC) = 1
    ORDER BY gid, bucket`
}

/** The rows of points with their windows, from which a selector takes some. */
function points({ rows, f, bucket, others, part }: SpecialParts): string {
  const more = others.map((column) => `, t.${column} AS o${column}`).join('')
  return `SELECT gid, rank, ${bucket} AS bucket, t.time AS time, t.sid AS sid, t.${f} AS f, ${part ?? '0'} AS part${more} ${rows}`
}

/** The greatest or least points. Those of one window ascend even where the answer descends, as in InfluxDB. */
function outermost(direction: 'ASC' | 'DESC') {
  return (parts: SpecialParts): string => {
    const { others, order, parameter, single } = parts
    const best = `f ${direction}, time, rank`
    const columns = `gid, bucket, time, sid, f${others.map((column) => `, o${column}`).join('')}`
    const from = parts.part === undefined ? points(parts) : bestOfParts(parts, direction)
    // To number rows within groups takes longer than to sort them, and to plan it as well.
    const chosen = single
      ? `(SELECT * FROM (${from}) ORDER BY ${best} LIMIT ${parameter})`
      : `(${from}) QUALIFY row_number() OVER (PARTITION BY gid, bucket ORDER BY ${best}) <= ${parameter}`
    return `SELECT ${columns} FROM ${chosen} ORDER BY gid ${order}, bucket ${order}, time, f ${direction}, rank`
  }
}

/** The greatest or least point of each combination of tags. */
function bestOfParts(parts: SpecialParts, direction: 'ASC' | 'DESC'): string {
  const [choose, extreme, sign] = direction === 'ASC' ? ['arg_min', 'min', ''] : ['arg_max', 'max', '-']
  if (!parts.ofSeries || parts.others.length > 0) {
    return `SELECT unnest(best) FROM (SELECT ${choose}(p, (f, ${sign}time, ${sign}rank)) AS best
      FROM (${points(parts)}) p GROUP BY gid, bucket, part)`
  }
  // No two rows of a series have one time, and all have the same rank.
  return `SELECT gid, bucket, sid, min(rank) AS rank, ${extreme}(f) AS f, ${choose}(time, (f, ${sign}time)) AS time
    FROM (${points(parts)}) GROUP BY gid, bucket, sid`
}

function sample(parts: SpecialParts): string {
  const { others, order, parameter } = parts
  return `SELECT gid, bucket, time, sid, f${others.map((column) => `, o${column}`).join('')} FROM (${points(parts)})
    QUALIFY row_number() OVER (PARTITION BY gid, bucket ORDER BY random()) <= ${parameter}
    ORDER BY gid ${order}, bucket ${order}, time, rank`
}

/**
 * The area under the line through the points. A piece that crosses the end of a window is cut there; what follows the cut
 * is of the window of the later point. The last window is left out if all that it has is a point at its start.
 */
function integral({ rows, f, bucket, passed, interval, parameter, sequence }: SpecialParts): string {
  // Without windows no piece is ever cut: all rows are in one.
  const cut = `(t0 + ${interval ?? 0n} - passed0)`
  const atCut = `(f0 + (f - f0) * (${cut} - t0) / (time - t0))`
  const area = (a: string, b: string, from: string, to: string) =>
    `0.5 * (${a} + ${b}) * ((${to} - ${from}) / ${parameter}.0)`
  return `WITH pieces AS (
      SELECT gid, time, f, passed, bucket, lag(time) OVER w AS t0, lag(f) OVER w AS f0, lag(passed) OVER w AS passed0,
        lag(bucket) OVER w AS bucket0
      FROM (SELECT gid, rank, t.time AS time, CAST(t.${f} AS DOUBLE) AS f, ${passed} AS passed, ${bucket} AS bucket ${rows})
      WINDOW w AS (PARTITION BY gid ORDER BY ${sequence})
    ), areas AS (
      SELECT gid, bucket, passed, CASE WHEN t0 IS NULL THEN 0 WHEN bucket0 = bucket THEN ${area('f', 'f0', 't0', 'time')}
        ELSE ${area('f', atCut, cut, 'time')} END AS area FROM pieces
      UNION ALL SELECT gid, bucket0, passed0, ${area('f0', atCut, 't0', cut)} FROM pieces WHERE bucket0 <> bucket
    )
    SELECT gid, bucket, NULL, NULL, sum(area) FROM areas GROUP BY gid, bucket
    QUALIFY max(passed) <> 0 OR lead(bucket) OVER (PARTITION BY gid ORDER BY bucket) IS NOT NULL
    ORDER BY gid, bucket`
}

const many = { takes: numeric, gives: 'same', parameter: 'size', tags: true, selector: true } as const

/** Every such function. A new one is a line here. */
export const specials: ReadonlyMap<string, Special> = new Map<string, Special>([
  ['distinct', { takes: any, gives: 'same', parameter: 'none', sql: distinct }],
  ['mode', { takes: any, gives: 'same', parameter: 'none', fills: true, sql: mode }],
  ['top', { ...many, sql: outermost('DESC') }],
  ['bottom', { ...many, sql: outermost('ASC') }],
  ['sample', { takes: any, gives: 'same', parameter: 'size', selector: true, sql: sample }],
  ['integral', { takes: numeric, gives: 'float', parameter: 'unit', atZero: true, sql: integral }],
])
