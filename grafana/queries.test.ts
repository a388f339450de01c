import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard'
import { indicatorHistory, targetHistory } from '@ioc/contract/boards/queries.ts'
import type { StoreTarget } from '@ioc/storage/target.ts'
import { rounded } from '@ioc/storage/testing/compare.ts'
import { startTestStore } from '@ioc/storage/testing/embedded.ts'
import { ask, post } from '@ioc/storage/testing/http.ts'
import { hasDebianInflux, startDebianInflux } from '@ioc/storage/testing/real-influx.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { InfluxQuery } from './boards/kit/query.ts'
import { boards } from './boards/table.ts'
import { seedLines } from './testing/seed.ts'

interface Asked {
  readonly title: string
  readonly query: string
}

const now = Date.now()
const maxSeconds = 1500 * 86_400

/** The queries of a board as Grafana sends them: with the variables, the time range and the interval put in. */
function asked(board: Dashboard, chosen: Readonly<Record<string, string>>): Asked[] {
  const panels = ((board.panels ?? []) as (Panel | RowPanel)[]).flatMap((panel) =>
    panel.type === 'row' ? ((panel as RowPanel).panels as Panel[]) : [panel as Panel],
  )
  const variables = board.templating?.list ?? []
  const values = Object.fromEntries(
    variables.map(({ name, includeAll, current }) => [
      name,
      chosen[name] ?? (includeAll ? '.*' : String(current?.value)),
    ]),
  )
  const range = board.time?.from.replace('now-', '') ?? ''
  return [
    ...variables.flatMap(({ name, type, query }) =>
      type === 'query' ? [{ title: `variable ${name}`, query: put(String(query), values, range, '1m') }] : [],
    ),
    ...(board.annotations?.list ?? []).map((annotation) => ({
      title: `annotation ${annotation.name}`,
      query: put((annotation as unknown as { query: string }).query, values, range, '1m'),
    })),
    ...panels.flatMap(({ title = '', targets = [], timeFrom, interval = '10s' }) =>
      (targets as InfluxQuery[]).map(({ refId, query }) => ({
        title: `${title} ${refId}`,
        query: put(query, values, timeFrom ?? range, interval),
      })),
    ),
  ]
}

function put(query: string, values: Readonly<Record<string, string>>, range: string, interval: string): string {
  const from = now - Math.min(seconds(range), maxSeconds) * 1000
  const step = Math.max(seconds(interval), seconds(range) / 1000)
  const variables = Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`$${name}`, value), query)
  return variables
    .replaceAll('$timeFilter', `time >= ${from}ms AND time <= ${now}ms`)
    .replaceAll('$__interval', `${Math.ceil(step)}s`)
}

function seconds(text: string): number {
  const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }
  return Number.parseInt(text, 10) * (units[text.slice(-1)] ?? Number.NaN)
}

const choices = {
  'with all places': { site: '.*', device: '.*' },
  'with one place': { area: '24931', site: 'site-24931', device: 'device' },
} as const

async function answers(target: StoreTarget, all: readonly Asked[]): Promise<unknown[]> {
  const found = await Promise.all(
    all.map(async ({ title, query }) => {
      const { status, text } = await ask(target, query, { epoch: 'ms' })
      expect(status, `${title}: ${query}: ${text}`).toBe(200)
      return (rounded(text) as { results: [{ error?: string; series?: unknown }] }).results[0]
    }),
  )
  found.forEach(({ error }, index) => {
    expect(error, `${all[index]?.title}: ${all[index]?.query}`).toBeUndefined()
  })
  return found.map(({ series }) => series)
}

const stops: (() => Promise<void>)[] = []
let embedded: StoreTarget
let influxd: StoreTarget | undefined

beforeAll(async () => {
  const store = await startTestStore()
  stops.push(() => store.stop())
  embedded = store.target
  if (hasDebianInflux()) {
    const real = await startDebianInflux('ioc')
    stops.push(() => real.stop())
    influxd = real.target
  }
  const lines = seedLines(now)
  for (const target of [embedded, ...(influxd ? [influxd] : [])]) {
    const { status, text } = await post(target, lines.join('\n'), 'ms')
    expect(status, text).toBe(204)
  }
})

