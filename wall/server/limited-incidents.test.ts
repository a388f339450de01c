import type { ApiIncidentDetail, ApiIncidents, ApiMaintenance } from '@ioc/contract/messages/api-incidents.ts'
import { alertingTopic } from '@ioc/contract/topics.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Centre, eventually, LiveTestClient, startCentre } from './testing/centre.ts'
import { device, incident } from './testing/samples.ts'

/** What an answer to a user of the area 24943 must not have. */
const secret = 'secret'
const areas = ['24943', '24934'] as const

describe('incidents of users who are limited to places', () => {
  let centre: Centre
  let commands: Record<string, unknown>[]
  const users = new Map<string, { readonly authorization: string }>()

  beforeAll(async () => {
    centre = await startCentre()
    commands = (await centre.listen(alertingTopic)) as Record<string, unknown>[]
    users.set('technician', await centre.addUser('technician', { role: 'technician', areas: ['24943'] }))
    users.set('operator', await centre.addUser('operator', { role: 'operator', unit: 'office' }))
    users.set('viewer', await centre.addUser('viewer', { role: 'viewer', areas: ['24943'] }))
    await centre.publish('district', {
      areas: areas.map((code) => ({ code, name: code, lat: 11.7, lon: 108.5, unconfirmed: false })),
      sites: [
        { site: 'own', area: '24943', name: 'Own', kind: null, lat: 11.7, lon: 108.6 },
        { site: 'secret', area: '24934', name: 'secret', kind: null, lat: 11.8, lon: 108.5 },
      ],
      units: [{ id: 'office', name: { vi: '', en: '' }, area: '24943', domains: [], unconfirmed: false }],
      upstreams: [{ id: 'line-a', name: 'Tuyến A', sites: ['own', 'secret'], areas: [], on: [] }],
    })
    for (const site of ['own', 'secret']) await centre.publish(`device/${site}/d/system`, device('d', { site }))
    const of = (id: number, cause: string, affected: readonly string[] = []) =>
      centre.publish(`incident/${id}`, {
        ...incident(id),
        title: { vi: `Sự cố ${cause.includes(secret) ? secret : ''}`, en: '' },
        ...{ cause, affected, affected_count: affected.length },
      })
    await of(1, 'device/own/d')
    await of(2, 'device/secret/d')
    await of(3, 'upstream/line-a', ['site/own', 'device/own/d', 'site/secret', 'device/secret/d'])
    await of(4, 'indicator/x/area/24934')
    await of(5, 'process/storage')
    const sent = {
      kind: 'opened',
      name: 'Lan',
      person: 'lan',
      channel: 'sms',
      step: 1,
      state: 'sent',
      at: 1,
      changed: 2,
    }
    for (const id of [1, 2]) {
      const name = id === 2 ? secret : 'Lan'
      await centre.publish(`deliveries/${id}`, { incident: id, deliveries: [{ ...sent, name, key: 'k', tries: 1 }] })
    }
    const window = { reason: 'Thay pin', by: 'lan', from: 1, to: 2, active: false }
    await centre.publish('maintenance', {
      windows: [
        { ...window, id: 'own', covers: { sites: ['own'] } },
        { ...window, id: 'both', covers: { sites: ['own', 'secret'] } },
        { ...window, id: 'other', covers: { devices: ['secret/d'], areas: ['24934'] } },
      ],
    })
    await eventually(async () =>
      JSON.stringify((await centre.get('/api/incidents', await admin())).body).includes('storage') ? true : undefined,
    )
  })
  afterAll(() => centre?.stop())

  let adminHeaders: { readonly authorization: string } | undefined
  async function admin() {
    adminHeaders ??= await centre.addUser('everything', { role: 'admin' })
    return adminHeaders
  }
  const get = async <T>(user: string, path: string): Promise<T> => (await centre.get(path, users.get(user))).body as T
  const post = async (user: string, path: string, body?: object) =>
    (await centre.post(path, body, users.get(user))).status

  test.each(['technician', 'operator', 'viewer'])('a %s sees those of the own places alone', async (user) => {
    const answer = await get<ApiIncidents>(user, '/api/incidents')
    expect(answer.incidents.map(({ id }) => id).sort()).toEqual([1, 3])
    expect(JSON.stringify(answer)).not.toContain(secret)
    const statuses = await Promise.all(
      [1, 2, 3, 4, 5].map(async (id) => (await centre.get(`/api/incidents/${id}`, users.get(user))).status),
    )
    expect(statuses).toEqual([200, 404, 200, 404, 404])
  })

  test('shows who was notified of an own incident', async () => {
    const { deliveries } = await get<ApiIncidentDetail>('viewer', '/api/incidents/1')
    expect(deliveries).toMatchObject([{ name: 'Lan', channel: 'sms', state: 'sent' }])
  })

  test('shows of a line what it takes of the own places, and lets nobody act on it', async () => {
    const detail = await get<ApiIncidentDetail>('technician', '/api/incidents/3')
    expect(detail.affected.map(({ thing }) => thing)).toEqual(['site/own', 'device/own/d'])
    expect(detail).toMatchObject({ may: [], affected_count: 2, timeline: [], values: [] })
    expect(JSON.stringify(detail)).not.toContain(secret)
    expect(await post('technician', '/api/incidents/3/resolve')).toBe(403)
  })

  test.each([
    ['technician', '1/note', { text: 'Đang đến' }, 202],
    ['technician', '2/note', { text: 'Đang đến' }, 404],
    ['operator', '1/acknowledge', { until: Date.now() + 3_600_000 }, 202],
    ['operator', '2/acknowledge', { until: Date.now() + 3_600_000 }, 404],
    ['operator', '1/note', { text: 'Đang đến' }, 403],
    ['viewer', '1/acknowledge', { until: Date.now() + 3_600_000 }, 403],
  ])('answers a %s who sends %s', async (user, path, body, status) => {
    const before = commands.length
    expect(await post(user, `/api/incidents/${path}`, body)).toBe(status)
    if (status === 202) expect(await eventually(() => commands[before])).toMatchObject({ by: user, id: 1 })
  })

  test('lists, opens and ends the maintenance of the own places', async () => {
    const { windows } = await get<ApiMaintenance>('technician', '/api/maintenance')
    expect(windows.map(({ id, covers }) => [id, covers])).toEqual([
      ['own', { sites: ['own'] }],
      ['both', { sites: ['own'] }],
    ])
    const window = { reason: 'Thay pin', from: Date.now(), to: Date.now() + 3_600_000 }
    for (const [covers, status] of [
      [{ sites: ['own'] }, 202],
      [{ devices: ['own/d'], areas: ['24943'] }, 202],
      [{ sites: ['own', 'secret'] }, 403],
      [{ areas: ['24934'] }, 403],
      [{ tags: ['system'] }, 403],
      [{ sites: ['own'], tags: ['system'] }, 403],
    ] as const)
      expect([covers, await post('technician', '/api/maintenance', { ...window, covers })]).toEqual([covers, status])
    const end = (id: string) => post('technician', `/api/maintenance/${id}/end`)
    expect([await end('own'), await end('both'), await end('other')]).toEqual([202, 403, 404])
  })

  test('receives counts and changes of the own places', async () => {
    const client = await new LiveTestClient(centre.url, users.get('viewer')).open()
    client.send({ subscribe: ['incident', 'incidents', 'deliveries', 'maintenance', 'link'] })
    await client.until(({ topic }) => topic === 'link')
    expect(await client.until(({ topic, open }) => topic === 'incidents' && open === 2)).toMatchObject({ critical: [] })
    const topics = client.frames.map(({ topic }) => topic)
    expect(topics).toContain('incident/3')
    expect(topics).toContain('deliveries/1')
    expect(topics).not.toContain('deliveries/2')
    expect(JSON.stringify(client.frames)).not.toContain(secret)
    client.socket.terminate()
  })
})
