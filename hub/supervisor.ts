import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { LiveProcess } from '@ioc/contract/messages/live.ts'
import type { SelfReport } from '@ioc/runtime/self-report.ts'

export interface Supervised {
  readonly name: string
  readonly main: string
  /** Flags of Node. */
  readonly flags?: readonly string[]
  /** Variables that it begins with, where they are not set. */
  readonly environment?: Readonly<Record<string, string>>
}

export interface SupervisorOptions {
  readonly environment: NodeJS.ProcessEnv
  /** One line that a process printed. */
  onLine(name: string, line: string): void
  onReport(report: LiveProcess): void
}

export interface Supervisor {
  /**
   * Starts a process once `after` has resolved. Resolves when it is ready. Rejects when `after` does, when it ends with code 1
   * before it is ready, which no restart would mend, or ends `maxFailedStarts` times in another way.
   */
  start(process: Supervised, after: Promise<unknown>): Promise<void>
  /** Ends all, in the reverse order of the calls of `start`. */
  stop(): Promise<void>
}

/** Back-off between restarts, in ms: doubled from the first to the last, and reset after a minute of life. */
const firstDelayMs = 250
const maxDelayMs = 15_000
const settledMs = 60_000
/** Starts of a process that was never ready, before the hub gives up. */
const maxFailedStarts = 5
/** How long a process may take to stop before it is killed, in ms. */
const patienceMs = 12_000

interface Child {
  readonly supervised: Supervised
  /** Called when it is ready, at whichever start; and when no restart would mend why it ends. */
  readonly onReady: () => void
  readonly onHopeless: (why: string) => void
  wasReady: boolean
  process: ChildProcess | undefined
  startedAt: number
  restarts: number
  delayMs: number
  timer: NodeJS.Timeout | undefined
}

/** Runs processes as children of this one, and starts a dead one again. */
export function createSupervisor({ environment, onLine, onReport }: SupervisorOptions): Supervisor {
  const children: Child[] = []
  let stopping = false

  function launch(child: Child): void {
    const { name, main, flags = [], environment: own = {} } = child.supervised
    const started = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...flags, main], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own: ctrl-C reaches this process only, which then ends the others in their order. If this process is
      // killed, they notice the closed IPC channel.
      detached: true,
      env: { ...own, ...environment },
    })
    child.process = started
    child.startedAt = Date.now()
    for (const stream of [started.stdout, started.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => onLine(name, line))
    }
    started.on('message', (message: { ready?: true; self?: SelfReport }) => {
      if (message.ready) {
        child.wasReady = true
        child.onReady()
      }
      if (message.self) onReport(describe(child, message.self))
    })
    started.on('exit', (code, signal) => {
      child.process = undefined
      if (stopping) return
      onReport(describe(child, undefined))
      const why = signal ?? `code ${code}`
      // Code 1 before it was ever ready: a setting, a port, a folder. It has printed which in one line.
      const hopeless = !child.wasReady && (code === 1 || child.restarts + 1 >= maxFailedStarts)
      if (hopeless) child.onHopeless(`${name} ended with ${why}`)
      else restartLater(child, why)
    })
  }

  function restartLater(child: Child, why: string): void {
    if (Date.now() - child.startedAt > settledMs) child.delayMs = firstDelayMs
    onLine('hub', `${child.supervised.name} ended (${why}); restarting in ${child.delayMs} ms`)
    child.timer = setTimeout(() => {
      child.restarts++
      launch(child)
    }, child.delayMs)
    child.delayMs = Math.min(child.delayMs * 2, maxDelayMs)
  }

  return {
    start: (supervised, after) =>
      new Promise((resolve, reject) => {
        const child: Child = {
          supervised,
          onReady: resolve,
          onHopeless: (why) => reject(new Error(why)),
          wasReady: false,
          process: undefined,
          startedAt: 0,
          restarts: 0,
          delayMs: firstDelayMs,
          timer: undefined,
        }
        children.push(child)
        after.then(() => (stopping ? undefined : launch(child)), reject)
      }),
    async stop() {
      stopping = true
      for (const child of [...children].reverse()) {
        clearTimeout(child.timer)
        const running = child.process
        if (!running) continue
        const ended = new Promise<string | undefined>((resolve) =>
          running.once('exit', (code, signal) => resolve(code === 0 ? undefined : (signal ?? `code ${code}`))),
        )
        running.kill('SIGTERM')
        const kill = setTimeout(() => running.kill('SIGKILL'), patienceMs)
        const why = await ended
        clearTimeout(kill)
        if (why !== undefined) onLine('hub', `${child.supervised.name} did not stop cleanly (${why})`)
      }
    },
  }
}

function describe(
  { supervised, process: running, startedAt, restarts }: Child,
  self: SelfReport | undefined,
): LiveProcess {
  return {
    process: supervised.name,
    ts: Date.now(),
    up: self !== undefined,
    pid: running?.pid ?? 0,
    restarts,
    uptime_s: self ? Math.round((Date.now() - startedAt) / 1000) : 0,
    rss_mb: self?.rss_mb ?? 0,
    cpu_percent: self?.cpu_percent ?? 0,
    loop_p99_ms: self?.loop_p99_ms ?? 0,
    gauges: self?.gauges ?? {},
  }
}
