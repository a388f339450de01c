import { generateKeyPairSync } from 'node:crypto'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { packedFile, releaseFile } from '@ioc/contract/messages/agent-release.ts'
import type { ApiRollout, ApiRollouts } from '@ioc/contract/messages/api-rollout.ts'
import type { Birth } from '@ioc/contract/messages/status.ts'
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest'
import { signRollback, writeSigned } from '../scripts/release.ts'
import { type BrokerAndWall, startBrokerAndWall } from './harness/broker-and-wall.ts'
import { runIoc, until } from './harness/centre.ts'
import { startFastClock } from './harness/fast-clock.ts'
import {
  buildBundle,
  changeBundle,
  type InstalledAgent,
  installAgent,
  lightenBundle,
  linkBundle,
  releaseChanged,
  releaseKey,
  unpackBundle,
} from './harness/installed-agent.ts'
import { generator } from './harness/random.ts'

/** Kept between runs: what has not changed is not built again. */
const cache = join(import.meta.dirname, '..', '.cache', 'agent', 'test-update')
const built = join(cache, 'bundle')
const bundle = join(cache, 'unpacked')
/** The releases of this run, which the centre serves: of the bundle, and of others that the tests make. */
const served = mkdtempSync(join(tmpdir(), 'ioc-served-'))
/** The version before that of the bundle, and the same with little to copy, from which most tests start. */
const folders = mkdtempSync(join(tmpdir(), 'ioc-bundles-'))
const [whole, first] = ['whole', 'first'].map((name) => join(folders, name)) as [string, string]
/** Another version with little to copy. */
const newer = '0.2.9'

let centre: BrokerAndWall
beforeAll(async () => {
  centre = await startBrokerAndWall({ IOC_TLS: 'on', IOC_AGENT_BUNDLES: served })
  // Built after the wall has started: it serves them at once.
  await buildBundle(built, '0.2.0')
  unpackBundle(join(built, 'ioc-agent-0.2.0-linux-x64.tar.gz'), bundle)
  linkBundle(built, served)
  changeBundle(bundle, whole, '0.1.0')
  changeBundle(bundle, first, '0.1.0')
  lightenBundle(first, bundle)
  releaseChanged(first, served, newer, (source) => source)
})
afterAll(async () => {
  await centre?.stop()
  for (const folder of [served, folders]) rmSync(folder, { recursive: true, force: true })
})

/** Waits until a birth of the agent is as wanted. */
const reported = (agent: InstalledAgent, what: string, isIt: (birth: Birth) => boolean): Promise<Birth | undefined> =>
  until(
    `${what} of ${agent.node}`,
    async () => agent.birth(),
    (birth) => birth !== undefined && isIt(birth),
  )

const isDone =
  (version: string) =>
  ({ update }: Birth): boolean =>
    update?.version === version && update.state === 'done'

async function running(site: string, settings: Record<string, string> = {}, from = first): Promise<InstalledAgent> {
  const agent = await installAgent(centre, from, site, settings)
  onTestFailed(() => console.log(agent.output))
  agent.start()
  await reported(agent, 'the first birth', ({ agent: { version } }) => version === '0.1.0')
  return agent
}

