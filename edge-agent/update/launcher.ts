import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isIocError } from '@ioc/contract/errors.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { nodeFlags } from '../launch.ts'
import { type AgentOptions, agentFolder, agentOptions } from '../options.ts'
import { type AgentStatus, readStatus } from '../status-file.ts'
import { gateReason } from './gate.ts'
import {
  confirmed,
  decide,
  isComplete,
  maxTrialStarts,
  type Outcome,
  type Pointer,
  programOf,
  readPointer,
  reverted,
  runtimeOf,
  type Trial,
  versionsFolder,
  writePointer,
} from './pointer.ts'
import { restartCode } from './restart.ts'

/**
 * Starts the version of the agent that the pointer names. It belongs to the installed version, which no update changes.
 * A version on trial runs as a child until its gate; otherwise the agent replaces this process, and costs no more memory
 * than without it.
 */

/** The installed version: this file is `lib/launcher.mjs` in it. */
const installed = resolve(import.meta.dirname, '..')
const args = process.argv.slice(2)

/** Time between two looks at the status of a version on trial, in ms. */
const lookMs = 500
/** Time between the end of a version on trial and its next start, in ms. */
const againMs = 1_000
/** Time that a stopped agent has to publish that it goes, in ms; systemd's is longer. */
const maxStopMs = 12_000
/** Age of a status that is a sign of life, in ms. On trial the agent writes one each second. */
const maxStatusAgeMs = 30_000

try {
  const options = readOptions(agentOptions, process.env)
  if (args[0] === 'run') await run(options)
  else hand(folderOf(options, readPointer(versionsFolder(options.dataDir)).current))
} catch (error) {
  if (!isIocError(error)) throw error
  process.stderr.write(`ioc-agent: ${error.message} [${error.code}]\n`)
  process.exitCode = 1
}

/** Runs the agent until it is stopped. */
async function run(options: AgentOptions): Promise<void> {
  const versions = versionsFolder(options.dataDir)
  let pointer = usable(options, readPointer(versions))
  for (;;) {
    const folder = folderOf(options, pointer.current)
    if (!pointer.trial) {
      if (hand(folder) !== restartCode) return
      pointer = usable(options, readPointer(versions))
    } else if (pointer.trial.starts >= maxTrialStarts) {
      pointer = usable(options, revert(versions, pointer, `ended before the gate in ${maxTrialStarts} starts`))
    } else {
      const decided = await runTrial(options, pointer, pointer.trial, folder)
      if (decided === 'stopped') return
      pointer = usable(options, decided)
    }
  }
}

/** The pointer, or one to a version before it, where files of its version are missing. */
function usable(options: AgentOptions, pointer: Pointer): Pointer {
  const { current, previous } = pointer
  if (current === null || isComplete(folderOf(options, current))) return pointer
  const isPreviousUsable = previous !== null && isComplete(folderOf(options, previous))
  print(`version ${current} is incomplete`)
  const { trial: _, ...rest } = reverted(pointer, 'files are missing')
  return put(versionsFolder(options.dataDir), 'reverted', { ...rest, current: isPreviousUsable ? previous : null })
}

/** Puts an outcome into force. On a disk that takes nothing at all it holds until the next start, which decides again. */
function put(versions: string, outcome: Outcome, pointer: Pointer): Pointer {
  try {
    decide(versions, outcome, pointer)
  } catch (error) {
    print(`the pointer cannot be written: ${(error as Error).message}`)
  }
  return pointer
}

function folderOf({ dataDir }: AgentOptions, version: string | null): string {
  return version === null ? installed : join(resolve(versionsFolder(dataDir)), version)
}

/** Turns this process into the agent; where the system cannot, runs it as a child and returns its exit code. */
function hand(folder: string): number {
  const runtime = runtimeOf(folder)
  const line = [...nodeFlags, programOf(folder), ...args]
  if (process.execve) process.execve(runtime, [runtime, ...line], environment())
  const { status } = spawnSync(runtime, line, { stdio: 'inherit', env: environment() })
  process.exitCode = status ?? 1
  return process.exitCode
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, IOC_AGENT_LAUNCHER: installed }
}

/** Runs a version until its gate, and writes whether it passed. Resolves to the pointer that is in force then. */
async function runTrial(
  options: AgentOptions,
  pointer: Pointer,
  trial: Trial,
  folder: string,
): Promise<Pointer | 'stopped'> {
  const versions = versionsFolder(options.dataDir)
  const started: Pointer = { ...pointer, trial: { ...trial, starts: trial.starts + 1 } }
  try {
    writePointer(versions, started)
  } catch (error) {
    // Starts that are not counted would never end.
    return revert(versions, pointer, `a start cannot be noted: ${(error as Error).message}`)
  }
  print(`version ${pointer.current} is on trial, start ${trial.starts + 1} of ${maxTrialStarts}`)
  const child = spawn(runtimeOf(folder), [...nodeFlags, programOf(folder), 'run'], {
    stdio: 'inherit',
    env: { ...environment(), IOC_AGENT_TRIAL: '1' },
  })
  const ended = new Promise<void>((done) => {
    child.once('exit', () => done())
    child.once('error', (error) => {
      print(`version ${pointer.current} cannot be started: ${error.message}`)
      done()
    })
  })
  let isStopping = false
  const stop = (): void => {
    isStopping = true
    child.kill('SIGTERM')
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  const gateAt = performance.now() + options.updateGateS * 1000
  let last: AgentStatus | undefined
  let seenAt = 0
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null && child.pid !== undefined
  while (isRunning() && !isStopping && performance.now() < gateAt) {
    await Promise.race([ended, sleep(Math.min(lookMs, Math.max(0, gateAt - performance.now())))])
    const status = readStatus(agentFolder(options))
    if (status?.pid !== child.pid || status?.written === last?.written) continue
    last = status
    seenAt = performance.now()
  }
  if (isStopping) {
    await end(child, ended)
    process.exitCode = child.exitCode ?? 1
    return 'stopped'
  }
  let decided = started
  if (isRunning()) {
    const isFresh = performance.now() - seenAt < maxStatusAgeMs
    const reason = gateReason(isFresh ? last : undefined, trial.baseline, options.updateMaxRssMb)
    if (reason === undefined) {
      decided = put(versions, 'confirmed', confirmed(started))
      print(`version ${pointer.current} passed the gate`)
    } else decided = revert(versions, started, reason)
    // It starts again as the process of the service, or the previous version does.
    await end(child, ended)
  } else await sleep(againMs)
  process.off('SIGTERM', stop)
  process.off('SIGINT', stop)
  return decided
}

function revert(versions: string, pointer: Pointer, reason: string): Pointer {
  print(`reverted: ${pointer.current} (${reason})`)
  return put(versions, 'reverted', reverted(pointer, reason))
}

async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), maxStopMs)
  await ended
  clearTimeout(timer)
}

function print(line: string): void {
  process.stderr.write(`ioc-agent: ${line}\n`)
}
