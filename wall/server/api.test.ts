import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { env } from 'node:process'
import type { ApiDevices, ApiHealth, ApiIndicators, ApiSite } from '@ioc/contract/messages/api.ts'
import type { IndicatorDescriptor, LiveIndicator } from '@ioc/contract/messages/live.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Centre, eventually, ownNode, startCentre } from './testing/centre.ts'
import { cpu, device, ledger, process, silent, topicOf } from './testing/samples.ts'

const descriptor: IndicatorDescriptor = {
  id: 'system_cpu_1m',
  title: { vi: 'CPU', en: 'CPU' },
  about: { vi: 'Thử.', en: 'A test.' },
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

/** Debian's package `prometheus` has it. */
const promtool = '/usr/bin/promtool'
const promtoolPresent = existsSync(promtool)
const required = env['IOC_REQUIRE_REAL'] === '1'

interface Described {
  readonly example?: unknown
  readonly schema?: { readonly examples?: unknown; readonly example?: unknown }
}

interface OpenApi {
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Record<
    string,
    Record<
      string,
      {
        readonly tags?: readonly string[]
        readonly summary?: string
        readonly description?: string
        readonly parameters?: readonly (Described & { readonly name: string })[]
        readonly requestBody?: { readonly content?: Record<string, Described> }
        readonly responses: Record<string, { readonly content?: Record<string, Described> }>
      }
    >
  >
}

const evidence = { by: 'flat', value: 73.2, points: 84, lasted_s: 50_400 }
const fault = { metric: 'humidity_percent', kind: 'stuck', since: 1_700_000_000_000, evidence }

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
  const two = device('dev-2', { last_ts: Date.now() - 60_000 })
  await centre.publish('device/site-1/dev-2/system', two)
  await centre.publish('liveness/site-1/dev-2', { ...silent(two), faults: [fault] })
  const offline = { site: 'site-4', node: 'node-4', online: false, last_ts: 1_700_000_000_500 }
  await centre.publish('device/site-4/dev-4/system', device('dev-4', offline))
  await centre.publish('liveness/site-4/dev-4', silent(device('dev-4', offline)))
  const problem = { ts: 1_700_000_000_000, code: 'PAYLOAD_INVALID', reason: 'ts: expected a number' }
  const counts = { corrected: 5, reused: 6, over_quota: 7, problem }
  await centre.publish('ledger/site-2/node-9', ledger({ site: 'site-2', node: 'node-9', ...counts }))
  await centre.publish('process/broker', process('broker', { gauges: { log_depth: 3 } }))
  await centre.publish('process/stream-processor', process('stream-processor', { gauges: { lag_ms: 15 } }))
  await eventually(async () => ((await health()).processes.length === 2 ? true : undefined))
})
afterAll(() => centre?.stop())

const health = async (): Promise<ApiHealth> => (await centre.get('/api/health')).body as ApiHealth

