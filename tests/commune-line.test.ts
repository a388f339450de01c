import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiTokenAdded } from '@ioc/contract/messages/api-enrol.ts'
import { credentialFile } from '@ioc/runtime/credential-file.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { writePrivateJson } from '@ioc/runtime/private-file.ts'
import { smallDisk } from '@ioc/runtime/testing/small-disk.ts'
import { Outbox } from '@ioc/uplink/outbox/outbox.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { type NodeProcess, startNodeProcess } from '@ioc/uplink/testing/node-process.ts'
import { expect, onTestFailed, onTestFinished, type TestContext, test } from 'vitest'
import { type BrokerAndWall, startBrokerAndWall } from './harness/broker-and-wall.ts'
import { until } from './harness/centre.ts'
import { type CommuneLine, layCommuneLine } from './harness/commune-line.ts'
import { deliveryFaults, storedMessages } from './harness/delivery.ts'
import { startFastClock } from './harness/fast-clock.ts'
import { generator } from './harness/random.ts'

const project = join(import.meta.dirname, '..')
const node = 'thon-da-quy/may-1'
const patienceMs = 200_000

interface Site {
  readonly line: CommuneLine
  readonly centre: BrokerAndWall
  readonly dataDir: string
  /** The agent of the last start. */
  readonly agent: NodeProcess
  start(settings?: Record<string, string>): void
  end(signal: NodeJS.Signals): Promise<void>
  /** Waits until so many more messages are stored, none is missing, and none is wrong. */
  delivered(more: number): Promise<void>
}

/** A site with an agent, a line, and the centre at its other end. */
async function site(
  context: TestContext,
  { dataDir = testFolder(), isEncrypted = true }: { dataDir?: string; isEncrypted?: boolean } = {},
): Promise<Site> {
  const line = await layCommuneLine(context)
  const centre = await startBrokerAndWall({ IOC_BIND: line.address })
  onTestFinished(() => centre.stop())
  const path = credentialFile(dataDir, 'agent')
  const credential = {
    username: node,
    password: await centre.credentials.add(node, 'node'),
    ...(isEncrypted
      ? { mqtt_url: `mqtts://${line.address}:${centre.mqttsPort}`, ca: centre.authority }
      : { mqtt_url: `mqtt://${line.address}:${centre.mqttPort}` }),
  }
  writePrivateJson(path, credential)
  let agent: NodeProcess | undefined
  onTestFailed(() => console.log(agent?.lines))
  const present = (): NodeProcess => {
    if (!agent) throw new Error('the agent was not started')
    return agent
  }
  return {
    line,
    centre,
    dataDir,
    get agent() {
      return present()
    },
    start(settings = {}) {
      const { NODE_OPTIONS: _, ...inherited } = process.env
      const environment = { ...inherited, IOC_DATA_DIR: dataDir, IOC_AGENT_CADENCE_MS: '200', ...settings }
      agent = startNodeProcess(join(project, 'edge-agent', 'main.ts'), environment, line.atSite)
    },
    async end(signal) {
      const { process: child } = present()
      const ended = once(child, 'close')
      child.kill(signal)
      await ended
    },
    async delivered(more) {
      const from = storedMessages(centre, node).length
      await until(
        `${more} more messages`,
        async () => storedMessages(centre, node),
        (messages) => messages.length >= from + more && deliveryFaults(messages).length === 0,
        patienceMs,
      ).catch((error: unknown) => {
        expect(deliveryFaults(storedMessages(centre, node))).toEqual([])
        throw error
      })
    },
  }
}

/** Waits until the line has lost so many packets. */
async function lost(line: CommuneLine, packets: number): Promise<void> {
  const before = await line.set({ to: 'nobody' })
  const ask = (): Promise<number> => line.set({ to: 'nobody' })
  await until(`${packets} lost packets`, ask, (count) => count >= before + packets)
}

const logged = (site: Site, text: string): Promise<string> =>
  until(
    text,
    async () => site.agent.lines,
    (lines) => lines.includes(text),
    patienceMs,
  )

test('2 s of delay each way, 5 % of the packets lost, and cuts', async (context) => {
  const commune = await site(context)
  await commune.line.set({ delayMs: 2_000, lossPercent: 5 })
  commune.start({ IOC_AGENT_CADENCE_MS: '500' })
  await commune.delivered(5)
  await lost(commune.line, 3)
  await commune.line.set({ to: 'centre' })
  await commune.delivered(5)
})

