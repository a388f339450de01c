import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Centre, startCentre, until } from '@ioc/tests/harness/centre.ts'
import { figure } from '../figure.ts'
import { loadNodes, startLoad } from '../load.ts'
import { cpuByProcess, residentMb } from '../process-figures.ts'

const agents = 20
const durationMs = Number(process.env['IOC_BENCH_SECONDS'] ?? 60) * 1000

/** Points a second from publish to stored and counted in an indicator, with PUBACK after the flush and before it. */
export async function spine(): Promise<void> {
  await measure('flushed', 'flush')
  await measure('buffered', 'commit')
}

async function measure(variant: string, durability: string): Promise<void> {
  const centre = await startCentre({
    IOC_LOG_DURABILITY: durability,
    IOC_LOG_LEVEL: 'warn',
    IOC_PROCESSES: 'storage,broker,stream-processor,wall',
  })
  try {
    const nodes = await loadNodes(centre, agents)
    const before = await cpuByProcess(centre)
    const started = performance.now()
    const load = await startLoad({
      port: centre.mqttPort,
      nodes,
      devices: 100,
      recordsPerMessage: 20,
      window: 50,
      durationMs,
    })
    const acknowledgedSeconds = (performance.now() - started) / 1000
    await until(
      'all stored',
      () => stored(centre),
      (count) => count === load.messages,
      600_000,
    )
    const seconds = (performance.now() - started) / 1000
    const [row] = await centre.query('SELECT count(cpu_percent) AS points FROM system')
    const points = Number(row?.['points'])
    if (points !== load.points) throw new Error(`${load.points} points sent, ${points} stored`)
    const after = await cpuByProcess(centre)
    figure(`spine.points_per_s.${variant}`, points / seconds, 'points/s', {
      points,
      values_per_point: 2,
      seconds_to_stored: seconds,
      seconds_to_acknowledged: acknowledgedSeconds,
      acknowledged_points_per_s: Math.round(points / acknowledgedSeconds),
      agents,
      points_per_message: 20,
    })
    for (const [name, { pid, cpu }] of after) {
      figure(`spine.rss_mb.${name}.${variant}`, residentMb(pid), 'MB')
      figure(
        `spine.cpu_s_per_million_points.${name}.${variant}`,
        (cpu - (before.get(name)?.cpu ?? 0)) / (points / 1e6),
        's',
      )
    }
    figure(`spine.log_mb.${variant}`, statSync(join(centre.dataDir, 'ingest-log', 'data.mdb')).size / 1e6, 'MB', {
      messages: load.messages,
    })
  } finally {
    await centre.stop()
    rmSync(centre.dataDir, { recursive: true, force: true })
  }
}

/** Messages of the load that the processor has counted, once nothing waits for the store any more. */
async function stored(centre: Centre): Promise<number> {
  const { processes } = await centre.health()
  const waiting = processes.find((one) => one.process === 'stream-processor')?.gauges['lines_in_flight']
  if (waiting !== 0) return -1
  const ledgers = (await centre.ledger()).filter(({ site }) => site.startsWith('bench-'))
  return ledgers.reduce((sum, ledger) => sum + ledger.stored, 0)
}