/** Versions that fail each in another way. */
const silent = (source: string): string =>
  source.replace(/async emit\(\{measurements=\[\],cases=\[\],past=!1\}\)\{/, '$&return true;')
const crashing = (source: string): string =>
  source.includes('ioc-agent --help, --version') ? `${source}\nif (process.argv[2] === 'run') process.exit(3)` : source
const hanging = (source: string): string =>
  source.includes('ioc-agent --help, --version')
    ? `if (process.argv[2] === 'run') for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)\n${source}`
    : source

describe('an update', () => {
  test('to a bundle as it was built reaches a node, passes the gate, and loses no message', async () => {
    const agent = await running('tram-y-te-ka-do', {}, whole)
    await agent.want({ version: '0.2.0', start: 'now', rollout: 'r-1' })
    const birth = await reported(agent, 'the update', isDone('0.2.0'))
    expect(birth).toMatchObject({ agent: { version: '0.2.0' }, update: { version: '0.2.0', rollout: 'r-1' } })
    expect(agent.command('--version').output).toBe('ioc-agent 0.2.0\n')
    expect(agent.command('status').output).toContain('update     done: 0.2.0')
    await agent.stop()
    expect(agent.missing()).toEqual([])
    // It is the version that starts from now on.
    agent.start()
    await until(
      'the second start',
      async () => agent.birth()?.session,
      (session) => session !== birth?.session,
    )
    expect(agent.birth()?.agent.version).toBe('0.2.0')
  })

  test('waits for its window of the night, by the clock of the centre', async () => {
    const hour = (ms: number) => new Date(ms + 7 * 3_600_000).toISOString().slice(11, 16)
    const window = `${hour(Date.now() + 2 * 3_600_000)}-${hour(Date.now() + 3 * 3_600_000)}`
    // By its own clock, the agent would be within the window.
    const clock = startFastClock(1, 2.5 * 3_600_000).environment
    const agent = await running('ubnd-pro', { IOC_UPDATE_WINDOW: window, ...clock })
    await agent.want({ version: newer })
    const waiting = await reported(agent, 'the wait', ({ update }) => update?.state === 'waiting')
    expect(waiting?.update?.reason).toBe(`starts between ${window.replace('-', ' and ')}`)
    await agent.want({ version: newer, start: 'now' })
    await reported(agent, 'the update', isDone(newer))
  })

  test.each([
    ['ahead', 365 * 86_400_000],
    ['behind', -365 * 86_400_000],
  ])('works with a clock that is a year %s', async (word, offset) => {
    const agent = await running(`truong-${word}`, startFastClock(1, offset).environment)
    await agent.want({ version: newer, start: 'now' })
    const birth = await reported(agent, 'the update', isDone(newer))
    expect(birth?.agent.version).toBe(newer)
  })

  test('gives way to the next one that is wanted', async () => {
    const agent = await running('chua-linh-phuoc', { IOC_UPDATE_KB_PER_S: '16' })
    releaseChanged(first, served, '0.3.0', (source) => source, { isRepacked: true })
    await agent.want({ version: '0.3.0', start: 'now' })
    await reported(agent, 'the download', ({ update }) => update?.state === 'downloading')
    await agent.want({ version: newer, start: 'now' })
    await agent.stop()
    agent.start()
    await reported(agent, 'the download', ({ update }) => update?.version === newer)
    await agent.want({ version: '0.1.0', start: 'now' })
    const birth = await reported(agent, 'the end', isDone('0.1.0'))
    expect(birth).toMatchObject({ agent: { version: '0.1.0' }, update: { version: '0.1.0' } })
    expect(agent.pointer()).toEqual({
      ...{ current: null, previous: null, reverted: {} },
      newestSigned: expect.any(Number),
    })
  })
})

describe('a version that fails is reverted', () => {
  test.each([
    ['0.2.1', 'connects but publishes nothing', silent, 'no PUBACK'],
    ['0.2.2', 'ends at once', crashing, 'ended before the gate in 3 starts'],
    ['0.2.3', 'hangs', hanging, 'no sign of life'],
  ])('%s: %s', async (version, _what, change, why) => {
    releaseChanged(first, served, version, change)
    const agent = await running(`site-${version.replaceAll('.', '-')}`)
    await agent.want({ version, start: 'now' })
    const birth = await reported(agent, 'the revert', ({ update }) => update?.state === 'reverted')
    expect(birth?.update?.reason).toBe(why)
    expect(birth?.agent.version).toBe('0.1.0')
    expect(agent.command('status').output).toContain(`update     reverted: ${version} (${why})`)
    if (change === silent) {
      const last = await reported(agent, 'the end', ({ update }) => update?.code === 'UPDATE_REVERTED')
      expect(last?.agent.version).toBe('0.1.0')
      expect(agent.pointer()).toMatchObject({ current: null, reverted: { [version]: { times: 2 } } })
    }
    await agent.stop()
    expect(agent.missing()).toEqual([])
  })

  test('without a network too, after three starts', async () => {
    releaseChanged(first, served, '0.2.5', silent)
    const agent = await running('thon-xa', { IOC_UPDATE_GATE_S: '3600' })
    await agent.want({ version: '0.2.5', start: 'now' })
    await reported(agent, 'the trial', ({ update }) => update?.state === 'trial')
    for (let start = 2; start <= 3; start++) {
      await agent.kill()
      agent.start()
      await until(
        `start ${start}`,
        async () => agent.pointer().trial?.starts,
        (starts) => starts === start,
      )
    }
    await agent.kill()
    // No broker can be reached from here on.
    agent.set({ IOC_MQTT_URL: 'mqtt://127.0.0.1:9' })
    agent.start()
    await until(
      'the pointer',
      async () => agent.pointer(),
      ({ current, lastReverted }) => current === null && lastReverted === '0.2.5',
    )
  })
})

test('what is not as it was signed, or does not fit, is refused before anything is switched', async () => {
  const refused = {
    '0.4.0': ['a release of which a byte was changed', 'UPDATE_DAMAGED'],
    '0.4.1': ['a file of which a byte was changed', 'UPDATE_DAMAGED'],
    '0.4.2': ['a release that a stranger signed', 'UPDATE_UNTRUSTED'],
    '0.0.9': ['an older version', 'UPDATE_OLDER'],
    '0.4.3': ['an expired release', 'UPDATE_EXPIRED'],
    '0.4.4': ['a release with a path outside', 'UPDATE_INVALID'],
    '9.9.9': ['a version that the centre does not have', 'UPDATE_UNKNOWN'],
  } as const
  const agent = await running('tu-choi')
  for (const [version, [what, code]] of Object.entries(refused)) {
    if (code !== 'UPDATE_UNKNOWN') damage(what, version)
    await agent.want({ version, start: 'now' })
    const birth = await reported(
      agent,
      `the refusal of ${what}`,
      ({ update }) => update?.version === version && update.state === 'refused',
    )
    expect([what, birth?.update?.code, birth?.agent.version]).toEqual([what, code, '0.1.0'])
    const { newestSigned: _, ...pointer } = agent.pointer()
    expect(pointer).toEqual({ current: null, previous: null, reverted: {} })
    expect(existsSync(join(agent.dataDir, 'versions', version))).toBe(false)
  }
})

/** Releases a version that is to be refused. */
function damage(what: string, version: string): void {
  const path = join(served, releaseFile(version, 'linux-x64'))
  const release = releaseChanged(first, served, version, (source) => source, {
    ...(what.includes('stranger') ? { key: generateKeyPairSync('ed25519').privateKey } : {}),
    isRepacked: what.includes('a file'),
  })
  if (what.startsWith('a release of')) {
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"sha256\\":\\"./, '"sha256\\":\\"g'))
  }
  if (what.startsWith('a file')) {
    const { packed_sha256 = '' } = release.files.find(({ path: name }) => name === 'lib/extra.mjs') ?? {}
    const file = join(served, packedFile(packed_sha256))
    const bytes = readFileSync(file)
    bytes[20] = (bytes[20] as number) ^ 1
    rmSync(file)
    writeFileSync(file, bytes)
  }
  if (what.includes('expired')) writeSigned({ ...release, expires: Date.now() - 60_000 }, releaseKey(), served)
  if (what.includes('outside')) {
    const [file] = release.files
    if (file) writeSigned({ ...release, files: [{ ...file, path: '../../evil' }] }, releaseKey(), served)
  }
}

test('a signed rollback leads back to an older version, which is the only way', async () => {
  releaseChanged(first, served, '0.0.8', (source) => source)
  const agent = await running('ve-truoc')
  await agent.want({ version: '0.0.8', start: 'now' })
  await reported(agent, 'the refusal', ({ update }) => update?.code === 'UPDATE_OLDER')
  expect(signRollback('0.0.8', 1, releaseKey(), served)).toEqual([releaseFile('0.0.8', 'linux-x64')])
  const birth = await reported(agent, 'the rollback', isDone('0.0.8'))
  expect(birth?.agent.version).toBe('0.0.8')
  // One that was signed before is served again.
  const older = releaseChanged(first, served, '0.0.7', (source) => source)
  writeSigned({ ...older, rollback: true, signed: Date.now() - 86_400_000 }, releaseKey(), served)
  await agent.want({ version: '0.0.7', start: 'now' })
  const replayed = await reported(agent, 'the second refusal', ({ update }) => update?.version === '0.0.7')
  expect(replayed).toMatchObject({ agent: { version: '0.0.8' }, update: { code: 'UPDATE_OLDER' } })
})

describe('a roll-out', () => {
  test('reaches one node first, then all, and is on record', async () => {
    const agents = [await running('dot-mot'), await running('dot-hai')]
    // Nodes of other tests have gone; they would take their turn when they are back.
    const body = { version: newer, start: 'now', rings: ['1', '100%'], hold_h: 0 }
    expect((await centre.call('POST', '/api/agent/rollout', body, false)).status).toBe(401)
    expect(await centre.call('POST', '/api/agent/rollout', { ...body, version: '7.7.7' })).toMatchObject({
      status: 409,
      body: { error: 'ROLLOUT_REFUSED' },
    })
    expect((await centre.call('POST', '/api/agent/rollout', body)).status).toBe(201)
    expect((await centre.call('POST', '/api/agent/rollout', body)).status).toBe(409)
    for (const agent of agents) {
      await reported(agent, 'the update', isDone(newer))
    }
    const nodes = await until(
      'the roll-out',
      async () => ((await centre.call('GET', '/api/agent/rollout')).body as ApiRollouts).rollouts[0]?.nodes ?? [],
      (list) => agents.every(({ node }) => list.some((one) => one.node === node && one.state === 'done')),
    )
    expect(nodes.filter(({ ring }) => ring === 1)).toHaveLength(1)
    const status = await runIoc(['agent', 'rollout', 'status'], centre.environment)
    expect(status).toContain('dot-mot/may-1')
    // Nodes of earlier tests are away: with them it goes on, without them it is done.
    await centre.call('POST', '/api/agent/rollout/cancel')
  })

  test('pauses by itself where its first node reverts', async () => {
    releaseChanged(first, served, '0.6.0', silent)
    const agent = await running('dung-lai')
    const newest = async (): Promise<ApiRollout | undefined> =>
      ((await centre.call('GET', '/api/agent/rollout')).body as ApiRollouts).rollouts[0]
    const body = { version: '0.6.0', start: 'now', rings: ['100%'], hold_h: 0 }
    expect((await centre.call('POST', '/api/agent/rollout', body)).status).toBe(201)
    const paused = await until('the pause', newest, (rollout) => rollout?.state === 'paused')
    expect(paused?.nodes.find(({ node }) => node === agent.node)).toMatchObject({
      state: 'reverted',
      reason: 'no PUBACK',
    })
    expect(agent.birth()?.agent.version).toBe('0.1.0')
    await runIoc(['agent', 'rollout', 'cancel'], centre.environment)
    const audit = await runIoc(['audit'], centre.environment)
    expect(audit).toContain('rollout.start')
    expect(audit).toContain('rollout.cancel')
  })
})

/** Power cuts while an update is under way; `npm run test:kills` tries more. */
const cuts = Number(process.env['IOC_TEST_KILLS'] ?? 6)

test(`after each of ${cuts} power cuts a version works, the update succeeds in the end, and no message is lost`, async () => {
  const random = generator(20261130)
  releaseChanged(first, served, '0.5.0', (source) => source, { isRepacked: true })
  const agent = await running('mat-dien', { IOC_UPDATE_KB_PER_S: '500', IOC_UPDATE_GATE_S: '3' })
  await agent.want({ version: '0.5.0', start: 'now' })
  const phases = ['downloading', 'downloading', 'staged', 'trial', 'trial', 'any'] as const
  for (let cut = 0; cut < cuts; cut++) {
    const phase = phases[cut % phases.length] as (typeof phases)[number]
    const isReached = (): boolean =>
      phase === 'any' ||
      agent.pointer().current === '0.5.0' ||
      (phase === 'downloading' && existsSync(join(agent.dataDir, 'versions', '.staging'))) ||
      (phase === 'staged' && existsSync(join(agent.dataDir, 'versions', '0.5.0')))
    await until(phase, async () => isReached(), Boolean)
    await sleep(random() * 1500)
    await agent.kill()
    tearUnsynced(join(agent.dataDir, 'versions', '.staging'), random)
    const session = agent.birth()?.session
    agent.start()
    // Whatever was cut, a version connects.
    await until(
      'a birth',
      async () => agent.birth()?.session,
      (now) => now !== session,
    )
  }
  const birth = await reported(
    agent,
    'the end',
    (one) => isDone('0.5.0')(one) || one.update?.code === 'UPDATE_REVERTED',
  )
  // Cuts of three trials in a row count like starts that fail: then the version before is in force.
  expect(['0.1.0', '0.5.0']).toContain(birth?.agent.version)
  await agent.stop()
  expect(agent.missing()).toEqual([])
})

/** What a power cut leaves of files that were not on disk yet: a part of them, or zeros. */
function tearUnsynced(folder: string, random: () => number): void {
  if (!existsSync(folder)) return
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || random() < 0.7) continue
    const path = join(entry.parentPath, entry.name)
    const { size } = statSync(path)
    if (random() < 0.5) truncateSync(path, Math.floor(random() * size))
    else writeFileSync(path, Buffer.alloc(size))
  }
}
