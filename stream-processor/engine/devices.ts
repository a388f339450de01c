import { findDeviceType, undeclared } from '@ioc/contract/device-types/table.ts'
import type { LiveDevice } from '@ioc/contract/messages/live.ts'
import { isStaleStatus } from '@ioc/contract/messages/session.ts'
import type { Status } from '@ioc/contract/messages/status.ts'
import type { Connection } from '@ioc/ingest-log/broker-records.ts'
import { grown } from './grown.ts'
import type { LiveSource } from './live-source.ts'
import type { Measurement } from './measurement.ts'

/** What is saved of a node. Plain data; what an older version did not save is absent. */
export interface NodeState {
  readonly site: string
  readonly node: string
  /** Session of its last birth. */
  readonly session?: number | undefined
  /** What its last status said. */
  readonly online: boolean
  /** The area that it named for its site, and that was not refused. */
  readonly area?: string | undefined
  /** Ids of its connections; absent where none was ever recorded. */
  readonly connections?: readonly string[] | undefined
  /** When it was last heard of, in ms of arrival. */
  readonly seen?: number
  /** Names of fields that no device type declares, and groups of indicators, that it was the first of its own to use. */
  readonly fields?: readonly string[]
  readonly groups?: readonly string[]
}

export interface Node {
  readonly site: string
  readonly node: string
  session: number | undefined
  online: boolean
  area: string | undefined
  connections: readonly string[] | undefined
  seen: number
  readonly fields: Set<string>
  readonly groups: Set<string>
  /** Devices that it owns; each type that one is measured as counts. */
  devices: number
}

/** What one node may use of what all share. */
export interface NodeQuotas {
  /** Devices; each type that one is measured as counts. */
  readonly maxDevices: number
  /** Names of fields that no device type declares. */
  readonly maxFields: number
  /** Such names of all nodes together: each is a column of one table of the store. */
  readonly maxAllFields: number
  /** Values of attributes that indicators are grouped by, of each device. */
  readonly maxGroups: number
  /** Cases in memory, of all its devices. */
  readonly maxCases: number
  /** Bytes of payloads a day. */
  readonly maxBytesPerDay: number
}

export const noQuotas: NodeQuotas = {
  maxDevices: Number.POSITIVE_INFINITY,
  maxFields: Number.POSITIVE_INFINITY,
  maxAllFields: Number.POSITIVE_INFINITY,
  maxGroups: Number.POSITIVE_INFINITY,
  maxCases: Number.POSITIVE_INFINITY,
  maxBytesPerDay: Number.POSITIVE_INFINITY,
}

/** Why something of a node is not accepted, and how many things it were. */
export interface Refusal {
  readonly code: 'QUOTA_EXCEEDED' | 'DEVICE_NOT_OWNED' | 'AREA_REFUSED'
  readonly reason: string
}

export interface DeviceState {
  readonly site: string
  readonly device: string
  readonly type: string
  /** Its number, by which what each measurement reads or changes of it is found. */
  readonly index: number
  /** The node that owns the device: no other one may speak for it. */
  node: string
  /** The node that owned it before, and until when, in ms of arrival. */
  before?: { readonly node: string; readonly until: number } | undefined
  name: string | null
  lat: number | null
  lon: number | null
  cadence_s: number | null
}

/** A device of one type. */
export interface Device extends DeviceState {
  source: LiveSource | undefined
  /** The same device, measured as another type. */
  otherType: Device | undefined
}

/** Times of one page: what is saved together. */
export const timesPerPage = 512
const never = -1

/** Instead of a device's number: there are too many. */
export const noDevice = -1

/** Connections of one node that are kept: more can only be left over from ends that were never recorded. */
const maxConnections = 16
/** How long records that are older than an operator's removal are still expected, in ms. */
const removalMs = 7 * 86_400_000
/** Names in one reason. */
const maxNamed = 5
/** Stands for a site that the district does not list, to look up an area by its code alone: no site has an empty name. */
const unlisted = ''

