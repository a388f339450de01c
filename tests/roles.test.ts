import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AccountStore } from '@ioc/accounts/account-store.ts'
import { includesRole, roles } from '@ioc/contract/roles.ts'
import { livePrefix } from '@ioc/contract/topics.ts'
import { commands } from '@ioc/hub/commands/table.ts'
import type { GuardedRoute } from '@ioc/wall/server/guard.ts'
import { type Centre, type Frame, LiveTestClient, startCentre } from '@ioc/wall/server/testing/centre.ts'
import { rawRequest } from '@ioc/wall/server/testing/raw-request.ts'
import { cpu, device, ledger, process as processSample, silent, topicOf } from '@ioc/wall/server/testing/samples.ts'
import type { LiveFrames } from '@ioc/wall/shared/live-frame.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/**
 * `docs/roles.md`, and every cell of it against a running wall. After a change of routes, topics or commands:
 * `npx vitest run -u tests/roles.test.ts`.
 */

/** The columns: nobody, each role, and a user who is limited to an area. */
const limited = 'limited'
const columns = ['nobody', ...roles, limited] as const
type Column = (typeof columns)[number]
const areaOfUser = '24931'

let centre: Centre
const headers = new Map<Column, Record<string, string>>([['nobody', {}]])
beforeAll(async () => {
  centre = await startCentre()
  for (const role of roles) headers.set(role, { ...(await centre.addUser(role, { role })) })
  headers.set(limited, { ...(await centre.addUser(limited, { role: 'admin', areas: [areaOfUser] })) })
})
afterAll(() => centre?.stop())

/** What a cell says. */
type Cell = 'yes' | 'no' | 'own places'

// Routes

const isShown = ({ url }: GuardedRoute) => !url.startsWith('/api/docs/static/') && !url.startsWith('/assets/')
const methodsOf = ({ methods }: GuardedRoute) => methods.filter((method) => method !== 'HEAD' && method !== 'OPTIONS')

function routeCell({ role, places }: GuardedRoute, column: Column): Cell {
  if (role === 'public') return 'yes'
  if (column === 'nobody') return 'no'
  if (column !== limited) return includesRole(column, role) ? 'yes' : 'no'
  return places === undefined ? 'no' : places === 'free' ? 'yes' : 'own places'
}

function routeRows(): (readonly string[])[] {
  const rows = centre.wall.routes
    .filter(isShown)
    .flatMap((route) =>
      methodsOf(route).map((method) => [
        `\`${method} ${route.url}\``,
        ...columns.map((column) => routeCell(route, column)),
      ]),
    )
  return [...new Map(rows.map((row) => [row[0], row])).values()].sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
}

test('each route answers each role as the matrix says', async () => {
  const wrong: string[] = []
  for (const route of centre.wall.routes) {
    for (const method of route.methods) {
      for (const column of columns) {
        const path = route.url.replaceAll(/:\w+/g, 'x').replace('*', 'index.html')
        const { status, body } = await rawRequest(centre.url, path, { method, headers: headers.get(column) ?? {} })
        // A login without a body, and a user without an account, are refused by the route itself.
        const isRefused =
          status === 401 ||
          (status === 403 && /requires the role|limited to areas/.test(body)) ||
          (status === 403 && method === 'HEAD')
        const isAllowed = routeCell(route, column) !== 'no'
        if (isRefused === isAllowed) wrong.push(`${method} ${path} as ${column}: ${status}`)
      }
    }
  }
  expect(wrong).toEqual([])
})

// Live topics

const district = {
  areas: [
    { code: areaOfUser, name: 'Đơn Dương', lat: 11.7, lon: 108.4, unconfirmed: false },
    { code: '24943', name: 'Ka Đô', lat: 11.7, lon: 108.6, unconfirmed: false },
  ],
  sites: [
    { site: 'own', area: areaOfUser, name: null, kind: null, lat: null, lon: null },
    { site: 'other', area: '24943', name: null, kind: null, lat: null, lon: null },
  ],
  problem: null,
}
const sites = ['own', 'other'] as const
const incident = (id: number, site: string) => ({ id, state: 'open', cause: `site/${site}`, affected: [] })

