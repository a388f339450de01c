import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { indicatorHistory, indicatorLatest } from '@ioc/contract/boards/queries.ts'
import type { ApiError } from '@ioc/contract/messages/api.ts'
import type { IndicatorDescriptor } from '@ioc/contract/messages/live.ts'
import { hasDebianInflux } from '@ioc/storage/testing/real-influx.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Annotation, Board, Panel, Target, Variable } from '../shared/boards/board.ts'
import type { BoardAnnotations, BoardList, BoardVariables, PanelData } from '../shared/boards/panel-data.ts'
import { periodAt, previousOf } from './analysis/periods.ts'
import { type Centre, eventually, startCentre } from './testing/centre.ts'
import { type Influxd, startInfluxd } from './testing/influxd.ts'
import { device } from './testing/samples.ts'

const hour = 3_600_000
const day = 24 * hour

const gridPos = { x: 0, y: 0, w: 6, h: 4 }
const target = (refId: string, query: string): Target => ({ refId, query, resultFormat: 'time_series' })
const panel = (id: number, type: Panel['type'], ...queries: readonly string[]): Panel => ({
  id,
  type,
  title: `Ô ${id}`,
  gridPos,
  targets: queries.map((query, index) => target(String.fromCharCode(65 + index), query)),
})
const variable = (name: string, query: string, change: Partial<Variable> = {}): Variable => ({
  name,
  type: 'query',
  query,
  ...change,
})

const annotation = (name: string, query: string): Annotation => ({
  ...{ name, query, enable: true, iconColor: 'orange' },
  ...{ titleColumn: 'title', textColumn: 'text', tagsColumn: 'severity,area', timeEndColumn: 'until' },
})

const ofArea = { id: 'load_1h', scope: 'area', tags: { area: '$area' }, by: ['area'] } as const
const board: Board = {
  uid: 'ioc-load',
  title: 'Tải',
  tags: ['ioc'],
  time: { from: 'now-6h', to: 'now' },
  templating: {
    list: [
      variable('area', `SHOW TAG VALUES FROM "indicator" WITH KEY = "area" WHERE "scope" = 'area'`, {
        multi: true,
        includeAll: true,
      }),
      variable('site', `SHOW TAG VALUES FROM "system" WITH KEY = "site" WHERE "area" =~ /^$area$/`),
      variable('device', `SHOW TAG VALUES FROM "system" WITH KEY = "device" WHERE "site" = '$site'`),
      variable('camera', 'SHOW TAG VALUES FROM "camera" WITH KEY = "device"'),
      variable('field', `SHOW TAG VALUES FROM "indicator" WITH KEY = "group" WHERE "id" = 'by_field'`),
      variable('step', '1h,2h', { type: 'custom' }),
    ],
  },
  annotations: {
    list: [
      annotation(
        'Sự cố',
        'SELECT "title", "text", "severity", "until" FROM "incident" WHERE "area" =~ /^$area$/ AND $timeFilter',
      ),
      annotation('Không có', 'SELECT "title" FROM "nothing" WHERE $timeFilter'),
      annotation('Sai', 'SELECT nonsense'),
      { ...annotation('Tắt', 'SELECT "title" FROM "incident" WHERE $timeFilter'), enable: false },
    ],
  },
  panels: [
    panel(1, 'timeseries', indicatorHistory(ofArea)),
    panel(2, 'stat', indicatorLatest({ id: 'load_1h', scope: 'district' })),
    panel(3, 'stat', indicatorLatest({ id: 'on_time_month', scope: 'district' })),
    panel(4, 'timeseries', indicatorHistory(ofArea), 'SELECT nonsense'),
    panel(5, 'table', `SELECT last("value") FROM "indicator" WHERE "area" = '$area' AND $timeFilter`),
    {
      ...panel(6, 'row'),
      collapsed: true,
      panels: [panel(7, 'stat', indicatorLatest({ ...ofArea, tags: { area: '$area' } }))],
    },
    panel(
      8,
      'timeseries',
      `SELECT sum("value") FROM "indicator" WHERE "id" = 'load_1h' AND $timeFilter GROUP BY time($step)`,
    ),
    { ...panel(9, 'stat', indicatorLatest({ id: 'load_1h', scope: 'district' })), timeFrom: '2d' },
    panel(10, 'stat', indicatorLatest({ id: 'growing_1h', scope: 'district' })),
  ],
}

/** Folders as those of `grafana/`, with one board in both languages. */
function writeBoards(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ioc-boards-'))
  const write = (file: string, content: Board) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), JSON.stringify(content))
  }
  write('provisioning/dashboards/load.json', board)
  write('english/load.json', { ...board, title: 'Load' })
  write('provisioning/dashboards/zz-home.json', { uid: 'ioc-home', title: 'Tổng quan', panels: [] })
  return folder
}