export interface Registry {
  readonly nodes: Map<string, Node>
  /** Nodes that are to be saved. */
  readonly changedNodes: Set<Node>
  /** Numbers by site, then by device: of the types that it was measured as, the last to be new. */
  readonly devices: Map<string, Map<string, number>>
  /** Devices that are to be saved. */
  readonly changed: Set<Device>
  /** By number; a number that is free has none. */
  readonly byIndex: (Device | undefined)[]
  readonly free: number[]
  /** Keys of what is gone since it was last saved. */
  readonly gone: { readonly nodes: Set<string>; readonly devices: Set<string> }
  /** When operators removed nodes (`site/node`) and devices (`site//device`), in ms of arrival. */
  readonly removals: Map<string, number>
  readonly changedRemovals: Set<string>
  /**
   * What each measurement reads or changes is not in the objects, which are far apart in memory, but in lists by number:
   * devices that are measured in turn stand beside each other. First what tells one from the others.
   */
  readonly names: {
    readonly site: string[]
    readonly device: string[]
    readonly type: string[]
    readonly node: string[]
  }
  /** Whether it is known where their measurements go. */
  placed: Uint8Array
  /** When each was last measured, in ms; -1: never. Of all that is saved of a device it alone changes all the time. */
  lastTs: Float64Array
  /** Pages of times that are to be saved. */
  dirtyTimes: Uint8Array
  /** What the birth of a device said that it is: `site/device` → type; and those that are to be saved. */
  readonly born: Map<string, string>
  readonly changedBorn: Set<string>
  /** Areas that nodes named for their site. */
  readonly saidAreas: Map<string, string>
  readonly areaOf: AreaOf
  readonly quotas: NodeQuotas
  /** By the name of a field that no device type declares: how many nodes use it. */
  readonly fieldUsers: Map<string, number>
  /** How long the owner of a device is disconnected and silent until another node may own it, in ms. */
  readonly ownerSilentMs: number
  /** Devices that are made known; and how often one was heard of beyond that. */
  readonly maxAllDevices: number
  overLimit: number
}

export interface RegistryOptions {
  readonly areaOf: AreaOf
  readonly maxAllDevices: number
  readonly quotas: NodeQuotas
  readonly ownerSilentMs: number
}

/** What is saved of it. */
export interface SavedRegistry {
  readonly nodes: readonly NodeState[]
  readonly devices: readonly DeviceState[]
  /** When devices were last measured, by the page. */
  readonly times: readonly (readonly [page: number, times: Float64Array])[]
  /** Types by `site/device`; `undefined`: none any more. */
  readonly born: readonly (readonly [key: string, type: string | undefined])[]
  /** When operators removed nodes and devices, in ms of arrival; `undefined`: evicted. */
  readonly removals: readonly (readonly [key: string, at: number | undefined])[]
}

export interface RegistryChanges extends SavedRegistry {
  /** Keys of what is gone, to be removed before anything is put. */
  readonly gone: { readonly nodes: readonly string[]; readonly devices: readonly string[] }
}

/** What changed since the last call. */
export function takeRegistryChanges(registry: Registry): RegistryChanges {
  const { changedNodes, changed, born, changedBorn, gone, removals, changedRemovals } = registry
  const changes: RegistryChanges = {
    nodes: [...changedNodes].map(nodeStateOf),
    devices: [...changed].map(stateOf),
    times: takeTimes(registry),
    born: [...changedBorn].map((key) => [key, born.get(key)] as const),
    removals: [...changedRemovals].map((key) => [key, removals.get(key)] as const),
    gone: { nodes: [...gone.nodes], devices: [...gone.devices] },
  }
  for (const set of [changedNodes, changed, changedBorn, changedRemovals, gone.nodes, gone.devices]) set.clear()
  return changes
}

/** The area of a site, given the one that its nodes said. */
export type AreaOf = (site: string, said: string | undefined) => string | undefined

