import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCentre, until } from '@ioc/tests/harness/centre.ts'
import { figure } from '../figure.ts'
import { cpuDuring, mappedMb, peakMb, residentMb } from '../process-figures.ts'

/** How long the live district is watched, in ms. */
const restMs = Number(process.env['IOC_BENCH_SECONDS'] ?? 60) * 1000
const fillTimeoutMs = 1_800_000
const settleMs = 30_000
/** Processes that stand for what is at the edge: they run elsewhere in a real district. */
const atTheEdge: ReadonlySet<string> = new Set(['simulator', 'camera-bridge', 'edge-agent'])

/** The demonstration: how long it takes to fill in 30 days of all its agents the whole way, and what it costs then. */
export async function district(): Promise<void> {
  const started = performance.now()
  const centre = await startCentre({ IOC_LOG_LEVEL: 'warn' }, ['run', 'demo', '--', '--fill-days', '30'])
  try {
    const seconds = () => (performance.now() - started) / 1000
    const simulatorOf = async () => (await centre.health()).processes.find(({ process: name }) => name === 'simulator')
    const gauge = (gauges: Readonly<Record<string, number>> | undefined, name: string) => gauges?.[name] ?? 0
    await until('sent', simulatorOf, (report) => report?.gauges['filling'] === 0, fillTimeoutMs)
    const sent = seconds()
    await until(
      'live',
      () => centre.health(),
      ({ simulated }) => simulated?.phase === 'live',
      fillTimeoutMs,
    )
    const filled = seconds()
    const { gauges } = (await simulatorOf()) ?? {}
    const agents = gauge(gauges, 'agents')
    const points = await countPoints(centre)
    const detail = { agents, records: gauge(gauges, 'records'), messages: gauge(gauges, 'sent'), start_included: true }
    figure('district.fill_seconds.sent', sent, 's', detail)
    figure('district.fill_seconds.live', filled, 's', { ...detail, points })
    figure('district.fill_points_per_s', points / filled, 'points/s', detail)
    const amendments = async () =>
      (await centre.health()).processes.find(({ process: name }) => name === 'stream-processor')?.gauges['amendments']
    await until('amended', amendments, (waiting) => waiting === 0, fillTimeoutMs)
    figure('district.fill_seconds.amended', seconds(), 's', detail)
    const toCompact = async () =>
      (await centre.health()).processes.find(({ process: name }) => name === 'storage')?.gauges['compaction_pending']
    await sleep(settleMs)
    await until('compacted', toCompact, (waiting) => waiting === 0, fillTimeoutMs)
    figure('district.fill_seconds.compacted', seconds(), 's', detail)
    const rest = await cpuDuring(centre, () => sleep(restMs))
    const byProcess = Object.entries(rest.byProcess).map(([name, cpu]) => [
      name,
      Math.round((cpu / rest.seconds) * 1e4) / 1e4,
    ])
    const coresOf = (isOurs: (name: string) => boolean) =>
      Object.entries(rest.byProcess).reduce((sum, [name, cpu]) => sum + (isOurs(name) ? cpu : 0), 0) / rest.seconds
    figure('district.cores.rest', rest.total / rest.seconds, 'cores', { agents, ...Object.fromEntries(byProcess) })
    figure(
      'district.cores.rest.centre',
      coresOf((name) => !atTheEdge.has(name)),
      'cores',
      { agents },
    )
    figure(
      'district.cores.rest.edge',
      coresOf((name) => atTheEdge.has(name)),
      'cores',
      { agents, of: [...atTheEdge] },
    )
    for (const { process: name, pid } of (await centre.health()).processes) {
      figure(`district.memory_mb.${name}`, residentMb(pid), 'MB', {
        peak_mb: Math.round(peakMb(pid)),
        mapped_mb: Math.round(mappedMb(pid)),
      })
    }
  } finally {
    await centre.stop()
    rmSync(centre.dataDir, { recursive: true, force: true })
  }
}

/** Values of the past that are in the store, of measurements and of indicators. */
async function countPoints({
  query,
}: {
  query: (text: string) => Promise<Record<string, unknown>[]>
}): Promise<number> {
  const names = (await query('SHOW MEASUREMENTS')).map(({ name }) => String(name))
  let points = 0
  for (const name of names) {
    const counts = await query(`SELECT count(*) FROM "${name}"`)
    for (const row of counts) {
      for (const [column, count] of Object.entries(row)) if (column !== 'time') points += Number(count)
    }
  }
  return points
}
