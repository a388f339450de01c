import { expect, test } from 'vitest'
import { catalogOf } from '../testing/catalog.ts'
import { explain, planOf } from '../testing/explain.ts'

const catalog = catalogOf({
  air: {
    fields: { pm25: 'float', n: 'integer', note: 'string' },
    series: [
      { site: 's1', area: 'a' },
      { site: 's2', area: 'a' },
    ],
  },
  rain: { fields: { n: 'float', mm: 'float' }, series: [{ site: 's1' }] },
})

test.each([
  [
    'a wildcard stands for fields and tags, in order of their names',
    'SELECT * FROM air',
    `read air
  area: area::tag (tag)
  n: n::field (integer)
  note: note::field (string)
  pm25: pm25::field (float)
  site: site::tag (tag)`,
  ],
  [
    'a wildcard in a function stands for the fields that it takes, and leaves out no tag that is grouped by',
    'SELECT mean(*) FROM air GROUP BY site',
    `read air
  mean_n: mean(n::field) (float)
  mean_pm25: mean(pm25::field) (float)
by site`,
  ],
  [
    'names are found by regular expression, and what is integer in one measurement becomes float as in the other',
    'SELECT n FROM /^(air|rain)$/ GROUP BY /^si/',
    `read air
  n: n::float (float)
read rain
  n: n::float (float)
by site`,
  ],
  [
    'conditions on time are parted from the others',
    `SELECT pm25 + n FROM air WHERE site = 's1' AND time >= 10 AND time < 20`,
    `read air
  pm25_n: pm25 + n (float)
  where site = 's1'
from 10 to 19`,
  ],
  [
    'a subquery has the range and the tags of the query around it, and its columns have types before it is executed',
    'SELECT max(x) FROM (SELECT count(note) AS x FROM air GROUP BY time(5ns)) WHERE time >= 10 AND time < 20 GROUP BY site',
    `read air
  max: max(x) (integer)
by site
from 10 to 19
subquery, level 0
  read air
    x: count(note) (integer)
  by site
  every 5 ns
  from 10 to 19`,
  ],
  [
    'a transformation around a subquery asks it once more, with one window before the first',
    'SELECT difference(max(x)) FROM (SELECT n AS x FROM rain) WHERE time >= 10 AND time < 20 GROUP BY time(5ns)',
    `read rain
  difference: difference(max(x)) (float)
every 5 ns
from 10 to 19
subquery, level 0
  read rain
    x: n (float)
  every 5 ns
  from 10 to 19
subquery, level 1
  read rain
    x: n (float)
  every 5 ns
  from 5 to 19`,
  ],
  ['what does not exist reads nothing', 'SELECT x FROM nothing', ''],
])('%s', async (_what, query, expected) => {
  expect(explain(await planOf(catalog, query))).toBe(expected)
})

test.each([
  ['SELECT mean(note) FROM air', 'unsupported mean() of a string: field note at line 1, char 8'],
  ['SELECT mean(x) FROM (SELECT note AS x FROM air)', 'unsupported mean() of a string: field x at line 1, char 8'],
  ['SELECT x + 1 FROM (SELECT note AS x FROM air)', 'type error: incompatible types: a string in a calculation'],
  ['SELECT mean(pm25), n FROM air', 'mixing aggregate and non-aggregate queries is not supported'],
  ['SELECT nosuch(pm25) FROM air', 'undefined function: nosuch()'],
  ['SELECT x::boolean FROM (SELECT n AS x FROM air)', 'x of a subquery cannot be cast to boolean'],
  ['SELECT x FROM (SELECT n AS x FROM air ORDER BY time DESC)', 'subqueries must be ordered in the same direction'],
  ['SELECT n FROM other..air', 'database not found: other'],
])('%s is refused before anything is read', async (query, message) => {
  await expect(planOf(catalog, query)).rejects.toThrow(message)
})

test('a function of what has no field has the type that it gives, and one that keeps the type has none', async () => {
  const { reads } = await planOf(catalog, 'SELECT count(x), max(x) FROM air')
  expect([...(reads[0]?.callTypes.values() ?? [])]).toEqual(['integer', undefined])
})

test('a plan knows the tags that only the query around it groups by', async () => {
  const plan = await planOf(catalog, 'SELECT mean(x) FROM (SELECT n AS x FROM air GROUP BY area) GROUP BY site')
  expect(plan.subqueries[0]?.[0]).toMatchObject({ dimensions: ['area', 'site'], hidden: ['site'], ofPoints: true })
})

test('a query has at most 100 subqueries', async () => {
  const ofMany = (count: number) =>
    `SELECT n FROM ${Array.from({ length: count }, () => '(SELECT n FROM air)').join(', ')}`
  await expect(planOf(catalog, ofMany(101))).rejects.toThrow('the query has too many nested subqueries')
  expect((await planOf(catalog, ofMany(100))).subqueries[0]).toHaveLength(100)
})
