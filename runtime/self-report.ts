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

const intervalMs = 5_000
/** How often the delay of the event loop is sampled, in ms. Each sample wakes the process up, also at rest. */
const delayResolutionMs = 50

/** Starts reporting every five seconds, if a parent listens. It does not keep the process alive. */
export function startSelfReport(name: string, gauges: () => Record<string, number>): void {
  if (!process.send) return
  const delay = monitorEventLoopDelay({ resolution: delayResolutionMs })
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
      // The time between two samples is their interval and the delay.
      loop_p99_ms: round(Math.max(0, delay.percentile(99) / 1e6 - delayResolutionMs)),
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