export function createRegistry({ areaOf, maxAllDevices, quotas, ownerSilentMs }: RegistryOptions): Registry {
  return {
    nodes: new Map(),
    changedNodes: new Set(),
    devices: new Map(),
    changed: new Set(),
    byIndex: [],
    free: [],
    gone: { nodes: new Set(), devices: new Set() },
    removals: new Map(),
    changedRemovals: new Set(),
    names: { site: [], device: [], type: [], node: [] },
    placed: new Uint8Array(timesPerPage),
    lastTs: new Float64Array(timesPerPage).fill(never),
    dirtyTimes: new Uint8Array(1),
    born: new Map(),
    changedBorn: new Set(),
    saidAreas: new Map(),
    areaOf,
    quotas,
    fieldUsers: new Map(),
    ownerSilentMs,
    maxAllDevices,
    overLimit: 0,
  }
}

function* devicesAt(registry: Registry, site: string): Iterable<Device> {
  for (const index of registry.devices.get(site)?.values() ?? []) {
    for (let one = registry.byIndex[index]; one; one = one.otherType) yield one
  }
}

/** What is saved of a device. */
function stateOf({ source: _, otherType: __, ...state }: Device): DeviceState {
  return state
}

/** What is saved of a node. */
function nodeStateOf({ devices: _, fields, groups, ...state }: Node): NodeState {
  return { ...state, fields: [...fields], groups: [...groups] }
}

/** A node, which is made known where it is new. */
export function nodeOf(registry: Registry, site: string, node: string): Node {
  const key = `${site}/${node}`
  let found = registry.nodes.get(key)
  if (!found) {
    found = {
      site,
      node,
      session: undefined,
      // Until it says otherwise: a bare device sends no status.
      online: true,
      area: undefined,
      connections: undefined,
      seen: 0,
      fields: new Set(),
      groups: new Set(),
      devices: 0,
    }
    registry.nodes.set(key, found)
  }
  return found
}

/** Notes that a node uses a field that no device type declares. */
export function addField({ fieldUsers }: Registry, { fields }: Node, name: string): void {
  if (fields.has(name)) return
  fields.add(name)
  fieldUsers.set(name, (fieldUsers.get(name) ?? 0) + 1)
}

/** Notes that a node was heard of, at an arrival in ms. */
export function noteSeen(node: Node, arrival: number): void {
  node.seen = Math.max(node.seen, arrival)
}

/** Online means connected; where no connection was ever recorded, it is what the last status said. */
export function isOnline({ connections, online }: Node): boolean {
  return connections ? connections.length > 0 : online
}

/** Notes that a connection of a node has begun or ended, at an arrival in ms; returns the node's devices. */
export function takeConnection(
  registry: Registry,
  { site, node }: Pick<Node, 'site' | 'node'>,
  { connected, connection }: Connection,
  arrival: number,
): Device[] {
  // The end of a connection whose node was just removed does not bring it back.
  if (!connected && !registry.nodes.has(`${site}/${node}`)) return []
  const one = nodeOf(registry, site, node)
  noteSeen(one, arrival)
  const others = (one.connections ?? []).filter((id) => id !== connection)
  one.connections = connected ? [...others, connection].slice(-maxConnections) : others
  registry.changedNodes.add(one)
  return devicesOf(registry, one)
}

/** Notes that the broker has started: nobody is connected. Returns the devices of all nodes. */
export function endConnections(registry: Registry): Device[] {
  for (const node of registry.nodes.values()) {
    node.connections = []
    registry.changedNodes.add(node)
  }
  return registry.byIndex.filter((device) => device !== undefined)
}

export function devicesOf(registry: Registry, { site, node }: Pick<Node, 'site' | 'node'>): Device[] {
  return [...devicesAt(registry, site)].filter((device) => device.node === node)
}

/** A birth declared another cadence of a device than was known. */
export interface CadenceChange {
  readonly device: Device
  /** Seconds between measurements, before and from now on. */
  readonly before_s: number
  readonly cadence_s: number
}

