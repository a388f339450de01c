import type { ApiDevices, ApiHealth, ApiIndicators, ApiSite } from '@ioc/contract/messages/api.ts'
import type { IndicatorDescriptor, LiveIndicator } from '@ioc/contract/messages/live.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Centre, eventually, startCentre } from './testing/centre.ts'
import { cpu, device, ledger, process, topicOf } from './testing/samples.ts'

const descriptor: IndicatorDescriptor = {
  id: 'system_cpu_1m',
  title: { vi: 'CPU', en: 'CPU' },
  unit: '%',
  source: 'system',
  window: { kind: 'sliding', size_s: 60, every_s: 10 },
  scopes: ['device', 'site', 'district'],
  levels: { direction: 'above', attention: 70, warning: 85, critical: 95 },
  formula: 'mean(cpu_percent) over 1 min',
}

const grouped: IndicatorDescriptor = { ...descriptor, id: 'vehicles_1h', scopes: ['area', 'district'], by: 'kind' }
const vehicles = (value: number, group: string): LiveIndicator => {
  return { id: 'vehicles_1h', scope: 'area', key: '24943', group, ts: Date.now(), value, level: 0, samples: 3 }
}

let centre: Centre
beforeAll(async () => {
  centre = await startCentre()
  await centre.publishRaw('ioc/v1/_live/indicators', JSON.stringify([descriptor, grouped]))
  await centre.publish(topicOf(cpu(42)), cpu(42))
  for (const value of [vehicles(7, 'xe máy'), vehicles(2, 'a/b')]) await centre.publish(topicOf(value), value)
  await centre.publish('district', {
    areas: [{ code: '24943', name: 'Ka Đô', lat: 11.7, lon: 108.5, unconfirmed: false }],
    sites: [{ site: 'site-3', area: '24943', name: 'Trạm ba', lat: 11.7, lon: 108.6 }],
  })
  await centre.publish('device/site-1/dev-1/system', device('dev-1', { lat: 11.8, lon: 108.5, area: '24943' }))
  await centre.publish('device/site-1/dev-2/system', device('dev-2', { last_ts: Date.now() - 60_000 }))
  await centre.publish('ledger/site-2/node-9', ledger({ site: 'site-2', node: 'node-9' }))
  await centre.publish('process/broker', process('broker', { gauges: { log_depth: 3 } }))
  await centre.publish('process/stream-processor', process('stream-processor', { gauges: { lag_ms: 15 } }))
  await eventually(async () => ((await health()).processes.length === 2 ? true : undefined))
})
afterAll(() => centre?.stop())

const health = async (): Promise<ApiHealth> => (await centre.get('/api/health')).body as ApiHealth

describe('API', () => {
  it('tells how the centre is', async () => {
    expect(await health()).toMatchObject({ status: 'ok', log: { depth: 3 }, lag_ms: 15 })
  })

  it('is degraded while a process is down, or silent', async () => {
    await centre.publish('process/hub', process('hub', { up: false }))
    const down = await eventually(async () => ((await health()).status === 'degraded' ? health() : undefined))
    expect(down.reasons).toEqual(['hub is down'])
    await centre.publish('process/hub', process('hub', { ts: Date.now() - 11_000 }))
    await eventually(async () => ((await health()).reasons[0]?.includes('last reported') ? true : undefined))
    await centre.publishRaw('ioc/v1/_live/process/hub', '')
    await eventually(async () => ((await health()).status === 'ok' ? true : undefined))
  })

  it('lists indicators with their latest values by scope and key', async () => {
    const { indicators } = (await centre.get('/api/indicators')).body as ApiIndicators
    expect(indicators).toHaveLength(2)
    expect(indicators[0]).toMatchObject({ ...descriptor, latest: { device: { 'site-1/dev-1': { value: 42 } } } })
    const { latest } = indicators[1] ?? {}
    expect(latest).toMatchObject({ area: { '24943/xe máy': { value: 7 }, '24943/a/b': { value: 2 } } })
  })

  it('lists devices, and says which are stale', async () => {
    const { devices } = (await centre.get('/api/devices')).body as ApiDevices
    expect(devices.map((row) => [row.device, row.stale])).toEqual([
      ['dev-1', false],
      ['dev-2', true],
    ])
  })

  it('derives sites from the district, devices and ledgers, with their areas', async () => {
    const { sites } = (await centre.get('/api/sites')).body as { sites: ApiSite[] }
    expect(sites).toMatchObject([
      { site: 'site-1', nodes: ['node-1'], devices: 2, online: 2, stale: 1, lat: 11.8, lon: 108.5, area: '24943' },
      { site: 'site-2', nodes: ['node-9'], devices: 0, last_ts: null, area: null, area_name: null },
      {
        site: 'site-3',
        name: 'Trạm ba',
        area: '24943',
        area_name: 'Ka Đô',
        nodes: [],
        devices: 0,
        lat: 11.7,
        lon: 108.6,
      },
    ])
  })

  it('shows the ledger', async () => {
    expect((await centre.get('/api/ledger')).body).toMatchObject({ ledger: [{ site: 'site-2', sent: 100, lost: 1 }] })
  })

  it('answers 400 to what is not a request, 404 to an unknown indicator, 503 when the store is away', async () => {
    const status = async (path: string): Promise<number> => (await centre.get(`/api/indicators/${path}`)).status
    expect(await status("system_cpu_1m'%20OR")).toBe(400)
    expect(await status('system_cpu_1m?scope=planet')).toBe(400)
    expect(await status('system_cpu_1m?scope=device&key=only-a-site')).toBe(400)
    expect(await status("system_cpu_1m?scope=site&key=a'%20OR%201=1")).toBe(400)
    expect(await status('system_cpu_1m?scope=device&key=a/b/c')).toBe(400)
    expect(await status('system_cpu_1m?from=yesterday')).toBe(400)
    expect(await status('system_cpu_1m?from=20&to=10')).toBe(400)
    expect(await status('vehicles_1h?scope=area&key=24943')).toBe(400)
    expect(await status('system_cpu_1m?group=x')).toBe(400)
    expect(await status('vehicles_1h?scope=area&key=24943&group=x')).toBe(503)
    expect(await status('unknown_indicator')).toBe(404)
    expect(await status('system_cpu_1m')).toBe(503)
  })

  it('documents itself', async () => {
    const { body } = await centre.get('/api/docs/json')
    expect(Object.keys((body as { paths: object }).paths)).toContain('/api/indicators/{id}')
    expect((await centre.get('/api/docs/')).status).toBe(200)
  })

  it('has metrics', async () => {
    const text = (await centre.get('/metrics')).body as string
    expect(text).toContain('ioc_process_gauge{process="broker",gauge="log_depth"} 3')
    expect(text).toContain('ioc_ledger_messages{state="lost"} 1')
    expect(text).toContain('ioc_wall_clients 0')
  })

  it('sends a content security policy that allows only its own', async () => {
    const response = await fetch(`${centre.url}/api/health`)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })
})

describe('a broker that goes away', () => {
  it('degrades health, and keeps what was known', async () => {
    const other = await startCentre()
    await other.publish('process/broker', process('broker'))
    const read = async () => (await other.get('/api/health')).body as ApiHealth
    await eventually(async () => ((await read()).status === 'ok' ? true : undefined))
    await other.stopBroker()
    const after = await eventually(async () => ((await read()).status === 'degraded' ? read() : undefined))
    expect(after.reasons).toEqual(['the wall is not connected to the broker'])
    expect(after.processes).toHaveLength(1)
    await other.stop()
  })
})
