import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from './centre.ts'

/** Debian's InfluxDB: what users have who outgrew the embedded store. */
export const influxd = '/usr/bin/influxd'
export const influxdPresent = existsSync(influxd)

export interface Influxd {
  readonly port: number
  /** Writes lines with times in ms. */
  write(lines: readonly string[]): Promise<void>
  stop(): Promise<void>
}

/** Starts a server of its own in a folder of its own, with the database `ioc`. */
export async function startInfluxd(): Promise<Influxd> {
  const folder = mkdtempSync(join(tmpdir(), 'ioc-influxd-'))
  const [port, rpcPort] = await Promise.all([freePort(), freePort()])
  const child = spawn(influxd, ['run'], {
    stdio: 'ignore',
    env: {
      HOME: folder,
      INFLUXDB_REPORTING_DISABLED: 'true',
      INFLUXDB_BIND_ADDRESS: `127.0.0.1:${rpcPort}`,
      INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${port}`,
      INFLUXDB_META_DIR: join(folder, 'meta'),
      INFLUXDB_DATA_DIR: join(folder, 'data'),
      INFLUXDB_DATA_WAL_DIR: join(folder, 'wal'),
    },
  })
  const url = `http://127.0.0.1:${port}`
  const answers = (request: Promise<Response>): Promise<true | undefined> =>
    request.then(
      ({ ok }) => (ok ? true : undefined),
      () => undefined,
    )
  await eventually(() => answers(fetch(`${url}/ping`)))
  await fetch(`${url}/query?q=${encodeURIComponent('CREATE DATABASE ioc')}`, { method: 'POST' })
  return {
    port,
    write: async (lines) => {
      const response = await fetch(`${url}/write?db=ioc&precision=ms`, { method: 'POST', body: lines.join('\n') })
      if (!response.ok) throw new Error(await response.text())
    },
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill()
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
