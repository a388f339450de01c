import type { LiveIncident } from '@ioc/contract/messages/incidents.ts'
import type { IndicatorDescriptor, LiveIndicator } from '@ioc/contract/messages/live.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import type { AttentionItem, LiveAttention } from '../shared/live-frame.ts'
import { Attention } from './attention.ts'
import { LiveState } from './live-state.ts'
import { LiveTestClient, startCentre } from './testing/centre.ts'
import { cpu, device, incident, ledger, process as processOf, silent, topicOf } from './testing/samples.ts'
import { createPlacesOf } from './visible-places.ts'

const second = 1_000
const now = Date.now()

const base = { title: { vi: 'v', en: 'e' }, about: { vi: 'v', en: 'e' }, unit: '%', formula: 'f' } as const
const descriptors: IndicatorDescriptor[] = [
  {
    ...base,
    id: 'system_cpu_1m',
    source: 'system',
    window: { kind: 'sliding', size_s: 60, every_s: 10 },
    scopes: ['device', 'site', 'area', 'district'],
  },
  {
    ...base,
    id: 'cases_7d',
    source: 'one_stop',
    window: { kind: 'sliding', size_s: 604_800, every_s: 86_400 },
    scopes: ['area', 'district'],
    by: 'field',
  },
]

let state: LiveState
let attention: Attention
let published: { topic: string; gone?: true }[]
const apply = (topic: string, value: object) => state.apply(topic, JSON.stringify(value), false)
const defer = (topic: string, value: object) => state.defer(topic, JSON.stringify(value))

beforeEach(() => {
  state = new LiveState()
  published = []
  attention = new Attention(
    state,
    (change) => published.push(JSON.parse(change.frame.toString())),
    (error) => expect.unreachable(String(error)),
  )
  state.applyLink(true)
  state.applySnapshot(true, true)
  apply('indicators', descriptors)
  apply('district', {
    areas: [{ code: 'A', name: 'Xã A', lat: 1, lon: 1, unconfirmed: false }],
    sites: [
      { site: 'site-1', area: 'A', name: null, lat: null, lon: null },
      { site: 'site-2', area: 'A', name: null, lat: null, lon: null },
    ],
  })
})

/** A device, measured so many seconds ago: with more than 30 it is silent. */
function addDevice(site: string, name: string, age_s: number | null, node = 'n'): void {
  const one = device(name, { site, node, last_ts: age_s === null ? null : now - age_s * second })
  apply(`device/${site}/${name}/system`, one)
  const life = silent(one)
  const isSilent = age_s === null || age_s > 30
  apply(`liveness/${site}/${name}`, isSilent ? life : { ...life, state: 'measuring' })
}
const value = (change: Partial<LiveIndicator>): LiveIndicator => ({ ...cpu(90, 'd', now), level: 2, ...change })
const raise = (change: Partial<LiveIndicator>) => apply(topicOf(value(change)), value(change))

function items(at = now): readonly AttentionItem[] {
  attention.update(at)
  return frame().items
}
const frame = () => JSON.parse(state.frameOf('attention')?.toString() ?? '{}') as LiveAttention
const place = (scope: string, key: string) => JSON.parse(state.frameOf(`place/${scope}/${key}`)?.toString() ?? '{}')
const brief = (list: readonly AttentionItem[]) => list.map(({ kind, scope, key }) => `${kind} ${scope} ${key}`)

