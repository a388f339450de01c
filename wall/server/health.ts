import type { ApiHealth } from '@ioc/contract/messages/api.ts'
import type { LiveState } from './live-state.ts'

/** A process reports every two seconds; one that did not for this long is not known to be well. */
const reportLimitMs = 10_000

/** Which processes know the depth of the log, the one that empties it first. */
const logReporters = ['stream-processor', 'broker']

/** How the centre is, as far as the wall heard. */
export function health(state: LiveState, connected: boolean, now: number): ApiHealth {
  const processes = [...state.processes.values()].sort((a, b) => a.process.localeCompare(b.process))
  const reasons: string[] = []
  if (!connected) reasons.push('the wall does not hear the broker')
  if (processes.length === 0) reasons.push('no process has reported yet')
  for (const { process, up, ts } of processes) {
    if (!up) reasons.push(`${process} is down`)
    else if (now - ts > reportLimitMs) reasons.push(`${process} last reported ${Math.round((now - ts) / 1000)} s ago`)
  }
  const gauge = (name: string): number | null => {
    for (const reporter of logReporters) {
      const value = processes.find(({ process }) => process === reporter)?.gauges[name]
      if (value !== undefined) return value
    }
    return null
  }
  return {
    status: reasons.length === 0 ? 'ok' : 'degraded',
    reasons,
    processes: processes.map((process) => ({ ...process, gauges: { ...process.gauges } })),
    log: { depth: gauge('log_depth') },
    lag_ms: gauge('lag_ms'),
  }
}
