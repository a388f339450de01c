import { type SelfDeclaredType, setSelfDeclaredTypes } from '@ioc/contract/device-types/self-declared.ts'
import type { LiveIncident, LiveMaintenance } from '@ioc/contract/messages/incidents.ts'
import type {
  IndicatorDescriptor,
  LiveDevice,
  LiveDistrict,
  LiveIndicator,
  LiveLedger,
  LiveLiveness,
  LiveProcess,
  LiveSimulation,
} from '@ioc/contract/messages/live.ts'
import type { LiveDeliveries, LiveRota } from '@ioc/contract/messages/notifications.ts'
import { isStaleStatus } from '@ioc/contract/messages/session.ts'
import type { Status } from '@ioc/contract/messages/status.ts'
import { deliveriesTopic, incidentTopic, livePrefix, type NodeAddress } from '@ioc/contract/topics.ts'
import { type Calendar, calendarOf, emptyCalendar } from '@ioc/runtime/district/calendar.ts'
import type { AttentionItem, LiveNode } from '../shared/live-frame.ts'
import { TopicIndex } from './topic-index.ts'

/** A change as every client gets it: serialised once. */
export interface LiveChange {
  readonly topic: string
  readonly frame: Buffer
  /** The topic was removed. */
  readonly gone?: true
}

/** What is kept of a topic. */
interface Kept {
  readonly topic: string
  frame: Buffer
  /**
   * A newer value, as JSON: it is parsed when somebody asks. 10,000 devices change 20,000 values a second, and most of them
   * are replaced before.
   */
  unread: string | undefined
}

/** An indicator's level, and when the server first saw it. */
export interface Raised {
  readonly level: LiveIndicator['level']
  /** In ms since 1970, UTC; the time of the value where the server knew none before. */
  readonly since: number
}

/** A critical item with its number of all that have begun since the server's start. */
export interface NumberedItem {
  readonly item: AttentionItem
  readonly number: number
}

/** Everything that needs attention, the worst and oldest first, and the critical items in the order in which they began. */
export interface AttentionState {
  readonly items: readonly AttentionItem[]
  readonly criticals: readonly NumberedItem[]
}

/** How long the broker may take to send what it retains, in ms, where it retains no mark at the end of it. */
const maxCatchUpMs = 3_000

/** What of a device decides how it counts in its place; its time does not. */
const decisiveOfDevice = ['online', 'area', 'cadence_s', 'type', 'node'] as const

/** Topics that are kept: 10,000 devices with 10 topics each fit. Of the fleet, what comes beyond is counted, and not kept. */
const defaultMaxTopics = 100_000

const noDistrict: LiveDistrict = {
  areas: [],
  sites: [],
  units: [],
  targets: [],
  thresholds: [],
  rules: [],
  upstreams: [],
  outlines: null,
  problem: null,
}

const noMaintenance: LiveMaintenance = { windows: [] }

/** The last value of every live topic, by kind. */
export class LiveState {
  readonly processes = new Map<string, LiveProcess>()
  readonly nodes = new Map<string, LiveNode>()
  /** Set where the district is a simulated one. */
  simulation: LiveSimulation | undefined
  /** Messages that were not JSON, or of no kind that the wall knows. */
  unreadable = 0
  /** Messages of new topics that came when the limit was reached. */
  overLimit = 0
  /** Changes that were passed on. */
  changes = 0

  #descriptors: readonly IndicatorDescriptor[] = []
  #district: LiveDistrict = noDistrict
  /** Called with the self-declared types when they change. */
  onTypes: (types: readonly SelfDeclaredType[]) => void = () => undefined
  /** Changes with each incident that comes, goes or changes, and with the messages about it. */
  incidentsVersion = 0
  /** By topic. */
  readonly incidents = new Map<string, LiveIncident>()
  maintenance: LiveMaintenance = noMaintenance
  /** What `attention` was computed from. */
  attention: AttentionState = { items: [], criticals: [] }
  /** Who is on call; undefined: the watch has not published it. */
  rota: LiveRota | undefined
  /** The messages about each incident, by topic. */
  readonly deliveries = new Map<string, LiveDeliveries>()
  readonly #indicators = new Map<string, LiveIndicator>()
  readonly #ledgers = new Map<string, LiveLedger>()
  readonly #devices = new Map<string, LiveDevice>()
  readonly #lives = new Map<string, LiveLiveness>()
  readonly #kept = new Map<string, Kept>()
  /** Topics with a newer value that nobody has asked for. */
  readonly #unread = new Set<Kept>()
  readonly #raised = new Map<string, Raised>()
  #fleetVersion = 0
  readonly #index = new TopicIndex()
  readonly #build: string
  readonly #maxTopics: number
  #connected = false
  #connectedAt = 0
  /** Topics that the broker has not sent again since the wall connected or a snapshot began. */
  readonly #unconfirmed = new Set<string>()
  /** Whether all that the broker retains has arrived since the wall connected. */
  #isCaughtUp = true
  /** Whether a snapshot ended before that. */
  #endedEarly = false