describe('what needs attention', () => {
  test('is nothing on a calm day, and that is published', () => {
    addDevice('site-1', 'd', 1)
    raise({ level: 0 })
    expect(items()).toEqual([])
    expect(frame().counts).toEqual({ indicator: 0, silent: 0, offline: 0, lost: 0, down: 0 })
    expect(place('site', 'site-1')).toMatchObject({ level: 0, devices: 1, silent: 0, nodes: 1, offline: 0 })
    expect(place('area', 'A')).toMatchObject({ level: 0, devices: 1, nodes: 1 })
  })

  test('stands the worst first, and among the same level the oldest', () => {
    addDevice('site-1', 'd', 1)
    addDevice('site-1', 'other', 60)
    raise({ key: 'site-1/d', level: 3 })
    raise({ id: 'cases_7d', scope: 'area', key: 'A', group: 'land', level: 2, ts: now - 3_600 * second })
    raise({ id: 'cases_7d', scope: 'area', key: 'A', group: 'tax', level: 1 })
    apply('process/hub', processOf('hub', { up: false, ts: now - second }))
    apply('ledger/site-1/n', ledger({ node: 'n', lost: 4 }))
    const list = items()
    expect(brief(list)).toEqual([
      'down process hub',
      'indicator device site-1/d',
      'indicator area A',
      'silent device site-1/other',
      'indicator area A',
      'lost node site-1/n',
    ])
    expect(list[2]).toMatchObject({ group: 'land', since: now - 3_600 * second, value: 90 })
    expect(list[3]).toMatchObject({ since: now - 30 * second })
    expect(frame().counts).toEqual({ indicator: 3, silent: 1, offline: 0, lost: 1, down: 1 })
  })

  test('is counted by level beyond the items of one frame, and the newest critical one is named', () => {
    const critical = (index: number) => raise({ key: `site-1/d-${index}`, level: 3, ts: now - 10_000 + index })
    for (let index = 0; index < 120; index++) critical(index)
    for (let index = 0; index < 30; index++) raise({ key: `site-2/d-${index}`, level: 1 })
    expect(items()).toHaveLength(100)
    expect(frame()).toMatchObject({ levels: { 1: 30, 2: 0, 3: 120 }, criticals_begun: 120 })
    critical(500)
    expect(items().map(({ key }) => key)).not.toContain('site-1/d-500')
    expect(frame()).toMatchObject({
      levels: { 3: 121 },
      criticals_begun: 121,
      newest_critical: { key: 'site-1/d-500' },
    })
    raise({ key: 'site-1/d-500', level: 0 })
    raise({ key: 'site-1/d-0', level: 0 })
    items()
    expect(frame()).toMatchObject({ levels: { 3: 119 }, criticals_begun: 121 })
    expect(frame().newest_critical?.key).not.toBe('site-1/d-500')
  })

  test('is for users of an area all that is of it, also beyond the first hundred of the district', () => {
    apply('district', {
      areas: ['A', 'B'].map((code) => ({ code, name: code, lat: 1, lon: 1, unconfirmed: false })),
      sites: [
        { site: 'site-1', area: 'A', name: null, lat: null, lon: null },
        { site: 'site-2', area: 'B', name: null, lat: null, lon: null },
      ],
    })
    const placesOf = createPlacesOf(state)
    const seenBy = (...areas: string[]) => {
      const kept = state.frameOf('attention') as Buffer
      const visible = placesOf({ name: 'u', role: 'viewer', areas })?.frame('attention', kept)
      return JSON.parse(String(visible)) as LiveAttention
    }
    for (let index = 0; index < 150; index++) raise({ key: `site-1/d-${index}`, level: 3, ts: now - 10_000 + index })
    raise({ key: 'site-2/first', level: 3, ts: now - 5_000 })
    attention.update(now)
    expect(seenBy('B')).toMatchObject({
      topic: 'attention',
      levels: { 3: 1 },
      items: [{ key: 'site-2/first' }],
      counts: { indicator: 1 },
    })
    const before = seenBy('B').criticals_begun
    published = []
    raise({ key: 'site-2/second', level: 3, ts: now - 1_000 })
    raise({ key: 'site-1/d-999', level: 3, ts: now - 1_000 })
    attention.update(now)
    expect(published.map(({ topic }) => topic)).toContain('attention')
    expect(seenBy('B')).toMatchObject({ levels: { 3: 2 }, newest_critical: { key: 'site-2/second' } })
    expect(seenBy('B').criticals_begun).toBeGreaterThan(before)
    expect(seenBy('A')).toMatchObject({ levels: { 3: 151 }, newest_critical: { key: 'site-1/d-999' } })
    expect(seenBy('A').items).toHaveLength(100)
  })

  test('counts a value once, at its finest scope, and a wider one that nothing finer explains', () => {
    addDevice('site-1', 'd', 1)
    addDevice('site-2', 'd', 1)
    for (const [scope, key] of [
      ['device', 'site-1/d'],
      ['site', 'site-1'],
      ['area', 'A'],
      ['district', 'district'],
    ] as const)
      raise({ scope, key })
    raise({ scope: 'site', key: 'site-2' })
    raise({ id: 'cases_7d', scope: 'district', key: 'district', group: 'land' })
    expect(brief(items()).sort()).toEqual([
      'indicator device site-1/d',
      'indicator district district',
      'indicator site site-2',
    ])
    expect(place('area', 'A').level).toBe(2)
  })

  test('leaves out values that are too old, which count nowhere', () => {
    addDevice('site-1', 'd', 1)
    raise({ key: 'site-1/d', ts: now - 60 * second })
    expect(items()).toEqual([])
    expect(place('site', 'site-1').level).toBe(0)
  })

  test('groups a site of which all devices are silent, and devices with their node', () => {
    for (const name of ['a', 'b', 'c']) addDevice('site-1', name, name === 'b' ? 90 : 60)
    addDevice('site-2', 'ok', 1)
    for (const name of ['x', 'y']) addDevice('site-2', name, 60, 'gone')
    state.applyStatus({ site: 'site-2', node: 'gone' }, { session: now - 600 * second, online: false } as Parameters<
      LiveState['applyStatus']
    >[1])
    expect(items()).toEqual([
      { kind: 'silent', level: 2, since: now - 60 * second, key: 'site-1', scope: 'site', count: 3 },
      { kind: 'offline', level: 2, since: now - 30 * second, key: 'site-2/gone', scope: 'node', count: 2 },
    ])
    expect(place('site', 'site-2')).toMatchObject({ devices: 3, silent: 2, nodes: 2, offline: 1 })
    expect(place('area', 'A')).toMatchObject({ devices: 6, silent: 5, nodes: 3, offline: 1 })
  })

  test('has a silent device only until it is measured again, although nobody watches it', () => {
    addDevice('site-1', 'd', 1)
    addDevice('site-1', 'e', 1)
    const life = silent(device('d', { node: 'n', last_ts: now }))
    expect(items(now + 20 * second)).toEqual([])
    expect(defer('liveness/site-1/d', life)).toBe(false)
    apply('liveness/site-1/d', life)
    expect(brief(items(now + 45 * second))).toEqual(['silent device site-1/d'])
    apply('liveness/site-1/e', { ...life, device: 'e' })
    expect(brief(items(now + 80 * second))).toEqual(['silent site site-1'])
    apply('liveness/site-1/d', { ...life, state: 'measuring' })
    apply('liveness/site-1/e', { ...life, device: 'e', state: 'late' })
    expect(items(now + 81 * second)).toEqual([])
  })

  test('takes a level from a value that nobody watches, and remembers since when', () => {
    addDevice('site-1', 'd', 1)
    const topic = topicOf(value({ key: 'site-1/d' }))
    apply(topic, value({ key: 'site-1/d', level: 0, value: 1 }))
    expect(defer(topic, value({ key: 'site-1/d', level: 0, value: 2 }))).toBe(true)
    expect(defer(topic, value({ key: 'site-1/d', level: 3, value: 99 }))).toBe(false)
    const before = Date.now()
    apply(topic, value({ key: 'site-1/d', level: 3, value: 99 }))
    const [first] = items()
    expect(first).toMatchObject({ level: 3, value: 99 })
    expect(first?.since).toBeGreaterThanOrEqual(before)
    expect(defer(topic, value({ key: 'site-1/d', level: 3, value: 98 }))).toBe(true)
    expect(items(now + 20 * second)).toMatchObject([{ since: first?.since, value: 98 }])
    apply(topic, value({ key: 'site-1/d', level: 0 }))
    expect(items(now + 21 * second)).toEqual([])
  })

  test('is published when it changes, and values alone not more often than every ten seconds', () => {
    addDevice('site-1', 'd', 1)
    const topic = topicOf(value({ key: 'site-1/d' }))
    const sent = () => published.filter((one) => one.topic === 'attention').length
    raise({ key: 'site-1/d' })
    attention.update(now)
    attention.update(now + second)
    expect(sent()).toBe(1)
    apply(topic, value({ key: 'site-1/d', value: 91, ts: now + second }))
    attention.update(now + 2 * second)
    expect(sent()).toBe(1)
    attention.update(now + 11 * second)
    expect(sent()).toBe(2)
    apply(topic, value({ key: 'site-1/d', level: 3, ts: now + second }))
    attention.update(now + 12 * second)
    expect(sent()).toBe(3)
  })

  test('stays as it was while the broker is away, and drops places that are no more', () => {
    addDevice('site-3', 'd', 1)
    expect(items()).toEqual([])
    expect(place('site', 'site-3')).toMatchObject({ devices: 1 })
    state.applyLink(false)
    expect(items(now + 600 * second)).toEqual([])
    state.applyLink(true)
    state.applySnapshot(true, true)
    attention.update(now)
    expect(published).toContainEqual({ topic: 'place/site/site-3', gone: true })
  })

  test('of 10,000 devices publishes nothing while nothing changes', () => {
    for (let index = 0; index < 10_000; index++) addDevice(`site-${index % 100}`, `d-${index}`, 1, `n-${index % 7}`)
    attention.update(now)
    const before = published.length
    attention.update(now + second)
    expect(published.length).toBe(before)
    expect(place('site', 'site-1').devices).toBe(100)
    expect(frame().counts.silent).toBe(0)
  })
})

