import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { createPrivateKey, type KeyObject, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { AgentRelease } from '@ioc/contract/messages/agent-release.ts'
import type { ApiTokenAdded } from '@ioc/contract/messages/api-enrol.ts'
import type { NodeUpdate } from '@ioc/contract/messages/node-config.ts'
import type { Birth } from '@ioc/contract/messages/status.ts'
import { type Pointer, readPointer, versionsFolder } from '@ioc/edge-agent/update/pointer.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import mqtt from 'mqtt'
import { onTestFinished } from 'vitest'
import { writeRelease } from '../../scripts/release.ts'
import type { BrokerAndWall } from './broker-and-wall.ts'

const run = promisify(execFile)
const project = join(import.meta.dirname, '../..')

/** Builds a real bundle for Linux; what has not changed since the last time is not built again. */
export async function buildBundle(out: string, version?: string): Promise<void> {
  const args = ['scripts/agent-bundle.ts', '--platform', 'linux-x64', '--out', out, '--level', '1']
  await run(process.execPath, [...args, ...(version === undefined ? [] : ['--release', version])], { cwd: project })
}

/** The key that bundles of this working copy are signed with. */
export const releaseKey = (): KeyObject =>
  createPrivateKey(readFileSync(join(project, '.cache', 'agent', 'signing-key.pem'), 'utf8'))

/** Unpacks an archive of a bundle once. */
export function unpackBundle(archive: string, folder: string): string {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  spawnSync('tar', ['-xzf', archive, '-C', folder, '--strip-components=1'])
  return folder
}

/** Copies a bundle without copying its bytes: they are replaced, never changed. */
export function linkBundle(from: string, to: string): void {
  spawnSync('cp', ['-alf', `${from}/.`, to])
}

export interface ReleaseChanges {
  readonly key?: KeyObject
  /** Adds a file of random bytes, which is to be downloaded. */
  readonly isRepacked?: boolean
}

/** Copies an unpacked bundle as another version, with a change of its sources. */
export function changeBundle(
  bundle: string,
  folder: string,
  version: string,
  change: (source: string) => string = (source) => source,
): void {
  linkBundle(bundle, folder)
  const library = join(folder, 'lib')
  for (const name of readdirSync(library).filter((one) => one.endsWith('.mjs'))) {
    const path = join(library, name)
    const source = readFileSync(path, 'utf8')
    const changed = change(source.replace(/\b(version(?:\$\d+)?=)[`"]\d+\.\d+\.\d+[`"]/, `$1"${version}"`))
    // Another file: the one that is there is also of the bundle.
    if (changed !== source) replaceFile(path, changed)
  }
}

/**
 * Replaces the Node of an unpacked bundle by a script that runs it. An update reads each file twice and writes it once:
 * with 120 MB that is nearly all that an agent of a test computes.
 */
export function lightenBundle(folder: string, bundle: string): void {
  replaceFile(join(folder, 'node'), `#!/bin/sh\nexec '${join(bundle, 'node')}' "$@"\n`, 0o755)
}

function replaceFile(path: string, content: string, mode = 0o644): void {
  rmSync(path)
  writeFileSync(path, content, { mode })
}

/** Releases a version that differs from an unpacked bundle by a change of its sources. */
export function releaseChanged(
  bundle: string,
  out: string,
  version: string,
  change: (source: string) => string,
  { key = releaseKey(), isRepacked = false }: ReleaseChanges = {},
): AgentRelease {
  const folder = mkdtempSync(join(tmpdir(), 'ioc-changed-'))
  changeBundle(bundle, folder, version, change)
  if (isRepacked) writeFileSync(join(folder, 'lib', 'extra.mjs'), randomBytes(extraBytes))
  const facts = { version, platform: 'linux-x64', minimumFrom: '0.0.1', expiresDays: 1 }
  const release = writeRelease(folder, facts, key, out, 1)
  rmSync(folder, { recursive: true })
  return release
}

/** Bytes that are to be downloaded: some seconds at the rate of a test. */
const extraBytes = 1_000_000

/** An agent that was installed from a bundle and enrolled, as a service without supervision runs it. */
export interface InstalledAgent {
  readonly folder: string
  readonly dataDir: string
  readonly node: string
  /** What it printed. */
  readonly output: string
  start(): void
  /** Changes settings, which hold from the next start on. */
  set(settings: Record<string, string>): void
  /** Cuts the power: kills all its processes at once. */
  kill(): Promise<void>
  stop(): Promise<void>
  pointer(): Pointer
  /** The last birth of the node. */
  birth(): Birth | undefined
  /** Numbers that are missing in what was stored, of each epoch. */
  missing(): number[]
  /** Publishes what the centre wants the agent to run. */
  want(update: NodeUpdate): Promise<void>
  command(...args: string[]): { readonly status: number | null; readonly output: string }
}

const quick = {
  IOC_AGENT_CADENCE_MS: '200',
  IOC_AGENT_PROBE_MS: '100',
  IOC_UPDATE_JITTER_S: '0',
  IOC_UPDATE_RETRY_S: '1',
  IOC_UPDATE_GATE_S: '5',
  IOC_UPDATE_KB_PER_S: '1000000',
}

export async function installAgent(
  centre: BrokerAndWall,
  bundle: string,
  site: string,
  settings: Record<string, string> = {},
  dataDir?: string,
): Promise<InstalledAgent> {
  const folder = testFolder()
  linkBundle(bundle, folder)
  const data = dataDir ?? join(folder, 'data')
  const environment: Record<string, string> = { IOC_DATA_DIR: data, ...quick, ...settings }
  const set = (more: Record<string, string>): void => {
    Object.assign(environment, more)
    const lines = Object.entries(environment).map(([name, value]) => `${name}='${value}'\n`)
    writeFileSync(join(folder, 'agent.env'), lines.join(''))
  }
  set({})
  const { body } = await centre.call('POST', '/api/enrol/tokens', { site, node: 'may-1' })
  const { token } = body as ApiTokenAdded
  const program = join(folder, 'ioc-agent')
  await run(program, ['enrol', centre.url, token], { env: { PATH: process.env['PATH'] } })
  const node = `${site}/may-1`
  const from = centre.stored.length
  let revision = 0
  let child: ChildProcess | undefined
  let ended = Promise.resolve()
  let output = ''
  const signal = async (name: NodeJS.Signals): Promise<void> => {
    const pid = child?.pid
    if (pid === undefined) return
    try {
      process.kill(name === 'SIGKILL' ? -pid : pid, name)
    } catch {
      // It has ended.
    }
    await ended
    child = undefined
  }
  onTestFinished(() => signal('SIGKILL'))
  const storedOf = (channel: string) =>
    centre.stored.slice(from).filter((one) => one.node === node && one.channel === channel)
  return {
    folder,
    dataDir: data,
    node,
    get output() {
      return output
    },
    start() {
      // A group of its own, so that the launcher and a version on trial die together.
      const started = spawn(program, ['run'], {
        detached: true,
        env: { PATH: process.env['PATH'] },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      for (const stream of [started.stdout, started.stderr]) {
        stream.on('data', (text) => {
          output += text
        })
      }
      ended = new Promise((done) => started.once('close', () => done()))
      child = started
    },
    set,
    kill: () => signal('SIGKILL'),
    stop: () => signal('SIGTERM'),
    pointer: () => readPointer(versionsFolder(data)),
    birth() {
      const births = storedOf('status').map(({ payload }) => JSON.parse(payload) as Birth)
      return births.findLast(({ online }) => online)
    },
    missing() {
      const seqs = new Map<string, Set<number>>()
      for (const { payload } of storedOf('telemetry')) {
        const { epoch, seq } = JSON.parse(payload) as { epoch: string; seq: number }
        seqs.set(epoch, (seqs.get(epoch) ?? new Set()).add(seq))
      }
      return [...seqs.values()].flatMap((known) =>
        Array.from({ length: Math.max(...known) }, (_, at) => at + 1).filter((seq) => !known.has(seq)),
      )
    },
    async want(update) {
      const { username, password } = JSON.parse(
        readFileSync(join(centre.dataDir, 'credentials', 'centre.json'), 'utf8'),
      ) as { username: string; password: string }
      const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${centre.mqttPort}`, { username, password })
      const config = JSON.stringify({ schema: 1, revision: ++revision, update })
      await client.publishAsync(`ioc/v1/${node}/config`, config, { qos: 1, retain: true })
      await client.endAsync()
    },
    command(...args) {
      const { status, stdout, stderr } = spawnSync(program, args, {
        env: { PATH: process.env['PATH'] },
        encoding: 'utf8',
      })
      return { status, output: stdout + stderr }
    },
  }
}
