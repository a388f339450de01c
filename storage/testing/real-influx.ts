import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@ioc/runtime/testing/free-port.ts'
import { hasProgram } from '@ioc/runtime/testing/has-program.ts'
import type { StoreTarget } from '../target.ts'
import { ask } from './http.ts'

const binary = '/usr/bin/influxd'

/** Whether there is an InfluxDB to compare with: one that IOC_TEST_INFLUX_URL names, or Debian's. */
export function hasRealInflux(): boolean {
  return named() !== '' || hasDebianInflux()
}

/** Whether Debian's InfluxDB is there. With IOC_REQUIRE_REAL=1 the tests that need it fail in place of being skipped. */
export const hasDebianInflux = (): boolean => hasProgram(binary, 'influxdb')

export interface RealInflux {
  readonly target: StoreTarget
  stop(): Promise<void>
}

/** An InfluxDB of this machine. */
export interface InfluxProcess extends RealInflux {
  readonly folder: string
  readonly pid: number
}

const named = () => process.env['IOC_TEST_INFLUX_URL'] ?? ''

/** The InfluxDB that IOC_TEST_INFLUX_URL and IOC_TEST_INFLUX_TOKEN name; else Debian's. */
export function startRealInflux(database: string): Promise<RealInflux> {
  return named() === '' ? startDebianInflux(database) : useNamedInflux(database)
}

/**
 * Makes the database, and drops it at the end: never one that was there. InfluxDB 2 and 3 do not make one so: there it
 * is an empty bucket that exists, and IOC_TEST_INFLUX_EXISTS=1 says so.
 */
async function useNamedInflux(database: string): Promise<RealInflux> {
  const token = process.env['IOC_TEST_INFLUX_TOKEN'] ?? ''
  const target: StoreTarget = { url: named().replace(/\/+$/, ''), token, org: 'ioc', bucket: database, version: 1 }
  const run = async (q: string) => {
    const { status, text } = await ask(target, q, {}, {}, 'POST')
    if (status !== 200 || text.includes('"error"')) throw new Error(`${target.url}: ${q}: ${status} ${text}`)
    return text
  }
  const made = process.env['IOC_TEST_INFLUX_EXISTS'] !== '1'
  if (made) {
    if ((await run('SHOW DATABASES')).includes(`"${database}"`)) {
      throw new Error(`${target.url} has a database "${database}": name a server that may be filled`)
    }
    await run(`CREATE DATABASE "${database}"`)
  }
  return {
    target,
    async stop() {
      if (made) await run(`DROP DATABASE "${database}"`)
    },
  }
}

/** Starts Debian's InfluxDB 1.x on free ports in a folder of its own. */
export async function startDebianInflux(database: string): Promise<InfluxProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'influxd-'))
  const [http, rpc] = [await freePort(), await freePort()]
  const config = join(folder, 'influxdb.conf')
  writeFileSync(
    config,
    `reporting-disabled = true
bind-address = "127.0.0.1:${rpc}"
[meta]
dir = "${folder}/meta"
[data]
dir = "${folder}/data"
wal-dir = "${folder}/wal"
[http]
bind-address = "127.0.0.1:${http}"
log-enabled = false
[monitor]
store-enabled = false
`,
  )
  const child = spawn(binary, ['-config', config], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${http}`
  await untilAnswers(`${url}/ping`, child)
  await fetch(`${url}/query`, { method: 'POST', body: new URLSearchParams({ q: `CREATE DATABASE "${database}"` }) })
  return {
    target: { url, token: '', org: 'ioc', bucket: database, version: 1 },
    folder,
    pid: child.pid ?? 0,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Waits until a server answers; InfluxDB tells nobody when it is ready. */
async function untilAnswers(url: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode}`)
    const response = await fetch(url).catch(() => undefined)
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