describe('API', () => {
  it('tells how the centre is', async () => {
    expect(await health()).toMatchObject({ status: 'ok', log: { depth: 3 }, lag_ms: 15, simulated: null })
  })

  it('is degraded while a process is down, silent or behind', async () => {
    await centre.publish('process/stream-processor', process('stream-processor', { gauges: { lag_ms: 45_000 } }))
    const behind = await eventually(async () => ((await health()).status === 'degraded' ? health() : undefined))
    expect(behind.reasons).toEqual(['the stream processor is 45 s behind'])
    await centre.publish('process/stream-processor', process('stream-processor', { gauges: { lag_ms: 15 } }))
    await eventually(async () => ((await health()).status === 'ok' ? true : undefined))
    await centre.publish('process/hub', process('hub', { up: false }))
    const down = await eventually(async () => ((await health()).status === 'degraded' ? health() : undefined))
    expect(down.reasons).toEqual(['hub is down'])
    await centre.publish('process/hub', process('hub', { ts: Date.now() - 16_000 }))
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
      ['dev-4', true],
    ])
  })

  it('says of each device what the processor says of its liveness', async () => {
    const { devices } = (await centre.get('/api/devices')).body as ApiDevices
    expect(devices).toMatchObject([
      { device: 'dev-1', state: null, since: null, silent_ms: null, faults: [], clock: null },
      { device: 'dev-2', state: 'silent', since: devices[1]?.last_ts, silent_ms: 30_000, faults: [fault] },
      { device: 'dev-4', state: 'silent' },
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
      { site: 'site-4', nodes: ['node-4'], devices: 1, online: 0, stale: 1 },
    ])
  })

  it('shows the ledger', async () => {
    expect((await centre.get('/api/ledger')).body).toMatchObject({
      ledger: [
        {
          site: 'site-2',
          sent: 100,
          lost: 1,
          corrected: 5,
          reused: 6,
          over_quota: 7,
          problem: { code: 'PAYLOAD_INVALID' },
        },
      ],
    })
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

  it.each([
    ['/api/indicators/system_cpu_1m?form=1', 'unknown parameter "form": use scope, key, group, from, to'],
    ['/api/devices?stale=true', 'unknown parameter "stale": there is none'],
    ['/api/analysis/compare?indicator=a&perod=2026', 'unknown parameter "perod": use indicator, period, group'],
    ['/api/health/devices?max_silent=1&x', 'unknown parameter "x": use max_silent, max_offline'],
    ['/api/boards/x?lang=en', 'unknown parameter "lang": use language'],
    ['/api/boards/x/variables?area=1', 'unknown parameter "area": use var-{name}'],
    ["/api/indicators/a'b", 'id is invalid'],
    ['/api/analysis/trend?indicator=1x', 'indicator is invalid'],
    ['/api/analysis/compare', 'add the parameter indicator'],
    ['/api/indicators/system_cpu_1m?scope=planet', 'scope must be one of device, site, area, district'],
  ])('refuses %s with a short reason', async (path, message) => {
    const { status, body } = await centre.get(path)
    expect([status, body]).toEqual([400, { statusCode: 400, error: 'PAYLOAD_INVALID', message }])
  })

  it('documents every route by theme, with an example of each answer and each parameter', async () => {
    const { body } = await centre.get('/api/docs/json')
    const { paths, tags } = body as OpenApi
    const documented = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({ name: `${method} ${path}`, ...operation })),
    )
    const routes = centre.wall.routes.filter(({ url }) => /^\/(api\/(?!docs)|live|map|metrics)/.test(url))
    expect(documented.map(({ name }) => name).sort()).toEqual(
      routes
        .flatMap(({ methods, url }) =>
          methods.map((method) => `${method.toLowerCase()} ${url.replace(/:(\w+)/g, '{$1}')}`),
        )
        .filter((name) => !name.startsWith('head'))
        .sort(),
    )
    const missing: string[] = []
    for (const { name, tags: own = [], summary, parameters = [], requestBody, responses } of documented) {
      if (!own.every((tag) => tags.some((declared) => declared.name === tag)) || own.length !== 1)
        missing.push(`${name}: tag`)
      if (!summary) missing.push(`${name}: summary`)
      for (const { name: parameter, example, schema } of parameters) {
        if ((example ?? schema?.examples) === undefined) missing.push(`${name}: ${parameter}`)
      }
      for (const [status, { content = {} }] of [...Object.entries(responses), ['body', requestBody ?? {}] as const]) {
        for (const { example, schema } of Object.values(content)) {
          if ((example ?? schema?.examples) === undefined) missing.push(`${name}: ${status}`)
        }
      }
    }
    expect(missing).toEqual([])
    expect(paths['/live']?.['get']?.description).toContain('"subscribe"')
  })

  it('has a documentation page with its own name, which loads over plain HTTP', async () => {
    const page = await fetch(`${centre.url}/api/docs/`)
    const text = await page.text()
    expect(page.status).toBe(200)
    expect(text).toMatch(/<title>Đơn Dương IOC: API<\/title>/)
    for (const path of ['/api/docs/', '/', '/api/health', '/api/docs/static/index.html']) {
      const { headers } = await fetch(centre.url + path, { redirect: 'manual' })
      expect(headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests')
      expect(headers.get('strict-transport-security')).toBeNull()
    }
  })

  it('counts devices and nodes beside the health of the centre', async () => {
    expect(await health()).toMatchObject({
      status: 'ok',
      devices: { total: 3, online: 2, offline: 1, silent: 2 },
      nodes: { total: 2, online: 1, offline: 1 },
    })
  })

  it('names its own node, and knows that others have reported', async () => {
    expect(await health()).toMatchObject({ own_node: ownNode, only_own_node: false })
  })

  it('has a health of the devices for monitors that read the status', async () => {
    const monitored = await centre.get('/api/health/devices')
    expect(monitored.status).toBe(503)
    expect(monitored.body).toMatchObject({
      status: 'degraded',
      reasons: ['2 devices are silent: site-1/dev-2, site-4/dev-4', '1 node is offline: site-4/node-4'],
    })
    expect((await centre.get('/api/health/devices?max_silent=2&max_offline=1')).status).toBe(200)
    expect((await centre.get('/api/health/devices?max_silent=2')).status).toBe(503)
    expect((await centre.get('/api/health/devices?max_silent=-1')).status).toBe(400)
  })

  it('takes an undeclared value of a device for no second device, which would be silent for good', async () => {
    const extra = 'device/site-1/dev-1/undeclared'
    await centre.publish(extra, device('dev-1', { type: 'undeclared', last_ts: 1_700_000_000_000 }))
    const listed = async () => ((await centre.get('/api/devices')).body as ApiDevices).devices.length
    await eventually(async () => ((await listed()) === 4 ? true : undefined))
    expect((await health()).devices).toEqual({ total: 3, online: 2, offline: 1, silent: 2 })
    expect((await centre.get('/metrics')).body).not.toContain('type="undeclared"')
    await centre.publishRaw(`ioc/v1/_live/${extra}`, '')
    await eventually(async () => ((await listed()) === 3 ? true : undefined))
  })

  it('has metrics', async () => {
    const text = (await centre.get('/metrics')).body as string
    for (const line of [
      'ioc_process_gauge{process="broker",gauge="log_depth"} 3',
      'ioc_ledger_messages{state="lost"} 1',
      'ioc_ledger_messages{state="corrected"} 5',
      'ioc_ledger_messages{state="reused"} 6',
      'ioc_ledger_messages{state="over_quota"} 7',
      'ioc_wall_clients 0',
      'ioc_devices{connection="online"} 2',
      'ioc_devices{connection="offline"} 1',
      'ioc_devices_silent 2',
      'ioc_nodes{connection="offline"} 1',
      'ioc_node_connected{site="site-1",node="node-1"} 1',
      'ioc_node_connected{site="site-4",node="node-4"} 0',
      'ioc_device_last_measured_timestamp_seconds{site="site-4",device="dev-4",type="system"} 1700000000.5',
      'ioc_device_silent{site="site-1",device="dev-1",type="system"} 0',
      'ioc_metrics_omitted{kind="device"} 0',
    ]) {
      expect(text).toContain(`${line}\n`)
    }
  })

  it.skipIf(!promtoolPresent && !required)('has metrics that Prometheus can read', async () => {
    const text = (await centre.get('/metrics')).body as string
    const { stderr } = spawnSync(promtool, ['check', 'metrics'], { input: text, encoding: 'utf8' })
    // A name that boards use; Prometheus reads it, and advises another.
    expect(stderr).toBe("ioc_process_gauge metric name should not include type 'gauge'\n")
  })

  it('has series of their own for no more devices than the setting says', async () => {
    const bounded = await startCentre({ IOC_MAX_METRIC_DEVICES: '1' })
    for (const name of ['b', 'a', 'c']) {
      await bounded.publish(`device/site-1/${name}/system`, device(name, { node: `n-${name}` }))
    }
    const text = await eventually(async () => {
      const { body } = await bounded.get('/metrics')
      return String(body).includes('ioc_devices{connection="online"} 3') ? String(body) : undefined
    })
    expect(text.match(/^ioc_device_silent\{.*$/gm)).toEqual([
      'ioc_device_silent{site="site-1",device="a",type="system"} 0',
    ])
    expect(text.match(/^ioc_node_connected\{.*$/gm)).toEqual(['ioc_node_connected{site="site-1",node="n-a"} 1'])
    expect(text).toContain('ioc_metrics_omitted{kind="device"} 2')
    await bounded.stop()
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
