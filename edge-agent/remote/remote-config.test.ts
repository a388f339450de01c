import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { secretPlaceOf } from '@ioc/contract/messages/node-command.ts'
import { credentialFile } from '@ioc/runtime/credential-file.ts'
import { seal } from '@ioc/runtime/sealed.ts'
import { freePort } from '@ioc/runtime/testing/free-port.ts'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { killHard, type RemoteAgent, remoteAddress, remoteAgent } from '../testing/remote-agent.ts'
import { writeRemoteState } from './state.ts'

const system = (id: string) => ({ type: 'system', id })
const idsOf = (agent: RemoteAgent) => agent.birth()?.collectors?.map(({ id }) => id)
const crashRuns = Number(process.env['IOC_CRASH_RUNS'] || 6)

/** Numbers of messages that are missing between those that arrived, by epoch. */
function gaps({ broker }: RemoteAgent): number[] {
  const byEpoch = Map.groupBy(broker.telemetry, ({ epoch }) => epoch ?? '')
  return [...byEpoch.values()].flatMap((messages) => {
    const seqs = new Set(messages.map(({ seq }) => seq ?? 0))
    return Array.from({ length: Math.max(...seqs) }, (_, index) => index + 1).filter((seq) => !seqs.has(seq))
  })
}

describe('a configuration from the centre', () => {
  test('is staged, applied and confirmed; it holds after a restart without a connection', async () => {
    const agent = await remoteAgent()
    const first = agent.start()
    await agent.broker.until(() => agent.broker.telemetry.length > 0)
    expect(agent.birth()?.config).toBeUndefined()
    await agent.configure({ schema: 1, revision: 1, cadence_s: 0.2, agent: { collectors: [system('own')] } })
    expect(await agent.report(({ state }) => state === 'staged')).toMatchObject({ revision: 1, in_force: 1 })
    const applied = await agent.report(({ state }) => state === 'applied')
    expect(applied).toMatchObject({
      revision: 1,
      in_force: 1,
      schema: 1,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(agent.birth()).toMatchObject({ collectors: [{ id: 'own', state: 'ok' }], devices: [{ cadence_s: 0.2 }] })
    await killHard(first)
    // The broker that comes back retains nothing: what is on disk holds.
    await agent.broker.stop()
    agent.broker.statuses.length = 0
    agent.start()
    await agent.broker.start()
    await agent.broker.until(() => agent.birth() !== undefined)
    expect(agent.birth()).toMatchObject({ config: { state: 'applied', revision: 1 }, devices: [{ cadence_s: 0.2 }] })
    expect(idsOf(agent)).toEqual(['own'])
  })

  test('that the broker retained while the agent was off is applied when it connects', async () => {
    const agent = await remoteAgent()
    await agent.configure({ schema: 1, revision: 4, agent: { collectors: [system('while-off')] } })
    agent.start()
    expect(await agent.report(({ state }) => state === 'applied')).toMatchObject({ revision: 4 })
    expect(idsOf(agent)).toEqual(['while-off'])
  })

  test('with a wrong port of the broker is reverted in time, reported, and nothing is lost', async () => {
    const agent = await remoteAgent()
    agent.start()
    await agent.configure({ schema: 1, revision: 1, agent: { collectors: [system('before')] } })
    await agent.report(({ state }) => state === 'applied')
    const port = await freePort()
    await agent.configure({
      ...{ schema: 1, revision: 2, uplink: { url: `mqtt://127.0.0.1:${port}` } },
      agent: { collectors: [system('after')] },
    })
    const failed = await agent.report(({ state }) => state === 'failed')
    expect(failed).toMatchObject({
      revision: 2,
      in_force: 1,
      reason: expect.stringMatching(
        new RegExp(`no connection to mqtt://127.0.0.1:${port} within 1.5 s .*ECONNREFUSED`),
      ),
    })
    await agent.broker.until(() => idsOf(agent)?.join() === 'before')
    const sent = agent.broker.telemetry.length
    await agent.broker.until(() => agent.broker.telemetry.length > sent + 5)
    expect(gaps(agent)).toEqual([])
    // Retained, it came again with the connection: it is not tried a second time.
    expect(agent.birth()?.config).toMatchObject({ state: 'failed', revision: 2 })
  })

  test.each([
    [
      'a password that is for another node',
      (key: string) => ({ password: seal('p', key, 'x/y', 'collectors/mqtt-bridge/mqtt-bridge/password') }),
      /not for commune-1\/box-1/,
    ],
    ['an unknown option', () => ({ hosts: 'a' }), /unknown field; known fields: .* \| không có mục này/],
  ])('with %s is refused before anything is changed', async (_, options, reason) => {
    const agent = await remoteAgent()
    agent.start()
    await agent.broker.until(() => agent.birth() !== undefined)
    const collector = {
      type: 'mqtt-bridge',
      url: 'mqtt://127.0.0.1:1',
      subscriptions: [{ topic: 'zigbee2mqtt/#', preset: 'zigbee2mqtt' }],
    }
    const key = agent.birth()?.seal_key?.public ?? ''
    await agent.configure({ schema: 1, revision: 1, agent: { collectors: [{ ...collector, ...options(key) }] } })
    const failed = await agent.report(({ revision }) => revision === 1)
    expect(failed).toMatchObject({ state: 'failed', in_force: 0, reason: expect.stringMatching(reason) })
    expect(idsOf(agent)).toEqual(['system'])
  })

  test('of a newer schema, too large, too deep or with unknown settings is refused and reported; the one before stays', async () => {
    const agent = await remoteAgent()
    agent.start()
    await agent.configure({ schema: 1, revision: 1, agent: { collectors: [system('before')] } })
    await agent.report(({ state }) => state === 'applied')
    const hostile: readonly (readonly [string, RegExp])[] = [
      [JSON.stringify({ schema: 9, revision: 2, engine: {} }), /schema 9 is newer/],
      [`{"revision":3,"agent":{"x":"${'x'.repeat(1_000_000)}"}}`, /bytes; expected at most/],
      [`{"revision":4,"agent":${'[1,'.repeat(200_000)}1${']'.repeat(200_000)}}`, /bytes|levels/],
      [`{"revision":5,"agent":${'{"a":'.repeat(90_000)}1${'}'.repeat(90_000)}}`, /levels of objects/],
      [JSON.stringify({ revision: 6, engine: {}, __proto: 1 }), /"engine": unknown setting/],
      ['{"revision":7,"agent":{"__proto__":{"collectors":[]},"collectors":[{"type":"system"}]}}', /unknown field/],
      ['{"revision":8,"agent":{"collectors":[{"type":"constructor"}]}}', /expected one of the types/],
      ['not json', /not a JSON object/],
    ]
    for (const [payload, reason] of hostile) {
      const before = agent.broker.statuses.length
      await agent.configure(payload)
      await agent.broker.until(() => agent.broker.statuses.length > before)
      expect(agent.birth()?.config).toMatchObject({
        state: 'failed',
        in_force: 1,
        reason: expect.stringMatching(reason),
      })
      expect(idsOf(agent)).toEqual(['before'])
    }
    await agent.configure({ schema: 1, revision: 9, agent: { collectors: [system('after')] } })
    await agent.report(({ state, revision }) => state === 'applied' && revision === 9)
  })

  test('whose new collector fails is reverted with the reason, unless failing ones are accepted', async () => {
    const agent = await remoteAgent()
    agent.start()
    const meter = {
      ...{ type: 'modbus', id: 'meter', host: '127.0.0.1', port: await freePort(), cadence_s: 0.1 },
      devices: [{ device: 'meter', type: 'site_power', registers: { mains_v: 0 } }],
    }
    const content = { collectors: [{ type: 'system' }, meter] }
    await agent.configure({ schema: 1, revision: 1, agent: content })
    const failed = await agent.report(({ state }) => state === 'failed')
    expect(failed.reason).toMatch(/collector meter fails: .*ECONNREFUSED/)
    await agent.broker.until(() => idsOf(agent)?.join() === 'system')
    await agent.configure({ schema: 1, revision: 2, agent: content, accept_failing: true })
    await agent.report(({ state, revision }) => state === 'applied' && revision === 2)
    expect(idsOf(agent)).toEqual(['system', 'meter'])
  })

  test('that follows another at once replaces it; what both replaced is what a failure goes back to', async () => {
    const agent = await remoteAgent()
    agent.start()
    await agent.configure({ schema: 1, revision: 1, agent: { collectors: [system('one')] } })
    await agent.report(({ state }) => state === 'applied')
    await agent.configure({ schema: 1, revision: 2, agent: { collectors: [system('two')] } })
    const url = `mqtt://127.0.0.1:${await freePort()}`
    await agent.configure({ schema: 1, revision: 3, agent: { collectors: [system('three')] }, uplink: { url } })
    await agent.report(({ state, revision }) => state === 'failed' && revision === 3)
    await agent.broker.until(() => idsOf(agent)?.join() === 'one')
    await agent.configure({ schema: 1, revision: 4, agent: { collectors: [system('four')] } })
    await agent.configure({ schema: 1, revision: 5, agent: { collectors: [system('five')] } })
    await agent.report(({ state, revision }) => state === 'applied' && revision === 5)
    expect(idsOf(agent)).toEqual(['five'])
  })

  test('that is removed leaves the settings of the agent', async () => {
    const agent = await remoteAgent()
    agent.start()
    await agent.configure('{"cadence_s":0.3}')
    await agent.report(({ state }) => state === 'applied')
    expect(agent.birth()?.devices).toMatchObject([{ cadence_s: 0.3 }])
    await agent.configure('')
    expect(await agent.report(({ state, digest }) => state === 'applied' && digest === '')).toMatchObject({
      revision: 0,
    })
    expect(agent.birth()?.devices).toMatchObject([{ cadence_s: 0.1 }])
  })

  test('survives kill -9 at any moment: the old or the new one is in force, and the last one is reached', async () => {
    const agent = await remoteAgent()
    let process = agent.start()
    await agent.configure({ schema: 1, revision: 1, agent: { collectors: [system('r1')] } })
    await agent.report(({ state }) => state === 'applied')
    const waits = fc.sample(fc.integer({ min: 0, max: 700 }), { numRuns: crashRuns, seed: 17 })
    let revision = 1
    for (const wait of waits) {
      revision += 1
      const collectors = [system(`r${revision}`)]
      await agent.configure({ schema: 1, revision, agent: { collectors } })
      await new Promise((resolve) => setTimeout(resolve, wait))
      await killHard(process)
      const state: unknown = JSON.parse(readFileSync(join(agent.dataDir, 'edge-agent', 'remote-config.json'), 'utf8'))
      expect(state).toMatchObject({ confirmed: { revision: expect.any(Number) } })
      const before = agent.broker.statuses.length
      process = agent.start()
      await agent.broker.until(() => agent.broker.statuses.slice(before).some(({ online }) => online))
      const ids = agent.broker.statuses.slice(before).flatMap((one) => (one.online ? [one.collectors?.[0]?.id] : []))
      expect([`r${revision - 1}`, `r${revision}`]).toContain(ids[0])
      await agent.report((report) => report.state === 'applied' && report.revision === revision)
      expect(idsOf(agent)).toEqual([`r${revision}`])
    }
    expect(gaps(agent)).toEqual([])
  })

  test('that ends the agent twice during its trial is not tried a third time', async () => {
    const agent = await remoteAgent()
    const environment = { IOC_AGENT_PROBE_MS: '3600000' }
    await agent.configure({ schema: 1, revision: 1, agent: { collectors: [system('deadly')] } })
    for (let starts = 0; starts < 2; starts++) {
      const process = agent.start(environment)
      await agent.report(({ state }) => state === 'staged')
      await killHard(process)
      agent.broker.statuses.length = 0
    }
    agent.start(environment)
    const failed = await agent.report(({ state }) => state === 'failed')
    expect(failed).toMatchObject({ revision: 1, in_force: 0, reason: 'the agent ended 2 times during the trial' })
    expect(idsOf(agent)).toEqual(['system'])
  })

  test('may declare types of devices, which the birth declares', async () => {
    const agent = await remoteAgent()
    agent.start()
    const source = createServer((_request, response) => response.end('{"n":3}')).listen(0, '127.0.0.1')
    onTestFinished(() => void source.close())
    await once(source, 'listening')
    const url = `http://127.0.0.1:${(source.address() as AddressInfo).port}/`
    const types = [
      { id: 'people_counter', title: 'Đếm người', cadence_s: 60, metrics: { people: { title: 'Số người', min: 0 } } },
    ]
    const map = { device: 'gate', type: 'people_counter', values: { people: '/n' } }
    await agent.configure({
      ...{ schema: 1, revision: 1 },
      agent: { types, collectors: [{ type: 'http-json', id: 'gate', url, cadence_s: 0.1, map }] },
    })
    await agent.report(({ state }) => state === 'applied')
    expect(agent.birth()?.types).toMatchObject([{ id: 'people_counter', title: { vi: 'Đếm người' } }])
    expect(agent.broker.telemetry.at(-1)?.records[0]).toMatchObject({ type: 'people_counter', values: { people: 3 } })
  })
})

test('a sealed secret reaches the collector, and neither the disk, nor a log, nor a report', async () => {
  const agent = await remoteAgent()
  const secret = 'Bearer m\u1eadt-kh\u1ea9u-"7f3a"'.normalize('NFD').replace(/[^\x20-\x7e]/g, '')
  const seen: (string | undefined)[] = []
  const source = createServer((request, response) => {
    seen.push(request.headers.authorization)
    // A source that quotes what it was sent: its answer becomes the reason of a failure.
    response.writeHead(500, `no ${secret.replaceAll('"', "'")}`).end('{}')
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void source.close())
  await once(source, 'listening')
  const process = agent.start({ IOC_LOG_LEVEL: 'trace' })
  await agent.broker.until(() => agent.birth() !== undefined)
  const key = agent.birth()?.seal_key?.public ?? ''
  const url = `http://user:${encodeURIComponent(secret)}@127.0.0.1:${(source.address() as AddressInfo).port}/`
  const authorization = seal(secret, key, remoteAddress, 'collectors/http-json/api/headers/authorization')
  const collector = {
    ...{ type: 'http-json', id: 'api', cadence_s: 0.1, headers: { authorization } },
    ...{ url: url.replace(/user:.*@/, ''), map: { device: 'a', values: { v: '/v' } } },
  }
  await agent.configure({ schema: 1, revision: 1, agent: { collectors: [{ type: 'system' }, collector] } })
  await agent.report(({ state }) => state === 'failed')
  expect(seen).toContain(secret)
  await agent.command({ command: 'logs', id: 'l1', level: 'debug' })
  await agent.broker.until(() => agent.broker.answers.length > 0)
  const [answer] = agent.broker.answers
  expect(answer).toMatchObject({ id: 'l1', command: 'logs', ok: true })
  expect(answer?.lines?.join('\n')).toContain('configuration reverted')
  const files = readdirSync(agent.dataDir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(agent.dataDir, name))
    .filter((path) => statSync(path).isFile())
  const everywhere = [process.lines, JSON.stringify(agent.broker.statuses), JSON.stringify(answer)]
  for (const text of [...everywhere, ...files.map((path) => readFileSync(path, 'latin1'))]) {
    expect(text.includes(secret) || text.includes(JSON.stringify(secret).slice(1, -1))).toBe(false)
  }
})

describe('a sealed secret', () => {
  const place = 'collectors/sql-view/register/password'
  const register = { type: 'sql-view', id: 'register', engine: 'postgresql', host: '127.0.0.1', port: 1, database: 'd' }
  const sqlView = (password: string) => ({
    ...{ ...register, user: 'u', view: 'register', password },
    map: { device: 'a', values: { v: 'v' } },
  })
  const api = (authorization: string) => ({
    ...{ type: 'http-json', id: 'api', url: 'http://127.0.0.1:1/', headers: { authorization } },
    map: { device: 'a', values: { v: '/v' } },
  })
  const bridge = (password: string) => ({
    ...{ type: 'mqtt-bridge', id: 'bridge', url: 'mqtt://127.0.0.1:1', username: 'u', password },
    subscriptions: [{ topic: 'zigbee2mqtt/#', preset: 'zigbee2mqtt' }],
  })
  const configOf = (...collectors: object[]) => ({ schema: 1, accept_failing: true, agent: { collectors } }) as const

  test('is opened at its place, and nowhere else', async () => {
    const agent = await remoteAgent()
    agent.start()
    await agent.broker.until(() => agent.birth() !== undefined)
    const sealed = seal('secret', agent.birth()?.seal_key?.public ?? '', remoteAddress, place)
    await agent.configure({ ...configOf(sqlView(sealed)), revision: 1 })
    await agent.report(({ revision, state }) => revision === 1 && state === 'applied')
    const moved = [api(sealed), bridge(sealed), { ...sqlView(sealed), id: 'other' }]
    for (const [at, collector] of moved.entries()) {
      await agent.configure({ ...configOf(sqlView(sealed), collector), revision: 2 + at })
      const report = await agent.report(({ revision }) => revision === 2 + at)
      expect(report).toMatchObject({ state: 'failed', in_force: 1, reason: expect.stringMatching(/enter it again/) })
    }
    // Another order of collectors is no other place.
    await agent.configure({ ...configOf({ type: 'system' }, sqlView(sealed)), revision: 9 })
    await agent.report(({ revision, state }) => revision === 9 && state === 'applied')
  })

  test('of an earlier version stays in force where it was, and opens nowhere else', async () => {
    const agent = await remoteAgent()
    const first = agent.start()
    await agent.broker.until(() => agent.birth() !== undefined)
    const key = agent.birth()?.seal_key?.public ?? ''
    await killHard(first)
    const [old, never] = ['old', 'never used'].map((secret) => seal(secret, key, remoteAddress)) as [string, string]
    const payload = JSON.stringify({ ...configOf(sqlView(old)), revision: 1 })
    const digest = createHash('sha256').update(payload).digest('hex')
    const folder = join(agent.dataDir, 'edge-agent')
    // As an agent of the version before left it.
    writeRemoteState(folder, {
      confirmed: { revision: 1, digest, payload },
      newest: { revision: 1, digest, state: 'applied', at: 0 },
    })
    rmSync(join(folder, 'old-seals.json'))
    for (let start = 0; start < 2; start++) {
      const running = agent.start()
      await agent.report(({ revision, in_force }) => revision === 1 && in_force === 1)
      expect(agent.birth()?.collectors?.map(({ id }) => id)).toEqual(['register'])
      if (start === 0) await killHard(running)
    }
    for (const [at, collector] of [api(old), { ...sqlView(never), id: 'other' }, sqlView(never)].entries()) {
      await agent.configure({ ...configOf(collector), revision: 2 + at })
      const report = await agent.report(({ revision }) => revision === 2 + at)
      expect(report).toMatchObject({ state: 'failed', in_force: 1, reason: expect.stringMatching(/earlier version/) })
    }
  })
})

describe('a command from the centre', () => {
  test('collects now, and is answered', async () => {
    const agent = await remoteAgent()
    agent.start({ IOC_AGENT_CADENCE_MS: '80000000' })
    await agent.broker.until(() => agent.broker.telemetry.length === 1)
    await agent.command({ command: 'collect', id: 'c1' })
    await agent.broker.until(() => agent.broker.telemetry.length === 2 && agent.broker.answers.length === 1)
    expect(agent.broker.answers).toEqual([{ id: 'c1', command: 'collect', ok: true }])
  })

  test('replaces the password, which is kept once the broker accepted it; a kill meanwhile loses neither', async () => {
    const agent = await remoteAgent()
    const first = agent.start()
    await agent.broker.until(() => agent.birth() !== undefined)
    const sealed = (password: string) =>
      seal(password, agent.birth()?.seal_key?.public ?? '', remoteAddress, secretPlaceOf('rotate'))
    const stored = () => JSON.parse(readFileSync(credentialFile(agent.dataDir, 'agent'), 'utf8')) as object
    const rotate = (password: string, expires = Date.now() + 60_000) =>
      agent.command({ command: 'rotate', id: `r-${password}`, expires, password: sealed(password) })
    await rotate('late', Date.now() - 1)
    await agent.broker.until(() => agent.broker.answers.length === 1)
    expect(agent.broker.answers[0]).toMatchObject({ ok: false, reason: expect.stringMatching(/^expired/) })
    // Both are valid until the new one is used.
    agent.broker.password = 'newer'
    await rotate('newer')
    await agent.broker.until(() => agent.broker.passwords.includes('newer'))
    await killHard(first)
    agent.broker.telemetry.length = 0
    const second = agent.start()
    // Measurements follow an acknowledged birth.
    await agent.broker.until(() => agent.broker.telemetry.length > 0)
    expect(agent.broker.passwords.at(-1)).toBe('newer')
    await killHard(second)
    expect(stored()).toEqual({ username: remoteAddress, password: 'newer' })
  })

  test('with a password that the broker refuses leaves the one before', async () => {
    const agent = await remoteAgent()
    agent.start()
    await agent.broker.until(() => agent.birth() !== undefined)
    const password = seal('wrong', agent.birth()?.seal_key?.public ?? '', remoteAddress, secretPlaceOf('rotate'))
    await agent.command({ command: 'rotate', id: 'r1', expires: Date.now() + 60_000, password })
    await agent.broker.until(() => agent.broker.passwords.includes('wrong'))
    await agent.broker.until(() => agent.broker.passwords.at(-1) === 'right' && agent.broker.passwords.length > 2)
  })
})
