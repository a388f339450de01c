import { monitorEventLoopDelay } from 'node:perf_hooks'

/** What a process tells its parent about itself, over the IPC channel that the parent opened. */
export interface SelfReport {
  readonly process: string
  readonly pid: number
  readonly rss_mb: number
  readonly cpu_percent: number
  readonly loop_p99_ms: number
  readonly gauges: Readonly<Record<string, number>>
}

const intervalMs = 2_000

/** Starts reporting every two seconds, if a parent listens. It does not keep the process alive. */
export function startSelfReport(name: string, gauges: () => Record<string, number>): void {
  if (!process.send) return
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  let cpu = process.cpuUsage()
  let at = performance.now()
  setInterval(() => {
    const used = process.cpuUsage(cpu)
    const now = performance.now()
    const report: SelfReport = {
      process: name,
      pid: process.pid,
      rss_mb: round(process.memoryUsage.rss() / 1e6),
      cpu_percent: round((used.user + used.system) / 10 / (now - at)),
      loop_p99_ms: round(delay.percentile(99) / 1e6),
      gauges: gauges(),
    }
    cpu = process.cpuUsage()
    at = now
    delay.reset()
    if (process.connected) process.send?.({ self: report })
  }, intervalMs).unref()
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