  /** `build` names the page that the server hands out. */
  constructor(build = '', maxTopics = defaultMaxTopics) {
    this.#build = build
    this.#maxTopics = maxTopics
  }

  /** How many topics are kept. */
  get size(): number {
    return this.#kept.size
  }

  get descriptors(): readonly IndicatorDescriptor[] {
    this.#read('indicators')
    return this.#descriptors
  }

  /** When offices and schools are open. */
  get calendar(): Calendar {
    return calendarOf(this.#district.calendars ?? emptyCalendar)
  }

  get district(): LiveDistrict {
    this.#read('district')
    return this.#district
  }

  incident(id: number): LiveIncident | undefined {
    return this.incidents.get(incidentTopic(id).slice(livePrefix.length))
  }

  /** The messages about an incident, oldest first. */
  deliveriesOf(incident: number): LiveDeliveries['deliveries'] {
    return this.deliveries.get(deliveriesTopic(incident).slice(livePrefix.length))?.deliveries ?? []
  }

  /** Indicators beyond a limit, by topic. */
  get raised(): ReadonlyMap<string, Raised> {
    return this.#raised
  }

  /**
   * Devices and ledgers without the values that nobody has asked for: what `isDecisive` names is current, the times are
   * not. `current` has the newest value of one topic.
   */
  get known(): {
    readonly devices: ReadonlyMap<string, LiveDevice>
    readonly ledgers: ReadonlyMap<string, LiveLedger>
  } {
    return { devices: this.#devices, ledgers: this.#ledgers }
  }

  /** Changes with each device that comes, goes, or changes in what is decisive. */
  get fleetVersion(): number {
    return this.#fleetVersion
  }

  /** Whether the wall is connected, and has what the broker retains: its mark says so, or nothing else is to come. */
  get isCurrent(): boolean {
    return this.#connected && (this.#isCaughtUp || performance.now() - this.#connectedAt > maxCatchUpMs)
  }

  get indicators(): ReadonlyMap<string, LiveIndicator> {
    this.#readAll()
    return this.#indicators
  }

  get ledgers(): ReadonlyMap<string, LiveLedger> {
    this.#readAll()
    return this.#ledgers
  }

  get devices(): ReadonlyMap<string, LiveDevice> {
    this.#readAll()
    return this.#devices
  }

  /** The liveness of a device; a feed of cases has none. */
  lifeOf({ site, device }: Pick<LiveDevice, 'site' | 'device'>): LiveLiveness | undefined {
    return this.#lives.get(`liveness/${site}/${device}`)
  }

  /** Keeps a newer value of a topic until somebody asks for it; false where the topic is new, or has to be removed. */
  defer(topic: string, json: string): boolean {
    const kept = this.#kept.get(topic)
    if (json === '' || !kept || this.#isDecisive(topic, json)) return false
    // One that is replaced counts now, the others when they are read.
    if (kept.unread !== undefined) this.changes++
    else this.#unread.add(kept)
    kept.unread = json
    return true
  }

  /**
   * Whether a value changes what decides on attention: the level of an indicator, the connection of a device, messages
   * lost. Read from the text: parsing each of 20,000 values a second would cost more than all else. A quote in a
   * name is escaped, so that only a key of the object can match.
   */
  #isDecisive(topic: string, json: string): boolean {
    if (topic.startsWith('indicator/')) {
      const level = /"level":(\d)/.exec(json)?.[1]
      return Number(level ?? 0) !== (this.#indicators.get(topic)?.level ?? 0)
    }
    // It is published only when it changes.
    if (topic.startsWith('liveness/')) return true
    if (topic.startsWith('device/')) return json.includes('"online":true') !== this.#devices.get(topic)?.online
    if (topic.startsWith('ledger/')) {
      const lost = /"lost":(\d+)/.exec(json)?.[1]
      return Number(lost ?? 0) !== (this.#ledgers.get(topic)?.lost ?? 0)
    }
    return false
  }

  /** The newest value of a topic of indicators, devices or ledgers. */
  current(topic: string): object | undefined {
    this.#read(topic)
    return this.#mapOf(topic)?.get(topic)
  }

  /**
   * Applies a live message; `topic` is what stands after `ioc/v1/_live/`. An empty payload removes the topic.
   * `undefined` when nothing changed: a broker repeats what it retains after each reconnection.
   */
  apply(topic: string, json: string, retained: boolean): LiveChange | undefined {
    const map = this.#mapOf(topic)
    this.#unconfirmed.delete(topic)
    if (json === '') return this.#remove(topic)
    let value: object
    try {
      value = JSON.parse(json) as object
    } catch {
      this.unreadable++
      return undefined
    }
    if (topic === 'indicators' && Array.isArray(value)) {
      this.#descriptors = value as IndicatorDescriptor[]
      return this.#keep(topic, { ts: Date.now(), indicators: value }, false)
    }
    if (topic === 'types' && Array.isArray(value)) {
      setSelfDeclaredTypes(value as SelfDeclaredType[])
      const change = this.#keep(topic, { types: value }, true)
      if (change) this.onTypes(value as SelfDeclaredType[])
      return change
    }
    if (topic === 'district' && isDistrict(value)) {
      // A processor of an older version publishes less.
      this.#district = { ...noDistrict, ...value }
      return this.#keep(topic, { ts: Date.now(), ...value }, false)
    }
    if (topic === 'simulation' && isSimulation(value)) {
      this.simulation = value
      return this.#keep(topic, value, true)
    }
    // For integrators: what it is about is on the topic of its incident. Nodes are known from their births.
    if (topic === 'notification' || topic.startsWith('connection/')) return undefined
    if (topic === 'maintenance' && isMaintenance(value)) {
      this.maintenance = value
      return this.#keep(topic, value, true)
    }
    if (topic === 'rota' && isRota(value)) {
      this.rota = value
      return this.#keep(topic, value, true)
    }
    if (!map || typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.unreadable++
      return undefined
    }
    const change = this.#keep(topic, value, retained)
    if (change) {
      this.#noteDecisive(topic, map.get(topic), value)
      map.set(topic, value)
    }
    return change
  }

  #noteDecisive(topic: string, before: object | undefined, value: object): void {
    if (topic.startsWith('indicator/')) {
      const { level, ts } = value as LiveIndicator
      const last = (before as LiveIndicator | undefined)?.level
      if (!(level > 0)) this.#raised.delete(topic)
      else if (level !== last) this.#raised.set(topic, { level, since: last === undefined ? ts : Date.now() })
    } else if (isOfIncident(topic)) {
      this.incidentsVersion++
    } else if (topic.startsWith('device/')) {
      const [a, b] = [before as LiveDevice | undefined, value as LiveDevice]
      if (!a || decisiveOfDevice.some((name) => a[name] !== b[name])) this.#fleetVersion++
    }
  }

  /** Keeps what the server computes itself; undefined when it is as it was. */
  applyComputed(topic: string, value: object): LiveChange | undefined {
    return this.#keep(topic, value, true)
  }

  removeComputed(topic: string): LiveChange | undefined {
    return this.#remove(topic)
  }

  /** Applies a birth or a will. A will of another session than the last birth is ignored, as its node is back. */
  applyStatus(address: NodeAddress, status: Status): LiveChange | undefined {
    const { site, node } = address
    const topic = `node/${site}/${node}`
    const last = this.nodes.get(topic)
    this.#unconfirmed.delete(topic)
    if (isStaleStatus(status, last?.ts)) return undefined
    const agent = status.online ? status.agent : (last?.agent ?? null)
    const update = status.online ? status.update : last?.update
    const value: LiveNode = {
      ...{ site, node, ts: status.session, online: status.online, agent },
      ...(update === undefined ? {} : { update }),
    }
    const change = this.#keep(topic, value, true)
    if (change) this.nodes.set(topic, value)
    return change
  }

  /** Removes a node whose retained status was cleared. */
  removeNode({ site, node }: NodeAddress): LiveChange | undefined {
    return this.#remove(`node/${site}/${node}`)
  }

  /**
   * Applies the beginning or the end of a snapshot, and returns the removal of each topic that exists no longer. The
   * retained mark comes after all that the broker retains. While it does not hold a snapshot, as after its start, live
   * values stay until the processor has published them.
   */
  applySnapshot(complete: boolean, retained: boolean): LiveChange[] {
    this.#readAll()
    if (retained) this.#isCaughtUp = true
    else if (!complete) for (const topic of this.#kept.keys()) if (isInSnapshot(topic)) this.#unconfirmed.add(topic)
    if (!this.#isCaughtUp) {
      this.#endedEarly = complete
      return []
    }
    const whole = complete || (retained && this.#endedEarly)
    this.#endedEarly = false
    const gone = [...this.#unconfirmed].filter((topic) => whole || (retained && !isInSnapshot(topic)))
    for (const topic of gone) this.#unconfirmed.delete(topic)
    return gone.flatMap((topic) => this.#remove(topic) ?? [])
  }

  /** Notes whether the broker is connected. */
  applyLink(connected: boolean): LiveChange | undefined {
    this.#readAll()
    this.#connected = connected
    if (connected) {
      this.#connectedAt = performance.now()
      this.#isCaughtUp = false
      this.#endedEarly = false
      this.#unconfirmed.clear()
      for (const topic of this.#kept.keys()) {
        if (isInSnapshot(topic) || isOfIncident(topic) || topic.startsWith('node/')) this.#unconfirmed.add(topic)
      }
    }
    return this.refreshLink()
  }

  /** The link as it is now, with the time: a page computes ages by this clock and not by its own. */
  refreshLink(): LiveChange | undefined {
    return this.#keep('link', { ts: Date.now(), connected: this.#connected, build: this.#build }, false)
  }

  /** Topics at or below a prefix, in order: after `after` where that is given, at most `max`. */
  below(prefix: string, after: string | undefined, max: number): string[] {
    return this.#index.below(prefix, after, max)
  }

  /** The last value of a topic, serialised. */
  frameOf(topic: string): Buffer | undefined {
    if (topic === 'link') return this.refreshLink()?.frame
    this.#read(topic)
    return this.#kept.get(topic)?.frame
  }

  /** Applies what was kept of all topics until somebody asks. */
  #readAll(): void {
    for (const { topic } of this.#unread) this.#read(topic)
  }

  /** Applies what was kept of a topic. */
  #read(topic: string): void {
    const kept = this.#kept.get(topic)
    if (!kept || !this.#unread.delete(kept)) return
    const { unread } = kept
    kept.unread = undefined
    if (unread !== undefined) this.apply(topic, unread, false)
  }

  #mapOf(topic: string): Map<string, object> | undefined {
    switch (topic.slice(0, topic.indexOf('/'))) {
      case 'indicator':
        return this.#indicators
      case 'ledger':
        return this.#ledgers
      case 'device':
        return this.#devices
      case 'liveness':
        return this.#lives
      case 'process':
        return this.processes
      case 'incident':
        return this.incidents
      case 'deliveries':
        return this.deliveries
      default:
        return undefined
    }
  }

  #keep(topic: string, value: object, skipEqual: boolean): LiveChange | undefined {
    const before = this.#kept.get(topic)
    if (before) before.unread = undefined
    if (!before && this.#kept.size >= this.#maxTopics && isOfFleet(topic)) {
      this.overLimit++
      return undefined
    }
    const frame = Buffer.from(JSON.stringify({ topic, ...value }))
    if (skipEqual && before?.frame.equals(frame)) return undefined
    if (before) {
      before.frame = frame
    } else {
      this.#index.add(topic)
      this.#kept.set(topic, { topic, frame, unread: undefined })
    }
    this.changes++
    return { topic, frame }
  }

  #remove(topic: string): LiveChange | undefined {
    if (this.#mapOf(topic)?.delete(topic)) {
      if (topic.startsWith('device/')) this.#fleetVersion++
      if (isOfIncident(topic)) this.incidentsVersion++
    }
    this.#raised.delete(topic)
    this.nodes.delete(topic)
    if (topic === 'indicators') this.#descriptors = []
    if (topic === 'district') this.#district = noDistrict
    if (topic === 'simulation') this.simulation = undefined
    if (topic === 'maintenance') this.maintenance = noMaintenance
    if (topic === 'rota') this.rota = undefined
    const kept = this.#kept.get(topic)
    if (!kept) return undefined
    kept.unread = undefined
    this.#unread.delete(kept)
    this.#kept.delete(topic)
    this.#index.delete(topic)
    this.changes++
    return { topic, frame: Buffer.from(JSON.stringify({ topic, gone: true })), gone: true }
  }
}

/** Whether there are as many topics of the kind as the fleet makes: only those are limited. */
function isOfFleet(topic: string): boolean {
  return topic.includes('/') && !topic.startsWith('place/')
}

/** Whether the processor publishes a topic in its batches. */
function isInSnapshot(topic: string): boolean {
  return /^(indicator|ledger|device|liveness)\//.test(topic)
}

/** Whether the watch publishes a topic for each incident, until it evicts it. */
function isOfIncident(topic: string): boolean {
  return /^(incident|deliveries)\//.test(topic)
}

function isDistrict(value: object | null): value is LiveDistrict {
  const { areas, sites } = (value ?? {}) as Partial<LiveDistrict>
  return Array.isArray(areas) && Array.isArray(sites)
}

function isMaintenance(value: object | null): value is LiveMaintenance {
  return Array.isArray((value as Partial<LiveMaintenance> | null)?.windows)
}

function isRota(value: object | null): value is LiveRota {
  const { rotas, people } = (value ?? {}) as Partial<LiveRota>
  return Array.isArray(rotas) && Array.isArray(people)
}

function isSimulation(value: object | null): value is LiveSimulation {
  const { scenario, phase } = (value ?? {}) as Partial<LiveSimulation>
  return typeof scenario === 'string' && typeof phase === 'string'
}