interface TopicKind {
  readonly topic: string
  readonly ofLimited: Cell
  /** Publishes a value of each site; what the server computes comes by itself. */
  publish?(): Promise<unknown>
  /** Whether a frame is of another area than the user's. */
  isOfOther?(frame: Frame): boolean
}

const byTopic = ({ topic }: Frame): boolean => String(topic).includes('other') || String(topic).includes('24943')
const topicKinds: Readonly<Record<keyof LiveFrames, TopicKind>> = {
  indicator: {
    topic: 'indicator/{id}/{scope}/{key}',
    ofLimited: 'own places',
    publish: () =>
      Promise.all(
        sites.map((key) =>
          centre.publish(topicOf({ ...cpu(50), scope: 'site', key }), { ...cpu(50), scope: 'site', key }),
        ),
      ),
  },
  indicators: {
    topic: 'indicators',
    ofLimited: 'yes',
    publish: () => centre.publishRaw(`${livePrefix}indicators`, '[]'),
  },
  types: {
    topic: 'types',
    ofLimited: 'yes',
    publish: () => centre.publishRaw(`${livePrefix}types`, JSON.stringify([counterType])),
  },
  boards: { topic: 'boards', ofLimited: 'yes' },
  district: {
    topic: 'district',
    ofLimited: 'own places',
    publish: () => centre.publish('district', district),
    isOfOther: ({ sites: listed }) => JSON.stringify(listed).includes('other'),
  },
  device: {
    topic: 'device/{site}/{device}/{type}',
    ofLimited: 'own places',
    publish: () =>
      Promise.all(
        sites.map((site) => centre.publish(`device/${site}/d/system`, device('d', { site, last_ts: 1, online: true }))),
      ),
  },
  liveness: {
    topic: 'liveness/{site}/{device}',
    ofLimited: 'own places',
    publish: () =>
      Promise.all(sites.map((site) => centre.publish(`liveness/${site}/d`, silent(device('d', { site, last_ts: 1 }))))),
  },
  node: {
    topic: 'node/{site}/{node}',
    ofLimited: 'own places',
    publish: () =>
      Promise.all(
        sites.map((site) =>
          centre.publishRaw(
            `ioc/v1/${site}/n/status`,
            JSON.stringify({ online: true, session: 1, agent: null, devices: [] }),
          ),
        ),
      ),
  },
  ledger: {
    topic: 'ledger/{site}/{node}',
    ofLimited: 'own places',
    publish: () => Promise.all(sites.map((site) => centre.publish(`ledger/${site}/n`, ledger({ site, node: 'n' })))),
  },
  process: {
    topic: 'process/{name}',
    ofLimited: 'yes',
    publish: () => centre.publish('process/broker', processSample('broker')),
  },
  simulation: {
    topic: 'simulation',
    ofLimited: 'yes',
    publish: () =>
      centre.publish('simulation', { ts: 1, scenario: 's', phase: 'live', percent: 100, clock: 1, speed: 1 }),
  },
  incident: {
    topic: 'incident/{id}',
    ofLimited: 'own places',
    publish: () =>
      Promise.all(sites.map((site, index) => centre.publish(`incident/${index + 1}`, incident(index + 1, site)))),
    isOfOther: ({ cause }) => cause === 'site/other',
  },
  maintenance: {
    topic: 'maintenance',
    ofLimited: 'own places',
    publish: () =>
      centre.publish('maintenance', { windows: sites.map((site) => ({ id: site, covers: { sites: [site] } })) }),
    isOfOther: ({ windows }) => JSON.stringify(windows).includes('other'),
  },
  deliveries: {
    topic: 'deliveries/{id}',
    ofLimited: 'own places',
    publish: () =>
      Promise.all(sites.map((_, at) => centre.publish(`deliveries/${at + 1}`, { incident: at + 1, deliveries: [] }))),
    isOfOther: ({ incident: id }) => id === 2,
  },
  rota: {
    topic: 'rota',
    ofLimited: 'yes',
    publish: () => centre.publish('rota', { ts: 1, rotas: [], overrides: [], people: [], push_key: '' }),
  },
  attention: {
    topic: 'attention',
    ofLimited: 'own places',
    isOfOther: ({ items }) => JSON.stringify(items).includes('other'),
  },
  incidents: { topic: 'incidents', ofLimited: 'own places', isOfOther: ({ open }) => Number(open) > 1 },
  place: { topic: 'place/{area or site}/{key}', ofLimited: 'own places' },
  link: { topic: 'link', ofLimited: 'yes' },
}

