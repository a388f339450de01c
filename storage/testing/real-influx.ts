import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoreTarget } from '../target.ts'
import { freePort } from './free-port.ts'

const binary = '/usr/bin/influxd'

/** Whether Debian's InfluxDB is there. With IOC_REQUIRE_REAL=1 the tests that need it fail in place of being skipped. */
export function hasRealInflux(): boolean {
  if (existsSync(binary)) return true
  if (process.env['IOC_REQUIRE_REAL'] === '1') throw new Error(`${binary} is missing: install Debian's influxdb`)
  console.warn(`skipped: no ${binary} (Debian's influxdb) to compare the embedded store with`)
  return false
}

export interface RealInflux {
  readonly target: StoreTarget
  readonly folder: string
  readonly pid: number
  stop(): Promise<void>
}

/** Starts Debian's InfluxDB 1.x on free ports in a folder of its own. */
export async function startRealInflux(database: string): Promise<RealInflux> {
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
