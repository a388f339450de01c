import { expect, test } from 'vitest'
import type { AnswerSeries } from '../source.ts'
import { catalogOf } from '../testing/catalog.ts'
import { planOf, scansOf } from '../testing/explain.ts'
import { compileCalls, compileRows, type Step } from './compile.ts'

const catalog = catalogOf({
  air: { fields: { pm25: 'float', n: 'integer' }, series: [{ site: 's1' }, { site: 's2' }, { site: 's3' }] },
})

const oneLine = (sql: string | undefined) => sql?.replace(/\s+/g, ' ').trim()

async function compiled(query: string): Promise<(string | undefined)[]> {
  const scans = await scansOf(catalog, await planOf(catalog, query))
  return scans.flatMap((scan) => {
    if (scan.calls.length === 0) return [oneLine(compileRows(scan)?.sql)]
    return compileCalls(scan).map(sqlOf)
  })
}

function sqlOf(step: Step): string | undefined {
  if (step.kind === 'transformation') return `${step.calls[0].expression.name} of ${sqlOf(step.input)}`
  return step.kind === 'empty' ? 'nothing' : oneLine(step.sql)
}

test.each([
  [
    'aggregates share a query, and a series is selected by its number',
    "SELECT mean(pm25), max(n) FROM air WHERE site = 's2' AND time >= 10 AND time < 20",
    [
      'SELECT 0 AS gid, 0::BIGINT AS bucket, avg(t.f1) AS c0, max(t.f2) AS c1 FROM air t WHERE t.time >= 10 AND t.time <= 19 AND t.sid = 1 GROUP BY bucket',
    ],
  ],
  [
    'series that are their own groups need no lookup',
    'SELECT mean(pm25) FROM air GROUP BY site',
    ['SELECT sid AS gid, 0::BIGINT AS bucket, avg(t.f1) AS c0 FROM air t WHERE t.sid <= 2 GROUP BY gid, bucket'],
  ],
  [
    'what chooses among points of one time reads the rank of their series',
    'SELECT mean(n), last(n) FROM air',
    [
      "SELECT gid, 0::BIGINT AS bucket, avg(t.f2) AS c0, arg_max(t.f2, (t.time, t.f2, -rank)) FILTER (t.f2 IS NOT NULL) AS c1 FROM (SELECT *, 0 AS gid, ('[0,1,2]'::INTEGER[])[CAST(sid AS BIGINT) - 0 + 1] AS rank FROM air) t WHERE t.sid <= 2 GROUP BY gid, bucket",
    ],
  ],
  [
    'of one series no two points have one time, and nothing reads a rank',
    "SELECT last(n) FROM air WHERE site = 's1'",
    [
      'SELECT 0 AS gid, 0::BIGINT AS bucket, arg_max_null(t.time, t.time), arg_max_null(t.sid, t.time), arg_max_null(t.f2, t.time) FROM air t WHERE t.sid = 0 AND t.f2 IS NOT NULL GROUP BY bucket',
    ],
  ],
  [
    'rows of one series are put in order in memory',
    "SELECT n FROM air WHERE site = 's1' AND n > 3",
    [
      'SELECT 0 AS gid, t.time, t.sid, t.f2 FROM air t WHERE t.sid = 0 AND (t.f2 IS NOT NULL) AND (t.f2 > 3) LIMIT 1001',
    ],
  ],
  [
    'a number that is cast has a column of its own',
    "SELECT n::float FROM air WHERE site = 's1' LIMIT 5",
    [
      'SELECT 0 AS gid, t.time, t.sid, t.f2_float FROM (SELECT *, CAST(f2 AS DOUBLE) AS f2_float FROM air) t WHERE t.sid = 0 AND (t.f2_float IS NOT NULL) ORDER BY t.time ASC LIMIT 5',
    ],
  ],
  [
    'a condition that differs by series is looked up by it',
    "SELECT n FROM air WHERE site = 's1' OR n > 3",
    [
      "SELECT 0 AS gid, t.time, t.sid, t.f2 FROM air t WHERE t.sid <= 2 AND (t.f2 IS NOT NULL) AND CASE ('[0,1,1]'::INTEGER[])[CAST(sid AS BIGINT) - 0 + 1] WHEN 0 THEN true WHEN 1 THEN (t.f2 > 3) END ORDER BY t.time ASC, ('[0,1,2]'::INTEGER[])[CAST(sid AS BIGINT) - 0 + 1] ASC LIMIT 1001",
    ],
  ],
  [
    'a transformation of a window reads one window more, before the first',
    'SELECT difference(max(n)) FROM air WHERE time >= 10 AND time < 20 GROUP BY time(5ns)',
    [
      'difference of SELECT 0 AS gid, (t.time - (t.time % 5 + CASE WHEN t.time % 5 < 0 THEN 5 ELSE 0 END)) AS bucket, max(t.f2) AS c0 FROM air t WHERE t.time >= 5 AND t.time <= 19 AND t.sid <= 2 GROUP BY bucket',
    ],
  ],
  ['a field that is stored nowhere is not read', 'SELECT first(missing) FROM air', ['nothing']],
  ['tags alone have no rows', 'SELECT site FROM air', [undefined]],
  ['a condition that no series meets leaves nothing to read', "SELECT n FROM air WHERE site = 's9'", []],
])('%s', async (_what, query, expected) => {
  expect(await compiled(query)).toEqual(expected)
})

test('the answer of a subquery is read in its own order, with neither time nor fields asked for', async () => {
  const plan = await planOf(catalog, 'SELECT x FROM (SELECT n AS x FROM air) WHERE time >= 10 ORDER BY time DESC')
  const [reading] = plan.reads
  const [shape] = plan.subqueries[0] ?? []
  if (!reading || !shape) throw new Error('nothing is read')
  const series: AnswerSeries[] = [{ name: 'air', columns: ['time', 'x'], values: [[12n, 5n]], timed: true }]
  const { relation, tables } = reading.relation.load([[{ shape, series }]])
  expect(tables).toEqual([{ name: 'scratch_0_0', types: ['integer'], times: [12n], sids: [0], columns: [[5n]] }])
  const [scan] = await scansOf(catalog, { ...plan, reads: [{ ...reading, relation }] })
  expect(scan && compileRows(scan)?.sql).toBe(
    'SELECT 0 AS gid, t.time, t.sid, t.f1 FROM scratch_0_0 t WHERE t.sid <= 0 ORDER BY rowid LIMIT 1001',
  )
})