const counterType = {
  id: 'people_counter',
  title: { vi: 'Đếm người', en: 'People counter' },
  cadence_s: 60,
  metrics: { people: { unit: '1', kind: 'number', title: { vi: 'Số người', en: 'People' } } },
  owner: 'own/counter',
  version: 1,
  levels: {},
}

function topicCell({ ofLimited }: TopicKind, column: Column): Cell {
  return column === 'nobody' ? 'no' : column === limited ? ofLimited : 'yes'
}

describe('live topics', () => {
  beforeAll(async () => {
    for (const { publish } of Object.values(topicKinds)) await publish?.()
    // The server computes it from all the others.
    const everything = await new LiveTestClient(centre.url, headers.get('viewer')).open()
    everything.send({ subscribe: ['place', 'attention', 'boards'] })
    await everything.until(({ topic }) => topic === 'boards')
    await everything.until(({ topic, silent }) => topic === 'place/site/other' && silent === 1)
    await everything.until(({ topic, items }) => topic === 'attention' && JSON.stringify(items).includes('other'))
    everything.socket.terminate()
  })

  test('nobody without a user connects', async () => {
    await expect(new LiveTestClient(centre.url).open()).rejects.toThrow('401')
  })

  test.each(columns.filter((column) => column !== 'nobody'))(
    '%s receives each kind as the matrix says',
    async (column) => {
      const client = await new LiveTestClient(centre.url, headers.get(column)).open()
      // Last values come in the order of the subscriptions: the last one ends them.
      const kinds = Object.keys(topicKinds).filter((kind) => kind !== 'link')
      client.send({ subscribe: [...kinds, 'link'] })
      await client.until(({ topic }) => topic === 'link')
      const found = Object.entries(topicKinds).map(([kind, { isOfOther = byTopic }]): readonly [string, Cell] => {
        const frames = client.frames.filter(({ topic }) => String(topic).split('/', 1)[0] === kind)
        if (frames.length === 0) return [kind, 'no']
        const hasOther =
          topicKinds[kind as keyof typeof topicKinds].ofLimited === 'own places' && frames.some(isOfOther)
        return [
          kind,
          hasOther || topicKinds[kind as keyof typeof topicKinds].ofLimited !== 'own places' ? 'yes' : 'own places',
        ]
      })
      client.socket.terminate()
      const expected = Object.entries(topicKinds).map(([kind, one]) => [kind, topicCell(one, column)])
      expect(found).toEqual(expected)
    },
  )
})

// Commands

/** What `ioc` needs: it acts on the machine, as a user of the operating system, whatever roles the wall has. */
const needs = {
  nothing: 'nothing beyond the program',
  store: 'the store: `IOC_INFLUX_TOKEN` where one is set, else access to its port on this machine',
  data: 'read and write access to the data folder (`IOC_DATA_DIR`): the operating system user of the centre, or root',
  centre: "the centre's own credential for the broker, which is in the data folder",
} as const

