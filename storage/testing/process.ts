import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { StoreTarget } from '../target.ts'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

export interface StoreProcess {
  readonly target: StoreTarget
  readonly child: ChildProcess
  /** Resolves when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>
}

/** What a process said on standard error, and its exit code. */
export interface Ended {
  readonly code: number | null
  readonly errors: string
}

/** As the hub has them (`hub/processes.ts`). */
const flags = ['--max-semi-space-size=8']
const allocation = {
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_ARENA_MAX: '2',
  DUCKDB_JE_MALLOC_CONF: 'dirty_decay_ms:100,muzzy_decay_ms:0',
}

function launch(environment: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, [...flags, main], {
    env: { ...allocation, ...process.env, IOC_STORAGE_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Starts `storage/main.ts` as the hub does, and waits for the line that names its port. */
export async function startStoreProcess(environment: Readonly<Record<string, string>>): Promise<StoreProcess> {
  const child = launch(environment)
  const port = await new Promise<number>((resolve, reject) => {
    let errors = ''
    child.stderr?.on('data', (chunk) => {
      errors += chunk
    })
    child.once('exit', (code) => reject(new Error(`the store ended with ${code}: ${errors}`)))
    if (child.stdout) {
      createInterface(child.stdout).on('line', (line) => {
        const entry = JSON.parse(line) as { msg: string; port: number }
        if (entry.msg === 'store listening') resolve(entry.port)
      })
    }
  })
  return {
    target: { url: `http://127.0.0.1:${port}`, token: '', org: 'ioc', bucket: 'ioc', version: 2 },
    child,
    async kill(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill(signal)
      await ended
    },
  }
}

/** Runs `storage/main.ts` with settings that end it. */
export function runStoreProcess(environment: Readonly<Record<string, string>>): Promise<Ended> {
  const child = launch(environment)
  let errors = ''
  child.stderr?.on('data', (chunk) => {
    errors += chunk
  })
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, errors })))
}
