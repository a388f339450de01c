import { undeclared } from '@ioc/contract/device-types/table.ts'
import type { LiveDevice } from '@ioc/contract/messages/live.ts'
import type { Status } from '@ioc/contract/messages/status.ts'
import type { Measurement } from './measurement.ts'

/** Everything known of nodes and devices, learned from births and from what they send. Plain data. */
export interface NodeState {
  readonly site: string
  readonly node: string
  session: number
  online: boolean
}

export interface DeviceState {
  readonly site: string
  readonly device: string
  readonly type: string
  node: string
  name: string | null
  lat: number | null
  lon: number | null
  cadence_s: number | null
  last_ts: number | null
}

export interface Registry {
  readonly nodes: Map<string, NodeState>
  readonly devices: Map<string, DeviceState>
  /** What the birth of a device said that it is: `site/device` → type. */
  readonly born: Map<string, string>
}

export function createRegistry(): Registry {
  return { nodes: new Map(), devices: new Map(), born: new Map() }
}

export function deviceKey(site: string, device: string, type: string): string {
  return `${site}/${device}/${type}`
}

/**
 * Takes a birth or a will; returns the devices it changed. A status of an older session is ignored: the will of a
 * connection that died late must not overwrite the birth of the one that replaced it.
 */
export function takeStatus(registry: Registry, site: string, node: string, status: Status): DeviceState[] {
  const key = `${site}/${node}`
  const known = registry.nodes.get(key)
  if (known && status.session < known.session) return []
  registry.nodes.set(key, { site, node, session: status.session, online: status.online })
  if (!status.online)
    return [...registry.devices.values()].filter((device) => device.site === site && device.node === node)
  return status.devices.map(({ id, type = undeclared, name, lat, lon, cadence_s }) => {
    registry.born.set(`${site}/${id}`, type)
    const device = deviceOf(registry, site, node, id, type)
    device.node = node
    device.name = name ?? null
    device.lat = lat ?? null
    device.lon = lon ?? null
    device.cadence_s = cadence_s ?? null
    return device
  })
}

/** Notes that a device was measured; `last_ts` only ever goes forward: last measured, not last received. */
export function noteMeasurement(registry: Registry, measurement: Measurement): DeviceState {
  const { site, node, device, type, ts } = measurement
  const state = deviceOf(registry, site, node, device, type)
  if (state.last_ts === null || ts > state.last_ts) state.last_ts = ts
  return state
}

export function describeDevice(registry: Registry, device: DeviceState): LiveDevice {
  return { ...device, online: registry.nodes.get(`${device.site}/${device.node}`)?.online ?? true }
}

function deviceOf(registry: Registry, site: string, node: string, device: string, type: string): DeviceState {
  const key = deviceKey(site, device, type)
  let state = registry.devices.get(key)
  if (!state) {
    state = { site, device, type, node, name: null, lat: null, lon: null, cadence_s: null, last_ts: null }
    registry.devices.set(key, state)
  }
  return state
}
