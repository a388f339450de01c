import { execFile } from 'node:child_process'
import { existsSync, readdirSync, statfsSync, statSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { totalmem } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { AccountStore } from '@ioc/accounts/account-store.ts'
import { expiringCredentials } from '@ioc/alerting/expiring-credentials.ts'
import { districtOptions } from '@ioc/contract/common-options.ts'
import { expiryState } from '@ioc/contract/credential-expiry.ts'
import { isIocError } from '@ioc/contract/errors.ts'
import { type Options, readOptions } from '@ioc/contract/options.ts'
import { lockHolder } from '@ioc/runtime/data-lock.ts'
import { displayStamp } from '@ioc/runtime/display-time.ts'
import { loadDistrict } from '@ioc/runtime/district/district.ts'
import { isLoopback, urlHost } from '@ioc/runtime/listen.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'
import { referencesOf } from '@ioc/stream-processor/indicators/table.ts'
import { wallOptions } from '@ioc/wall/server/options.ts'
import { chosenProcesses, processes } from '../processes.ts'
import { describeUnknown, invalidOption, invalidSettings, startOptions, unknownSettings } from '../settings.ts'

export interface Finding {
  readonly status: 'good' | 'warning' | 'bad'
  readonly found: string
  readonly advice?: string
}

interface Check {
  readonly title: string
  run(options: DoctorOptions): Promise<Finding>
}

const schema = { ...startOptions, ...wallOptions, ...districtOptions } as const
type DoctorOptions = Options<typeof schema>

/** Resolves to what every check found, in their order. With a setting that is wrong, that is all there is to tell. */
export async function runChecks(environment: NodeJS.ProcessEnv): Promise<(Finding & { readonly title: string })[]> {
  const settings = settingsFinding(environment)
  const findings = [{ title: 'settings', ...settings }]
  if (settings.status === 'bad') return findings
  const options = readOptions(schema, environment)
  for (const { title, run } of checks) findings.push({ title, ...(await run(options)) })
  return findings
}

/** Least room on disk before the centre should not be started, and before a person should know, in bytes. */
const minDiskBytes = 1e9
const comfortableDiskBytes = 20e9
/** Less memory than this is little for all processes together, in bytes. */
const comfortableMemoryBytes = 2e9
/** No clock of a machine that runs this can be before it. */
const releasedMs = Date.parse('2026-11-01')

/** What `ioc doctor` looks at after the settings, in this order. */
const checks: readonly Check[] = [
  check('runtime', async () => {
    const major = Number(process.versions.node.split('.')[0])
    return major >= 24
      ? good(`Node ${process.versions.node}`)
      : bad(`Node ${process.versions.node}`, 'run npm install: it installs Node 24')
  }),
  check('data folder', async ({ dataDir }) => {
    try {
      ensureFolder(dataDir)
      return good('readable and writable')
    } catch (error) {
      return bad('not usable', (error as Error).message)
    }
  }),
  check('district', async ({ district, exampleSites }) => {
    if (!existsSync(district))
      return warning(
        `folder ${district} does not exist`,
        'set IOC_DISTRICT; without it, areas come from the births of nodes',
      )
    try {
      const { areas, sites, units, targets, thresholds } = loadDistrict(
        { district, exampleSites },
        Date.now(),
        createLogger('doctor', { logLevel: 'silent' }),
        referencesOf,
      ).described
      const counts = [
        [areas.length, 'areas'],
        [sites.length, 'sites'],
        [units.length, 'units'],
        [targets.length, 'targets'],
        [thresholds.length, 'thresholds'],
      ]
      return good(counts.map((pair) => pair.join(' ')).join(', '))
    } catch (error) {
      return bad(
        (error as Error).message,
        'correct the file: a running processor keeps the data from before, and none can start with it',
      )
    }
  }),
  check('centre', async ({ dataDir }) => {
    const running = runningProcesses(dataDir)
    return good(running.length === 0 ? 'not running' : `running: ${running.join(', ')}`)
  }),
  check('disk', async ({ dataDir }) => {
    const { bavail, bsize } = statfsSync(nearestExisting(dataDir))
    const free = bavail * bsize
    const found = `${(free / 1e9).toFixed(1)} GB free`
    if (free < minDiskBytes)
      return bad(found, 'free disk space: below 1 GB, the centre may stop acknowledging messages')
    return free < comfortableDiskBytes
      ? warning(found, 'monitor it, or set IOC_LOG_MAX_GB below the free space')
      : good(found)
  }),
  check('memory', async () => {
    const found = `${(totalmem() / 1e9).toFixed(1)} GB`
    return totalmem() < comfortableMemoryBytes ? warning(found, 'use a machine with at least 2 GB') : good(found)
  }),
  check('credentials', async ({ dataDir }) => {
    const folder = join(dataDir, 'credentials')
    if (!existsSync(folder)) return good('none yet: they are created at the first start')
    const open = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => statSync(path).mode & 0o077)
    return open.length > 0
      ? bad(`readable by others: ${open.join(', ')}`, `chmod -R go= ${folder}`)
      : good('readable by this user only')
  }),
  check('expiry', async ({ dataDir }) => {
    const now = Date.now()
    const named = expiringCredentials(dataDir).map((one) => ({ ...one, state: expiryState(one, now) }))
    const of = (state: 'expired' | 'expiring') =>
      named
        .filter((one) => one.state === state)
        .map(({ kind, name, expires }) => `${kind} ${name} (${displayStamp(expires)})`)
    const [expired, expiring] = [of('expired'), of('expiring')]
    const advice = 'run "ioc node rotate SITE NODE --expires 90d", or "ioc user token" and "ioc user revoke ID"'
    if (expired.length > 0) return bad(`expired: ${expired.join(', ')}`, advice)
    if (expiring.length > 0) return warning(`expires soon: ${expiring.join(', ')}`, advice)
    return good(named.length === 0 ? 'no credential expires' : `${named.length} credentials expire, none of them soon`)
  }),
  check('clock', clockFinding),
  check('MQTT port', (options) => portFinding(options, 'broker', options.mqttPort, 'IOC_MQTT_PORT')),
  check('HTTP port', (options) => portFinding(options, 'wall', options.httpPort, 'IOC_HTTP_PORT')),
  check('storage port', (options) =>
    options.influxUrl
      ? reachable(options.influxUrl)
      : portFinding(options, 'storage', options.storagePort, 'IOC_STORAGE_PORT'),
  ),
  check('reach', async ({ bind, influxToken, apiToken, dataDir }) => {
    if (isLoopback(bind)) return good('this machine only')
    if (!influxToken) return bad(`${bind}, but the token of the store is missing`, 'set IOC_INFLUX_TOKEN')
    const hasAdmin = new AccountStore(dataDir).list().some(({ role }) => role === 'admin')
    if (hasAdmin) return good(`${bind}, with accounts`)
    const advice = 'run "ioc user add NAME --role admin": beyond loopback people log in'
    return apiToken
      ? warning(`${bind}, with IOC_API_TOKEN for programs, but no user is admin`, advice)
      : bad(`${bind}, but no user is admin`, advice)
  }),
]