/** What a status led to. */
export interface StatusOutcome {
  readonly changed: readonly Device[]
  /** Entries of devices whose type was not known until now. */
  readonly replaced: readonly Device[]
  /** Devices with coordinates that are new, or that have another position, name or area than before. */
  readonly placed: readonly Device[]
  readonly cadences: readonly CadenceChange[]
  /** How many devices exceeded the quota. */
  readonly overQuota: number
  /** Devices that belong to other nodes. */
  readonly notOwned: readonly string[]
  readonly refusals: readonly Refusal[]
}

/**
 * Takes a birth or a will that arrived at `arrival`, in ms. A will of another session than the last birth is ignored: the
 * will of a connection that died late must not overwrite the birth of the one that replaced it.
 */
export function takeStatus(
  registry: Registry,
  { site, node }: Pick<Node, 'site' | 'node'>,
  status: Status,
  arrival: number,
): StatusOutcome {
  const one = nodeOf(registry, site, node)
  const lists = { changed: [] as Device[], replaced: [] as Device[], placed: [] as Device[], notOwned: [] as string[] }
  const cadences: CadenceChange[] = []
  const outcome = { ...lists, cadences, overQuota: 0 }
  const refusals: Refusal[] = []
  if (isStaleStatus(status, one.session)) return { ...outcome, refusals }
  one.online = status.online
  registry.changedNodes.add(one)
  if (!status.online) return { ...outcome, changed: devicesOf(registry, one), refusals }
  one.session = status.session
  if (status.area !== undefined) {
    const before = areaIn(registry, site)
    const refusal = claimArea(registry, one, status.area)
    if (refusal) refusals.push(refusal)
    if (areaIn(registry, site) !== before) {
      outcome.changed.push(...devicesAt(registry, site))
      outcome.placed.push(...[...devicesAt(registry, site)].filter(hasPosition))
    }
  }
  const refused = new Map<Refusal['code'], Refusal>()
  for (const { id, type = undeclared, name, lat, lon, cadence_s } of status.devices) {
    const isKnown = knownDevice(registry, site, id, type) !== undefined
    const index = admitDevice(registry, { site, node, device: id, type }, arrival)
    if (typeof index !== 'number') {
      if (index.code === 'DEVICE_NOT_OWNED') outcome.notOwned.push(id)
      else outcome.overQuota++
      if (!refused.has(index.code)) refused.set(index.code, index)
      continue
    }
    const device = registry.byIndex[index]
    if (!device) {
      registry.overLimit++
      continue
    }
    const key = `${site}/${id}`
    const nameless = knownDevice(registry, site, id, undeclared)
    if (nameless && type !== undeclared) outcome.replaced.push(nameless)
    registry.born.set(key, type)
    registry.changedBorn.add(key)
    const before = { name: device.name, lat: device.lat, lon: device.lon, cadence_s: declaredCadence(device) }
    Object.assign(device, { name: name ?? null, lat: lat ?? null, lon: lon ?? null, cadence_s: cadence_s ?? null })
    const isMoved = before.name !== device.name || before.lat !== device.lat || before.lon !== device.lon
    if (isMoved && hasPosition(device)) outcome.placed.push(device)
    const now_s = declaredCadence(device)
    if (isKnown && before.cadence_s !== undefined && now_s !== undefined && now_s !== before.cadence_s) {
      cadences.push({ device, before_s: before.cadence_s, cadence_s: now_s })
    }
    registry.changed.add(device)
    outcome.changed.push(device)
  }
  for (const device of outcome.replaced) removeDevice(registry, device)
  // Those that it does not list are online or not with their node as well.
  outcome.changed.push(...devicesOf(registry, one))
  return { ...outcome, refusals: [...refusals, ...refused.values()] }
}

/** Seconds between the measurements of a device: as its birth says, else as its type does. */
export function declaredCadence({ type, cadence_s }: Pick<DeviceState, 'type' | 'cadence_s'>): number | undefined {
  return cadence_s ?? findDeviceType(type)?.cadence_s
}

