import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LiveDevice, LiveLedger, LiveProcess } from '@ioc/contract/messages/live.ts'
import { freePorts } from '@ioc/runtime/testing/free-port.ts'

const root = new URL('../..', import.meta.url).pathname

/** How long an answer may take before it is asked for again, in ms: a process that is killed may never give it. */
const answerMs = 5_000

export interface Credential {
  readonly username: string
  readonly password: string
}

export interface Health {
  readonly status: 'ok' | 'degraded'
  readonly processes: readonly LiveProcess[]
  readonly log: { readonly depth: number | null }
  readonly lag_ms: number | null
  readonly simulated: { readonly scenario: string; readonly phase: string; readonly percent: number } | null
}

/** The whole centre, started as a user would: `npm start`, with a data folder and ports of its own. */
export interface Centre {
  readonly dataDir: string
  readonly mqttPort: number
  readonly httpUrl: string
  readonly storeUrl: string
  readonly environment: Readonly<Record<string, string>>
  /** Everything it printed. */
  readonly output: readonly string[]
  credential(holder: 'agent' | 'centre'): Credential
  /** Makes a credential with the command line. */
  addNode(site: string, node: string): Promise<Credential>
  health(): Promise<Health>
  ledger(): Promise<LiveLedger[]>
  /** Resolves to the ledger of a node, by the name of its site or its own, once `holds`: it is published after the points are stored. */
  ledgerOf(name: string, holds: (ledger: LiveLedger) => boolean): Promise<LiveLedger>
  devices(): Promise<LiveDevice[]>
  /** Rows of an InfluxQL query, as objects; times in ms. */
  query(influxql: string): Promise<Record<string, string | number | boolean | null>[]>
  /** Ends it as whoever started it does who knows only `npm`; resolves to the exit code once all its processes are gone. */
  stop(): Promise<number | null>
}

/** @param script of npm, with its arguments; if not given, what `npm start` runs is run without npm, which is quicker */
export async function startCentre(settings: Record<string, string> = {}, script?: readonly string[]): Promise<Centre> {
  const [mqttPort = 0, httpPort = 0, storagePort = 0] = await freePorts(3)
  const dataDir = settings['IOC_DATA_DIR'] ?? mkdtempSync(join(tmpdir(), 'ioc-centre-'))
  const environment = {
    IOC_DATA_DIR: dataDir,
    IOC_MQTT_PORT: String(mqttPort),
    IOC_HTTP_PORT: String(httpPort),
    IOC_STORAGE_PORT: String(storagePort),
    ...settings,
  }
  const output: string[] = []
  const [command, args]: [string, readonly string[]] = script
    ? ['npm', script]
    : [process.execPath, ['hub/main.ts', 'start']]
  const hub = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // Whatever ends this process ends the centre too.
  process.once('exit', () => hub.kill('SIGTERM'))
  await ready(hub, output)

  const httpUrl = `http://127.0.0.1:${environment.IOC_HTTP_PORT}`
  const storeUrl = `http://127.0.0.1:${environment.IOC_STORAGE_PORT}`
  const get = async (path: string) =>
    (await fetch(`${httpUrl}${path}`, { signal: AbortSignal.timeout(answerMs) })).json()

  const ledger = async () => ((await get('/api/ledger')) as { ledger: LiveLedger[] }).ledger

  return {
    dataDir,
    mqttPort: Number(environment.IOC_MQTT_PORT),
    httpUrl,
    storeUrl,
    environment,
    output,
    credential: (holder) => JSON.parse(readFileSync(join(dataDir, 'credentials', `${holder}.json`), 'utf8')),
    addNode: async (site, node) => JSON.parse(await runIoc(['node', 'add', site, node], environment)),
    health: () => get('/api/health') as Promise<Health>,
    ledger,
    async ledgerOf(name, holds) {
      const found = await until(
        `the ledger of ${name}`,
        async () => (await ledger()).find(({ site, node }) => site === name || node === name),
        (one) => one !== undefined && holds(one),
      )
      return found as LiveLedger
    },
    devices: async () => ((await get('/api/devices')) as { devices: LiveDevice[] }).devices,
    query: (influxql) => query(storeUrl, influxql),
    async stop() {
      // Its output is closed when the last process that has it is gone.
      const ended = new Promise<number | null>((resolve) => hub.once('close', resolve))
      if (hub.exitCode !== null) return hub.exitCode
      hub.kill('SIGTERM')
      return ended
    },
  }
}

/** Runs `ioc`; resolves to its exit code and to what it printed. */
export async function tryIoc(args: readonly string[], environment: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ['hub/main.ts', ...args], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      printed += chunk
    })
  }
  const code = await new Promise((resolve) => child.once('close', resolve))
  return { code, printed }
}

/** Runs `ioc` and resolves to what it printed. @throws Error with what it printed, if its exit code is not 0 */
export async function runIoc(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<string> {
  const { code, printed } = await tryIoc(args, environment)
  if (code !== 0) throw new Error(`ioc ${args.join(' ')} ended with ${code}: ${printed}`)
  return printed
}

/** Asks again until the condition holds. @throws Error with the last answer, after `timeoutMs` */
export async function until<T>(
  what: string,
  ask: () => Promise<T>,
  holds: (answer: T) => boolean,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  let last: unknown
  while (performance.now() < deadline) {
    try {
      const answer = await ask()
      if (holds(answer)) return answer
      last = answer
    } catch (error) {
      last = error
    }
    await sleep(50)
  }
  throw new Error(
    `${what}: not within ${timeoutMs} ms; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`,
  )
}

async function query(storeUrl: string, influxql: string) {
  const response = await fetch(`${storeUrl}/query?db=ioc&epoch=ms&q=${encodeURIComponent(influxql)}`)
  const body = (await response.json()) as {
    error?: string
    results?: {
      error?: string
      series?: { columns: string[]; tags?: Record<string, string>; values: (string | number | boolean | null)[][] }[]
    }[]
  }
  const error = body.error ?? body.results?.find((result) => result.error)?.error
  if (error) throw new Error(error)
  return (body.results ?? []).flatMap(({ series = [] }) =>
    series.flatMap(({ columns, tags = {}, values }) =>
      values.map((row) => ({
        ...tags,
        ...Object.fromEntries(columns.map((name, index) => [name, row[index] ?? null])),
      })),
    ),
  )
}

function ready(hub: ChildProcess, output: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    for (const stream of [hub.stdout, hub.stderr]) {
      if (!stream) continue
      createInterface({ input: stream }).on('line', (line) => {
        output.push(line)
        if (/ hub +ready/.test(line)) resolve()
      })
    }
    hub.once('exit', (code) => reject(new Error(`the centre ended with ${code}:\n${output.join('\n')}`)))
  })
}

/**
 * The process of a centre with a name, once the centre says that it runs. Never 0, which `process.kill` takes for the group of
 * the test run.
 */
export async function pidOf(centre: Centre, name: string): Promise<number> {
  const found = async () => (await centre.health()).processes.find((one) => one.process === name)?.pid ?? 0
  return until(`${name} runs`, found, (pid) => pid > 0)
}
