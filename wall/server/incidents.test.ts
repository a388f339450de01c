import type {
  ApiAvailability,
  ApiIncidentDetail,
  ApiIncidents,
  ApiMaintenance,
  ApiWorkLog,
} from '@ioc/contract/messages/api-incidents.ts'
import { alertingTopic } from '@ioc/contract/topics.ts'
import { hasDebianInflux } from '@ioc/storage/testing/real-influx.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { byUrgency } from './incidents.ts'
import { rightsOf } from './routes/incidents.ts'
import { type Centre, eventually, LiveTestClient, startCentre } from './testing/centre.ts'
import { type Influxd, startInfluxd } from './testing/influxd.ts'
import { device, incident, silent } from './testing/samples.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Midnight in Asia/Ho_Chi_Minh at the beginning of the month before last: incidents of the last days may be of last month. */
const pastMonth = (() => {
  const local = new Date(Date.now() + 7 * hourMs)
  return Date.UTC(local.getUTCFullYear(), local.getUTCMonth() - 2, 1) - 7 * hourMs
})()
const monthName = new Date(pastMonth + 7 * hourMs).toISOString().slice(0, 7)

const district = {
  areas: [
    { code: '24943', name: 'Ka Đô', lat: 11.7, lon: 108.5, unconfirmed: false },
    { code: '24934', name: "D'Ran", lat: 11.8, lon: 108.6, unconfirmed: false },
  ],
  sites: [
    { site: 'site-1', area: '24943', name: 'Trạm một', kind: null, lat: 11.7, lon: 108.6 },
    { site: 'site-2', area: '24934', name: 'Trạm hai', kind: null, lat: 11.8, lon: 108.5 },
  ],
  upstreams: [
    { id: 'line-a', name: 'Tuyến A', sites: ['site-1'], areas: [], on: ['core'] },
    { id: 'core', name: 'Trục chính', sites: [], areas: [], on: [] },
  ],
}

