import { connect } from 'node:net'
import { liveBatchLine } from '@ioc/contract/live-batch.ts'
import type { IndicatorDescriptor, LiveDevice, LiveIndicator, LiveLedger } from '@ioc/contract/messages/live.ts'
import { liveBatchTopic, livePrefix } from '@ioc/contract/topics.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Centre, eventually, LiveTestClient, startCentre } from './testing/centre.ts'
import { cpu, device, ledger, process, topicOf } from './testing/samples.ts'

let centre: Centre
beforeAll(async () => {
  centre = await startCentre()
})
afterAll(() => centre?.stop())

const publishCpu = (value: number, name = 'dev-1') => centre.publish(topicOf(cpu(value, name)), cpu(value, name))

describe('/live', () => {
  it('sends the last value on subscribing, then each change', async () => {
    await publishCpu(11)
    const client = await new LiveTestClient(centre.url).open()
    client.send({ subscribe: ['indicator/system_cpu_1m'] })
    const first = await client.until(({ value }) => value === 11)
    expect(first).toMatchObject({ topic: 'indicator/system_cpu_1m/device/site-1/dev-1', level: 0, samples: 6 })
    expect(typeof first['ts']).toBe('number')
    await publishCpu(96)
    expect(await client.until(({ value }) => value === 96)).toMatchObject({ level: 3 })
    client.socket.terminate()
  })

  it('matches whole path segments, sends once, and stops when told', async () => {
    const client = await new LiveTestClient(centre.url).open()
    client.send({ subscribe: ['device/site-1', 'device/site-1/one', 'device', 'ledger/site', '/process/'] })
    await centre.publish('device/site-1/one/system', device('one'))
    await centre.publish('device/site-10/two/system', device('two'))
    await centre.publish('ledger/site-1/node-1', ledger())
    await centre.publish('process/broker', process('broker'))
    await client.until(({ topic }) => topic === 'process/broker')
    client.send({ unsubscribe: ['device', 'device/site-1'] })
    client.send({ subscribe: ['device/site-1/one'] })
    client.send('nonsense')
    await client.until((frame) => frame['error'] !== undefined)
    await centre.publish('device/site-10/two/system', device('two', { name: 'again' }))
    await centre.publish('device/site-1/one/system', device('one', { name: 'again' }))
    await client.until(({ name }) => name === 'again')
    expect(client.frames.map((frame) => frame['topic'] ?? frame['error'])).toEqual([
      'device/site-1/one/system',
      'device/site-10/two/system',
      'process/broker',
      'not JSON',
      'device/site-1/one/system',
    ])
    client.socket.terminate()
  })

  it('sends the groups of an indicator to who asked for it, or for one of them', async () => {
    const all = await new LiveTestClient(centre.url).open()
    const one = await new LiveTestClient(centre.url).open()
    const value = (group: string): LiveIndicator => ({ ...cpu(5), id: 'vehicles_1h', group })
    all.send({ subscribe: ['indicator/vehicles_1h'] })
    one.send({ subscribe: [topicOf(value('a/b'))] })
    for (const group of ['xe máy', 'a/b']) await centre.publish(topicOf(value(group)), value(group))
    for (const client of [all, one]) await client.until(({ group }) => group === 'a/b')
    expect(all.frames.map(({ group }) => group)).toEqual(['xe máy', 'a/b'])
    expect(one.frames.map(({ topic }) => topic)).toEqual(['indicator/vehicles_1h/device/site-1/dev-1/a%2Fb'])
    for (const client of [all, one]) client.socket.terminate()
  })

  it('has the newest district and indicators of a batch, though nobody watched and no value came since', async () => {
    const of = {
      unit: '%',
      source: 'system',
      window: { kind: 'sliding', size_s: 60, every_s: 60 },
      scopes: ['site'],
      formula: 'a',
    } as const
    const descriptor: IndicatorDescriptor = {
      id: 'a',
      title: { vi: 'A', en: 'A' },
      about: { vi: 'Thử.', en: 'A test.' },
      ...of,
    }
    const described = (problem: object | null) =>
      centre.publishRaw(
        liveBatchTopic,
        liveBatchLine(`${livePrefix}district`, JSON.stringify({ areas: [], sites: [], problem })) +
          liveBatchLine(`${livePrefix}indicators`, JSON.stringify(problem ? [descriptor] : [])),
        false,
      )
    const read = async (path: string) => (await centre.get(path)).body as Record<string, unknown>
    await described(null)
    await eventually(async () => ((await read('/api/district'))['problem'] === null ? true : undefined))
    const problem = { file: 'sites.yaml', line: 3, reason: 'sites[0].area: unknown', since: 1 }
    await described(problem)
    const found = await eventually(async () => (await read('/api/district'))['problem'] ?? undefined)
    expect(found).toEqual(problem)
    expect((await read('/api/indicators'))['indicators']).toMatchObject([{ id: 'a' }])
    for (const topic of ['district', 'indicators']) await centre.publishRaw(livePrefix + topic, '')
    await eventually(async () => ((await read('/api/district'))['problem'] === null ? true : undefined))
  })

  it('has the newest value of a batch for whoever asks, though nobody watched when it came', async () => {
    const watcher = await new LiveTestClient(centre.url).open()
    watcher.send({ subscribe: ['device/site-7/last'] })
    const batch = (entries: Record<string, object | ''>) =>
      centre.publishRaw(
        liveBatchTopic,
        Object.entries(entries)
          .map(([topic, value]) => liveBatchLine(livePrefix + topic, value === '' ? '' : JSON.stringify(value)))
          .join(''),
        false,
      )
    const one = device('one', { site: 'site-7' })
    const gone = device('gone', { site: 'site-7' })
    const counted = { site: 'site-7', node: 'node-7' }
    const cpuTopic = topicOf({ ...cpu(1), key: 'site-7/one' })
    await batch({ 'device/site-7/one/system': one, 'device/site-7/gone/system': gone })
    for (const number of [1, 2, 3]) {
      await batch({
        'device/site-7/one/system': { ...one, name: `name ${number}` },
        'ledger/site-7/node-7': ledger({ ...counted, sent: number }),
        [cpuTopic]: { ...cpu(number), key: 'site-7/one' },
      })
    }
    await batch({ 'device/site-7/gone/system': '', 'device/site-7/last/system': device('last', { site: 'site-7' }) })
    await watcher.until(({ topic }) => topic === 'device/site-7/last/system')
    const { devices } = (await centre.get('/api/devices')).body as { devices: LiveDevice[] }
    const here = devices.filter(({ site }) => site === 'site-7')
    expect(here.map(({ device: name, name: title }) => [name, title])).toEqual([
      ['last', null],
      ['one', 'name 3'],
    ])
    const { ledger: ledgers } = (await centre.get('/api/ledger')).body as { ledger: LiveLedger[] }
    expect(ledgers.find(({ site }) => site === 'site-7')).toMatchObject({ sent: 3 })
    watcher.send({ subscribe: [cpuTopic] })
    expect(await watcher.until(({ topic }) => topic === cpuTopic)).toMatchObject({ value: 3 })
    await batch({ [cpuTopic]: { ...cpu(4), key: 'site-7/one' } })
    expect(await watcher.until(({ value }) => value === 4)).toMatchObject({ topic: cpuTopic })
    watcher.socket.terminate()
  })

  it('tells which areas and sites there are, and survives what is none', async () => {
    const client = await new LiveTestClient(centre.url).open()
    client.send({ subscribe: ['district'] })
    await centre.publishRaw('ioc/v1/_live/district', '{"areas":1}', false)
    await centre.publishRaw('ioc/v1/_live/district', 'null', false)
    await centre.publish('district', { areas: [], sites: [{ site: 's', area: '1', name: null, lat: null, lon: null }] })
    await client.until(({ topic }) => topic === 'district')
    expect(client.frames).toMatchObject([{ topic: 'district', areas: [], sites: [{ site: 's' }] }])
    client.socket.terminate()
  })

  it('tells of births and wills, and ignores the will of another session', async () => {
    const client = await new LiveTestClient(centre.url).open()
    client.send({ subscribe: ['node/site-5', 'link'] })
    expect(await client.until(({ topic }) => topic === 'link')).toMatchObject({ connected: true })
    const status = (value: object) => centre.publishRaw('ioc/v1/site-5/n/status', JSON.stringify(value))
    await status({ online: true, session: 2000, agent: { version: '1', host: 'h' }, devices: [] })
    await status({ online: false, session: 1000 })
    await status({ online: 'perhaps' })
    await status({ online: false, session: 2000 })
    await client.until(({ online }) => online === false)
    // Its clock or counter went back.
    await status({ online: true, session: 5, agent: { version: '1', host: 'h' }, devices: [] })
    await status({ online: false, session: 2000 })
    await status({ online: false, session: 5 })
    await client.until(({ online, ts }) => online === false && ts === 5)
    await centre.publishRaw('ioc/v1/site-5/n/status', '')
    await client.until(({ gone }) => gone === true)
    const nodes = client.frames.filter(({ topic }) => topic === 'node/site-5/n')
    expect(nodes).toMatchObject([
      { online: true },
      { online: false, ts: 2000, agent: { host: 'h' } },
      { online: true, ts: 5 },
      { online: false, ts: 5 },
      { gone: true },
    ])
    client.socket.terminate()
  })

  it.each([
    ['device', 'ioc/v1/_live/device/site-7/x/system', device('x', { site: 'site-7' })],
    ['indicator', 'ioc/v1/_live/indicator/system_cpu_1m/device/site-7/x', cpu(5)],
    ['grouped indicator', 'ioc/v1/_live/indicator/vehicles_1h/site/site-7/a%2Fb', cpu(5)],
    ['ledger', 'ioc/v1/_live/ledger/site-7/n', ledger({ site: 'site-7', node: 'n' })],
    ['process', 'ioc/v1/_live/process/gone', process('gone')],
    ['district', 'ioc/v1/_live/district', { areas: [], sites: [] }],
    ['indicators', 'ioc/v1/_live/indicators', []],
    ['node', 'ioc/v1/site-7/n/status', { online: true, session: 1, agent: { version: '1', host: 'h' }, devices: [] }],
  ])('removes a %s whose retained message is cleared, and takes it again', async (_kind, source, value) => {
    const topic = source.endsWith('/status') ? 'node/site-7/n' : source.slice('ioc/v1/_live/'.length)
    const client = await new LiveTestClient(centre.url).open()
    const isThere = async (): Promise<boolean> => {
      const late = await new LiveTestClient(centre.url).open()
      late.send({ subscribe: [topic, 'link'] })
      await late.until((frame) => frame['topic'] === 'link')
      late.socket.terminate()
      return late.frames.some((frame) => frame['topic'] === topic)
    }
    await centre.publishRaw(source, '')
    await eventually(async () => !(await isThere()) || undefined)
    client.send({ subscribe: [topic] })
    for (let round = 1; round <= 2; round++) {
      await centre.publishRaw(source, JSON.stringify(value))
      await eventually(() => client.frames.length === 2 * round - 1 || undefined)
      expect(await isThere()).toBe(true)
      await centre.publishRaw(source, '')
      await eventually(() => client.frames.length === 2 * round || undefined)
      expect(client.frames.at(-1)).toEqual({ topic, gone: true })
      expect(await isThere()).toBe(false)
    }
    client.socket.terminate()
  })

  it('repeats the link with the time of the server and the build of its page', async () => {
    const other = await startCentre({}, { pingMs: 20 })
    const client = await new LiveTestClient(other.url).open()
    client.send({ subscribe: ['link'] })
    await eventually(() => client.frames.length >= 3 || undefined)
    const times = client.frames.map(({ ts }) => Number(ts))
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(Math.abs((times[0] ?? 0) - Date.now())).toBeLessThan(60_000)
    expect(client.frames[0]).toMatchObject({ topic: 'link', connected: true, build: expect.any(String) })
    await other.stop()
  })

  it('survives what is not JSON on a live topic', async () => {
    await centre.publishRaw('ioc/v1/_live/indicator/broken/device/a/b', '{"value":', false)
    await centre.publishRaw('ioc/v1/_live/indicator/broken/device/a/b', '17', false)
    await publishCpu(12, 'after')
    const client = await new LiveTestClient(centre.url).open()
    client.send({ subscribe: ['indicator'] })
    await client.until(({ value }) => value === 12)
    expect(client.frames.some(({ topic }) => String(topic).includes('broken'))).toBe(false)
    client.socket.terminate()
  })
})

