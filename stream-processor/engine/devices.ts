import { undeclared } from '@ioc/contract/device-types/table.ts'
import type { LiveDevice } from '@ioc/contract/messages/live.ts'
import type { Status } from '@ioc/contract/messages/status.ts'
import { grown } from './grown.ts'
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
  /** Its number, by which what each measurement reads or changes of it is found. */
  readonly index: number
  node: string
  name: string | null
  lat: number | null
  lon: number | null
  cadence_s: number | null
}

/** A device of one type. */
export interface Device extends DeviceState {
  source: LiveSource | undefined
  /** The same device, measured as another type. */
  readonly otherType: Device | undefined
}

/** Times of one page: what is saved together. */
export const timesPerPage = 512
const never = -1

const mostTrust = 16
/** Without trust, one in so many is looked at first all the same: devices may have come into an order. */
const doubtsPerTrial = 8

/** Instead of a device's number: there are too many. */
export const noDevice = -1

export interface Registry {
  readonly nodes: Map<string, NodeState>
  /** Numbers by site, then by device: of the types that it was measured as, the last to be new. */
  readonly devices: Map<string, Map<string, number>>
  /** Devices that are to be saved. */
  readonly changed: Set<Device>
  /** By number. */
  readonly byIndex: Device[]
  /**
   * What each measurement reads or changes is not in the objects, which are far apart in memory, but in lists by number:
   * devices that are measured in turn stand beside each other. First what tells one from the others.
   */
  readonly names: { readonly site: string[]; readonly device: string[]; readonly type: string[] }
  /** The one that was measured last, and for each the one that was measured after it the last time. */
  last: number
  successors: Int32Array
  /** How often another one was, or that one was not looked at. */
  searches: number
  /** While it is above 0 the one that came after is looked at first: it rises when that is right, and falls when not. */
  trust: number
  /** Searches while there was no trust. */
  doubts: number
  /** Whether it is known where their measurements go. */
  placed: Uint8Array
  /** When each was last measured, in ms; -1: never. Of all that is saved of a device it alone changes all the time. */
  lastTs: Float64Array
  /** Pages of times that are to be saved. */
  dirtyTimes: Uint8Array
  /** What the birth of a device said that it is: `site/device` → type. */
  readonly born: Map<string, string>
  /** Areas that nodes named for their site. */
  readonly saidAreas: Map<string, string>
  readonly areaOf: AreaOf
  /** Devices that are made known; and how often one was heard of beyond that. */
  readonly mostDevices: number
  overLimit: number
}

/** The area of a site, given the one that its nodes said. */
export type AreaOf = (site: string, said: string | undefined) => string | undefined

export function createRegistry(areaOf: AreaOf, mostDevices: number): Registry {
  return {
    nodes: new Map(),
    devices: new Map(),
    changed: new Set(),
    byIndex: [],
    names: { site: [], device: [], type: [] },
    last: 0,
    searches: 0,
    trust: mostTrust,
    doubts: 0,
    successors: new Int32Array(timesPerPage),
    placed: new Uint8Array(timesPerPage),
    lastTs: new Float64Array(timesPerPage).fill(never),
    dirtyTimes: new Uint8Array(1),
    born: new Map(),
    saidAreas: new Map(),
    areaOf,
    mostDevices,
    overLimit: 0,
  }
}

function* devicesAt(registry: Registry, site: string): Iterable<Device> {
  for (const index of registry.devices.get(site)?.values() ?? []) {
    for (let one = registry.byIndex[index]; one; one = one.otherType) yield one
  }
}

