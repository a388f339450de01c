import { Gauge, Registry } from 'prom-client'
import type { LiveServer } from './live-server.ts'
import type { LiveState } from './live-state.ts'

const ledgerStates = ['sent', 'stored', 'duplicates', 'queued', 'lost', 'rejected', 'clamped', 'too_late'] as const

/** What Prometheus reads. Every figure is read from the state when it is asked for, so that none can go stale. */
export function createMetrics(state: LiveState, live: LiveServer, connected: () => boolean): Registry {
  const registry = new Registry()
  const perProcess = (name: string, help: string, read: (process: ProcessState) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['process'],
      registers: [registry],
      collect() {
        this.reset()
        for (const process of state.processes.values()) this.set({ process: process.process }, read(process))
      },
    })
  }
  type ProcessState = Parameters<typeof state.processes.set>[1]

  perProcess('ioc_process_up', 'Whether the process runs', ({ up }) => (up ? 1 : 0))
  perProcess('ioc_process_restarts', 'Times the process was started again', ({ restarts }) => restarts)
  perProcess('ioc_process_uptime_seconds', 'Seconds since the start', ({ uptime_s }) => uptime_s)
  perProcess('ioc_process_resident_memory_bytes', 'Resident memory', ({ rss_mb }) => rss_mb * 1e6)
  perProcess('ioc_process_cpu_percent', 'Use of one core', ({ cpu_percent }) => cpu_percent)
  perProcess('ioc_process_loop_p99_seconds', 'p99 delay of the event loop', ({ loop_p99_ms }) => loop_p99_ms / 1000)
  new Gauge({
    name: 'ioc_process_gauge',
    help: 'What only the process knows, as log_depth or points_per_s',
    labelNames: ['process', 'gauge'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { process, gauges } of state.processes.values()) {
        for (const [gauge, value] of Object.entries(gauges)) this.set({ process, gauge }, value)
      }
    },
  })
  new Gauge({
    name: 'ioc_ledger_messages',
    help: 'Sum of all ledgers: sent = stored + rejected + queued + lost',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const name of ledgerStates) {
        let sum = 0
        for (const ledger of state.ledgers.values()) sum += ledger[name]
        this.set({ state: name }, sum)
      }
    },
  })
  const single = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read())
      },
    })
  }
  single('ioc_wall_clients', 'Clients of /live', () => live.clientCount)
  single('ioc_wall_live_topics', 'Live topics that are kept', () => state.size)
  single('ioc_wall_live_changes', 'Live changes since the start', () => state.changes)
  single('ioc_wall_live_superseded', 'Values replaced before a slow client took them', () => live.superseded)
  single('ioc_wall_live_unreadable', 'Messages that could not be read', () => state.unreadable)
  single('ioc_wall_live_over_limit', 'Messages of topics beyond the limit', () => state.overLimit)
  single('ioc_wall_broker_connected', 'Whether the wall hears the broker', () => (connected() ? 1 : 0))
  return registry
}
