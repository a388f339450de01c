import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoreTarget } from '@ioc/storage/target.ts'
import { startStoreProcess } from '@ioc/storage/testing/process.ts'
import { hasDebianInflux, startDebianInflux } from '@ioc/storage/testing/real-influx.ts'
import { figure, quantile } from '../figure.ts'
import { peakMb, residentMb } from '../process-figures.ts'
import { batches, type DataSize, endMs, pointsOf } from '../storage/data.ts'
import { queries } from '../storage/queries.ts'

const setting = (name: string, otherwise: number) => Number(process.env[`IOC_BENCH_STORAGE_${name}`] ?? otherwise)

const size: DataSize = {
  devices: setting('DEVICES', 200),
  metrics: setting('METRICS', 10),
  days: setting('DAYS', 30),
  intervalS: setting('INTERVAL_S', 60),
}
/** How often each query is asked. */
const rounds = setting('ROUNDS', 50)
const writers = 4
const batchLines = 5_000

interface Server {
  /** What follows a figure's name. */
  readonly suffix: '' | '.influxd'
  readonly target: StoreTarget
  readonly folder: string
  readonly pid: number
  stop(): Promise<unknown>
}

/** The embedded store, and Debian's InfluxDB beside it where it is installed: the same data, asked by the same client. */
export async function storage(): Promise<void> {
  const servers = [await startEmbedded()]
  if (hasDebianInflux()) servers.push({ suffix: '.influxd', ...(await startDebianInflux('ioc')) })
  try {
    await compare(servers, 'storage.write_points_per_s', 'points/s', write)
    if (servers[0]) await compacted(servers[0])
    await ask(servers)
    await compare(servers, 'storage.bytes_per_point', 'bytes', async ({ folder }) => ({
      value: bytesIn(folder) / pointsOf(size),
      detail: { bytes: bytesIn(folder) },
    }))
    await compare(servers, 'storage.rss_mb', 'MB', async ({ pid }) => ({
      value: residentMb(pid),
      detail: { peak: Math.round(peakMb(pid)) },
    }))
  } finally {
    for (const server of servers) await server.stop()
  }
}

interface Measured {
  readonly value: number
  readonly detail?: Readonly<Record<string, unknown>>
}

/** Measures each server, one after the other, and says how many times the other's the first one's figure is. */
async function compare(
  servers: readonly Server[],
  name: string,
  unit: string,
  measure: (server: Server) => Promise<Measured>,
): Promise<void> {
  const measured: Measured[] = []
  for (const server of servers) measured.push(await measure(server))
  report(servers, name, unit, measured)
}

function report(servers: readonly Server[], name: string, unit: string, measured: readonly Measured[]): void {
  const [own, other] = measured
  const ratio = own && other ? { times_influxd: Number((own.value / other.value).toPrecision(3)) } : {}
  servers.forEach(({ suffix }, index) => {
    const { value = 0, detail = {} } = measured[index] ?? {}
    figure(`${name}${suffix}`, value, unit, suffix === '' ? { ...detail, ...ratio } : detail)
  })
}

async function write({ target }: Server): Promise<Measured> {
  const started = performance.now()
  const share = Math.ceil(size.devices / writers)
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      const to = Math.min(size.devices, (writer + 1) * share)
      for (const lines of batches(size, writer * share, to, batchLines)) await post(target, lines)
    }),
  )
  const seconds = (performance.now() - started) / 1000
  const points = pointsOf(size)
  return { value: points / seconds, detail: { ...size, points, seconds, writers, points_per_batch: batchLines } }
}

/** Rows of one step of compaction, less than which is left as it came. */
const stepRows = 150_000

/** Waits until what is written is compacted, which InfluxDB has time for as well: what is asked is a store at rest. */
async function compacted({ target }: Server): Promise<void> {
  const started = performance.now()
  const wanted = pointsOf(size) - Math.ceil((size.devices * 3600) / size.intervalS) - 2 * stepRows
  const longest = { writeMs: 0, stepMs: 0 }
  for (let turn = 0; ; turn++) {
    const begun = performance.now()
    await post(target, `beside v=${turn} ${endMs(size) + turn}`)
    longest.writeMs = Math.max(longest.writeMs, performance.now() - begun)
    const text = await (await fetch(`${target.url}/metrics`)).text()
    const metric = (name: string) => Number(new RegExp(`^ioc_storage_${name} (.+)$`, 'm').exec(text)?.[1])
    longest.stepMs = metric('compaction_longest_ms')
    if (metric('compacted_total') >= wanted) break
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  figure('storage.compaction_s', (performance.now() - started) / 1000, 's', { longest_step_ms: longest.stepMs })
  figure('storage.compaction_longest_write_ms', longest.writeMs, 'ms')
}

async function post(target: StoreTarget, lines: string): Promise<void> {
  const url = `${target.url}/write?db=${target.bucket}&precision=ms`
  const response = await fetch(url, { method: 'POST', body: lines })
  const text = await response.text()
  if (response.status !== 204) throw new Error(`${target.url}: ${response.status} ${text}`)
}

async function ask(servers: readonly Server[]): Promise<void> {
  for (const [name, query] of Object.entries(queries)) {
    const times = servers.map((): number[] => [])
    // In turn, so that what else the machine does meets all of them alike.
    for (let turn = 0; turn < rounds; turn++) {
      const answers: string[] = []
      for (const [index, { target }] of servers.entries()) {
        const started = performance.now()
        answers.push(await get(target, query(size, turn)))
        times[index]?.push(performance.now() - started)
      }
      if (turn === 0) checkAlike(name, answers)
    }
    for (const sorted of times) sorted.sort((a, b) => a - b)
    for (const [label, q] of [
      ['p50', 0.5],
      ['p95', 0.95],
      ['p99', 0.99],
    ] as const) {
      report(
        servers,
        `storage.query_ms.${name}.${label}`,
        'ms',
        times.map((sorted) => ({ value: quantile(sorted, q), detail: { rounds } })),
      )
    }
  }
}

async function get({ url, bucket }: StoreTarget, q: string): Promise<string> {
  const response = await fetch(`${url}/query?${new URLSearchParams({ db: bucket, q, epoch: 'ms' })}`)
  return response.text()
}

/** A fast answer that is another answer is no figure. Sums of the same numbers in another order differ at the end. */
function checkAlike(name: string, answers: readonly string[]): void {
  const [own = '', ...others] = answers
  const alike = others.every((other) => near(rowsOf(own), rowsOf(other)))
  if (!alike || own.includes('"error"')) {
    throw new Error(`${name}: the answers differ: ${answers.map((answer) => answer.slice(0, 300)).join('\n')}`)
  }
}

/** Rows of one time have no order of their own. */
function rowsOf(answer: string): unknown {
  return JSON.parse(answer, (key, value: unknown) =>
    key === 'values' && Array.isArray(value)
      ? value
          .map((row) => JSON.stringify(row))
          .sort()
          .map((row) => JSON.parse(row))
      : value,
  )
}

function near(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a))
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  const [left, right] = [Object.entries(a), Object.entries(b)]
  return left.length === right.length && left.every(([key, value]) => near(value, (b as Record<string, unknown>)[key]))
}

async function startEmbedded(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-store-'))
  const { target, child, kill } = await startStoreProcess({ IOC_DATA_DIR: folder, IOC_LOG_LEVEL: 'info' })
  return {
    suffix: '',
    target,
    folder,
    pid: child.pid ?? 0,
    async stop() {
      await kill('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}
