import { openCredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import type { ApiNodes } from '@ioc/contract/messages/api-enrol.ts'
import type { LiveIndicator } from '@ioc/contract/messages/live.ts'
import { indicatorTopic, livePrefix } from '@ioc/contract/topics.ts'
import { hasDebianInflux } from '@ioc/storage/testing/real-influx.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { grafanaFolder, loadBoards, panelsOf } from './boards/library.ts'
import { limitStatement } from './limit-statement.ts'
import { type Centre, eventually, LiveTestClient, startCentre } from './testing/centre.ts'
import { type Influxd, startInfluxd } from './testing/influxd.ts'
import { device, incident, ledger, silent } from './testing/samples.ts'

/** Of the area that the limited user may not read: names that an answer must not have. */
const secret = 'secret-'
const descriptor = {
  id: 'system_cpu_1m',
  title: { vi: 'CPU', en: 'CPU' },
  unit: '%',
  source: 'system',
  window: { kind: 'sliding', size_s: 60, every_s: 10 },
  scopes: ['device', 'site', 'area', 'district'],
  about: { vi: '', en: '' },
  formula: '',
}

describe.skipIf(!hasDebianInflux())('a user who is limited to an area', () => {
  let centre: Centre
  let store: Influxd
  let limited: { readonly authorization: string }
  let ofUnit: { readonly authorization: string }
  let everywhere: { readonly authorization: string }

  beforeAll(async () => {
    store = await startInfluxd()
    centre = await startCentre({ IOC_INFLUX_URL: `http://127.0.0.1:${store.port}` })
    limited = await centre.addUser('limited', { role: 'admin', areas: ['24931'] })
    ofUnit = await centre.addUser('of-unit', { role: 'viewer', unit: 'office' })
    everywhere = await centre.addUser('everywhere', { role: 'viewer' })
    await centre.publishRaw(`${livePrefix}indicators`, JSON.stringify([descriptor]))
    await centre.publish('district', {
      areas: [
        { code: '24931', name: 'Đơn Dương', lat: 11.7, lon: 108.4, unconfirmed: false },
        { code: '24943', name: 'Ka Đô', lat: 11.7, lon: 108.6, unconfirmed: false },
      ],
      sites: [
        { site: 'open-site', area: '24931', name: 'Open', kind: null, lat: null, lon: null },
        { site: 'secret-site', area: '24943', name: 'secret name', kind: null, lat: null, lon: null },
      ],
      units: [{ id: 'office', name: { vi: '', en: '' }, area: '24931', domains: [], unconfirmed: false }],
      targets: [],
      thresholds: [
        {
          indicator: 'system_cpu_1m',
          scope: 'site',
          key: 'secret-site',
          group: null,
          levels: { direction: 'above', attention: 9 },
          source: '',
          unconfirmed: false,
        },
      ],
      rules: [{ id: 'r', aspect: 'loss', sites: ['secret-site'], severity: 'low' }],
      upstreams: [{ id: 'u', name: 'secret line', sites: ['secret-site'], areas: [], on: [] }],
      outlines: null,
      problem: null,
    })
    const now = Date.now()
    const lines: string[] = []
    for (const [site, area] of [
      ['open-site', '24931'],
      ['secret-site', '24943'],
      // Of no listed site: its area is what its device says.
      ['open-unlisted', '24931'],
      ['secret-unlisted', '24943'],
    ] as const) {
      const name = `${site}-device`
      await centre.publish(
        `device/${site}/${name}/system`,
        device(name, { site, area, node: `${site}-node`, last_ts: now - 3_600_000 }),
      )
      await centre.publish(`ledger/${site}/${site}-node`, ledger({ site, node: `${site}-node`, lost: 5 }))
      const values: readonly (readonly [LiveIndicator['scope'], string])[] = [
        ['device', `${site}/${name}`],
        ['site', site],
        ['area', area],
      ]
      for (const [scope, key] of values) {
        const value: LiveIndicator = { id: 'system_cpu_1m', scope, key, ts: now, value: 99, level: 3, samples: 6 }
        await centre.publish(indicatorTopic(value.id, scope, key).slice(livePrefix.length), value)
      }
      const tags = `area=${area},site=${site}`
      lines.push(
        `indicator,id=system_cpu_1m,scope=device,${tags},device=${name} value=99,level=3i,samples=6i ${now - 60_000}`,
        `indicator,id=system_cpu_1m,scope=site,${tags} value=99,level=3i,samples=6i ${now - 60_000}`,
        `indicator,id=system_cpu_1m,scope=area,area=${area} value=99,level=3i,samples=6i ${now - 60_000}`,
        `system,${tags},device=${name} cpu_percent=99 ${now - 60_000}`,
        `place,${tags} name="${site}",lat=1,lon=1 ${now - 60_000}`,
        `ledger,site=${site},node=${site}-node sent=5i,stored=5i,lost=5i,queued=0i,offset_ms=1i ${now - 60_000}`,
      )
      await centre.publish(
        `incident/${lines.length}`,
        incident(lines.length, { title: { vi: site, en: site }, cause: `device/${site}/${name}` }),
      )
    }
    const secretDevice = device('secret-site-device', { site: 'secret-site', last_ts: now - 3_600_000 })
    await centre.publish('liveness/secret-site/secret-site-device', silent(secretDevice))
    await centre.publish('maintenance', { windows: [{ id: 'w', covers: { sites: ['secret-site'] } }] })
    await store.write(lines)
    await eventually(async () => {
      const { body } = await centre.get('/api/devices', everywhere)
      return JSON.stringify(body).includes('secret-unlisted') ? true : undefined
    })
  })
  afterAll(async () => {
    await centre?.stop()
    await store?.stop()
  })

  it('reads nothing of other areas by any route', async () => {
    const found: string[] = []
    for (const { url, methods } of centre.wall.routes) {
      if (!methods.includes('GET')) continue
      for (const [site, name] of [
        ['secret-site', 'secret-site-device'],
        ['open-site', 'open-site-device'],
      ] as const) {
        const path = url.replace(':site', site).replace(':device', name).replace(':id', 'system_cpu_1m')
        for (const user of [limited, ofUnit]) {
          const { body } = await centre.get(path, user)
          // A refusal repeats what the request asked for.
          if (
            JSON.stringify(body)
              .replaceAll(/no (site|device) [\w/-]+/g, '')
              .includes(secret)
          )
            found.push(path)
        }
      }
    }
    expect(found).toEqual([])
  })

  it.each([
    ['/api/sites/secret-site', 404],
    ['/api/devices/secret-site/secret-site-device', 404],
    ['/api/indicators/system_cpu_1m?scope=site&key=secret-site', 404],
    ['/api/indicators/system_cpu_1m?scope=device&key=secret-site/secret-site-device', 404],
    ['/api/indicators/system_cpu_1m?scope=area&key=24943', 404],
    ['/api/analysis/trend?indicator=system_cpu_1m&scope=site&key=secret-site', 404],
    ['/api/analysis/unusual?indicator=system_cpu_1m&scope=site&key=secret-site', 404],
    ['/metrics', 200],
    ['/api/sites/open-site', 200],
    ['/api/sites/open-unlisted', 200],
    ['/api/indicators/system_cpu_1m?scope=area&key=24931', 200],
    ['/api/indicators/system_cpu_1m', 200],
    ['/api/health', 200],
    ['/api/analysis/compare?indicator=system_cpu_1m', 200],
    // The silent device is of the other area.
    ['/api/health/devices', 200],
    ['/api/incidents?state=all', 200],
    ['/api/incidents/12', 404],
    ['/api/incidents/6', 200],
    ['/api/devices/secret-site/secret-site-device/work', 404],
    ['/api/devices/open-site/open-site-device/work', 200],
    ['/api/maintenance', 200],
    ['/nowhere', 404],
  ])('receives for %s the status %i', async (path, status) => {
    expect((await centre.get(path, limited)).status).toBe(status)
    expect((await centre.get(path, ofUnit)).status).toBe(status)
  })

  it('compares the areas, and knows how others are, only where it may', async () => {
    const compared = await centre.get('/api/analysis/compare?indicator=system_cpu_1m', limited)
    const { areas } = compared.body as { areas: { key: string; value: number }[] }
    expect(areas.map(({ key }) => key)).toEqual(['24931'])
    expect((await centre.get('/api/health/devices', everywhere)).status).toBe(503)
  })

  it('has metrics of the own devices, nodes and ledgers, beside those of the centre', async () => {
    const [own, all] = await Promise.all(
      [limited, everywhere].map(async (user) => (await centre.get('/metrics', user)).body as string),
    )
    const count = (text: string | undefined, name: string) => text?.match(new RegExp(`^${name} (\\d+)$`, 'm'))?.[1]
    expect(own).toContain('ioc_device_silent{site="open-site"')
    expect(own).not.toContain(secret)
    expect(all).toContain('ioc_device_silent{site="secret-site"')
    const lost = 'ioc_ledger_messages\\{state="lost"\\}'
    expect([count(own, lost), count(all, lost)]).toEqual(['10', '20'])
    const silentDevices = 'ioc_devices_silent'
    expect([count(own, silentDevices), count(all, silentDevices)]).toEqual(['0', '1'])
    expect(own).toContain('ioc_wall_broker_connected 1')
  })

  it('administers the nodes, tokens and agents of the own sites alone', async () => {
    const store = openCredentialStore(centre.dataDir)
    for (const site of ['open-site', 'secret-site']) await store.add(`${site}/node`, 'node')
    const list = async () => (await centre.get('/api/nodes', limited)).body as ApiNodes
    expect((await list()).nodes.map(({ site }) => site)).toEqual(['open-site'])
    const addToken = (site: string) => centre.post('/api/enrol/tokens', { site }, limited)
    expect((await addToken('secret-site')).status).toBe(403)
    expect((await addToken('open-site')).status).toBe(201)
    const admin = await centre.addUser('whole-district', { role: 'admin' })
    await centre.post('/api/enrol/tokens', { site: 'secret-site' }, admin)
    expect((await list()).tokens.map(({ site }) => site)).toEqual(['open-site'])
    const { tokens } = (await centre.get('/api/nodes', admin)).body as ApiNodes
    const remove = async (path: string) =>
      (await fetch(centre.url + path, { method: 'DELETE', headers: limited })).status
    for (const { id, site } of tokens)
      expect(await remove(`/api/enrol/tokens/${id}`), site).toBe(site === 'open-site' ? 204 : 401)
    expect(await remove('/api/nodes/secret-site/node')).toBe(404)
    expect(await remove('/api/nodes/open-site/node')).toBe(204)
    expect(store.find('secret-site/node')).toBeDefined()
    for (const action of ['collect', 'logs', 'config', 'rollback', 'draft'])
      expect((await centre.post(`/api/agents/secret-site/node/${action}`, {}, limited)).status, action).toBe(404)
    expect((await centre.get('/api/agents/secret-site/node', limited)).body).toMatchObject({
      message: 'no site secret-site',
    })
    for (const path of ['/api/agents', '/api/agent/rollout', '/api/camera-bridges', '/api/agents/collectors'])
      expect((await centre.get(path, limited)).status, path).toBe(200)
    expect((await centre.post('/api/camera-bridges/secret-site/node/discover', {}, limited)).status).toBe(404)
  })

  it('reads what is of the area', async () => {
    for (const user of [limited, ofUnit]) {
      const { body } = await centre.get('/api/sites', user)
      expect((body as { sites: { site: string }[] }).sites.map(({ site }) => site)).toEqual([
        'open-site',
        'open-unlisted',
      ])
    }
  })

  it('receives nothing of other areas on live topics, last values and changes alike', async () => {
    const kinds = [
      'indicator',
      'indicators',
      'district',
      'device',
      'node',
      'ledger',
      'process',
      'simulation',
      'attention',
      'place',
      'incident',
      'maintenance',
      'link',
    ]
    const client = await new LiveTestClient(centre.url, limited).open()
    client.send({ subscribe: kinds })
    await client.until(({ topic }) => topic === 'place/site/open-site')
    const change = (site: string) =>
      centre.publish(`device/${site}/${site}-device/system`, device(`${site}-device`, { site, last_ts: Date.now() }))
    await change('secret-site')
    await change('open-site')
    await client.until(({ topic, area }) => topic === 'device/open-site/open-site-device/system' && area === null)
    await client.until(({ topic, items }) => topic === 'attention' && JSON.stringify(items).includes('open-'))
    const topics = new Set(client.frames.map(({ topic }) => topic))
    expect([...topics]).toEqual(expect.arrayContaining(['district', 'place/area/24931', 'incident/6', 'link']))
    expect(JSON.stringify(client.frames)).not.toContain(secret)
    expect(JSON.stringify(client.frames.filter(({ topic }) => topic !== 'district'))).not.toContain('24943')
    client.socket.terminate()
  })

  it('reads nothing of other areas on any panel of any board, whatever variables it chooses', async () => {
    const boards = loadBoards(grafanaFolder)
    const found: string[] = []
    let open = 0
    let secrets = 0
    for (const [uid, { editions }] of boards) {
      const chosen = 'var-area=$__all&var-site=$__all&var-site=secret-site&var-device=$__all'
      for (const path of [
        `/api/boards/${uid}/variables`,
        `/api/boards/${uid}/annotations`,
        ...panelsOf(editions.vi.board.panels).map(({ id }) => `/api/boards/${uid}/panels/${id}?${chosen}`),
      ]) {
        const text = JSON.stringify((await centre.get(path, limited)).body)
        // What the request chose is repeated as chosen.
        if (text.replaceAll(/"chosen":\{[^}]*\}/g, '').includes(secret)) found.push(path)
        if (text.includes('cannot be limited')) found.push(`${path}: refused`)
        if (text.includes('open-')) open++
        if (JSON.stringify((await centre.get(path, everywhere)).body).includes('secret-unlisted')) secrets++
      }
    }
    expect(found).toEqual([])
    // Others see them, so that the data are there to be seen.
    expect(open).toBeGreaterThan(3)
    expect(secrets).toBeGreaterThan(3)
  })
})