/** Kills with signal 9 at random moments; `npm run test:kills` tries more. */
const kills = Number(process.env['IOC_TEST_KILLS'] ?? 4)

test(`${kills} kills at random moments, on a line that loses packets`, {
  timeout: 120_000 + kills * 30_000,
}, async (context) => {
  const random = generator(17)
  const commune = await site(context)
  await commune.line.set({ delayMs: 50, lossPercent: 5 })
  for (let kill = 0; kill < kills; kill++) {
    commune.start()
    await commune.delivered(1)
    await sleep(random() * 1_500)
    await commune.end('SIGKILL')
  }
  commune.start()
  await commune.delivered(5)
})

test.for([
  ['over TLS', true],
  ['without TLS', false],
] as const)('a captive portal answers everything, %s', async ([_how, isEncrypted], context) => {
  const commune = await site(context, { isEncrypted })
  const { line, centre } = commune
  const portal = startPortal(line, [centre.mqttPort, centre.mqttsPort])
  await portal.listening
  await line.set({ to: 'stranger' })
  commune.start()
  await portal.connections(2)
  await line.set({ to: 'centre' })
  await commune.delivered(5)
  // In the middle of a connection, too.
  await line.set({ to: 'stranger' })
  await portal.connections(1)
  await line.set({ to: 'centre' })
  await commune.delivered(5)
  expect(commune.agent.process.exitCode).toBeNull()
})

interface Portal {
  readonly listening: Promise<void>
  /** Waits for so many more connections. */
  connections(more: number): Promise<void>
}

function startPortal(line: CommuneLine, ports: readonly number[]): Portal {
  const [program = '', ...args] = [
    ...line.atStranger,
    process.execPath,
    join(import.meta.dirname, 'harness', 'captive-portal.mjs'),
    line.address,
    ...ports.map(String),
  ]
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const counts = { listening: 0, connection: 0 }
  createInterface({ input: child.stdout }).on('line', (text) => {
    counts[text.startsWith('listening') ? 'listening' : 'connection'] += 1
  })
  const reached = async (what: keyof typeof counts, count: number): Promise<void> => {
    await until(
      what,
      async () => counts[what],
      (now) => now >= count,
    )
  }
  return {
    listening: reached('listening', ports.length),
    connections: (more) => reached('connection', counts.connection + more),
  }
}

test.for(['https', 'http'])(
  'enrolment with %s through a captive portal fails with one line, and succeeds after it',
  async (protocol, context) => {
    const { line, centre } = await site(context)
    const [centrePort = ''] = centre.url.split(':').slice(-1)
    const portal = startPortal(line, [Number(centrePort)])
    await portal.listening
    await line.set({ to: 'stranger' })
    const { body } = await centre.call('POST', '/api/enrol/tokens', { site: 'truong-da-quy', node: 'may-2' })
    const { token } = body as ApiTokenAdded
    const dataDir = testFolder()
    const enrol = async (address: string, words: readonly string[]) => {
      const program = join(project, 'edge-agent', 'ioc-agent.ts')
      const [prefix = '', ...args] = [
        ...line.atSite,
        process.execPath,
        '--disable-warning=ExperimentalWarning',
        program,
      ]
      const env = { PATH: process.env['PATH'], IOC_DATA_DIR: dataDir }
      const child = spawn(prefix, [...args, 'enrol', address, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] })
      let printed = ''
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (text) => {
          printed += text
        })
      }
      const [code] = await once(child, 'close')
      return { code, printed }
    }
    const refused = await enrol(centre.url.replace('https', protocol), [token])
    expect(refused).toEqual({
      code: 1,
      printed: expect.stringMatching(/^ioc-agent enrol: .* \[(CENTRE_UNREACHABLE|CENTRE_UNTRUSTED)\]\n$/),
    })
    await line.set({ to: 'centre' })
    expect(await enrol(centre.url, [token])).toMatchObject({ code: 0 })
  },
)

const dayMs = 86_400_000

