import type { ApiError } from '@ioc/contract/messages/api.ts'
import type { ApiCompare, ApiTrend, ApiUnusual } from '@ioc/contract/messages/api-analysis.ts'
import type { IndicatorDescriptor } from '@ioc/contract/messages/live.ts'
import { hasDebianInflux } from '@ioc/storage/testing/real-influx.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { periodAt, previousOf, yearBefore } from './analysis/periods.ts'
import { type Centre, eventually, startCentre } from './testing/centre.ts'
import { type Influxd, startInfluxd } from './testing/influxd.ts'

const hour = 3_600_000
const day = 24 * hour

describe.skipIf(!hasDebianInflux())('analysis, from a real InfluxDB', () => {
  const now = Math.floor(Date.now() / hour) * hour
  const month = periodAt('month', now)
  const last = previousOf(month)
  const base = {
    title: { vi: 'v', en: 'e' },
    about: { vi: 'Thử.', en: 'A test.' },
    unit: '%',
    source: 'one_stop',
    formula: 'f',
  } as const
  const descriptors: IndicatorDescriptor[] = [
    {
      ...base,
      id: 'on_time_month',
      window: { kind: 'calendar', unit: 'month' },
      scopes: ['area', 'district'],
      levels: { direction: 'below', attention: 98 },
    },
    { ...base, id: 'load_1h', window: { kind: 'tumbling', size_s: 3600 }, scopes: ['area', 'district'] },
    { ...base, id: 'by_kind', window: { kind: 'tumbling', size_s: 3600 }, scopes: ['area'], by: 'kind' },
    {
      ...base,
      id: 'of_site',
      window: { kind: 'tumbling', size_s: 3600 },
      scopes: ['site'],
      unconfirmed: { vi: 'tất cả', en: 'all of it' },
    },
  ]
  const area = (code: string) => ({ code, name: `Xã ${code}`, lat: 1, lon: 1, unconfirmed: false })
  const target = { indicator: 'on_time_month', scope: 'area', key: null, group: null, period: null, value: 98 }
  let store: Influxd
  let centre: Centre

  /** Of the hour that begins at a time: what repeats each week, with a little noise. */
  const usual = (ts: number) =>
    50 + 10 * Math.sin((2 * Math.PI * (ts % (7 * day))) / (7 * day)) + (((ts / (7 * day)) | 0) % 3)

  beforeAll(async () => {
    store = await startInfluxd()
    const point = (id: string, scope: string, value: number, ts: number) =>
      `indicator,id=${id},scope=${scope} value=${value},level=0i,samples=1i ${ts}`
    const lines = [
      point('on_time_month', 'area,area=A', 97, last.to),
      point('on_time_month', 'area,area=B', 99, last.to),
      point('on_time_month', 'area,area=A', 90, yearBefore(last).to),
      point('on_time_month', 'area,area=A', 96, previousOf(last).to),
    ]
    for (let ts = now - 40 * day; ts <= now; ts += hour) {
      lines.push(point('load_1h', 'district', usual(ts - hour), ts))
      lines.push(point('load_1h', 'area,area=A', ts === now - 5 * hour ? 500 : 20, ts))
      lines.push(point('load_1h', 'area,area=B', 30, ts))
    }
    await store.write(lines)
    centre = await startCentre({ IOC_STORAGE_PORT: String(store.port) })
    await centre.publishRaw('ioc/v1/_live/indicators', JSON.stringify(descriptors))
    const targets = [{ ...target, direction: 'at_least', source: 's', unconfirmed: false }]
    await centre.publish('district', { areas: [area('A'), area('B'), area('C')], sites: [], targets })
    for (const [key, value] of [
      ['A', 95],
      ['B', 99.5],
    ] as const) {
      await centre.publish(`indicator/on_time_month/area/${key}`, {
        id: 'on_time_month',
        scope: 'area',
        key,
        ts: now,
        value,
        level: 0,
        samples: 9,
      })
      await centre.publish(`indicator/load_1h/area/${key}`, {
        id: 'load_1h',
        scope: 'area',
        key,
        ts: now,
        value,
        level: 0,
        samples: 9,
      })
    }
    await eventually(async () => {
      const { body } = await centre.get('/api/indicators')
      const [first] = (body as { indicators: { latest: { area?: object } }[] }).indicators
      return Object.keys(first?.latest.area ?? {}).length === 2 ? true : undefined
    })
  })
  afterAll(async () => {
    await centre?.stop()
    await store?.stop()
  })

  const read = async <T>(path: string): Promise<T> => {
    const { status, body } = await centre.get(`/api/analysis/${path}`)
    expect([status, body]).toEqual([200, expect.anything()])
    return body as T
  }

  test('compares the areas of a whole period with the periods before and the target', async () => {
    const found = await read<ApiCompare>(`compare?indicator=on_time_month&period=${last.name}`)
    expect(found).toMatchObject({
      period: last.name,
      provisional: false,
      figure: 'value',
      better: 'at_least',
      ranked_by: 'levels',
    })
    expect(found.areas).toMatchObject([
      { key: 'B', name: 'Xã B', value: 99, rank: 1, previous: null, target: 98, target_difference: 1 },
      {
        key: 'A',
        value: 97,
        rank: 2,
        previous: 96,
        previous_difference: 1,
        year_before: 90,
        year_before_difference: 7,
      },
      { key: 'C', value: null, rank: null, target_difference: null },
    ])
  })

  test('compares the period that goes on by the live values', async () => {
    const found = await read<ApiCompare>('compare?indicator=on_time_month')
    expect(found).toMatchObject({ period: month.name, provisional: true })
    expect(found.areas.map(({ key, value, previous, rank }) => [key, value, previous, rank])).toEqual([
      ['B', 99.5, 99, 1],
      ['A', 95, 97, 2],
      ['C', null, null, null],
    ])
  })

  test('compares means where an indicator has no calendar periods, and says that nothing ranks them', async () => {
    // Soon after midnight the unusual value is of yesterday.
    const before = previousOf(previousOf(periodAt('day', now))).name
    const found = await read<ApiCompare>(`compare?indicator=load_1h&period=${before}`)
    expect(found).toMatchObject({ figure: 'mean', better: null, ranked_by: 'value' })
    expect(found.areas[0]).toMatchObject({ key: 'B', value: 30, rank: 1, previous: 30, previous_difference: 0 })
  })

  test('projects the history to the end of the period, by weeks', async () => {
    const tomorrow = periodAt('day', now + day)
    const found = await read<ApiTrend>(`trend?indicator=load_1h&period=${tomorrow.name}`)
    expect(found).toMatchObject({ scope: 'district', key: 'district', step: 'hour', reason: null })
    const { season, complete, points } = found.projection as NonNullable<ApiTrend['projection']>
    expect([season, complete, points.at(-1)?.ts]).toEqual([168, true, tomorrow.to])
    for (const { ts, value, low, high } of points) {
      expect(value).toBeCloseTo(usual(ts - hour - 7 * day), 6)
      expect(low).toBeLessThan(value)
      expect(high - value).toBeCloseTo(value - low, 6)
    }
  })

  test('says why there is no projection', async () => {
    const found = await read<ApiTrend>('trend?indicator=on_time_month&scope=area&key=A')
    expect(found).toMatchObject({ step: 'month', projection: null, target: 98 })
    expect(found.reason).toContain('too little history')
    expect(found.history.length).toBeGreaterThan(0)
  })

  test('finds the unusual value of one area among all, and none elsewhere', async () => {
    const found = await read<ApiUnusual>('unusual?indicator=load_1h&scope=area&weeks=4')
    expect(found).toMatchObject({ keys: 2, omitted: 0, limit: 3.5 })
    expect(found.values).toEqual([{ key: 'A', ts: now - 5 * hour, value: 500, median: 20, score: null, compared: 4 }])
    expect((await read<ApiUnusual>('unusual?indicator=load_1h&weeks=4&limit=20')).values).toEqual([])
  })

  test.each([
    ['compare?indicator=nothing', 404, 'no indicator nothing'],
    ['compare?indicator=of_site', 400, 'of_site has no values of scope area, only of site'],
    ['compare?indicator=by_kind', 400, 'by_kind is grouped by kind: add the parameter group'],
    ['compare?indicator=load_1h&period=2026-13', 400, 'period 2026-13 is none'],
    ['compare?indicator=load_1h&period=2999', 400, 'period 2999 has not begun'],
    ['compare?indicator=on_time_month&period=2026-01-05', 400, 'one value for each month'],
    ['trend?indicator=load_1h&scope=area', 400, 'add the parameter key'],
    ['trend?indicator=load_1h&scope=area&key=a%20b', 400, 'area'],
    ['unusual?indicator=on_time_month', 400, 'one value for each month'],
    ['unusual?indicator=load_1h&from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z', 400, 'more than 7 days apart'],
    ['unusual?indicator=load_1h&limit=0', 400, 'limit'],
    ['unusual?indicator=load_1h&from=x', 400, 'from is not a time'],
  ])('refuses %s', async (path, status, message) => {
    const answer = await centre.get(`/api/analysis/${path}`)
    expect(answer.status).toBe(status)
    expect((answer.body as ApiError).message).toContain(message)
  })
})
