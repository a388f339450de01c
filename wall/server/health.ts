import type { ApiFleetHealth, ApiHealth, ApiHealthDevices, ApiHealthQuery } from '@ioc/contract/messages/api.ts'
import type { LiveDevice, LiveDistrictProblem } from '@ioc/contract/messages/live.ts'
import type { NodeAddress } from '@ioc/contract/topics.ts'
import { deviceKey, fleetDevices, nodeConnections } from '../shared/fleet.ts'
import { isSilent, silentProcesses } from '../shared/stale.ts'
import type { LiveState } from './live-state.ts'
import type { VisiblePlaces } from './visible-places.ts'

/** Without a report of any process for this long, nobody watches them; much longer than a busy machine delays one. */
const maxSilenceMs = 60_000

/** How far the stream processor may be behind, in ms: longer than a restart or a burst takes to be processed. */
const maxLagMs = 30_000

/** Names that a reason lists; all are counted. */
const maxNamed = 20

/** Which processes know the depth of the log, the one that empties it first. */
const logReporters = ['stream-processor', 'broker']

/** How the centre itself is, as far as the wall knows, and how many devices and nodes are reachable. */
export function health(state: LiveState, connected: boolean, own: NodeAddress | undefined, now: number): ApiHealth {
  const processes = [...state.processes.values()].sort((a, b) => a.process.localeCompare(b.process))
  const seconds = (ts: number): string => `${Math.round((now - ts) / 1000)} s ago`
  const reasons: string[] = []
  if (!connected) reasons.push('the wall is not connected to the broker')
  if (processes.length === 0) reasons.push('no process has reported yet')
  const silent = new Set(silentProcesses(processes))
  for (const process of processes) {
    if (!process.up) reasons.push(`${process.process} is down`)
    else if (silent.has(process)) reasons.push(`${process.process} last reported ${seconds(process.ts)}`)
  }
  const newest = processes.reduce((latest, { ts }) => Math.max(latest, ts), Number.NEGATIVE_INFINITY)
  if (processes.length > 0 && now - newest > maxSilenceMs) {
    reasons.push(`no process has reported recently, the last ${seconds(newest)}`)
  }
  const gauge = (name: string): number | null => {
    for (const reporter of logReporters) {
      const value = processes.find(({ process }) => process === reporter)?.gauges[name]
      if (value !== undefined) return value
    }
    return null
  }
  const lagMs = gauge('lag_ms')
  if (lagMs !== null && lagMs > maxLagMs) reasons.push(`the stream processor is ${Math.round(lagMs / 1000)} s behind`)
  const { problem } = state.district
  if (problem) reasons.push(`the district files are refused: ${describeProblem(problem)}`)
  return {
    status: reasons.length === 0 ? 'ok' : 'degraded',
    reasons,
    processes: processes.map((process) => ({ ...process, gauges: { ...process.gauges } })),
    log: { depth: gauge('log_depth') },
    lag_ms: lagMs,
    simulated: simulationOf(state),
    ...fleetHealth(state),
    own_node: own ? `${own.site}/${own.node}` : null,
    only_own_node: hasOnlyOwnNode(state, connected, own),
  }
}

/** While the broker is away, nobody knows which nodes there are. */
function hasOnlyOwnNode(state: LiveState, connected: boolean, own: NodeAddress | undefined): boolean {
  if (!connected) return false
  const nodes = [...state.nodes.values(), ...state.devices.values()]
  return nodes.every(({ site, node }) => site === own?.site && node === own.node)
}

function simulationOf({ simulation }: LiveState): ApiHealth['simulated'] {
  if (!simulation) return null
  const { scenario, phase, percent, clock, speed } = simulation
  return { scenario, phase, percent, clock, speed }
}

function describeProblem({ file, line, reason }: LiveDistrictProblem): string {
  return `${file}${line === null ? '' : `, line ${line}`}: ${reason}`
}

/** Whether no more devices are silent, and no more nodes offline, than a monitor tolerates. */
export function healthOfDevices(
  state: LiveState,
  connected: boolean,
  tolerated: ApiHealthQuery,
  places: VisiblePlaces | undefined,
): ApiHealthDevices {
  const { devices, nodes } = fleetHealth(state, places)
  const reasons: string[] = []
  if (!connected) reasons.push('the wall is not connected to the broker')
  if (devices.silent > (tolerated.max_silent ?? 0)) {
    const silent = devicesOf(state, places).filter((device) => isSilent(state.lifeOf(device)))
    reasons.push(`${counted(devices.silent, 'device is', 'devices are')} silent: ${listed(silent.map(deviceKey))}`)
  }
  if (nodes.offline > (tolerated.max_offline ?? 0)) {
    const offline = [...connectionsOf(state, places)].flatMap(([key, online]) => (online ? [] : [key]))
    reasons.push(`${counted(nodes.offline, 'node is', 'nodes are')} offline: ${listed(offline)}`)
  }
  return { status: reasons.length === 0 ? 'ok' : 'degraded', reasons, devices, nodes }
}

/** Devices and nodes by state; for a limited user, those of visible places. */
export function fleetHealth(state: LiveState, places?: VisiblePlaces): ApiFleetHealth {
  const devices = { total: 0, online: 0, offline: 0, silent: 0 }
  for (const device of devicesOf(state, places)) {
    devices.total++
    devices[device.online ? 'online' : 'offline']++
    if (isSilent(state.lifeOf(device))) devices.silent++
  }
  const nodes = { total: 0, online: 0, offline: 0 }
  for (const online of connectionsOf(state, places).values()) {
    nodes.total++
    nodes[online ? 'online' : 'offline']++
  }
  return { devices, nodes }
}

/** Devices; for a limited user, those of visible places. */
export function devicesOf(state: LiveState, places: VisiblePlaces | undefined): readonly LiveDevice[] {
  return fleetDevices([...state.devices.values()].filter(({ site }) => places?.hasSite(site) ?? true))
}

/** Whether each node is connected, by `site/node`; for a limited user, those of visible places. */
export function connectionsOf(state: LiveState, places: VisiblePlaces | undefined): Map<string, boolean> {
  const isVisible = ({ site }: { readonly site: string }) => places?.hasSite(site) ?? true
  return nodeConnections([...state.nodes.values()].filter(isVisible), [...state.devices.values()].filter(isVisible))
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}

function listed(names: readonly string[]): string {
  const shown = [...names].sort().slice(0, maxNamed).join(', ')
  return names.length > maxNamed ? `${shown}, and ${names.length - maxNamed} more` : shown
}