describe('hostile clients', () => {
  it.each([
    ['not JSON', '{'],
    ['a number', '1'],
    ['null', 'null'],
    ['no list', '{"subscribe":"indicator"}'],
    ['a list of numbers', '{"subscribe":[1]}'],
    ['an empty topic', '{"subscribe":[""]}'],
    ['only slashes', '{"subscribe":["///"]}'],
    ['a long topic', JSON.stringify({ subscribe: ['x'.repeat(513)] })],
    ['too many topics', JSON.stringify({ subscribe: Array.from({ length: 1001 }, (_, i) => `t${i}`) })],
    ['a prototype', '{"__proto__":{"subscribe":["indicator"]}}'],
  ])('answers %s with an error', async (_name, message) => {
    const client = await new LiveTestClient(centre.url).open()
    client.send(message)
    expect(await client.until((frame) => 'error' in frame)).toHaveProperty('error')
    client.socket.terminate()
  })

  it('sends away who sends too much, too large, binary, or no WebSocket at all', async () => {
    const mistaken = await new LiveTestClient(centre.url).open()
    for (let count = 0; count < 10; count++) mistaken.socket.send(Buffer.from([1, 2, 3]))
    expect(await mistaken.closed).toBe(1008)

    const large = await new LiveTestClient(centre.url).open()
    large.send('x'.repeat(65 * 1024))
    expect(await large.closed).toBe(1009)

    const busy = await new LiveTestClient(centre.url).open()
    for (let count = 0; count <= 200; count++) busy.send({ subscribe: ['indicator'] })
    expect(await busy.closed).toBe(1008)

    const { port } = new URL(centre.url)
    const raw = connect(Number(port), '127.0.0.1')
    raw.write('GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
    const answer = await new Promise<string>((resolve) => raw.once('data', (data) => resolve(data.toString())))
    expect(answer).toContain('400')
    raw.destroy()
    expect((await centre.get('/api/health')).status).toBe(200)
  })

  it('refuses more clients than it has room for', async () => {
    const small = await startCentre({}, { maxClients: 2 })
    const clients = await Promise.all([1, 2].map(() => new LiveTestClient(small.url).open()))
    await expect(new LiveTestClient(small.url).open()).rejects.toThrow('503')
    clients[0]?.socket.terminate()
    await eventually(async () => {
      const again = new LiveTestClient(small.url)
      return again.open().catch(() => undefined)
    })
    await small.stop()
  })
})

describe('many subscriptions', () => {
  const count = 5_000
  let busy: Centre
  beforeAll(async () => {
    busy = await startCentre({ IOC_MAX_LIVE_CLIENTS_PER_ADDRESS: '12' })
    const value = (index: number) => busy.publish(`process/p${index}`, process(`p${index}`))
    for (let from = 0; from < count; from += 500) {
      await Promise.all(Array.from({ length: 500 }, (_, offset) => value(from + offset)))
    }
    await eventually(async () =>
      String((await busy.get('/metrics')).body).includes(`ioc_wall_live_topics ${count + 1}\n`) ? true : undefined,
    )
  })
  afterAll(() => busy?.stop())

  const flood = async (topics: (round: number) => string[]) => {
    const clients = await Promise.all(Array.from({ length: 10 }, () => new LiveTestClient(busy.url).open()))
    for (const client of clients) {
      for (let round = 0; round < 16; round++) client.send({ subscribe: topics(round) })
    }
    return clients
  }

  it.each<[string, (round: number) => string[]]>([
    ['of topics that are not there', (round) => Array.from({ length: 1_000 }, (_, index) => `t${round}/${index}`)],
    ['of topics that are there', (round) => Array.from({ length: 1_000 }, (_, index) => `process/p${round}${index}`)],
    ['of one prefix of all', () => Array.from({ length: 1_000 }, () => 'process')],
  ])('%s leave the API and other clients their turn', async (_name, topics) => {
    const clients = await flood(topics)
    expect((await busy.get('/api/health')).status).toBe(200)
    const other = await new LiveTestClient(busy.url).open()
    other.send({ subscribe: ['ledger'] })
    await busy.publish('ledger/site-1/node-1', ledger())
    await other.until(({ topic }) => topic === 'ledger/site-1/node-1')
    for (const client of [...clients, other]) client.socket.terminate()
    await eventually(async () =>
      String((await busy.get('/metrics')).body).includes('ioc_wall_clients 0\n') ? true : undefined,
    )
  })

  it('in turn with unsubscribing are ended', async () => {
    const client = await new LiveTestClient(busy.url).open()
    for (let round = 0; round < 10; round++) {
      client.send({ subscribe: Array.from({ length: 500 }, (_, index) => `process/p${index}`) })
      client.send({ unsubscribe: Array.from({ length: 500 }, (_, index) => `process/p${index}`) })
    }
    expect(await client.closed).toBe(1008)
  })

  it('get each last value once, in its newest state, although values change meanwhile', async () => {
    const client = await new LiveTestClient(busy.url).open()
    client.send({ subscribe: ['process'] })
    await busy.publish('process/p0', process('p0', { pid: 1 }))
    await busy.publish('process/p999', process('p999', { pid: 2 }))
    await eventually(() => new Set(client.frames.map(({ topic }) => topic)).size === count || undefined)
    await eventually(() => client.frames.some(({ pid }) => pid === 2) || undefined)
    expect(client.frames.length).toBeLessThanOrEqual(count + 2)
    const lastOf = (topic: string) => client.frames.filter((frame) => frame['topic'] === topic).at(-1)
    expect(lastOf('process/p0')).toMatchObject({ pid: 1 })
    expect(lastOf('process/p999')).toMatchObject({ pid: 2 })
    client.socket.terminate()
  })

  it('reach a client that reads slowly whole', async () => {
    const slow = await startCentre({}, { maxBufferedBytes: 1_000, maxSnapshotValuesPer10s: 100_000 })
    for (let index = 0; index < 300; index++) await slow.publish(`process/p${index}`, process(`p${index}`))
    const client = await new LiveTestClient(slow.url).open()
    client.socket.pause()
    client.send({ subscribe: ['process'] })
    await slow.publish('process/p299', process('p299', { pid: 7 }))
    client.socket.resume()
    await eventually(() => new Set(client.frames.map(({ topic }) => topic)).size === 300 || undefined)
    await client.until(({ pid }) => pid === 7)
    await slow.stop()
  })
})

describe('limits of one address and one client', () => {
  it('refuse more connections of one address than it may have, and none once one is closed', async () => {
    const small = await startCentre({ IOC_MAX_LIVE_CLIENTS_PER_ADDRESS: '2' })
    const clients = await Promise.all([1, 2].map(() => new LiveTestClient(small.url).open()))
    await expect(new LiveTestClient(small.url).open()).rejects.toThrow('429')
    clients[0]?.socket.terminate()
    await eventually(() => new LiveTestClient(small.url).open().catch(() => undefined))
    await small.stop()
  })

  it.each<[string, (client: LiveTestClient) => void]>([
    ['pings', ({ socket }) => Array.from({ length: 201 }, () => socket.ping())],
    ['bytes in pongs', ({ socket }) => Array.from({ length: 6_000 }, () => socket.pong(Buffer.alloc(120)))],
    ['fragments', ({ socket }) => Array.from({ length: 100 }, () => socket.send('x', { fin: false }))],
  ])('end who sends too many %s', async (_name, send) => {
    const client = await new LiveTestClient(centre.url).open()
    send(client)
    expect([1006, 1008]).toContain(await client.closed)
    expect((await centre.get('/api/health')).status).toBe(200)
  })

  it('refuse subscriptions beyond those of all clients', async () => {
    const small = await startCentre({}, { maxSubscriptionsInAll: 3 })
    const [first, second] = await Promise.all([1, 2].map(() => new LiveTestClient(small.url).open()))
    first?.send({ subscribe: ['a', 'b', 'link'] })
    await first?.until(({ topic }) => topic === 'link')
    second?.send({ subscribe: ['link'] })
    await second?.until(({ error }) => error !== undefined)
    first?.socket.terminate()
    await eventually(() => {
      second?.send({ subscribe: ['link'] })
      return second?.frames.some(({ topic }) => topic === 'link') || undefined
    })
    await small.stop()
  })
})

describe('a client that does not read', () => {
  const padding = 'x'.repeat(50_000)
  const big = (name: string, pid: number) => process(name, { pid, gauges: { [padding]: pid } })

  it('gets the newest value of each topic when it reads again, and holds nobody up', async () => {
    const slow = await startCentre()
    const frozen = await new LiveTestClient(slow.url).open()
    const reader = await new LiveTestClient(slow.url).open()
    for (const client of [frozen, reader]) client.send({ subscribe: ['process', 'ledger'] })
    await slow.publish('ledger/site-1/node-1', ledger())
    for (const client of [frozen, reader]) await client.until(({ topic }) => topic === 'ledger/site-1/node-1')
    frozen.socket.pause()
    const rounds = 400
    for (let pid = 1; pid <= rounds; pid++) await slow.publish('process/a', big('a', pid))
    await reader.until(({ pid }) => pid === rounds)
    const received = frozen.frames.length
    frozen.socket.resume()
    await frozen.until(({ pid }) => pid === rounds)
    expect(received).toBeLessThan(rounds)
    expect(frozen.frames.length).toBeLessThan(rounds)
    const pids = frozen.frames.flatMap(({ pid }) => (typeof pid === 'number' ? [pid] : []))
    expect(pids).toEqual([...pids].sort((a, b) => a - b))
    await slow.stop()
  })

  it('is sent away when too many topics wait for it, or for too long', async () => {
    for (const limits of [{ maxPendingTopics: 20 }, { pingMs: 50, maxBehindMs: 10 }]) {
      const slow = await startCentre({}, { maxBufferedBytes: 1_000, ...limits })
      const frozen = await new LiveTestClient(slow.url).open()
      frozen.send({ subscribe: ['process', 'ledger'] })
      await slow.publish('ledger/site-1/node-1', ledger())
      await frozen.until(({ topic }) => topic === 'ledger/site-1/node-1')
      frozen.socket.pause()
      for (let pid = 1; pid <= 300; pid++) await slow.publish(`process/p${pid}`, big(`p${pid}`, pid))
      await eventually(async () =>
        String((await slow.get('/metrics')).body).includes('ioc_wall_clients 0') ? true : undefined,
      )
      await slow.stop()
    }
  })
})