afterAll(async () => {
  for (const stop of stops) await stop()
})

describe.each(Object.entries(choices))('%s', (_, chosen) => {
  test.each(boards)('every query of $name has data, the same in both stores', async ({ build }) => {
    const all = asked(build('vi'), chosen)
    const own = await answers(embedded, all)
    all.forEach(({ title, query }, index) => {
      const isEmpty = own[index] === undefined
      expect(isEmpty, `${title}: ${query}`).toBe(false)
    })
    if (influxd) expect(await answers(influxd, all)).toEqual(own)
  })
})

test('days begin at midnight in the display zone, in both stores', async () => {
  const midnight = Date.parse('2026-10-01T00:00:00+07:00')
  const hours = (count: number) => midnight + count * 3_600_000
  const cases = [
    // At 06:00 and at 08:00 of one day, which UTC counts as two.
    { id: 'hourly', spacing: 'hours', at: [6, 8, 30], days: [0, 24] },
    // A day, a month, and the last day of a year, each stamped with the midnight that ends it.
    { id: 'daily', spacing: 'days', at: [24, 48], days: [0, 24] },
    { id: 'monthly', spacing: 'days', at: [31 * 24], days: [30 * 24] },
    { id: 'yearly', spacing: 'days', at: [92 * 24], days: [91 * 24] },
  ] as const
  const lines = cases.flatMap(({ id, at }) =>
    at.map((hour) => `indicator,id=${id},scope=district value=1,samples=1i ${hours(hour)}`),
  )
  for (const target of [embedded, ...(influxd ? [influxd] : [])]) {
    const { status, text } = await post(target, lines.join('\n'), 'ms')
    expect(status, text).toBe(204)
    for (const { id, spacing, days } of cases) {
      const query = indicatorHistory({ id, scope: 'district' }, spacing)
        .replace('$timeFilter', `time >= ${midnight}ms AND time <= ${hours(100 * 24)}ms`)
        .replace('$__interval', '86400s')
      const answer = await ask(target, query, { epoch: 'ms' })
      const { results } = JSON.parse(answer.text) as { results: [{ series: [{ values: [number, number][] }] }] }
      const times = results[0].series[0].values.map(([time]) => time)
      const first = spacing === 'days' ? 1 : 0
      expect(times, id).toEqual(days.map((hour) => hours(hour) + first))
    }
  }
})

test('a target is drawn while all places that are chosen have the same, in both stores', async () => {
  const at = Date.parse('2026-09-01T10:00:00+07:00')
  const line = (id: string, area: string, target: string, hour: number) =>
    `indicator,id=${id},scope=area,area=${area} value=1,samples=1i${target} ${at + hour * 3_600_000}`
  const lines = ['24931', '24943'].flatMap((area, index) => [
    line('same', area, ',target=98', 0),
    line('same', area, ',target=95', 1),
    line('other', area, `,target=${90 + index}`, 0),
    line('none', area, '', 0),
  ])
  const cases = [
    ['same', '.*', [98, 95]],
    ['other', '.*', undefined],
    ['other', '24943', [91]],
    ['none', '.*', undefined],
  ] as const
  for (const store of [embedded, ...(influxd ? [influxd] : [])]) {
    const { status, text } = await post(store, lines.join('\n'), 'ms')
    expect(status, text).toBe(204)
    for (const [id, area, expected] of cases) {
      const query = targetHistory({ id, scope: 'area', tags: { area: '$area' } })
        .replace('$timeFilter', `time >= ${at - 3_600_000}ms AND time <= ${at + 7_200_000}ms`)
        .replace('$__interval', '3600s')
        .replace('$area', area)
      const answer = await ask(store, query, { epoch: 'ms' })
      const { results } = JSON.parse(answer.text) as { results: [{ series?: [{ values: [number, number][] }] }] }
      expect(
        results[0].series?.[0].values.map(([, value]) => value),
        `${id} ${area}: ${answer.text}`,
      ).toEqual(expected)
    }
  }
})

test('a query that no store can read fails', async () => {
  await expect(answers(embedded, [{ title: 'broken', query: 'SELECT FROM' }])).rejects.toThrow('broken')
})
