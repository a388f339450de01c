import { execFile } from 'node:child_process'
import { existsSync, readdirSync, statfsSync, statSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { totalmem } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { commonOptions, mqttPortOption, storeOptions } from '@ioc/contract/common-options.ts'
import { type Options, optionSchema, readOptions } from '@ioc/contract/options.ts'
import { isLoopback } from '@ioc/runtime/listen.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'
import { wallOptions } from '@ioc/wall/server/options.ts'

export interface Finding {
  readonly verdict: 'good' | 'warning' | 'bad'
  readonly found: string
  readonly advice?: string
}

export interface Check {
  readonly title: string
  run(environment: NodeJS.ProcessEnv): Promise<Finding>
}

const schema = optionSchema({ ...commonOptions, ...mqttPortOption, ...storeOptions, ...wallOptions })
type DoctorOptions = Options<typeof schema>

/** Least room on disk before the centre should not be started, and before a person should know, in bytes. */
const leastDiskBytes = 1e9
const comfortableDiskBytes = 20e9
/** Less memory than this is little for all processes together, in bytes. */
const comfortableMemoryBytes = 2e9
/** No clock of a machine that runs this can be before it. */
const releasedMs = Date.parse('2026-11-01')

/** What `ioc doctor` looks at, in this order. */
export const checks: readonly Check[] = [
  check('settings', async (options) => good(`data in ${resolve(options.dataDir)}, listening on ${options.bind}`)),
  check('runtime', async () => {
    const major = Number(process.versions.node.split('.')[0])
    return major >= 24
      ? good(`Node ${process.versions.node}`)
      : bad(`Node ${process.versions.node}`, 'run npm install: the project brings Node 24')
  }),
  check('data folder', async ({ dataDir }) => {
    try {
      ensureFolder(dataDir)
      return good('can be read and written')
    } catch (error) {
      return bad('cannot be used', (error as Error).message)
    }
  }),
  check('disk', async ({ dataDir }) => {
    const { bavail, bsize } = statfsSync(nearestExisting(dataDir))
    const free = bavail * bsize
    const found = `${(free / 1e9).toFixed(1)} GB free`
    if (free < leastDiskBytes)
      return bad(found, 'make room: below 1 GB messages may stop being acknowledged at any moment')
    return free < comfortableDiskBytes
      ? warning(found, 'watch it, or set IOC_LOG_MAX_GB lower than what is free')
      : good(found)
  }),
  check('memory', async () => {
    const found = `${(totalmem() / 1e9).toFixed(1)} GB`
    return totalmem() < comfortableMemoryBytes ? warning(found, 'give the machine 2 GB or more') : good(found)
  }),
  check('credentials', async ({ dataDir }) => {
    const folder = join(dataDir, 'credentials')
    if (!existsSync(folder)) return good('none yet: the first start makes them')
    const open = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => statSync(path).mode & 0o077)
    return open.length > 0
      ? bad(`others may read ${open.join(', ')}`, `chmod -R go= ${folder}`)
      : good('only this user may read them')
  }),
  check('clock', clockFinding),
  check('MQTT port', (options) => portFinding(options.mqttPort, options.bind, 'IOC_MQTT_PORT')),
  check('HTTP port', (options) => portFinding(options.httpPort, options.bind, 'IOC_HTTP_PORT')),
  check('storage port', (options) =>
    options.influxUrl
      ? reachable(options.influxUrl)
      : portFinding(options.storagePort, options.bind, 'IOC_STORAGE_PORT'),
  ),
  check('reach', async ({ bind, influxToken, apiToken }) => {
    if (isLoopback(bind)) return good('only this machine')
    return influxToken && apiToken
      ? good(`${bind}, with tokens`)
      : bad(
          `${bind} without tokens for both the store and the API`,
          'set IOC_INFLUX_TOKEN and IOC_API_TOKEN: beyond loopback the store and the API ask for one',
        )
  }),
]

function check(title: string, find: (options: DoctorOptions) => Promise<Finding>): Check {
  return {
    title,
    async run(environment) {
      try {
        return await find(readOptions(schema, environment))
      } catch (error) {
        return bad((error as Error).message, 'correct the setting')
      }
    },
  }
}

const good = (found: string): Finding => ({ verdict: 'good', found })
const warning = (found: string, advice: string): Finding => ({ verdict: 'warning', found, advice })
const bad = (found: string, advice: string): Finding => ({ verdict: 'bad', found, advice })

async function clockFinding(): Promise<Finding> {
  const now = new Date().toISOString()
  if (Date.now() < releasedMs) return bad(now, 'set the clock: every measurement is judged against it')
  try {
    const { stdout } = await promisify(execFile)('timedatectl', ['show', '--property=NTPSynchronized', '--value'])
    if (stdout.trim() === 'yes') return good(`${now}, synchronised`)
    return warning(`${now}, not synchronised`, 'turn on NTP: timedatectl set-ntp true')
  } catch {
    return warning(now, 'this machine cannot say whether its clock is synchronised; make sure that it is')
  }
}

/** A port is well if it is free, or if it answers: then the centre is probably running. */
async function portFinding(port: number, host: string, setting: string): Promise<Finding> {
  const code = await new Promise<string | undefined>((done) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => done(error.code))
    server.listen(port, host, () => server.close(() => done(undefined)))
  })
  if (code === undefined) return good(`${port} is free`)
  if (code === 'EADDRINUSE')
    return warning(`${port} is in use`, `fine if the centre is running; else end what listens there, or set ${setting}`)
  return bad(
    `cannot listen on ${host} port ${port} (${code})`,
    `set IOC_BIND and ${setting} to what this machine allows`,
  )
}

async function reachable(url: string): Promise<Finding> {
  const { hostname, port, protocol } = new URL(url)
  const number = Number(port) || (protocol === 'https:' ? 443 : 80)
  const open = await new Promise<boolean>((done) => {
    const socket = createConnection({ host: hostname, port: number, timeout: 3000 })
    socket.once('connect', () => done(true))
    socket.once('error', () => done(false))
    socket.once('timeout', () => done(false))
    socket.once('close', () => socket.destroy())
  })
  return open
    ? good(`${hostname}:${number} answers`)
    : bad(`${hostname}:${number} does not answer`, 'start the InfluxDB that IOC_INFLUX_URL names')
}

function nearestExisting(path: string): string {
  let at = resolve(path)
  while (!existsSync(at)) at = dirname(at)
  return at
}