describe.skipIf(!hasDebianInflux())('incidents', () => {
  let influxd: Influxd
  let centre: Centre
  let commands: unknown[]
  const began = Date.now() - 2 * hourMs

  beforeAll(async () => {
    influxd = await startInfluxd()
    centre = await startCentre({ IOC_STORAGE_PORT: String(influxd.port), IOC_INFLUX_BUCKET: 'ioc' })
    commands = await centre.listen(alertingTopic)
    await centre.publish('district', district)
    await centre.publish(
      'device/site-1/dev-1/system',
      device('dev-1', { name: 'Máy một', area: '24943', cadence_s: 60 }),
    )
    await centre.publish('device/site-2/dev-2/system', device('dev-2', { site: 'site-2', cadence_s: 60 }))
    await centre.publish('incident/1', incident(1, { began, severity: 'high' }))
    await centre.publish(
      'incident/2',
      incident(2, {
        ...{ cause: 'site/site-2', severity: 'critical', affected_count: 1, affected: ['device/site-2/dev-2'] },
      }),
    )
    const acknowledged = { by: 'lan', at: Date.now(), until: Date.now() + hourMs, note: '' }
    await centre.publish('incident/3', incident(3, { state: 'acknowledged', acknowledged, severity: 'critical' }))
    await centre.publish('incident/4', incident(4, { state: 'closed', ended: Date.now() }))
    const window = { id: 'w-1', reason: 'Thay pin', by: 'lan', covers: { sites: ['site-1'] }, from: 1, to: 2 }
    await centre.publish('maintenance', { windows: [{ ...window, active: false }] })
    const lan = { id: 'nguyen-thi-lan', name: 'Nguyễn Thị Lan', user: 'lan', unit: null, channels: ['sms'] }
    await centre.publish('rota', { ts: Date.now(), rotas: [], overrides: [], people: [lan], push_key: '' })
    const old = Date.now() - 3 * dayMs
    await influxd.write([
      `incident,id=90,aspect=loss,kind=device,site=site-1 cause="device/site-1/dev-1",state="closed",severity="low",title="Cũ",title_en="Old",began=${old - 1_000}i,ended=${old + 60_000}i,affected=0i,messages=2i ${old}`,
      `incident,id=91,aspect=loss,kind=device,site=site-1 cause="device/site-1/dev-1",state="open",severity="low",title="Gốc cũ",title_en="Re-rooted",began=${old}i,affected=0i,messages=0i ${old + 5}`,
      `incident,id=91,aspect=loss,kind=site,site=site-2 cause="site/site-2",state="closed",severity="high",title="Gốc mới",title_en="New root",began=${old}i,ended=${old + 9_000}i,affected=4i,messages=1i ${old + 5}`,
      // What the watch still has is not listed twice.
      `incident,id=1,aspect=loss,kind=device,site=site-1 cause="device/site-1/dev-1",state="open",severity="high",title="x",title_en="x",began=1i,affected=0i,messages=0i ${Date.now() - 60_000}`,
      ...[-3, -2, -1, 1, 2].map(
        (at) => `system,site=site-1,device=dev-1 cpu_percent=${50 + at} ${began + at * 60_000}`,
      ),
    ])
    await eventually(async () => ((await list('?state=all')).total >= 4 ? true : undefined))
  })
  afterAll(async () => {
    await centre?.stop()
    await influxd?.stop()
  })

  const list = async (query = ''): Promise<ApiIncidents> =>
    (await centre.get(`/api/incidents${query}`)).body as ApiIncidents
  const ids = async (query = '') => (await list(query)).incidents.map(({ id }) => id)

  it('lists what is active: open before acknowledged, the worst first', async () => {
    expect(await ids()).toEqual([2, 1, 3])
    expect(await list()).toMatchObject({ total: 3, page: 1, pages: 1, complete: true, may: ['acknowledge', 'work'] })
  })

  it.each([
    ['?severity=critical', [2, 3]],
    ['?state=acknowledged', [3]],
    ['?area=24934', [2]],
    ['?area=24943', [1, 3]],
    ['?site=site-2', [2]],
    ['?site=site-2&device=dev-2', [2]],
    ['?site=site-2&device=dev', []],
    ['?assigned=nobody', [2, 1]],
    ['?assigned=me', []],
  ])('filters by %s', async (query, expected) => {
    expect(await ids(query)).toEqual(expected)
  })

  it('reads those that the watch has no longer from the store, each once', async () => {
    expect((await ids('?state=closed')).toSorted((a, b) => a - b)).toEqual([4, 90, 91])
    const { incidents } = await list('?state=all')
    expect(incidents.filter(({ id }) => id === 1)).toHaveLength(1)
    expect(incidents.find(({ id }) => id === 91)).toMatchObject({ cause: 'site/site-2', affected_count: 4 })
    expect(await ids(`?state=closed&from=${Date.now() - hourMs}`)).toEqual([4])
  })

  it.each(['?state=x', '?page=0', '?from=2&to=1', '?severity=worst', '?nothing=1', '?device=A B'])(
    'refuses %s',
    async (query) => {
      expect((await centre.get(`/api/incidents${query}`)).status).toBe(400)
    },
  )

  it('shows what a device depends on, where it is, and its values around the beginning', async () => {
    const { body } = await centre.get('/api/incidents/1')
    const detail = body as ApiIncidentDetail
    expect(detail.chain.map(({ thing, state }) => [thing, state])).toEqual([
      ['centre/link', 'normal'],
      ['upstream/core', 'normal'],
      ['upstream/line-a', 'normal'],
      ['site/site-1', 'normal'],
      ['node/site-1/node-1', 'normal'],
      ['device/site-1/dev-1', 'cause'],
    ])
    expect(detail.chain.at(-1)?.name.vi).toBe('Máy một')
    expect(detail.place).toMatchObject({ site: 'site-1', name: 'Trạm một', area_name: 'Ka Đô', lat: 11.7 })
    const values = detail.values.filter(({ metric }) => metric === 'cpu_percent')
    expect(values.map(({ value }) => value)).toEqual([47, 48, 49, 51, 52])
    expect(detail.timeline).toMatchObject([{ what: 'opened' }])
  })

  it('shows what an incident takes with it, and an old one without its timeline', async () => {
    const site = (await centre.get('/api/incidents/2')).body as ApiIncidentDetail
    expect(site.affected).toMatchObject([{ thing: 'device/site-2/dev-2', state: 'affected' }])
    const old = (await centre.get('/api/incidents/90')).body as ApiIncidentDetail
    expect(old).toMatchObject({ live: false, state: 'closed', title: { vi: 'Cũ' }, timeline: [], messages: 2 })
    expect((await centre.get('/api/incidents/999')).status).toBe(404)
    expect((await centre.get('/api/incidents/0')).status).toBe(400)
  })

  it('sends what people do to the watch, with their name', async () => {
    const until = Date.now() + hourMs
    const before = commands.length
    const actions: readonly (readonly [string, object | undefined])[] = [
      ['acknowledge', { until, note: 'Đang đến', take: true }],
      ['assign', { to: 'lan' }],
      ['assign', { to: null }],
      ['note', { text: 'Cầu chì cháy' }],
      ['resolve', undefined],
      ['snooze', { until, reason: 'Chờ linh kiện' }],
      ['snooze', { until: null }],
    ]
    for (const [action, body] of actions) {
      expect(await centre.post(`/api/incidents/1/${action}`, body)).toEqual({ status: 202, body: { accepted: true } })
    }
    await eventually(() => (commands.length >= before + 8 ? true : undefined))
    const by = 'local-admin'
    const cause = 'device/site-1/dev-1#loss'
    expect(commands.slice(before)).toEqual([
      { kind: 'acknowledge', by, id: 1, until, note: 'Đang đến' },
      { kind: 'assign', by, id: 1, to: by },
      { kind: 'assign', by, id: 1, to: 'lan' },
      { kind: 'assign', by, id: 1, to: null },
      { kind: 'note', by, id: 1, text: 'Cầu chì cháy' },
      { kind: 'resolve', by, id: 1 },
      { kind: 'shelve', by, cause, reason: 'Chờ linh kiện', until },
      { kind: 'unshelve', by, cause },
    ])
  })

  it.each([
    ['1/acknowledge', { until: 1 }, 400],
    ['1/acknowledge', { until: Date.now() + 8 * dayMs }, 400],
    ['1/acknowledge', {}, 400],
    ['1/acknowledge', { until: Date.now() + hourMs, by: 'somebody else' }, 400],
    ['1/note', { text: ' ' }, 400],
    ['1/assign', { to: '' }, 400],
    ['1/assign', { to: 'nguyen-thi-lan' }, 400],
    ['1/assign', { to: 'Lan' }, 400],
    ['1/snooze', { until: Date.now() + 31 * dayMs }, 400],
    ['4/note', { text: 'closed' }, 409],
    ['90/note', { text: 'only in the store' }, 404],
    ['999/resolve', undefined, 404],
  ])('refuses %s %j with %i', async (path, body, status) => {
    const before = commands.length
    expect((await centre.post(`/api/incidents/${path}`, body)).status).toBe(status)
    expect(commands.length).toBe(before)
  })

  it('takes nothing from pages of other sites', async () => {
    const headers = { origin: 'https://example.org', 'sec-fetch-site': 'cross-site' }
    expect((await centre.post('/api/incidents/1/resolve', undefined, headers)).status).toBe(403)
  })

  it('opens and ends maintenance windows', async () => {
    const from = Date.now()
    const given = { reason: 'Thay pin', covers: { devices: ['site-1/dev-1'] }, from, to: from + hourMs }
    const before = commands.length
    expect((await centre.post('/api/maintenance', given)).status).toBe(202)
    expect((await centre.post('/api/maintenance', { ...given, to: from - 1 })).status).toBe(400)
    expect((await centre.post('/api/maintenance', { ...given, covers: {} })).status).toBe(400)
    expect((await centre.post('/api/maintenance/w-1/end')).status).toBe(202)
    expect((await centre.post('/api/maintenance/w-2/end')).status).toBe(404)
    await eventually(() => (commands.length >= before + 2 ? true : undefined))
    expect(commands.slice(before)).toMatchObject([
      { kind: 'maintain', by: 'local-admin', window: { ...given, by: 'local-admin' } },
      { kind: 'end_maintenance', by: 'local-admin', id: 'w-1' },
    ])
    expect((await centre.get('/api/maintenance')).body as ApiMaintenance).toMatchObject({
      windows: [{ id: 'w-1', active: false }],
    })
  })

  it('counts active incidents on /live, and names the incident of what needs attention', async () => {
    const client = await new LiveTestClient(centre.url).open()
    client.send({ subscribe: ['incidents', 'attention', 'incident'] })
    expect(await client.until(({ topic }) => topic === 'incidents')).toMatchObject({
      ...{ open: 2, acknowledged: 1, critical: [2] },
    })
    expect(await client.until(({ topic }) => topic === 'incident/1')).toMatchObject({ id: 1, severity: 'high' })
    const lost = device('dev-1', { name: 'Máy một', area: '24943', cadence_s: 60, last_ts: began })
    await centre.publish('device/site-1/dev-1/system', lost)
    await centre.publish('liveness/site-1/dev-1', silent(lost))
    await client.until(({ topic, items }) => {
      const known = (items ?? []) as { key: string; incident?: number }[]
      return topic === 'attention' && known.some(({ incident: id }) => id === 1)
    })
    client.socket.close()
  })

  it('keeps a work log for each device', async () => {
    const entry = { at: pastMonth + dayMs, what: 'Thay pin', part: 'Pin 12 V', cost_vnd: 350_000, incident: 90 }
    const path = '/api/devices/site-1/dev-1/work'
    expect(await centre.post(path, entry)).toMatchObject({ status: 201, body: { id: 1, by: 'local-admin', ...entry } })
    expect((await centre.post(path, { at: pastMonth, what: 'Vệ sinh' })).status).toBe(201)
    expect((await centre.post(path, { at: 1, what: '' })).status).toBe(400)
    expect((await centre.post(path, { ...entry, cost_vnd: -1 })).status).toBe(400)
    expect((await centre.post('/api/devices/site-1/none/work', entry)).status).toBe(404)
    const { entries } = (await centre.get(path)).body as ApiWorkLog
    expect(entries.map(({ what }) => what)).toEqual(['Thay pin', 'Vệ sinh'])
    expect(((await centre.get('/api/devices/site-2/dev-2/work')).body as ApiWorkLog).entries).toEqual([])
  })

  it('reports the availability of a month', async () => {
    const lines: string[] = []
    // 60 measurements an hour are expected: all of the first day, half of the second, none later.
    for (let hour = 0; hour < 48; hour++) {
      const count = hour < 24 ? 60 : 30
      lines.push(
        `system_1h,area=24943,site=site-1,device=dev-1 cpu_percent_count=${count}i ${pastMonth + hour * hourMs}`,
      )
    }
    const opened = pastMonth + dayMs
    lines.push(
      `incident,id=80,aspect=loss,kind=device,site=site-1 cause="device/site-1/dev-1",state="closed",severity="low",title="a",title_en="a",began=${opened}i,affected=0i,messages=0i ${opened}`,
    )
    await influxd.write(lines)
    const { status, body } = await centre.get(`/api/reports/availability?month=${monthName}&site=site-1`)
    expect(status).toBe(200)
    const { sites, from, to } = body as ApiAvailability
    const days = (to - from) / dayMs
    const [site] = sites
    expect(sites).toHaveLength(1)
    expect(site).toMatchObject({ site: 'site-1', name: 'Trạm một', area_name: 'Ka Đô' })
    const [own] = site?.devices ?? []
    expect(own?.share).toBeCloseTo(1.5 / days)
    expect(own).toMatchObject({ device: 'dev-1', bad_days: days - 1, incidents: 1, work: 2, cost_vnd: 350_000 })
    expect(own?.missing_s).toBe((days - 1.5) * 86_400)
    // From the second day on, half as many were expected: then that day lacks nothing.
    await influxd.write([
      `cadence,area=24943,site=site-1,device=dev-1,type=system cadence_s=120,before_s=60 ${pastMonth + dayMs}`,
    ])
    const all = (await centre.get(`/api/reports/availability?month=${monthName}`)).body as ApiAvailability
    const [slower] = all.sites.find((one) => one.site === 'site-1')?.devices ?? []
    expect(slower?.share).toBeCloseTo((1_440 + 720) / (1_440 + 720 * (days - 1)))
    expect(slower).toMatchObject({ bad_days: days - 2, missing_s: (days - 2) * 86_400 })
    // What never measured before the end of the month was not expected to.
    expect(all.sites.find((one) => one.site === 'site-2')?.devices).toMatchObject([{ share: null, bad_days: 0 }])
    expect((await centre.get('/api/reports/availability?month=2026-13')).status).toBe(400)
    expect((await centre.get(`/api/reports/availability?month=${monthName}&site=site-9`)).status).toBe(404)
  })
})