/** Coordinates come in pairs or not at all. */
const hasPosition = ({ lat, lon }: DeviceState): boolean => lat !== null && lon !== null

/** Devices with coordinates. */
export function placedDevices({ byIndex }: Registry): Device[] {
  return byIndex.filter((device) => device !== undefined).filter(hasPosition)
}

/**
 * Takes the area that a node names for its site. The district decides where it lists the site; else the first birth that
 * names one, until the site is listed.
 */
function claimArea(registry: Registry, node: Node, claimed: string): Refusal | undefined {
  const { site } = node
  const wanted = registry.areaOf(unlisted, claimed)
  const current = areaIn(registry, site)
  const refused = (why: string): Refusal => ({
    code: 'AREA_REFUSED',
    reason: `area ${claimed} of site ${site}: ${why}`,
  })
  if (current !== undefined && wanted !== current) {
    return refused(`the site is in ${current}; to move it, list it in the district's sites.yaml`)
  }
  node.area = claimed
  if (registry.saidAreas.get(site) === undefined || current === undefined) noteArea(registry, site, claimed)
  return wanted === undefined ? refused('the area is not in force in the district') : undefined
}

/** The area that a site is in; `undefined` where nobody said. */
export function areaIn(registry: Registry, site: string): string | undefined {
  return registry.areaOf(site, registry.saidAreas.get(site))
}

/** Notes the area of a site that is not listed; its devices' measurements are placed anew from now on. */
function noteArea(registry: Registry, site: string, area: string | undefined): void {
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
  const known = knownIndex(registry, site, device, type)
  if (known !== noDevice) return known
  const added = deviceOf(registry, { site, node, device, type })
  if (!added) registry.overLimit++
  return added?.index ?? noDevice
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
  const { index, before: _, ...device } = stateOf(of)
  const { site, node } = device
  const online = isOnline(nodeOf(registry, site, node))
  const last = registry.lastTs[index] as number
  return { ...device, last_ts: last === never ? null : last, online, area: areaIn(registry, site) ?? null }
}

/** Puts back what was saved, into a registry that is empty. */
export function restoreRegistry(registry: Registry, { nodes, devices, times, born, removals }: SavedRegistry): void {
  for (const { site, node, ...state } of nodes) {
    const { area, connections, session, online, seen = 0, fields = [], groups = [] } = state
    const one = nodeOf(registry, site, node)
    Object.assign(one, { area, connections, session, online, seen })
    for (const name of fields) addField(registry, one, name)
    for (const name of groups) one.groups.add(name)
    // One that is not in force was accepted only while no other was.
    if (area !== undefined && areaIn(registry, site) === undefined) registry.saidAreas.set(site, area)
  }
  // In the order in which they became known: of the types of one device the last to be new comes first.
  for (const state of [...devices].sort((a, b) => a.index - b.index)) addDevice(registry, state)
  for (const first of registry.byIndex) {
    // An older version kept the node that spoke last, for each type: the newest of them owns the device.
    const head = first && registry.byIndex[registry.devices.get(first.site)?.get(first.device) ?? noDevice]
    if (first && head && first.node !== head.node) setOwner(registry, first, head.node)
  }
  for (const [index, device] of registry.byIndex.entries()) if (!device) registry.free.push(index)
  for (const [page, lastTs] of times) {
    makeRoom(registry, (page + 1) * timesPerPage - 1)
    registry.lastTs.set(lastTs, page * timesPerPage)
  }
  for (const [key, type] of born) if (type !== undefined) registry.born.set(key, type)
  for (const [key, at] of removals) if (at !== undefined) registry.removals.set(key, at)
}

/** The pages of times that changed since the last call, by number, copied. */
function takeTimes(registry: Registry): (readonly [page: number, times: Float64Array])[] {
  const taken: (readonly [page: number, times: Float64Array])[] = []
  for (const [page, isDirty] of registry.dirtyTimes.entries()) {
    if (isDirty) taken.push([page, registry.lastTs.slice(page * timesPerPage, (page + 1) * timesPerPage)])
  }
  registry.dirtyTimes.fill(0)
  return taken
}

