import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCentre, until } from '@ioc/tests/harness/centre.ts'
import { figure } from '../figure.ts'
import { cpuSeconds, residentMb } from '../process-figures.ts'
import { agentInstall } from './agent-install.ts'
import { agentLoad } from './agent-load.ts'

const durationMs = Number(process.env['IOC_BENCH_SECONDS'] ?? 60) * 1000

/** Memory and CPU of the agent, over a minute at its default cadence of 10 s; then those of an installed one, and under load. */
export async function agent(): Promise<void> {
  const centre = await startCentre({ IOC_LOG_LEVEL: 'warn' })
  try {
    const { processes } = await until(
      'the agent reports',
      () => centre.health(),
      (health) => health.processes.some((one) => one.process === 'edge-agent' && one.up),
    )
    const pid = processes.find((one) => one.process === 'edge-agent')?.pid ?? 0
    const before = cpuSeconds(pid)
    await sleep(durationMs)
    const detail = { seconds: durationMs / 1000, cadence_s: 10 }
    figure('agent.rss_mb', residentMb(pid), 'MB', detail)
    figure('agent.cpu_percent', ((cpuSeconds(pid) - before) / (durationMs / 1000)) * 100, '% of a core', detail)
  } finally {
    await centre.stop()
    rmSync(centre.dataDir, { recursive: true, force: true })
  }
  await agentInstall(durationMs)
  await agentLoad(durationMs)
}
