import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { hasPython, python } from '@ioc/runtime/testing/python.ts'
import { onTestFinished } from 'vitest'

export const hasIpycam = hasPython('ipycam')

const script = join(import.meta.dirname, 'ipycam_camera.py')

/** Runs a command that prints `ready`, until the test ends. */
export async function startReady(command: string, args: readonly string[], env = process.env): Promise<ChildProcess> {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`${command} ${args.join(' ')} ended with ${code}`)
  })
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'ready') {
      failed.catch(() => undefined)
      return child
    }
  }
  return failed
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

/** The library of faketime for programs with threads; undefined where it is not installed. */
function faketimeLibrary(): string | undefined {
  return readdirSync('/usr/lib')
    .map((folder) => join('/usr/lib', folder, 'faketime', 'libfaketimeMT.so.1'))
    .find((path) => existsSync(path))
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
