import { undeclared } from '@ioc/contract/device-types/table.ts'
import type { LiveDevice } from '@ioc/contract/messages/live.ts'
import type { Status } from '@ioc/contract/messages/status.ts'
import { grown } from './grown.ts'
import type { Targets } from './indicator-engine.ts'
import type { LiveSource } from './live-source.ts'
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
  /** Where the time of its last measurement stands. */
  readonly index: number
  node: string
  name: string | null
  lat: number | null
  lon: number | null
  cadence_s: number | null
}

/** A device of one type, and where its measurements go once that was found. */
export interface Device {
  readonly state: DeviceState
  targets: Targets | undefined
  source: LiveSource | undefined
  /** Whether it is to be given out, and to be saved. */
  isTouched: boolean
  isChanged: boolean
}

/** Times of one page: what is saved together. */
export const timesPerPage = 512
const never = -1

export interface Registry {
  readonly nodes: Map<string, NodeState>
  /** By site, then by device: one for each type that it was measured as. */
  readonly devices: Map<string, Map<string, Device[]>>
  /** When each device was last measured, in ms; -1: never. Of all that is known of a device it alone changes all the time. */
  lastTs: Float64Array
  deviceCount: number
  readonly dirtyTimes: Set<number>
  /** What the birth of a device said that it is: `site/device` → type. */
  readonly born: Map<string, string>
  /** Areas that nodes named for their site. */
  readonly saidAreas: Map<string, string>
  readonly areaOf: AreaOf
}

/** The area of a site, given the one that its nodes said. */
export type AreaOf = (site: string, said: string | undefined) => string | undefined

export function createRegistry(areaOf: AreaOf): Registry {
  return {
    nodes: new Map(),
    devices: new Map(),
    lastTs: new Float64Array(timesPerPage).fill(never),
    deviceCount: 0,
    dirtyTimes: new Set(),
    born: new Map(),
    saidAreas: new Map(),
    areaOf,
  }
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
    device.isChanged = true
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
  const { index } = found.state
  if (ts > (registry.lastTs[index] as number)) {
    registry.lastTs[index] = ts
    registry.dirtyTimes.add(Math.floor(index / timesPerPage))
  }
  return found
}

export function describeDevice(registry: Registry, { index, ...device }: DeviceState): LiveDevice {
  const { site, node } = device
  const online = registry.nodes.get(`${site}/${node}`)?.online ?? true
  const last = registry.lastTs[index] as number
  return { ...device, last_ts: last === never ? null : last, online, area: areaIn(registry, site) ?? null }
}

export function restoreDevice(registry: Registry, state: DeviceState): void {
  const { site, node, device, type, index } = state
  makeRoom(registry, index)
  registry.deviceCount = Math.max(registry.deviceCount, index + 1)
  const restored = deviceOf(registry, site, node, device, type, index)
  Object.assign(restored.state, state)
  restored.isChanged = false
}

/** The pages of times that changed since the last call, by number, copied. */
export function takeTimes(registry: Registry): (readonly [page: number, times: Float64Array])[] {
  const taken = [...registry.dirtyTimes].map((page) => {
    return [page, registry.lastTs.slice(page * timesPerPage, (page + 1) * timesPerPage)] as const
  })
  registry.dirtyTimes.clear()
  return taken
}

export function restoreTimes(registry: Registry, page: number, times: Float64Array): void {
  makeRoom(registry, (page + 1) * timesPerPage - 1)
  registry.lastTs.set(times, page * timesPerPage)
}

function makeRoom(registry: Registry, index: number): void {
  if (index < registry.lastTs.length) return
  const pages = Math.ceil(Math.max(index + 1, 2 * registry.lastTs.length) / timesPerPage)
  const before = registry.lastTs.length
  registry.lastTs = grown(registry.lastTs, pages * timesPerPage).fill(never, before)
}

function deviceOf(
  registry: Registry,
  site: string,
  node: string,
  device: string,
  type: string,
  index = registry.deviceCount,
): Device {
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
  makeRoom(registry, index)
  registry.deviceCount = Math.max(registry.deviceCount, index + 1)
  const state = { site, device, type, index, node, name: null, lat: null, lon: null, cadence_s: null }
  const created: Device = { state, targets: undefined, source: undefined, isTouched: false, isChanged: true }
  types.push(created)
  return created
}