test('three days offline, and a clock that is a year behind: all of it arrives, what is measured now comes first', async (context) => {
  // In memory: three days of fsyncs would take long.
  const dataDir = smallDisk(context, 65_536)
  const commune = await site(context, { dataDir })
  const days = 3
  const cadenceMs = 60_000
  const messages = (days * dayMs) / cadenceMs
  const wrongMs = -365 * dayMs
  const began = Date.now() + wrongMs - days * dayMs
  let at = 0
  const clock = { now: () => began + at, uptime: () => at, boot: 'before' }
  const settings = { folder: join(dataDir, 'edge-agent'), maxBytes: 64e6, maxAgeMs: 30 * dayMs, clock }
  const outbox = new Outbox(settings, createLogger('test', { logLevel: 'silent' }))
  outbox.start()
  for (let n = 1; n <= messages; n++) {
    at = n * cadenceMs
    outbox.put([{ device: 'may-1', ts: began + at, type: 'system', values: { cpu_percent: n % 100 } }])
  }
  outbox.stop()
  const { environment } = startFastClock(1, wrongMs)
  commune.start({ ...environment, IOC_REPLAY_PER_SECOND: '20000', IOC_AGENT_CADENCE_MS: '1000' })
  await commune.delivered(messages)
  const numbers = storedMessages(commune.centre, node).map(({ seq }) => seq)
  const firstOfNow = numbers.indexOf(messages + 1)
  expect(firstOfNow).toBeGreaterThanOrEqual(0)
  expect(firstOfNow).toBeLessThan(messages / 2)
})

test.for([
  ['ahead', 365 * dayMs],
  ['behind', -365 * dayMs],
  ['at the beginning of 1970', -Date.now()],
] as const)('a clock that is %s, on a bad line', async ([_how, offset], context) => {
  const commune = await site(context)
  await commune.line.set({ delayMs: 100, lossPercent: 5 })
  commune.start(startFastClock(1, offset).environment)
  await commune.delivered(5)
})

test('a disk that fills up while the line is cut: what was measured meanwhile is declared lost, nothing else', async (context) => {
  const dataDir = smallDisk(context, 1_024)
  const commune = await site(context, { dataDir })
  commune.start({ NODE_COMPILE_CACHE: testFolder() })
  await commune.delivered(5)
  await commune.line.set({ to: 'nobody' })
  const { bavail, bsize } = statfsSync(dataDir)
  writeFileSync(join(dataDir, 'filler'), Buffer.alloc(bavail * bsize))
  await logged(commune, 'outbox could not queue a message')
  await commune.line.set({ to: 'centre' })
  rmSync(join(dataDir, 'filler'))
  await commune.delivered(10)
  expect(storedMessages(commune.centre, node).at(-1)?.lost).toBeGreaterThan(0)
})

test('a disk that an error makes read-only: the agent goes on, and after a repair nothing is sent under another number', async (context) => {
  const disk = failingDisk(context)
  const commune = await site(context, { dataDir: disk.folder })
  const settings = { NODE_COMPILE_CACHE: testFolder() }
  commune.start(settings)
  await commune.delivered(5)
  // Nobody listens there: the connection ends.
  await commune.line.set({ to: 'stranger' })
  await logged(commune, 'not connected')
  disk.fail()
  await logged(commune, 'outbox could not queue a message')
  const connected = commune.agent.lines.length
  await commune.line.set({ to: 'centre' })
  await until(
    'a connection',
    async () => commune.agent.lines.slice(connected),
    (lines) => lines.includes('connected'),
    patienceMs,
  )
  await commune.end('SIGKILL')
  disk.repair()
  commune.start(settings)
  await commune.delivered(5)
})

interface FailingDisk {
  readonly folder: string
  /** The file system meets an error, and becomes read-only while its files are open. */
  fail(): void
  repair(): void
}

/** An ext4 file system in a file. Without the right to mount one the test is skipped. */
function failingDisk(context: TestContext): FailingDisk {
  const folder = testFolder()
  const image = join(testFolder(), 'disk')
  const run = (...command: readonly string[]): string => {
    const [program = '', ...args] = command
    const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' })
    if (status !== 0 && program !== 'e2fsck') throw new Error(`${command.join(' ')}: ${error?.message ?? stderr}`)
    return stdout
  }
  const mount = (): void => void run('mount', '-o', 'loop,errors=remount-ro', image, folder)
  try {
    writeFileSync(image, Buffer.alloc(16 << 20))
    run('mkfs.ext4', '-q', image)
    mount()
  } catch (error) {
    if (process.env['IOC_REQUIRE_REAL'] === '1') throw error
    context.skip(`needs the right to mount a disk: ${(error as Error).message}`)
  }
  onTestFinished(() => void spawnSync('umount', ['-l', folder]))
  const device = basename(run('findmnt', '-n', '-o', 'SOURCE', folder).trim())
  return {
    folder,
    fail: () => writeFileSync(`/sys/fs/ext4/${device}/trigger_fs_error`, '1'),
    repair() {
      run('umount', folder)
      run('e2fsck', '-p', image)
      mount()
    },
  }
}
