import { isActive, type LiveIncident, type ThingId, thingId } from '@ioc/contract/messages/incidents.ts'
import type {
  IndicatorDescriptor,
  Level,
  LiveDevice,
  LiveDistrict,
  LiveIndicator,
  Scope,
} from '@ioc/contract/messages/live.ts'
import { indicatorTopic, livePrefix } from '@ioc/contract/topics.ts'
import { deviceKey, fleetDevices, nodeConnections } from '../shared/fleet.ts'
import type { AttentionItem, AttentionKind, LiveAttention, LivePlace } from '../shared/live-frame.ts'
import { cadence_s, isOldValue, isSilent, silentProcesses, slowestCadences, sourceCadence_s } from '../shared/stale.ts'
import { countIncidents } from './incidents.ts'
import type { LiveChange, LiveState, NumberedItem } from './live-state.ts'

/** How often what needs attention is computed, in ms. */
const periodMs = 1_000
/** How often it is sent again when only the values in it have changed, in ms. */
const valuesMs = 10_000
/** Items that one frame holds, the first ones; all are counted. */
const maxItems = 100

/** Levels by which items that have none of their own are sorted. */
const levelOf = { silent: 2, offline: 2, lost: 1, down: 3 } as const

type MutablePlace = { -readonly [K in keyof LivePlace]: LivePlace[K] }

/** A device with the places that it counts in, and its key in the live state. */
interface FleetEntry {
  readonly topic: string
  readonly site: string
  readonly node: string
  readonly counts: readonly MutablePlace[]
}

/** What is kept of the fleet while no device comes, goes or moves. */
interface Fleet {
  readonly version: number
  readonly district: LiveDistrict
  readonly entries: readonly FleetEntry[]
  readonly places: ReadonlyMap<string, MutablePlace>
  readonly areaOfSite: ReadonlyMap<string, string>
  readonly slowest: ReadonlyMap<string, number>
  /** Nodes as their devices say, by `site/node`. */
  readonly connections: ReadonlyMap<string, boolean>
}

/**
 * Computes `attention` and `place/…` from the live state, once a second, and publishes what changed. It goes over the
 * indicators beyond a limit and once over the devices; nothing is computed for a single message. While the wall is not
 * connected to the broker, all stays as it was.
 */
export class Attention {
  readonly #state: LiveState
  readonly #publish: (change: LiveChange) => void
  readonly #logError: (error: unknown) => void
  /** When each item was first seen, by kind and key. */
  #since = new Map<string, number>()
  #fleet: Fleet | undefined
  /** Critical items by name, in the order in which they began. */
  #critical = new Map<string, NumberedItem>()
  #criticalsBegun = 0
  #timer: NodeJS.Timeout | undefined
  /** The active incidents that causes and what is affected belong to, as of a version. */
  #incidents: { readonly version: number; readonly byThing: ReadonlyMap<ThingId, LiveIncident> } | undefined
  /** What was published last: the items without their values, and the values. */
  #sent: { readonly shape: string; readonly values: string; readonly at: number } | undefined

  constructor(state: LiveState, publish: (change: LiveChange) => void, logError: (error: unknown) => void) {
    this.#state = state
    this.#publish = publish
    this.#logError = logError
  }