function makeRoom(registry: Registry, index: number): void {
  const before = registry.lastTs.length
  if (index < before) return
  const pages = Math.ceil(Math.max(index + 1, 2 * before) / timesPerPage)
  const length = pages * timesPerPage
  registry.lastTs = grown(registry.lastTs, length).fill(never, before)
  registry.placed = grown(registry.placed, length)
  registry.dirtyTimes = grown(registry.dirtyTimes, pages)
}

/**
 * The number of a device that a node speaks for at `arrival`, in ms; it is made known where it is new. `noDevice` where
 * there are too many of all nodes, which is not this node's fault.
 */
export function admitDevice(
  registry: Registry,
  { site, node, device, type }: Pick<Measurement, 'site' | 'node' | 'device' | 'type'>,
  arrival: number,
): number | Refusal {
  const { names, byIndex } = registry
  const first = registry.devices.get(site)?.get(device)
  if (first !== undefined) {
    const { before } = byIndex[first] as Device
    // What the former owner sent before is its own, however late it is read.
    const owner = before && arrival < before.until ? before.node : (names.node[first] as string)
    if (owner !== node) {
      // A bare device names itself by its node: that name is its own, whoever used it before.
      const mayPass = owner === names.node[first] && (device === node || isSilent(registry, site, owner, arrival))
      if (!mayPass) return notOwned(site, device, owner)
      for (let one = byIndex[first]; one; one = one.otherType) {
        one.before = { node: owner, until: arrival }
        setOwner(registry, one, node)
      }
    }
    const known = knownIndex(registry, site, device, type)
    if (known !== noDevice) return known
  } else if (device !== node && registry.nodes.has(`${site}/${device}`)) {
    return { code: 'DEVICE_NOT_OWNED', reason: `device ${device} has the name of node ${device}, and is its own` }
  }
  const { maxDevices } = registry.quotas
  if (nodeOf(registry, site, node).devices >= maxDevices) {
    const reason = `device ${device}: the node has ${maxDevices} devices (IOC_NODE_MAX_DEVICES)`
    return { code: 'QUOTA_EXCEEDED', reason }
  }
  return deviceOf(registry, { site, node, device, type })?.index ?? noDevice
}

function notOwned(site: string, device: string, owner: string): Refusal {
  const reason = `device ${device} belongs to node ${owner}: ioc device forget ${site} ${device} releases it for another node`
  return { code: 'DEVICE_NOT_OWNED', reason }
}

/** Whether a node is disconnected, and was not heard of for so long that others may own its devices. */
function isSilent(registry: Registry, site: string, node: string, arrival: number): boolean {
  const owner = nodeOf(registry, site, node)
  return !owner.connections?.length && arrival - owner.seen > registry.ownerSilentMs
}

function setOwner(registry: Registry, device: Device, node: string): void {
  nodeOf(registry, device.site, device.node).devices--
  nodeOf(registry, device.site, node).devices++
  device.node = node
  registry.names.node[device.index] = node
  registry.changed.add(device)
}

