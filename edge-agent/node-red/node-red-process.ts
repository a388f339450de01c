import { type ChildProcess, fork } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { IocError } from '@ioc/contract/errors.ts'
import { findInstallation, type Installation } from './installation.ts'
import type { FromChild, StartSettings, ToChild } from './ipc.ts'

/** Time that the runtime may take to start, in ms: on a small machine it loads for some seconds. */
const maxStartMs = 60_000
/** Time that flows may take to stop, in ms. */
const maxStopMs = 5_000
/** Heap of the child in MB: what is beyond it is outside of the heap, or a leak. */
const heapMb = 96
/** Resident memory above so many times the limit ends the child at once: the machine has no minute. */
const hardFactor = 3
/** Characters of standard error that are kept to explain an end. */
const maxErrorChars = 2_000

export interface ProcessLimits {
  /** Resident memory in MB, which may be exceeded for `maxMemoryMs`. */
  readonly maxMb: number
  readonly maxMemoryMs: number
  /** Longest time without a turn of the event loop, in ms. */
  readonly maxHangMs: number
}

export interface ProcessFolders {
  /** Of the supervisor; the child may write to its subfolder `user` alone. */
  readonly folder: string
  /** Folders that flows may read beside their own. */
  readonly readable: readonly string[]
}

/** How a child ended. */
export interface Exit {
  readonly reason: string
  /** How long its flows ran, in ms; 0 where they never did. */
  readonly ranMs: number
}

export interface ProcessEvents {
  onMessage(message: FromChild): void
  /** Called once. */
  onExit(exit: Exit): void
}

/** One child process with Node-RED, from its start to its end. */
export class NodeRedProcess {
  readonly #child: ChildProcess
  readonly #limits: ProcessLimits
  readonly #folder: string
  readonly #spawnedAt = performance.now()
  #lastTurn = performance.now()
  #startedAt: number | undefined
  #rssMb = 0
  #overSince: number | undefined
  #stderr = ''
  /** Why it was ended from here. */
  #ending: string | undefined
  #isGone = false

