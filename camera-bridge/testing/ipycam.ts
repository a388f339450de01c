import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { faketimeLibrary } from '@ioc/runtime/testing/faketime.ts'
import { hasPython, python } from '@ioc/runtime/testing/python.ts'
import { onTestFinished } from 'vitest'

export const hasIpycam = hasPython('ipycam')

const script = join(import.meta.dirname, 'ipycam_camera.py')

/** Runs a command that prints `ready`, until the test ends. @param onLine for what it prints afterwards */
export async function startReady(
  command: string,
  args: readonly string[],
  env = process.env,
  onLine: (line: string) => void = () => undefined,
): Promise<ChildProcess> {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`${command} ${args.join(' ')} ended with ${code}`)
  })
  const lines = createInterface({ input: child.stdout })
  const ready = new Promise<void>((resolve) => {
    lines.on('line', (line) => (line === 'ready' ? resolve() : onLine(line)))
  })
  await Promise.race([ready, failed])
  failed.catch(() => undefined)
  return child
}

export interface IpycamSettings {
  readonly port: number
  readonly address?: string
  readonly name?: string
  readonly account?: { readonly username: string; readonly password: string }
  /** The command that runs it, as in a network namespace. */
  readonly prefix?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

/** A camera of ipycam; it also answers probes on the port of WS-Discovery. */
export function startIpycam({
  port,
  address = '127.0.0.1',
  name = 'ipycam',
  account,
  prefix = [],
  env = {},
}: IpycamSettings): Promise<ChildProcess> {
  const login = account ? [account.username, account.password] : []
  const [command = python, ...args] = [...prefix, python, script, address, String(port), name, ...login]
  return startReady(command, args, { ...process.env, ...env })
}

/** Whether `faketime` is installed. With IOC_REQUIRE_REAL=1 its absence is a failure. */
export function hasFaketime(): boolean {
  if (faketimeLibrary() !== undefined) return true
  if (process.env['IOC_REQUIRE_REAL'] === '1') throw new Error('libfaketime is missing: install faketime')
  console.warn('skipped: no faketime that sets the clock of a camera')
  return false
}

/** A clock that a test sets while a program runs. */
export interface FakeClock {
  readonly env: NodeJS.ProcessEnv
  /** @param offsetS against the true time, in seconds */
  set(offsetS: number): void
}

export function fakeClock(folder: string, offsetS: number): FakeClock {
  const path = join(folder, 'clock')
  const set = (seconds: number) => {
    // As a whole: the program reads it at each question for the time.
    writeFileSync(`${path}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`)
    renameSync(`${path}.new`, path)
  }
  set(offsetS)
  const env = {
    LD_PRELOAD: faketimeLibrary(),
    FAKETIME_TIMESTAMP_FILE: path,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  }
  return { env, set }
}
