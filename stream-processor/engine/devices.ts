import { undeclared } from '@ioc/contract/device-types/table.ts'
import type { LiveDevice } from '@ioc/contract/messages/live.ts'
import type { Status } from '@ioc/contract/messages/status.ts'
import type { Targets } from './indicator-engine.ts'
import type { Measurement } from './measurement.ts'

/** Everything known of nodes and devices, learned from births and from what they send. Plain data. */
export interface NodeState {
  readonly site: string
  readonly node: string
  session: number
  online: boolean
  /** The area that it says it is in. */
  area?: string
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

/** A device of one type, and where its measurements go once that was found. */
export interface Device {
  readonly state: DeviceState
  targets: Targets | undefined
}

export interface Registry {
  readonly nodes: Map<string, NodeState>
  /** By site, then by device: one for each type that it was measured as. */
  readonly devices: Map<string, Map<string, Device[]>>
  /** What the birth of a device said that it is: `site/device` → type. */
  readonly born: Map<string, string>
  /** Areas that nodes named for their site. */
  readonly saidAreas: Map<string, string>
  readonly areaOf: AreaOf
}

/** The area of a site, given the one that its nodes said. */
export type AreaOf = (site: string, said: string | undefined) => string | undefined

export function createRegistry(areaOf: AreaOf): Registry {
  return { nodes: new Map(), devices: new Map(), born: new Map(), saidAreas: new Map(), areaOf }
}

/** Every device. */
export function* allDevices(registry: Registry): Iterable<Device> {
  for (const site of registry.devices.values()) for (const types of site.values()) yield* types
}

/**
 * Takes a birth or a will; returns the devices it changed. A status of an older session is ignored: the will of a
 * connection that died late must not overwrite the birth of the one that replaced it.
 */
export function takeStatus(registry: Registry, site: string, node: string, status: Status): Device[] {
  const key = `${site}/${node}`
  const known = registry.nodes.get(key)
  if (known && status.session < known.session) return []
  const area = status.online ? status.area : known?.area
  const { session, online } = status
  registry.nodes.set(key, { site, node, session, online, ...(area === undefined ? {} : { area }) })
  if (!status.online) {
    const types = [...(registry.devices.get(site)?.values() ?? [])]
    return types.flat().filter(({ state }) => state.node === node)
  }
  if (area !== undefined || known?.area !== undefined) noteArea(registry, site, area)
  return status.devices.map(({ id, type = undeclared, name, lat, lon, cadence_s }) => {
    registry.born.set(`${site}/${id}`, type)
    const device = deviceOf(registry, site, node, id, type)
    Object.assign(device.state, {
      node,
      name: name ?? null,
      lat: lat ?? null,
      lon: lon ?? null,
      cadence_s: cadence_s ?? null,
    })
    return device
  })
}

/** The area that a site is in; `undefined` where nobody said. */
export function areaIn(registry: Registry, site: string): string | undefined {
  return registry.areaOf(site, registry.saidAreas.get(site))
}

/** Notes which area a node named for its site; its devices' measurements are placed anew from now on. */
export function noteArea(registry: Registry, site: string, area: string | undefined): void {
  if (registry.saidAreas.get(site) === area) return
  if (area === undefined) registry.saidAreas.delete(site)
  else registry.saidAreas.set(site, area)
  for (const device of [...(registry.devices.get(site)?.values() ?? [])].flat()) device.targets = undefined
}

/** Notes that a device was measured; `last_ts` only ever goes forward: last measured, not last received. */
export function noteMeasurement(
  registry: Registry,
  { site, node, device, type, ts }: Pick<Measurement, 'site' | 'node' | 'device' | 'type' | 'ts'>,
): Device {
  const found = deviceOf(registry, site, node, device, type)
  const { state } = found
  if (state.last_ts === null || ts > state.last_ts) state.last_ts = ts
  return found
}

export function describeDevice(registry: Registry, device: DeviceState): LiveDevice {
  const { site, node } = device
  const online = registry.nodes.get(`${site}/${node}`)?.online ?? true
  return { ...device, online, area: areaIn(registry, site) ?? null }
}

export function restoreDevice(registry: Registry, state: DeviceState): void {
  const { site, node, device, type } = state
  Object.assign(deviceOf(registry, site, node, device, type).state, state)
}

function deviceOf(registry: Registry, site: string, node: string, device: string, type: string): Device {
  let devices = registry.devices.get(site)
  if (!devices) {
    devices = new Map()
    registry.devices.set(site, devices)
  }
  let types = devices.get(device)
  if (!types) {
    types = []
    devices.set(device, types)
  }
  for (const known of types) if (known.state.type === type) return known
  const state = { site, device, type, node, name: null, lat: null, lon: null, cadence_s: null, last_ts: null }
  const created: Device = { state, targets: undefined }
  types.push(created)
  return created
}
