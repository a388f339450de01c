import type { ApiError } from '@ioc/contract/messages/api.ts'
import type { ApiDeviceDetail, ApiSiteDetail } from '@ioc/contract/messages/api-places.ts'
import { localDay } from '@ioc/runtime/district/in-force.ts'
import { hasDebianInflux } from '@ioc/storage/testing/real-influx.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startOf } from '../shared/time-range.ts'
import { type Centre, eventually, startCentre } from './testing/centre.ts'
import { type Influxd, startInfluxd } from './testing/influxd.ts'
import { cpu, device, ledger, topicOf } from './testing/samples.ts'

const hour = 3_600_000
const day = 24 * hour

describe.skipIf(!hasDebianInflux())('a site and its devices, from a real InfluxDB', () => {
  const now = Date.now()
  const today = startOf(now, 'd')
  let store: Influxd
  let centre: Centre

  beforeAll(async () => {
    store = await startInfluxd()
    const lines: string[] = []
    const tags = 'area=24943,site=site-1'
    // Two days of a weather station, the day before yesterday with half of its records.
    for (let ts = today - 2 * day; ts < today; ts += hour) {
      const count = ts < today - day ? 3 : 6
      lines.push(
        `weather_1h,${tags},device=w-1 rain_mm_count=${count}i,humidity_percent_count=${count - 1}i,rain_mm_mean=1 ${ts}`,
      )
    }
    const last = Math.max(today, now - 1_000)
    lines.push(`weather,${tags},device=w-1 rain_mm=0.2,humidity_percent=80 ${last - 500}`)
    lines.push(`weather,${tags},device=w-1 rain_mm=0.4 ${last}`)
    lines.push(`undeclared,${tags},device=w-1 uv=3,state_text="ok" ${last - 200}`)
    lines.push(`weather,${tags},device=w-2 rain_mm=9 ${last}`)
    await store.write(lines)
    centre = await startCentre({ IOC_STORAGE_PORT: String(store.port) })
    await centre.publish('district', {
      areas: [{ code: '24943', name: 'Ka Đô', lat: 11.7, lon: 108.5, unconfirmed: false }],
      sites: [{ site: 'site-1', area: '24943', name: 'Trạm một', lat: 11.7, lon: 108.6 }],
      thresholds: [
        {
          ...{
            indicator: 'system_cpu_1m',
            scope: 'device',
            key: 'site-1/*',
            group: null,
            source: 's',
            unconfirmed: false,
          },
          levels: { direction: 'above', warning: 50 },
        },
      ],
    })
    const station = { type: 'weather', cadence_s: 600, area: '24943', last_ts: last }
    await centre.publish('device/site-1/w-1/weather', device('w-1', station))
    await centre.publish('device/site-1/w-1/undeclared', device('w-1', { ...station, type: 'undeclared' }))
    await centre.publish('device/site-1/cases/one_stop', device('cases', { type: 'one_stop', area: '24943' }))
    await centre.publish('ledger/site-1/node-1', ledger())
    await centre.publish(topicOf(cpu(42, 'w-1')), cpu(42, 'w-1'))
    await eventually(async () =>
      (await centre.get('/api/devices/site-1/w-1')).status === 200 && (await siteOf('site-1')).indicators !== undefined
        ? true
        : undefined,
    )
    await eventually(async () => ((await deviceOf('w-1')).indicators.length > 0 ? true : undefined))
  }, 60_000)
  afterAll(async () => {
    await centre?.stop()
    await store?.stop()
  })

  const deviceOf = async (name: string) => (await centre.get(`/api/devices/site-1/${name}`)).body as ApiDeviceDetail
  const siteOf = async (name: string) => (await centre.get(`/api/sites/${name}`)).body as ApiSiteDetail

  test('a device has its newest values, each with its own time, declared or not', async () => {
    const { metrics, types, site_name, area_name, node, device: found } = await deviceOf('w-1')
    expect([types.sort(), site_name, area_name, found.type]).toEqual([
      ['undeclared', 'weather'],
      'Trạm một',
      'Ka Đô',
      'weather',
    ])
    expect(node).toMatchObject({ node: 'node-1', online: true })
    expect(metrics.map(({ metric, value, unit }) => [metric, value, unit]).sort()).toEqual([
      ['humidity_percent', 80, '%'],
      ['rain_mm', 0.4, 'mm'],
      ['state_text', 'ok', null],
      ['uv', 3, null],
    ])
    const [humidity, rain] = ['humidity_percent', 'rain_mm'].map((name) =>
      metrics.find(({ metric }) => metric === name),
    )
    expect((rain?.ts ?? 0) - (humidity?.ts ?? 0)).toBe(500)
  })

  test('a device has its availability by day, null before its first day', async () => {
    const { availability } = await deviceOf('w-1')
    expect(availability).toHaveLength(30)
    expect(availability.slice(26, 29)).toEqual([
      { day: localDay(today - 3 * day), measured: 0, expected: 144, share: null },
      { day: localDay(today - 2 * day), measured: 72, expected: 144, share: 0.5 },
      { day: localDay(today - day), measured: 144, expected: 144, share: 1 },
    ])
    expect(availability[29]).toMatchObject({ day: localDay(now), measured: 2 })
  })

  test('a device has its last measurements as they are stored, and the levels of its place', async () => {
    const { messages, indicators, ledger: ofNode } = await deviceOf('w-1')
    expect(messages.map(({ type, values }) => [type, values])).toEqual([
      ['weather', { rain_mm: 0.4 }],
      ['undeclared', { uv: 3, state_text: 'ok' }],
      ['weather', { rain_mm: 0.2, humidity_percent: 80 }],
    ])
    expect(indicators).toMatchObject([{ id: 'system_cpu_1m', value: 42, levels: { direction: 'above', warning: 50 } }])
    expect(ofNode).toMatchObject({ sent: 100, lost: 1 })
  })

  test('a feed of cases has no measurements', async () => {
    expect(await deviceOf('cases')).toMatchObject({ metrics: [], availability: [], messages: [] })
  })

  test('a site has its devices, nodes and ledgers', async () => {
    const { site, devices, nodes, ledgers } = await siteOf('site-1')
    expect(site).toMatchObject({ name: 'Trạm một', area_name: 'Ka Đô', devices: 2 })
    expect(devices.map(({ device: name }) => name).sort()).toEqual(['cases', 'w-1'])
    expect([nodes.map(({ node }) => node), ledgers.length]).toEqual([['node-1'], 1])
  })

  test.each([
    ['/api/devices/site-1/none', 404, 'no device site-1/none'],
    ['/api/sites/none', 404, 'no site none'],
    [`/api/sites/a'%20OR%201=1`, 400, 'site is invalid'],
    ['/api/devices/site-1/a%2Fb', 400, 'device is invalid'],
  ])('%s is answered %i', async (path, status, reason) => {
    const { status: given, body } = await centre.get(path)
    expect([given, (body as ApiError).message]).toEqual([status, expect.stringContaining(reason)])
  })
})