  /** @throws IocError NODE_RED_MISSING */
  constructor(
    start: Omit<StartSettings, 'kind' | 'modulesFolder' | 'nodesFolder'>,
    folders: ProcessFolders,
    limits: ProcessLimits,
    events: ProcessEvents,
  ) {
    this.#limits = limits
    this.#folder = folders.folder
    const installation = requireInstallation()
    const { modules: modulesFolder, nodes: nodesFolder } = installation
    const settings: StartSettings = { kind: 'start', ...start, modulesFolder, nodesFolder }
    this.#child = forkChild(installation, settings, folders)
    this.#child.stderr?.on('data', (text: Buffer) => {
      this.#stderr = `${this.#stderr}${text}`.slice(-maxErrorChars)
    })
    this.#child.on('message', (message: FromChild) => {
      this.#lastTurn = performance.now()
      if (message.kind === 'heartbeat') this.#rssMb = message.rss / 1e6
      if (message.kind === 'started') this.#startedAt ??= performance.now()
      try {
        events.onMessage(message)
      } catch (error) {
        // A flow that left its sandbox may send anything.
        this.#kill(`invalid message: ${(error as Error).message}`)
      }
    })
    const onEnd = (reason: string): void => {
      if (this.#isGone) return
      this.#isGone = true
      rmSync(this.#pidFile, { force: true })
      const until = this.#ending === undefined ? performance.now() : this.#lastTurn
      const ranMs = this.#startedAt === undefined ? 0 : Math.max(0, until - this.#startedAt)
      events.onExit({ reason: this.#ending ?? reason, ranMs })
    }
    this.#child.once('error', (error) => onEnd(error.message))
    // Standard error is complete only when the streams are closed.
    this.#child.once('close', (code, signal) => onEnd(exitReason(code, signal, this.#stderr)))
    const { pid } = this.#child
    if (pid !== undefined) {
      notePid(this.#pidFile, pid)
      preferForOutOfMemory(pid)
    }
    this.send(settings)
  }

  get rssMb(): number {
    return this.#rssMb
  }

  send(message: ToChild): void {
    if (this.#child.connected) this.#child.send(message, () => undefined)
  }

  /** Ends a child that hangs, or takes too much memory. Called every second. */
  check(): void {
    if (this.#ending !== undefined || this.#isGone) return
    const now = performance.now()
    const { maxMb, maxMemoryMs, maxHangMs } = this.#limits
    this.#rssMb = residentMb(this.#child.pid) ?? this.#rssMb
    if (this.#rssMb <= maxMb) this.#overSince = undefined
    else this.#overSince ??= now
    const isTooLarge = this.#overSince !== undefined && now - this.#overSince >= maxMemoryMs
    const size = `${Math.round(this.#rssMb)} MB of memory; the limit is ${maxMb} MB`
    if (isTooLarge || this.#rssMb > hardFactor * maxMb) this.#kill(size)
    else if (this.#startedAt === undefined) {
      if (now - this.#spawnedAt >= maxStartMs) this.#kill(`not started within ${maxStartMs / 1000} s`)
    } else if (now - this.#lastTurn >= maxHangMs) this.#kill(`the event loop hung for ${maxHangMs / 1000} s`)
  }

  /** Ends it at once. */
  #kill(reason: string): void {
    this.#ending = reason
    this.#child.kill('SIGKILL')
  }

  /** Stops the flows, and ends the process. */
  async stop(): Promise<void> {
    if (this.#isGone) return
    const closed = new Promise<void>((resolve) => this.#child.once('close', () => resolve()))
    this.#ending ??= 'stopped'
    this.send({ kind: 'stop' })
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), maxStopMs)
    await closed
    clearTimeout(timer)
  }

  get #pidFile(): string {
    return pidFile(this.#folder)
  }
}

/**
 * Ends a child that an agent left behind when it was killed: it ends by itself as soon as its event loop turns, which that of a
 * hanging flow does not.
 */
export function endLeftover(folder: string): void {
  try {
    const { pid } = JSON.parse(readFileSync(pidFile(folder), 'utf8')) as { pid: number }
    // Another process may have the number by now.
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(userFolder(folder))) process.kill(pid, 'SIGKILL')
  } catch {
    // There is none, or the system has no /proc.
  }
  rmSync(pidFile(folder), { force: true })
}

export function userFolder(folder: string): string {
  return join(folder, 'user')
}

function pidFile(folder: string): string {
  return join(folder, 'child.json')
}

export function requireInstallation(): Installation {
  const installation = findInstallation()
  if (installation) return installation
  throw new IocError(
    'NODE_RED_MISSING',
    'Node-RED is not part of this installation: install the bundle of the agent with Node-RED',
  )
}

/**
 * Starts the child with Node's permissions: it starts no programs, loads no native code, reads its own code, and writes to its
 * user folder. Its environment has no settings of the agent, which flows could read.
 */
function forkChild(
  { child, modules, own }: Installation,
  settings: StartSettings,
  folders: ProcessFolders,
): ChildProcess {
  mkdirSync(settings.userFolder, { recursive: true, mode: 0o700 })
  const read = [modules, own, settings.userFolder, ...folders.readable]
  return fork(child, [settings.userFolder], {
    cwd: settings.userFolder,
    env: childEnvironment(),
    execArgv: [
      '--permission',
      ...read.map((path) => `--allow-fs-read=${path}`),
      `--allow-fs-write=${settings.userFolder}`,
      '--max-semi-space-size=1',
      `--max-old-space-size=${heapMb}`,
      '--disable-warning=ExperimentalWarning',
      '--disable-warning=SecurityWarning',
      '--disable-warning=DeprecationWarning',
    ],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
}

/** Variables of the system that a child needs. */
const passedOn = ['PATH', 'TZ', 'LANG', 'LC_ALL', 'SystemRoot', 'TEMP', 'TMP'] as const

function childEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(passedOn.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
}

/** Without it, as on a full disk, only a child that is left behind is not found. */
function notePid(path: string, pid: number): void {
  try {
    writeFileSync(path, JSON.stringify({ pid }))
  } catch {
    // The child is there, and has to be supervised.
  }
}

/** Where memory runs out, Linux ends this process and not the agent. */
function preferForOutOfMemory(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '1000')
  } catch {
    // Other systems choose by themselves.
  }
}

/** Resident memory of a process, also of one whose event loop hangs; `undefined` where the system does not show it. */
function residentMb(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined
  try {
    const [, kb] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kb === undefined ? undefined : (Number(kb) * 1024) / 1e6
  } catch {
    return undefined
  }
}

/** The line of a stack that names the error, or how the system ended the process. */
function exitReason(code: number | null, signal: NodeJS.Signals | null, stderr: string): string {
  const line = stderr.split('\n').find((one) => /Error\b.*:|FATAL ERROR/.test(one))
  const end = signal === null ? `exit code ${code}` : `ended by ${signal}`
  return line === undefined ? end : `${end}: ${line.trim().slice(0, 200)}`
}