/** Reasons that name the first few of many. */
export function listOf(names: readonly string[]): string {
  const more = names.length - maxNamed
  return names.slice(0, maxNamed).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/** A device, which is made known where it is new; `undefined` where there are too many. */
function deviceOf(
  registry: Registry,
  { site, node, device, type }: Pick<Measurement, 'site' | 'node' | 'device' | 'type'>,
): Device | undefined {
  const known = knownDevice(registry, site, device, type)
  if (known) return known
  if (registry.byIndex.length - registry.free.length >= registry.maxAllDevices) return undefined
  const index = registry.free.pop() ?? registry.byIndex.length
  const owner = registry.byIndex[registry.devices.get(site)?.get(device) ?? noDevice]
  const created = addDevice(registry, {
    site,
    device,
    type,
    index,
    node: owner?.node ?? node,
    before: owner?.before,
    name: null,
    lat: null,
    lon: null,
    cadence_s: null,
  })
  registry.changed.add(created)
  return created
}

/** Removes a node with its devices, as of `at`, in ms of arrival; returns these. */
export function removeNode(registry: Registry, site: string, node: string, at: number): Device[] {
  const key = `${site}/${node}`
  const devices = devicesOf(registry, { site, node })
  for (const device of devices) removeDevice(registry, device)
  const one = registry.nodes.get(key)
  registry.nodes.delete(key)
  if (one) registry.changedNodes.delete(one)
  for (const name of one?.fields ?? []) {
    const users = (registry.fieldUsers.get(name) ?? 0) - 1
    if (users > 0) registry.fieldUsers.set(name, users)
    else registry.fieldUsers.delete(name)
  }
  registry.gone.nodes.add(key)
  noteRemoval(registry, key, at)
  const named = [...registry.nodes.values()].find((other) => other.site === site && other.area !== undefined)
  if (one?.area !== undefined) noteArea(registry, site, named?.area)
  return devices
}

/** Removes a device of a site, all types that it was measured as, as of `at`, in ms of arrival; returns these. */
export function removeDeviceOf(registry: Registry, site: string, device: string, at: number): Device[] {
  const devices = [...devicesAt(registry, site)].filter((one) => one.device === device)
  for (const one of devices) removeDevice(registry, one)
  noteRemoval(registry, `${site}//${device}`, at)
  return devices
}

function noteRemoval(registry: Registry, key: string, at: number): void {
  registry.removals.set(key, at)
  registry.changedRemovals.add(key)
}

/** Whether an operator removed a node, or a device, after something of it arrived: a backlog is read late. */
export function isRemoved(registry: Registry, key: string, arrival: number): boolean {
  const at = registry.removals.get(key)
  return at !== undefined && arrival <= at
}

/** Evicts removals that are too long ago for anything older to come. */
export function evictRemovals(registry: Registry, clock: number): void {
  for (const [key, at] of registry.removals) {
    if (clock - at <= removalMs) continue
    registry.removals.delete(key)
    registry.changedRemovals.add(key)
  }
}

function removeDevice(registry: Registry, gone: Device): void {
  const { site, device, type, index } = gone
  const ofSite = registry.devices.get(site) as Map<string, number>
  const first = registry.byIndex[ofSite.get(device) as number] as Device
  if (first !== gone) {
    let one = first
    while (one.otherType !== gone) one = one.otherType as Device
    one.otherType = gone.otherType
  } else if (gone.otherType) {
    ofSite.set(device, gone.otherType.index)
  } else {
    ofSite.delete(device)
    if (ofSite.size === 0) registry.devices.delete(site)
    registry.born.delete(`${site}/${device}`)
    registry.changedBorn.add(`${site}/${device}`)
  }
  nodeOf(registry, site, gone.node).devices--
  registry.byIndex[index] = undefined
  registry.free.push(index)
  for (const list of Object.values(registry.names)) list[index] = ''
  registry.placed[index] = 0
  registry.lastTs[index] = never
  registry.dirtyTimes[Math.floor(index / timesPerPage)] = 1
  registry.changed.delete(gone)
  registry.gone.devices.add(`${site}/${device}/${type}`)
}

/** A device of one type, if it is known. */
export function knownDevice(registry: Registry, site: string, device: string, type: string): Device | undefined {
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
  while (registry.byIndex.length < index) registry.byIndex.push(undefined)
  makeRoom(registry, index)
  const devices = registry.devices.get(site) ?? new Map<string, number>()
  registry.devices.set(site, devices)
  const added: Device = { ...state, source: undefined, otherType: registry.byIndex[devices.get(device) ?? noDevice] }
  devices.set(device, index)
  registry.byIndex[index] = added
  registry.names.site[index] = site
  registry.names.device[index] = device
  registry.names.type[index] = type
  registry.names.node[index] = state.node
  nodeOf(registry, site, state.node).devices++
  return added
}