describe('without a store or a broker', () => {
  it('lists what is live, says that it is not all, and accepts nothing that would be lost', async () => {
    const centre = await startCentre()
    try {
      await centre.publish('incident/1', incident(1))
      await eventually(async () => {
        const { body } = await centre.get('/api/incidents?state=all')
        const { incidents, complete } = body as ApiIncidents
        return incidents.length === 1 && !complete ? true : undefined
      })
      expect((await centre.get('/api/incidents/1')).status).toBe(200)
      expect((await centre.get('/api/incidents/2')).status).toBe(503)
      await centre.stopBroker()
      await eventually(async () => {
        const { status } = await centre.post('/api/incidents/1/resolve')
        return status === 503 ? true : undefined
      })
    } finally {
      await centre.stop()
    }
  })
})

describe('rules of incidents', () => {
  it('lets a role do what the roles below it may', () => {
    expect(rightsOf({ name: 'a', role: 'viewer' })).toEqual([])
    expect(rightsOf({ name: 'a', role: 'operator' })).toEqual(['acknowledge'])
    expect(rightsOf({ name: 'a', role: 'technician' })).toEqual(['acknowledge', 'work'])
    expect(rightsOf({ name: 'a', role: 'admin' })).toEqual(['acknowledge', 'work'])
  })

  it('sorts what is over by time alone', () => {
    const row = (id: number, opened: number, severity: 'low' | 'critical') =>
      ({ ...incident(id, { opened, severity, state: 'closed' }), site: null, areas: [] }) as never
    expect([row(1, 5, 'critical'), row(2, 9, 'low')].sort(byUrgency)).toMatchObject([{ id: 2 }, { id: 1 }])
  })
})
