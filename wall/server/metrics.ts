import { Gauge, Registry } from 'prom-client'
import { deviceKey } from '../shared/fleet.ts'
import { isSilent } from '../shared/stale.ts'
import { connectionsOf, devicesOf, fleetHealth } from './health.ts'
import type { LiveServer } from './live-server.ts'
import type { LiveState } from './live-state.ts'
import type { VisiblePlaces } from './visible-places.ts'

const ledgerStates = [
  'sent',
  'stored',
  'duplicates',
  'queued',
  'lost',
  'rejected',
  'clamped',
  'too_late',
  'corrected',
  'reused',
  'over_quota',
] as const

/**
 * What Prometheus reads. Every figure is read from the state when it is asked for, so that none can go stale. Nodes and
 * devices have series of their own up to `maxDevices` of each, the first by name; those beyond are counted. For a limited
 * user, ledgers, nodes and devices are those of visible places.
 */
export function createMetrics(
  state: LiveState,
  live: LiveServer,
  connected: () => boolean,
  maxDevices: number,
  places?: VisiblePlaces,
): Registry {
  const isVisible = ({ site }: { readonly site: string }) => places?.hasSite(site) ?? true
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

  perProcess('ioc_process_up', '1 if the process is running', ({ up }) => (up ? 1 : 0))
  perProcess('ioc_process_restarts', 'Restarts of the process', ({ restarts }) => restarts)
  perProcess('ioc_process_uptime_seconds', 'Uptime', ({ uptime_s }) => uptime_s)
  perProcess('ioc_process_resident_memory_bytes', 'Resident memory', ({ rss_mb }) => rss_mb * 1e6)
  perProcess('ioc_process_cpu_percent', 'CPU use, in percent of one core', ({ cpu_percent }) => cpu_percent)
  perProcess('ioc_process_loop_p99_seconds', 'p99 delay of the event loop', ({ loop_p99_ms }) => loop_p99_ms / 1000)
  new Gauge({
    name: 'ioc_process_gauge',
    help: 'Gauges specific to a process, such as log_depth or points_per_s',
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
    help: 'Sum of all ledgers in messages: sent = stored + rejected + queued + lost; clamped, too_late and corrected count records',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const name of ledgerStates) {
        let sum = 0
        for (const ledger of state.ledgers.values()) if (isVisible(ledger)) sum += ledger[name]
        this.set({ state: name }, sum)
      }
    },
  })
  fleetMetrics(registry, state, maxDevices, places)
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
  single('ioc_wall_live_topics', 'Live topics in memory', () => state.size)
  single('ioc_wall_live_changes', 'Changes of live values since the start', () => state.changes)
  single('ioc_wall_live_superseded', 'Values replaced before they were sent to a slow client', () => live.superseded)
  single('ioc_wall_live_unreadable', 'Live messages that could not be parsed', () => state.unreadable)
  single('ioc_wall_live_over_limit', 'Live messages dropped because of the topic limit', () => state.overLimit)
  single('ioc_district_refused', '1 if the district files are refused and older data is in force', () =>
    state.district.problem ? 1 : 0,
  )
  single('ioc_wall_broker_connected', '1 if the wall is connected to the broker', () => (connected() ? 1 : 0))
  return registry
}

/** Devices and nodes by state, and one by one. */
function fleetMetrics(
  registry: Registry,
  state: LiveState,
  maxDevices: number,
  places: VisiblePlaces | undefined,
): void {
  const gauge = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    read: (set: (labels: Record<L, string>, value: number) => void) => void,
  ): void => {
    new Gauge<L>({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset()
        read((labels, value) => this.set(labels, value))
      },
    })
  }
  const nodes = () => connectionsOf(state, places)
  const devices = () =>
    new Map(devicesOf(state, places).map((device) => [`${deviceKey(device)}/${device.type}`, device]))

  gauge('ioc_devices', 'Devices by connection of their node', ['connection'], (set) => {
    const { devices } = fleetHealth(state, places)
    for (const connection of ['online', 'offline'] as const) set({ connection }, devices[connection])
  })
  gauge('ioc_devices_silent', 'Devices without a measurement for longer than three cadences', [], (set) =>
    set({}, fleetHealth(state, places).devices.silent),
  )
  gauge('ioc_nodes', 'Nodes by connection', ['connection'], (set) => {
    const { nodes } = fleetHealth(state, places)
    for (const connection of ['online', 'offline'] as const) set({ connection }, nodes[connection])
  })
  gauge('ioc_node_connected', '1 if the node is connected', ['site', 'node'], (set) => {
    for (const [key, online] of first(nodes(), maxDevices)) {
      const [site = '', node = ''] = key.split('/')
      set({ site, node }, online ? 1 : 0)
    }
  })
  const deviceLabels = ['site', 'device', 'type'] as const
  gauge(
    'ioc_device_last_measured_timestamp_seconds',
    'Time of the newest measurement of the device; absent before the first one',
    deviceLabels,
    (set) => {
      for (const [, { site, device, type, last_ts }] of first(devices(), maxDevices)) {
        if (last_ts !== null) set({ site, device, type }, last_ts / 1000)
      }
    },
  )
  gauge('ioc_device_silent', '1 if the device is silent, or was never heard', deviceLabels, (set) => {
    for (const [, live] of first(devices(), maxDevices)) {
      const { site, device, type } = live
      set({ site, device, type }, isSilent(state.lifeOf(live)) ? 1 : 0)
    }
  })
  gauge(
    'ioc_metrics_omitted',
    'Nodes and devices beyond IOC_MAX_METRIC_DEVICES, without their own series',
    ['kind'],
    (set) => {
      set({ kind: 'node' }, Math.max(0, nodes().size - maxDevices))
      set({ kind: 'device' }, Math.max(0, devices().size - maxDevices))
    },
  )
}

/** The first entries by key, so that the same ones have series each time. */
function first<T>(map: ReadonlyMap<string, T>, max: number): (readonly [string, T])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, max)
}