  start(): void {
    this.#timer = setInterval(() => {
      try {
        this.update(Date.now())
      } catch (error) {
        this.#logError(error)
      }
    }, periodMs)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Computes all of it as of `now`, in ms since 1970, UTC. */
  update(now: number): void {
    if (!this.#state.isCurrent) return
    const fleet = this.#currentFleet()
    for (const place of fleet.places.values())
      Object.assign(place, { level: 0, devices: 0, silent: 0, nodes: 0, offline: 0 })
    const since = new Map<string, number>()
    const items = [
      ...this.#abnormal(fleet, now),
      ...this.#connections(fleet, since, now),
      ...this.#lost(since, now),
      ...this.#down(since, now),
    ]
    this.#since = since
    this.#publishPlaces(fleet)
    this.#publishIncidents()
    this.#publishItems(items, now)
  }

  /** Reads the incidents again only when one has changed. */
  #publishIncidents(): void {
    const { incidentsVersion: version, incidents } = this.#state
    if (this.#incidents?.version === version) return
    const active = [...incidents.values()].filter(isActive).sort((a, b) => a.id - b.id)
    const byThing = new Map<ThingId, LiveIncident>()
    // A cause of its own precedes an incident that takes the thing with it.
    for (const incident of active) for (const thing of incident.affected) byThing.set(thing, incident)
    for (const incident of active) byThing.set(incident.cause, incident)
    this.#incidents = { version, byThing }
    const change = this.#state.applyComputed('incidents', countIncidents(active, version))
    if (change) this.#publish(change)
  }

  #withIncident(item: AttentionItem): AttentionItem {
    const incident = this.#incidents?.byThing.get(thingOf(item))
    if (incident === undefined) return item
    const holder = incident.assigned ?? incident.acknowledged?.by
    return { ...item, incident: incident.id, ...(holder === undefined ? {} : { holder }) }
  }

  #currentFleet(): Fleet {
    const { fleetVersion: version, district } = this.#state
    const last = this.#fleet
    if (last && last.version === version && last.district === district) return last
    const areaOfSite = new Map(district.sites.map(({ site, area }) => [site, area]))
    // All of them are read here, so that their areas and cadences are current.
    const { devices } = this.#state
    for (const { site, area } of devices.values()) if (area !== null) areaOfSite.set(site, area)
    const places = new Map<string, MutablePlace>()
    const placeOf = (scope: LivePlace['scope'], key: string): MutablePlace => {
      const topic = `place/${scope}/${key}`
      const place = places.get(topic) ?? { scope, key, level: 0, devices: 0, silent: 0, nodes: 0, offline: 0 }
      places.set(topic, place)
      return place
    }
    for (const { code } of district.areas) placeOf('area', code)
    for (const { site } of district.sites) placeOf('site', site)
    const entries = fleetDevices([...devices].map(([topic, device]) => ({ topic, ...device }))).map(
      ({ topic, site, node }): FleetEntry => {
        const area = areaOfSite.get(site)
        return {
          topic,
          site,
          node,
          counts: [placeOf('site', site), ...(area === undefined ? [] : [placeOf('area', area)])],
        }
      },
    )
    const slowest = slowestCadences(devices.values())
    const connections = nodeConnections([], devices.values())
    this.#fleet = { version: this.#state.fleetVersion, district, entries, places, areaOfSite, slowest, connections }
    if (last) for (const topic of last.places.keys()) if (!places.has(topic)) this.#remove(topic)
    return this.#fleet
  }

  /**
   * Indicators beyond a limit, except old values. One hot machine does not count again for its site and the district: a
   * value of a wider scope is an item only when none of the same indicator below it is.
   */
  #abnormal(fleet: Fleet, now: number): AttentionItem[] {
    const descriptors = new Map(this.#state.descriptors.map((descriptor) => [descriptor.id, descriptor]))
    const items: AttentionItem[] = []
    const explained = new Set<string>()
    for (const [topic, { level, since }] of this.#state.raised) {
      const value = this.#state.current(topic) as LiveIndicator | undefined
      if (!value || this.#isOld(value, descriptors.get(value.id), fleet, now)) continue
      const { id, scope, key, group } = value
      const site = scope === 'device' ? key.slice(0, key.indexOf('/')) : scope === 'site' ? key : undefined
      const area = scope === 'area' ? key : site === undefined ? undefined : fleet.areaOfSite.get(site)
      raise(fleet.places.get(`place/site/${site}`), level)
      raise(fleet.places.get(`place/area/${area}`), level)
      if (scope === 'device') explained.add(nameOf(id, 'site', site, group))
      if (scope === 'device' || scope === 'site') explained.add(nameOf(id, 'area', area, group))
      if (scope !== 'district') explained.add(nameOf(id, 'district', 'district', group))
      const grouped = group === undefined ? {} : { group }
      items.push({ kind: 'indicator', level, since, key, scope, id, value: value.value, ...grouped })
    }
    return items.filter(({ id, scope, key, group }) => !explained.has(nameOf(id, scope, key, group)))
  }

  #isOld(value: LiveIndicator, descriptor: IndicatorDescriptor | undefined, { slowest }: Fleet, now: number): boolean {
    const { devices } = this.#state.known
    const source = descriptor?.source ?? ''
    const device = value.scope === 'device' ? devices.get(`device/${value.key}/${source}`) : undefined
    const cadence = device ? cadence_s(device) : sourceCadence_s(descriptor ?? { source }, slowest)
    return isOldValue(value, descriptor, cadence, now)
  }

  /**
   * Silent devices and nodes that are offline. The devices of a node that is offline are silent with it, and a site of
   * which all devices are silent is one item.
   */
  #connections(fleet: Fleet, since: Map<string, number>, now: number): AttentionItem[] {
    const { devices } = this.#state.known
    const connections = new Map([...fleet.connections, ...nodeConnections(this.#state.nodes.values(), [])])
    const silent = new Map<string, { device: LiveDevice; since: number }[]>()
    const bySite = new Map<string, number>()
    const ofOffline = new Map<string, { count: number; since: number }>()
    for (const { topic, site, node, counts } of fleet.entries) {
      bySite.set(site, (bySite.get(site) ?? 0) + 1)
      for (const place of counts) place.devices++
      const device = devices.get(topic)
      const life = device && this.#state.lifeOf(device)
      if (!device || !life || !isSilent(life)) continue
      for (const place of counts) place.silent++
      const at = life.last_ts === null ? life.since : life.last_ts + life.silent_ms
      const nodeKey = `${site}/${node}`
      if (connections.get(nodeKey) === false) {
        const before = ofOffline.get(nodeKey)
        ofOffline.set(nodeKey, { count: (before?.count ?? 0) + 1, since: Math.min(before?.since ?? at, at) })
      } else {
        silent.set(site, [...(silent.get(site) ?? []), { device, since: at }])
      }
    }
    const items: AttentionItem[] = []
    for (const [key, online] of connections) {
      const [site = ''] = key.split('/', 1)
      const area = fleet.areaOfSite.get(site)
      for (const place of [fleet.places.get(`place/site/${site}`), fleet.places.get(`place/area/${area}`)]) {
        if (!place) continue
        place.nodes++
        if (!online) place.offline++
      }
      if (online) continue
      const silentDevices = ofOffline.get(key)
      const seen = this.#noted(since, `offline ${key}`, silentDevices?.since ?? now)
      items.push({
        kind: 'offline',
        level: levelOf.offline,
        since: seen,
        key,
        scope: 'node',
        ...countOf(silentDevices?.count),
      })
    }
    for (const [site, devices] of silent) {
      if (devices.length > 1 && devices.length === bySite.get(site)) {
        const first = Math.min(...devices.map((one) => one.since))
        items.push({
          kind: 'silent',
          level: levelOf.silent,
          since: first,
          key: site,
          scope: 'site',
          count: devices.length,
        })
        continue
      }
      for (const one of devices) {
        items.push({
          kind: 'silent',
          level: levelOf.silent,
          since: one.since,
          key: deviceKey(one.device),
          scope: 'device',
        })
      }
    }
    return items
  }

  #lost(since: Map<string, number>, now: number): AttentionItem[] {
    const items: AttentionItem[] = []
    for (const { site, node, lost } of this.#state.known.ledgers.values()) {
      if (lost === 0) continue
      const key = `${site}/${node}`
      // More messages that are lost are a new item.
      const seen = this.#noted(since, `lost ${key} ${lost}`, now)
      items.push({ kind: 'lost', level: levelOf.lost, since: seen, key, scope: 'node', value: lost })
    }
    return items
  }

  #down(since: Map<string, number>, now: number): AttentionItem[] {
    const processes = [...this.#state.processes.values()]
    const silent = new Set(silentProcesses(processes))
    return processes
      .filter((process) => !process.up || silent.has(process))
      .map(({ process, ts }) => {
        const seen = this.#noted(since, `down ${process}`, Math.min(ts, now))
        return { kind: 'down', level: levelOf.down, since: seen, key: process, scope: 'process' }
      })
  }

  /** When something was first seen, which is `at` now. */
  #noted(since: Map<string, number>, name: string, at: number): number {
    const first = this.#since.get(name) ?? at
    since.set(name, first)
    return first
  }

  #publishPlaces({ places }: Fleet): void {
    for (const [topic, place] of places) {
      const change = this.#state.applyComputed(topic, { ...place })
      if (change) this.#publish(change)
    }
  }

  #remove(topic: string): void {
    const change = this.#state.removeComputed(topic)
    if (change) this.#publish(change)
  }

  /** Of several that begin at once, the worst and oldest is the last one: it is what viewers are led to. */
  #noteCritical(sorted: readonly AttentionItem[]): void {
    const current = new Map(sorted.filter(({ level }) => level === 3).map((item) => [itemName(item), item]))
    const remaining = [...this.#critical].flatMap(([name, { number }]) => {
      const item = current.get(name)
      return item ? [[name, { item, number }] as const] : []
    })
    const begun = [...current]
      .filter(([name]) => !this.#critical.has(name))
      .reverse()
      .map(([name, item]) => [name, { item, number: ++this.#criticalsBegun }] as const)
    this.#critical = new Map([...remaining, ...begun])
  }

  #publishItems(items: AttentionItem[], now: number): void {
    const sorted = items
      .sort((a, b) => b.level - a.level || a.since - b.since || (a.key < b.key ? -1 : 1))
      .map((item) => this.#withIncident(item))
    this.#noteCritical(sorted)
    const criticals = [...this.#critical.values()]
    this.#state.attention = { items: sorted, criticals }
    const frame = attentionFrame(now, sorted, criticals.at(-1)?.item, this.#criticalsBegun)
    // Of all items: a limited user sees other ones than the first of all.
    const shape = JSON.stringify([this.#criticalsBegun, sorted], (key, value) => (key === 'value' ? undefined : value))
    const values = JSON.stringify(sorted.map(({ value }) => value))
    const sent = this.#sent
    if (sent?.shape === shape && (sent.values === values || now - sent.at < valuesMs)) return
    this.#sent = { shape, values, at: now }
    const change = this.#state.applyComputed('attention', frame)
    if (change) this.#publish(change)
  }
}

/** What `attention` holds of items in their order: all are counted, and the first ones listed. */
export function attentionFrame(
  ts: number,
  items: readonly AttentionItem[],
  newest: AttentionItem | undefined,
  begun: number,
): LiveAttention {
  return {
    ts,
    ...countItems(items),
    criticals_begun: begun,
    newest_critical: newest ?? null,
    items: items.slice(0, maxItems),
  }
}

/** How many items there are of each kind and of each level. */
function countItems(items: readonly AttentionItem[]): Pick<LiveAttention, 'counts' | 'levels'> {
  const counts: Record<AttentionKind, number> = { indicator: 0, silent: 0, offline: 0, lost: 0, down: 0 }
  const levels: Record<Level, number> = { 0: 0, 1: 0, 2: 0, 3: 0 }
  for (const { kind, level } of items) {
    counts[kind]++
    levels[level]++
  }
  return { counts, levels }
}

const itemName = ({ kind, scope, key, id, group }: AttentionItem): string => nameOf(kind, scope, key, id, group)

/** What an item is about, as incidents name it. */
function thingOf({ kind, scope, key, id = '', group }: AttentionItem): ThingId {
  switch (kind) {
    case 'indicator':
      return thingId(
        'indicator',
        indicatorTopic(id, scope as Scope, key, group).slice(`${livePrefix}indicator/`.length),
      )
    case 'silent':
      return thingId(scope === 'site' ? 'site' : 'device', key)
    case 'offline':
      return thingId('node', key)
    case 'lost':
      return thingId('ledger', key)
    case 'down':
      return thingId('process', key)
    default:
      return kind satisfies never
  }
}

const nameOf = (...parts: readonly (string | undefined)[]): string => JSON.stringify(parts)

const countOf = (count: number | undefined) => (count === undefined ? {} : { count })

function raise(place: MutablePlace | undefined, level: LivePlace['level']): void {
  if (place && level > place.level) place.level = level
}