function check(title: string, run: Check['run']): Check {
  return {
    title,
    async run(options) {
      try {
        return await run(options)
      } catch (error) {
        if (isIocError(error)) return bad(error.message, 'correct this first')
        return bad((error as Error).message, 'the check itself failed: investigate by hand')
      }
    },
  }
}

const good = (found: string): Finding => ({ status: 'good', found })
const warning = (found: string, advice: string): Finding => ({ status: 'warning', found, advice })
const bad = (found: string, advice: string): Finding => ({ status: 'bad', found, advice })

async function clockFinding(): Promise<Finding> {
  const now = displayStamp(Date.now())
  if (Date.now() < releasedMs) return bad(now, 'set the clock: measurement times are compared with it')
  try {
    const { stdout } = await promisify(execFile)('timedatectl', ['show', '--property=NTPSynchronized', '--value'])
    if (stdout.trim() === 'yes') return good(`${now}, synchronised`)
    return warning(`${now}, not synchronised`, 'turn on NTP: timedatectl set-ntp true')
  } catch {
    return warning(now, 'synchronisation is unknown: make sure that NTP is on')
  }
}

function settingsFinding(environment: NodeJS.ProcessEnv): Finding {
  const unknown = unknownSettings(environment).map(describeUnknown)
  const { processes, influxUrl, dataDir: folder, cameraDataDir } = startOptions
  const chosen = invalidOption(() =>
    chosenProcesses(readOptions({ processes, influxUrl, dataDir: folder, cameraDataDir }, environment)),
  )
  const invalid = [...new Set([...invalidSettings(environment), ...chosen])]
  if (invalid.length > 0) {
    return bad([...invalid, ...unknown].join('; '), `correct the ${invalid.length === 1 ? 'setting' : 'settings'}`)
  }
  const { dataDir, bind } = readOptions(startOptions, environment)
  const found = `data in ${resolve(dataDir)}, listening on ${bind}`
  return unknown.length === 0
    ? good(found)
    : warning(unknown.join('; '), 'correct the name: "ioc options" lists all settings')
}

/** Processes of a centre that use the data folder at this moment. */
function runningProcesses(dataDir: string): string[] {
  if (!existsSync(join(dataDir, 'locks'))) return []
  return processes.flatMap((process) => {
    const holder = 'exclusive' in process ? lockHolder(dataDir, process.name) : undefined
    return holder ? [`${process.name} (process ${holder.pid})`] : []
  })
}

/** A port is well if it is free, or in use by the running centre. */
async function portFinding(
  { dataDir, bind }: DoctorOptions,
  owner: (typeof processes)[number]['name'],
  port: number,
  setting: string,
): Promise<Finding> {
  const code = await new Promise<string | undefined>((done) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => done(error.code))
    server.listen(port, bind, () => server.close(() => done(undefined)))
  })
  if (code === undefined) return good(`${port} is free`)
  if (code === 'EADDRINUSE') {
    const own = owner === 'wall' ? await isWall(port, bind) : lockHolder(dataDir, owner) !== undefined
    return own
      ? good(`${port} is used by the running ${owner}`)
      : bad(`${port} is used by another program`, `stop that program, or set ${setting}`)
  }
  return bad(
    `cannot listen on ${bind} port ${port} (${code})`,
    `set IOC_BIND and ${setting} to an address and port of this machine`,
  )
}

/** The wall holds no lock, but its API is known: it answers, or asks for a token. */
async function isWall(port: number, bind: string): Promise<boolean> {
  try {
    const response = await fetch(`http://${urlHost(bind)}:${port}/api/health`, { signal: AbortSignal.timeout(3000) })
    const body: unknown = await response.json()
    return response.status === 401 || (typeof body === 'object' && body !== null && 'processes' in body)
  } catch {
    return false
  }
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
