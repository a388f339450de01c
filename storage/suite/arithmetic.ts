import { span } from './data.ts'

/** Calculations in conditions, and with what is not finite. */
export const arithmeticQueries: readonly string[] = [
  // Whole numbers go round in 64 bits
  ...[
    'w - 1 > 0',
    'w + w = 0',
    'w * v < 0',
    '-w < 0',
    'w / -1 < 0',
    'w % -1 = 0',
    '9223372036854775807 + 1 = w',
    'w - 9223372036854775808 = 0',
    'w / 9223372036854775808 = 1',
    'v + 9223372036854775808 > 9223372036854775808',
    'v / 2 = 4503599627370496',
    'v ^ w < 0',
    'v = 9007199254740992.0',
    'floor(v) / 2 = 4503599627370496',
  ].map((condition) => `SELECT v FROM big WHERE ${condition}`),
  // NaN is unlike everything, what is infinite is not
  ...[
    'y % 0 != 1',
    'y % 0 = 1',
    'y % 0 != y % 0',
    'y % 0 < 1',
    'y % (v - v) != 1',
    'y % 0 + missing != 1',
    'x * x > 5',
    'x * x - x * x != 0',
    'x * x = x * x',
    '5 / (x * x) = 0',
    'sqrt(w) != 1',
    'ln(w) < 0',
    'asin(z) != 1',
    'pow(x, 2) > 1',
    'y > 7 / 0',
    'y != 7.5 % 0',
    '0.1 + 0.2 = 0.3',
    'v * 0.1 = 900719925474099.2',
    `y${'/2'.repeat(40)} > 0`,
  ].map((condition) => `SELECT y FROM big WHERE ${condition}`),
  ...['n % 0 != 1', 'n / 0 = 0', 'pm25 / n > 1', 'pm25 % n != 1', 'ln(pm25) < 0', 'sqrt(n) != 1'].flatMap(
    (condition) => [
      `SELECT pm25 FROM air WHERE ${condition}`,
      `SELECT pm25 FROM (SELECT pm25, n FROM air) WHERE pm25 > 0 AND ${condition.replace(/^(ln|sqrt).*/, 'n % 0 != 1')}`,
    ],
  ),
  // Only what is answered is null
  `SELECT 5 / (x * x), atan(x * x), 1 / pow(x, 2), pow(y % 0, 0) FROM big`,
  `SELECT 1 / ln(pm25) FROM air WHERE pm25 = 0`,
  `SELECT 1 / (sum(x) * x) FROM big`,
  `SELECT count(y) FROM (SELECT pm25 % n AS y FROM air)`,
  `SELECT 1 / y FROM (SELECT x * x AS y FROM big)`,
  `SELECT pm25 FROM (SELECT ln(pm25) AS y, pm25 FROM air) WHERE y < 0`,
  `SELECT pm25 FROM (SELECT pm25 % n AS y, pm25 FROM air) WHERE y != 1`,
  `SELECT sum(y), count(y) FROM (SELECT pm25 % n AS y FROM air)`,
  `SELECT stddev(y), count(y) FROM (SELECT pm25 % n AS y FROM air)`,
  `SELECT stddev(y), sum(y), mean(y) FROM (SELECT ln(pm25) AS y FROM air)`,
  `SELECT y::integer FROM (SELECT pm25 % n AS y FROM air)`,
  `SELECT difference(y), cumulative_sum(y), moving_average(y, 2) FROM (SELECT pm25 % n AS y FROM air)`,
  `SELECT count(y) FROM (SELECT stddev(pm25) AS y FROM air GROUP BY *)`,

  // Functions of constants are calculated before columns are named
  ...['sin(pm25) - sin(1.3)', 'pm25 + sqrt(4)', 'n + pow(2, 3)', 'sin(cos(0)) + pm25', 'sin(pm25 + sin(0))'].map(
    (asked) => `SELECT ${asked} FROM air`,
  ),
  ...['cos(0) * mean(pm25)', 'mean(n) + log(8, 2)', 'mean(n) * sin(1)', 'derivative(mean(n), 1m) + sin(1)'].map(
    (asked) => `SELECT ${asked} FROM air WHERE ${span} GROUP BY time(1m)`,
  ),
  `SELECT abs(1.5) * n, ceil(1.2) * n, round(-2.5) * n FROM air`,
  `SELECT n % round(2.6), n % floor(7), n / floor(5) FROM air`,
  `SELECT exp(1) * pm25 AS e, atan2(1, 2) * pm25 FROM air`,
  `SELECT x FROM (SELECT pm25 * cos(0) AS x FROM air)`,
  `SELECT mean + 1 FROM (SELECT cos(0) * mean(pm25) FROM air)`,
]