describe.skipIf(!hasDebianInflux())('boards, from a real InfluxDB', () => {
  const now = Date.now()
  const lastHour = Math.floor(now / hour) * hour
  const month = periodAt('month', now)
  const about = { vi: 'v', en: 'e' }
  const base = { title: about, about, unit: '%', source: 'system', formula: 'f', target: 80 } as const
  const descriptors: IndicatorDescriptor[] = [
    { ...base, id: 'load_1h', window: { kind: 'tumbling', size_s: 3600 }, scopes: ['area', 'district'] },
    { ...base, id: 'growing_1h', window: { kind: 'tumbling', size_s: 3600 }, scopes: ['district'], accumulates: true },
    { ...base, id: 'on_time_month', window: { kind: 'calendar', unit: 'month' }, scopes: ['district'] },
  ]
  const area = (code: string, name: string) => ({ code, name, lat: 1, lon: 1, unconfirmed: false })
  let folder: string
  let store: Influxd
  let centre: Centre

  beforeAll(async () => {
    folder = writeBoards()
    store = await startInfluxd()
    const lines: string[] = []
    const point = (tags: string, value: number, ts: number) =>
      lines.push(`indicator,${tags} value=${value},level=0i,samples=1i ${ts}`)
    for (let ts = lastHour - 8 * day; ts <= lastHour; ts += hour) {
      point('id=load_1h,scope=area,area=24943', 20, ts)
      point('id=load_1h,scope=area,area=24931', 30, ts)
      point('id=load_1h,scope=district', ts === lastHour - 7 * day ? 41 : 50, ts)
    }
    point('id=on_time_month,scope=district', 96, month.from)
    point('id=on_time_month,scope=district', 95, previousOf(month).from)
    // Of a type of which no device reports now.
    lines.push(`camera,site=s-1,device=c-1 bitrate_bps=1 ${lastHour}`)
    point('id=by_field,scope=district,group=land', 1, lastHour)
    lines.push(
      `incident,area=24943 title="Mất điện",text="Trạm biến áp",severity="warning",until=${now - hour} ${now - 2 * hour}`,
      `incident,area=24931 title="Ngập cầu",text="",severity="critical" ${now - 3 * hour}`,
      `incident,area=24931 title="Cũ" ${now - 2 * day}`,
    )
    await store.write(lines)
    centre = await startCentre({ IOC_STORAGE_PORT: String(store.port) }, {}, undefined, folder)
    await centre.publishRaw('ioc/v1/_live/indicators', JSON.stringify(descriptors))
    await centre.publish('district', {
      areas: [area('24943', 'Ka Đô'), area('24931', 'Đơn Dương')],
      sites: [
        { site: 's-1', area: '24943', name: 'Trạm một', lat: null, lon: null },
        { site: 's-2', area: '24931', name: 'Trạm hai', lat: null, lon: null },
        { site: 's-3', area: '24931', name: 'Không có thiết bị', lat: null, lon: null },
      ],
    })
    await centre.publish('device/s-1/d-1/system', device('d-1', { site: 's-1', area: '24943', name: 'Máy chủ' }))
    await centre.publish('device/s-2/d-2/system', device('d-2', { site: 's-2', area: '24931' }))
    await centre.publish('device/s-1/w-1/weather', device('w-1', { site: 's-1', area: '24943', type: 'weather' }))
    await centre.publish('indicator/on_time_month/district/district', {
      ...{ id: 'on_time_month', scope: 'district', key: 'district', value: 90, level: 0, samples: 3 },
      ts: now,
    })
    await centre.publish('indicator/growing_1h/district/district', {
      ...{ id: 'growing_1h', scope: 'district', key: 'district', value: 5, level: 0, samples: 3 },
      // Within an hour, not at the end of one.
      ts: now % hour === 0 ? now + 1 : now,
    })
    await eventually(async () => ((await variables())['device']?.length === 1 ? true : undefined))
    await eventually(async () => ((await read(3)).comparison?.provisional ? true : undefined))
    await eventually(async () => ((await read(10)).comparison ? true : undefined))
  }, 60_000)
  afterAll(async () => {
    await centre?.stop()
    await store?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const variables = async (query = '') =>
    ((await centre.get(`/api/boards/ioc-load/variables${query}`)).body as BoardVariables).variables
  const read = async (id: number, query = '') => {
    const { status, body } = await centre.get(`/api/boards/ioc-load/panels/${id}${query}`)
    expect([status, body]).toEqual([200, expect.anything()])
    return body as PanelData
  }
  const statusOf = async (path: string) => {
    const { status, body } = await centre.get(`/api/boards/${path}`)
    return [status, (body as ApiError).message] as const
  }

  test('are listed with their titles and indicators, the home board first', async () => {
    const { boards } = (await centre.get('/api/boards')).body as BoardList
    expect(boards).toEqual([
      { uid: 'ioc-home', title: { vi: 'Tổng quan', en: 'Tổng quan' }, tags: [], indicators: [] },
      {
        uid: 'ioc-load',
        title: { vi: 'Tải', en: 'Load' },
        tags: ['ioc'],
        indicators: ['growing_1h', 'load_1h', 'on_time_month'],
      },
    ])
  })

  test('come in both languages, and not again while they are the same', async () => {
    const response = await fetch(`${centre.url}/api/boards/ioc-load?language=en`)
    expect(await response.json()).toEqual({ ...board, title: 'Load' })
    const etag = response.headers.get('etag') ?? ''
    const again = await fetch(`${centre.url}/api/boards/ioc-load?language=en`, { headers: { 'if-none-match': etag } })
    expect([again.status, await again.text()]).toEqual([304, ''])
    const other = await fetch(`${centre.url}/api/boards/ioc-load`, { headers: { 'if-none-match': etag } })
    expect([other.status, ((await other.json()) as Board).title]).toEqual([200, 'Tải'])
  })

  test('have variables whose choices are named, and follow from those before them', async () => {
    expect(await variables()).toEqual({
      area: [
        { value: '24943', text: 'Ka Đô' },
        { value: '24931', text: 'Đơn Dương' },
      ],
      site: [
        { value: 's-2', text: 'Trạm hai' },
        { value: 's-1', text: 'Trạm một' },
      ],
      device: [{ value: 'd-2', text: 'd-2' }],
      camera: [{ value: 'c-1', text: 'c-1' }],
      field: [{ value: 'land', text: 'land' }],
      step: [
        { value: '1h', text: '1h' },
        { value: '2h', text: '2h' },
      ],
    })
    const { site, device: devices } = await variables('?var-area=24943')
    expect([site, devices]).toEqual([[{ value: 's-1', text: 'Trạm một' }], [{ value: 'd-1', text: 'Máy chủ' }]])
    expect((await variables('?var-area=24943&var-area=24931'))['site']).toHaveLength(2)
    expect((await variables("?var-area=x'%20OR%20'1'='1"))['site']).toEqual([])
  })

  const tagsOf = ({ results }: PanelData) => results.flatMap(({ series }) => series.map(({ tags }) => tags?.['area']))

  test('show what is chosen: one, several, all', async () => {
    const one = await read(1, '?var-area=24943&width=100')
    expect(one.results[0]).toMatchObject({
      refId: 'A',
      indicator: { id: 'load_1h', scope: 'area', tags: { area: '24943' }, by: ['area'] },
      series: [{ name: 'indicator', tags: { area: '24943' }, columns: ['time', 'value'] }],
    })
    expect(one.results[0]?.chosen).toBeUndefined()
    expect(one.to - one.from).toBe(6 * hour)
    expect(one.interval_ms).toBe(300_000)
    const several = await read(1, '?var-area=24943&var-area=24931')
    expect(tagsOf(several).sort()).toEqual(['24931', '24943'])
    expect(several.results[0]?.chosen).toEqual({ area: ['24943', '24931'] })
    expect(tagsOf(await read(1, '?var-area=$__all')).sort()).toEqual(['24931', '24943'])
    expect(tagsOf(await read(1)).sort()).toEqual(['24931', '24943'])
    expect(tagsOf(await read(7, '?var-area=24931'))).toEqual(['24931'])
  })

  test.each(["x' OR '1'='1", '.*', 'x)$/ OR "id" =~ /(.', '24943|24931', 'x\\', '$area', '; DROP DATABASE ioc'])(
    'show nothing for the hostile value %s',
    async (value) => {
      for (const id of [1, 5]) {
        const { results } = await read(id, `?var-area=${encodeURIComponent(value)}`)
        expect(results).toMatchObject([{ series: [] }])
        expect(results[0]?.error).toBeUndefined()
      }
    },
  )

  test('mark events in charts: those of the range and of what is chosen, the newest first', async () => {
    const marks = async (query = '') => {
      const { status, body } = await centre.get(`/api/boards/ioc-load/annotations${query}`)
      expect(status).toBe(200)
      return (body as BoardAnnotations).marks
    }
    const ofEnglish = await marks('?language=en')
    expect(ofEnglish).toEqual([
      {
        ...{ from: now - 2 * hour, to: now - hour, name: 'Sự cố', colour: 'orange' },
        ...{ title: 'Mất điện', text: 'Trạm biến áp', tags: ['warning'] },
      },
      {
        ...{ from: now - 3 * hour, to: now - 3 * hour, name: 'Sự cố', colour: 'orange' },
        ...{ title: 'Ngập cầu', text: '', tags: ['critical'] },
      },
    ])
    expect(await marks('?var-area=24931')).toMatchObject([{ title: 'Ngập cầu' }])
    expect(await marks('?var-area=24931&from=now-3d')).toMatchObject([{ title: 'Ngập cầu' }, { title: 'Cũ' }])
    expect(await marks(`?var-area=${encodeURIComponent("x' OR '1'='1")}`)).toEqual([])
    expect((await statusOf('ioc-load/annotations?from=yesterday'))[0]).toBe(400)
    expect((await statusOf('ioc-other/annotations'))[0]).toBe(404)
  })

  test('put a custom variable where a duration stands, and refuse what is none', async () => {
    expect((await read(8, '?var-step=2h')).results[0]?.series[0]?.values.length).toBeGreaterThan(2)
    expect((await read(8, '?var-step=2h)%3B%20DROP%20DATABASE%20ioc')).results[0]?.error).toMatch(/duration/)
  })

  test('have an error for each query that fails, and answers for the others', async () => {
    const { results } = await read(4, '?var-area=24943')
    expect(results[0]?.series).toHaveLength(1)
    expect(results[1]).toMatchObject({ refId: 'B', series: [] })
    expect(results[1]?.error).toContain('error parsing query')
  })

  test('compare a figure with the week or the month before, and with the target', async () => {
    const hourly = await read(2)
    expect(hourly.comparison).toEqual({ previous: { ts: lastHour - 7 * day, value: 41 }, period: 'week', target: 80 })
    expect((await read(3)).comparison).toEqual({
      ...{ previous: { ts: month.from, value: 96 }, period: 'month', target: 80 },
      provisional: true,
    })
    expect((await read(1)).comparison).toBeUndefined()
  })

  test('compare what grows in its hour as something that is not over', async () => {
    expect((await read(10)).comparison).toMatchObject({ period: 'week', provisional: true })
  })

  test('have panels with a time range of their own, before a relative one only', async () => {
    const own = await read(9)
    expect(own.to - own.from).toBe(2 * day)
    const absolute = await read(9, `?from=${now - hour}&to=${now}`)
    expect(absolute.to - absolute.from).toBe(hour)
  })

  test('are refused with a short reason', async () => {
    expect(await statusOf('ioc-other')).toEqual([404, 'no board ioc-other'])
    expect(await statusOf('ioc-load/panels/99')).toEqual([404, 'board ioc-load has no panel 99'])
    expect(await statusOf('ioc-load/panels/1?from=yesterday')).toEqual([
      400,
      expect.stringMatching(/from is not a time/),
    ])
    expect((await statusOf('ioc-load/panels/1?var-area=a%0Ab'))[0]).toBe(400)
    expect((await statusOf('ioc-load/panels/1?width=-1'))[0]).toBe(400)
    expect((await statusOf('ioc-load?language=fr'))[0]).toBe(400)
    expect((await statusOf(`ioc-load/panels/1?var-area=${'x'.repeat(300)}`))[0]).toBe(400)
  })
})

test('while the store is away, panels answer 503 with the reason, and boards go on', async () => {
  const folder = writeBoards()
  const centre = await startCentre({}, {}, undefined, folder)
  const { status, body } = await centre.get('/api/boards/ioc-load/panels/2')
  expect([status, (body as ApiError).error]).toEqual([503, 'STORE_UNREACHABLE'])
  expect((body as ApiError).message).toContain('the store does not answer')
  expect((await centre.get('/api/boards/ioc-load/annotations')).status).toBe(503)
  expect((await centre.get('/api/boards/ioc-load')).status).toBe(200)
  await centre.stop()
  rmSync(folder, { recursive: true, force: true })
})

test.each([
  ['', null],
  ['https://grafana.example.vn', 'https://grafana.example.vn'],
  ['http://10.0.0.5:3000/grafana/', 'http://10.0.0.5:3000/grafana'],
])('of IOC_GRAFANA_URL=%s pages link to %s', async (url, expected) => {
  const centre = await startCentre({ IOC_GRAFANA_URL: url })
  expect(((await centre.get('/api/boards')).body as BoardList).grafana).toBe(expected)
  await centre.stop()
})

test.each(['grafana.example.vn', 'javascript:alert(1)', 'ftp://x', 'https://user:pass@x', 'https://x?y', 'https:// x'])(
  'IOC_GRAFANA_URL=%s is refused at the start',
  async (url) => {
    await expect(startCentre({ IOC_GRAFANA_URL: url })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  },
)