/** What is saved of a device. */
export function stateOf({ site, device, type, index, node, name, lat, lon, cadence_s }: Device): DeviceState {
  return { site, device, type, index, node, name, lat, lon, cadence_s }
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
    return [...devicesAt(registry, site)].filter((device) => device.node === node)
  }
  if (area !== undefined || known?.area !== undefined) noteArea(registry, site, area)
  return status.devices.flatMap(({ id, type = undeclared, name, lat, lon, cadence_s }) => {
    const device = deviceOf(registry, site, node, id, type)
    if (!device) return []
    registry.born.set(`${site}/${id}`, type)
    Object.assign(device, {
      node,
      name: name ?? null,
      lat: lat ?? null,
      lon: lon ?? null,
      cadence_s: cadence_s ?? null,
    })
    registry.changed.add(device)
    return [device]
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
  for (const { index } of devicesAt(registry, site)) registry.placed[index] = 0
}

/** The number of the device that was measured, which is made known where it is new; `noDevice` where there are too many. */
export function findDevice(
  registry: Registry,
  { site, node, device, type }: Pick<Measurement, 'site' | 'node' | 'device' | 'type'>,
): number {
  const { names, last } = registry
  // Devices mostly follow each other as they did before: looking one up by its names costs several misses of the cache.
  // Where they do not, looking at another one first costs as many.
  const looks = registry.trust > 0 || ++registry.doubts % doubtsPerTrial === 0
  let index = looks ? (registry.successors[last] as number) : noDevice
  if (looks && names.device[index] === device && names.site[index] === site && names.type[index] === type) {
    if (registry.trust < mostTrust) registry.trust++
  } else {
    if (looks && registry.trust > 0) registry.trust--
    registry.searches++
    index = knownIndex(registry, site, device, type)
    if (index === noDevice) index = deviceOf(registry, site, node, device, type)?.index ?? noDevice
    if (index === noDevice) return noDevice
    registry.successors[last] = index
  }
  registry.last = index
  return index
}

/** Notes when a device was measured, in ms; `last_ts` only ever goes forward: last measured, not last received. */
export function noteTime(registry: Registry, index: number, ts: number): void {
  if (ts <= (registry.lastTs[index] as number)) return
  registry.lastTs[index] = ts
  registry.dirtyTimes[Math.floor(index / timesPerPage)] = 1
}

/** The node that a device was last known from; empty where it is not known. */
export function nodeOfDevice(registry: Registry, site: string, device: string): string {
  const index = registry.devices.get(site)?.get(device)
  return index === undefined ? '' : (registry.byIndex[index]?.node ?? '')
}

export function describeDevice(registry: Registry, of: Device): LiveDevice {
  const { index, ...device } = stateOf(of)
  const { site, node } = device
  const online = registry.nodes.get(`${site}/${node}`)?.online ?? true
  const last = registry.lastTs[index] as number
  return { ...device, last_ts: last === never ? null : last, online, area: areaIn(registry, site) ?? null }
}

export function restoreDevice(registry: Registry, state: DeviceState): void {
  const { site, device, type } = state
  const known = knownDevice(registry, site, device, type)
  if (known) Object.assign(known, state)
  else addDevice(registry, state)
}

/** The pages of times that changed since the last call, by number, copied. */
export function takeTimes(registry: Registry): (readonly [page: number, times: Float64Array])[] {
  const taken: (readonly [page: number, times: Float64Array])[] = []
  for (const [page, isDirty] of registry.dirtyTimes.entries()) {
    if (isDirty) taken.push([page, registry.lastTs.slice(page * timesPerPage, (page + 1) * timesPerPage)])
  }
  registry.dirtyTimes.fill(0)
  return taken
}

export function restoreTimes(registry: Registry, page: number, times: Float64Array): void {
  makeRoom(registry, (page + 1) * timesPerPage - 1)
  registry.lastTs.set(times, page * timesPerPage)
}

function makeRoom(registry: Registry, index: number): void {
  const before = registry.lastTs.length
  if (index < before) return
  const pages = Math.ceil(Math.max(index + 1, 2 * before) / timesPerPage)
  const length = pages * timesPerPage
  registry.lastTs = grown(registry.lastTs, length).fill(never, before)
  registry.successors = grown(registry.successors, length)
  registry.placed = grown(registry.placed, length)
  registry.dirtyTimes = grown(registry.dirtyTimes, pages)
}

/** A device, which is made known where it is new; `undefined` where there are too many. */
function deviceOf(registry: Registry, site: string, node: string, device: string, type: string): Device | undefined {
  const known = knownDevice(registry, site, device, type)
  if (known) return known
  const index = registry.byIndex.length
  if (index >= registry.mostDevices) {
    registry.overLimit++
    return undefined
  }
  const created = addDevice(registry, {
    site,
    device,
    type,
    index,
    node,
    name: null,
    lat: null,
    lon: null,
    cadence_s: null,
  })
  registry.changed.add(created)
  return created
}

function knownDevice(registry: Registry, site: string, device: string, type: string): Device | undefined {
  return registry.byIndex[knownIndex(registry, site, device, type)]
}

/** The object is not looked at, which is one more wait for memory, but where a device was measured as several types. */
function knownIndex({ devices, names, byIndex }: Registry, site: string, device: string, type: string): number {
  const index = devices.get(site)?.get(device) ?? noDevice
  if (index === noDevice || names.type[index] === type) return index
  for (let one = byIndex[index]?.otherType; one; one = one.otherType) if (one.type === type) return one.index
  return noDevice
}

function addDevice(registry: Registry, state: DeviceState): Device {
  const { site, device, type, index } = state
  makeRoom(registry, index)
  const devices = registry.devices.get(site) ?? new Map<string, number>()
  registry.devices.set(site, devices)
  const added: Device = { ...state, source: undefined, otherType: registry.byIndex[devices.get(device) ?? noDevice] }
  devices.set(device, index)
  registry.byIndex[index] = added
  registry.names.site[index] = site
  registry.names.device[index] = device
  registry.names.type[index] = type
  return added
}