describe('a statement', () => {
  const limit = (statement: string) => limitStatement(statement, (measurement) => `(x = '${measurement}')`)

  it.each([
    ['SELECT "v" FROM "m"', `SELECT "v" FROM "m" WHERE (x = 'm')`],
    ['SELECT "v" FROM "m" WHERE "a" = 1', `SELECT "v" FROM "m" WHERE (x = 'm') AND "a" = 1`],
    ['SELECT last("v") FROM "m" GROUP BY "site"', `SELECT last("v") FROM "m"  WHERE (x = 'm') GROUP BY "site"`],
    [
      'SELECT "v" FROM (SELECT "v" FROM "m") WHERE "v" > 0',
      `SELECT "v" FROM (SELECT "v" FROM "m" WHERE (x = 'm') ) WHERE "v" > 0`,
    ],
    ['SHOW TAG VALUES FROM "m" WITH KEY = "site"', `SHOW TAG VALUES FROM "m" WITH KEY = "site" WHERE (x = 'm')`],
    [
      `SELECT "v" FROM "m" WHERE "a" = ' OR ' AND ("b" = 1 OR "b" = 2)`,
      `SELECT "v" FROM "m" WHERE (x = 'm') AND "a" = ' OR ' AND ("b" = 1 OR "b" = 2)`,
    ],
    [
      `SELECT "v" FROM "m" WHERE "a" =~ /^(FROM "n" OR)$/`,
      `SELECT "v" FROM "m" WHERE (x = 'm') AND "a" =~ /^(FROM "n" OR)$/`,
    ],
  ])('%s is limited', (statement, expected) => {
    expect(limit(statement)).toBe(expected)
  })

  it.each([
    'SELECT "v" FROM "m" WHERE "a" = 1 OR "b" = 2',
    'SELECT "v" FROM "m", "n"',
    'SELECT "v" FROM /.*/',
    'SELECT "v" FROM m',
    'SELECT "v" FROM "db"."rp"."m"',
    'SELECT "v" FROM "db".."m"',
    'SELECT "v" FROM "m"; SELECT "v" FROM "n"',
    'SELECT "v" INTO "n" FROM "m"',
    'SELECT "v" FROM "m" WHERE "a" = 1) OR ("b" = 2',
  ])('%s is refused', (statement) => {
    expect(() => limit(statement)).toThrow(expect.objectContaining({ code: 'QUERY_INVALID' }))
  })
})