test('an item names who has its incident: the assignee, else who acknowledged it', () => {
  addDevice('site-1', 'd', 600)
  const holders = (change: Partial<LiveIncident>) => {
    apply('incident/7', incident(7, { cause: 'device/site-1/d', ...change }))
    return items().map(({ incident: id, holder }) => [id, holder])
  }
  expect(holders({ acknowledged: null, assigned: null })).toEqual([[7, undefined]])
  const acknowledged = { by: 'hoa', at: now, until: now + 3_600_000, note: '' }
  expect(holders({ acknowledged, assigned: null })).toEqual([[7, 'hoa']])
  expect(holders({ acknowledged, assigned: 'lan' })).toEqual([[7, 'lan']])
})

test('the wall publishes attention and places on /live', async () => {
  const centre = await startCentre()
  const one = device('d', { last_ts: now - 600 * second })
  await centre.publish('device/site-1/d/system', one)
  await centre.publish('liveness/site-1/d', silent(one))
  const client = await new LiveTestClient(centre.url).open()
  client.send({ subscribe: ['attention', 'place/site'] })
  const sent = await client.until(({ topic, items }) => topic === 'attention' && (items as unknown[]).length > 0)
  expect(sent).toMatchObject({ items: [{ kind: 'silent', key: 'site-1/d' }] })
  expect(await client.until(({ topic }) => topic === 'place/site/site-1')).toMatchObject({ devices: 1, silent: 1 })
  client.socket.terminate()
  await centre.stop()
})

test('a client may subscribe to hundreds of prefixes, and gets each value once', async () => {
  const centre = await startCentre()
  const client = await new LiveTestClient(centre.url).open()
  const ids = Array.from({ length: 600 }, (_, index) => `indicator/metric_${index}/area`)
  client.send({ subscribe: [...ids, 'process'] })
  for (const id of [0, 599]) {
    const one = { ...cpu(id), id: `metric_${id}`, scope: 'area' as const, key: 'A' }
    await centre.publish(topicOf(one), one)
    await centre.publish(topicOf({ ...one, scope: 'district', key: 'district' }), one)
  }
  await centre.publish('process/end', processOf('end'))
  await client.until(({ topic }) => topic === 'process/end')
  expect(client.frames.map(({ topic, error }) => error ?? topic)).toEqual([
    'indicator/metric_0/area/A',
    'indicator/metric_599/area/A',
    'process/end',
  ])
  client.send({ unsubscribe: ids })
  client.send('nonsense')
  await client.until(({ error }) => error === 'not JSON')
  client.socket.terminate()
  await centre.stop()
})