const needOf: Readonly<Record<keyof typeof commands, keyof typeof needs>> = {
  start: 'data',
  demo: 'data',
  doctor: 'nothing',
  user: 'data',
  audit: 'data',
  enrol: 'data',
  agent: 'data',
  node: 'data',
  camera: 'data',
  type: 'data',
  device: 'centre',
  'dead-letters': 'data',
  query: 'store',
  export: 'store',
  backup: 'data',
  restore: 'data',
  options: 'nothing',
  indicators: 'nothing',
  explain: 'data',
  incidents: 'centre',
  ack: 'centre',
  maintenance: 'centre',
  notify: 'centre',
  rota: 'centre',
  replay: 'data',
}

/** Arguments with which a command reaches the data folder. */
const argumentsOf: Partial<Record<keyof typeof commands, readonly string[]>> = {
  user: ['list'],
  agent: ['rollout', 'status'],
  node: ['list'],
  camera: ['add', 'c', 'http://127.0.0.1:9/'],
  device: ['forget', 'own', 'd'],
  backup: ['backup.duckdb'],
  restore: ['backup.zip'],
  explain: ['system_cpu_1m', '--at', '2026-11-01', '--key', 'own/d'],
  ack: ['1'],
  maintenance: ['list'],
  notify: ['test', 'lan', 'email'],
  replay: ['none.csv', '--map', 'none.yaml', '--site', 'own', '--node', 'n'],
}

const isRoot = process.getuid?.() === 0
/** `nobody` of Debian. */
const stranger = 65_534

describe.skipIf(!isRoot)('commands that need the data folder', () => {
  const reaching = (Object.keys(commands) as (keyof typeof commands)[]).filter(
    (name) => needOf[name] === 'data' || needOf[name] === 'centre',
  )
  const main = join(import.meta.dirname, '../hub/main.ts')

  test.each(reaching)('%s fails for another user of the operating system', async (name) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'ioc-roles-'))
    await new AccountStore(dataDir).add('hidden-user', { role: 'admin' }, 'correct horse 4')
    mkdirSync(join(dataDir, 'credentials'))
    writeFileSync(join(dataDir, 'credentials', 'centre.json'), '{"username":"hidden-user","password":"x"}')
    chmodSync(dataDir, 0o750)
    const child = spawn(process.execPath, [main, name, ...(argumentsOf[name] ?? [])], {
      uid: stranger,
      gid: stranger,
      cwd: '/',
      env: { PATH: process.env['PATH'], IOC_DATA_DIR: dataDir, IOC_MQTT_PORT: String(centre.mqttPort) },
    })
    let output = ''
    child.stdout.on('data', (data) => {
      output += data
    })
    const code = await new Promise((resolve) => child.once('close', resolve))
    expect(code).not.toBe(0)
    expect(output).not.toContain('hidden-user')
  })
})

// The document

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => (row[at] ?? '').length)))
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

test('docs/roles.md is what the matrix says', async () => {
  const titles = ['nobody', ...roles, 'limited user']
  const topics = Object.values(topicKinds).map((kind) => [
    `\`${kind.topic}\``,
    ...columns.map((column) => topicCell(kind, column)),
  ])
  const names = Object.keys(commands) as (keyof typeof commands)[]
  const text = `# Roles

Who may use which route, live topic and command. A test generates this page from the code and tests each cell against a running
wall: \`npx vitest run -u tests/roles.test.ts\`.

A _limited user_ has a role and is limited to areas or a unit; the column holds for a role that the route accepts. _Own places_:
only what is of these areas, and figures of the whole district. On loopback, a centre without accounts treats everyone as
\`admin\`.

## Routes

${table(['route', ...titles], routeRows())}

Any other path is answered 401 without a user, and 404 with one.

## Live topics

Of \`/live\`. A topic of any other kind is not sent to limited users.

${table(['topic', ...titles], topics)}

## Commands

\`ioc\` acts on the machine: what counts is the user of the operating system, not a role.

${table(
  ['command', 'needs'],
  names.map((name) => [`\`ioc ${name}\``, needs[needOf[name]]]),
)}
`
  await expect(text).toMatchFileSnapshot('../docs/roles.md')
})
