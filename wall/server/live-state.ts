import type {
  IndicatorDescriptor,
  LiveDevice,
  LiveDistrict,
  LiveIndicator,
  LiveLedger,
  LiveProcess,
} from '@ioc/contract/messages/live.ts'
import { isStaleStatus } from '@ioc/contract/messages/session.ts'
import type { Status } from '@ioc/contract/messages/status.ts'
import type { NodeAddress } from '@ioc/contract/topics.ts'
import type { LiveNode } from '../shared/live-frame.ts'
import { TopicIndex } from './topic-index.ts'

/** A change as every client gets it: serialised once. */
export interface LiveChange {
  readonly topic: string
  readonly frame: Buffer
  /** The topic was removed. */
  readonly gone?: true
}

/** Topics that are kept: 10,000 devices with 10 topics each fit. What comes beyond is counted, and not kept. */
const defaultMaxTopics = 100_000

const noDistrict: LiveDistrict = { areas: [], sites: [], units: [], targets: [], thresholds: [], problem: null }

/** The last value of every live topic, by kind. */
export class LiveState {
  readonly indicators = new Map<string, LiveIndicator>()
  readonly ledgers = new Map<string, LiveLedger>()
  readonly devices = new Map<string, LiveDevice>()
  readonly processes = new Map<string, LiveProcess>()
  readonly nodes = new Map<string, LiveNode>()
  descriptors: readonly IndicatorDescriptor[] = []
  district: LiveDistrict = noDistrict
  /** Messages that were not JSON, or of no kind that the wall knows. */
  unreadable = 0
  /** Messages of new topics that came when the limit was reached. */
  overLimit = 0
  /** Changes that were passed on. */
  changes = 0

  readonly #frames = new Map<string, Buffer>()
  readonly #index = new TopicIndex()
  readonly #build: string
  readonly #maxTopics: number
  #connected = false
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
    return this.#frames.size
  }

  /**
   * Applies a live message; `topic` is what stands after `ioc/v1/_live/`. An empty payload removes the topic.
   * `undefined` when nothing changed: a broker repeats what it retains after each reconnection.
   */
  apply(topic: string, payload: Buffer, retained: boolean): LiveChange | undefined {
    const map = this.#mapOf(topic)
    this.#unconfirmed.delete(topic)
    if (payload.length === 0) return this.#remove(topic)
    let value: object
    try {
      value = JSON.parse(payload.toString('utf8')) as object
    } catch {
      this.unreadable++
      return undefined
    }
    if (topic === 'indicators' && Array.isArray(value)) {
      this.descriptors = value as IndicatorDescriptor[]
      return this.#keep(topic, { ts: Date.now(), indicators: value }, false)
    }
    if (topic === 'district' && isDistrict(value)) {
      // A processor of an older version publishes less.
      this.district = { ...noDistrict, ...value }
      return this.#keep(topic, { ts: Date.now(), ...value }, false)
    }
    if (!map || typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.unreadable++
      return undefined
    }
    const change = this.#keep(topic, value, retained)
    if (change) map.set(topic, value)
    return change
  }

  /** Applies a birth or a will. A will of another session than the last birth is ignored, as its node is back. */
  applyStatus(address: NodeAddress, status: Status): LiveChange | undefined {
    const { site, node } = address
    const topic = `node/${site}/${node}`
    const last = this.nodes.get(topic)
    this.#unconfirmed.delete(topic)
    if (isStaleStatus(status, last?.ts)) return undefined
    const agent = status.online ? status.agent : (last?.agent ?? null)
    const value: LiveNode = { site, node, ts: status.session, online: status.online, agent }
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
    if (retained) this.#isCaughtUp = true
    else if (!complete) for (const topic of this.#frames.keys()) if (isInSnapshot(topic)) this.#unconfirmed.add(topic)
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
    this.#connected = connected
    if (connected) {
      this.#isCaughtUp = false
      this.#endedEarly = false
      this.#unconfirmed.clear()
      for (const topic of this.#frames.keys()) {
        if (isInSnapshot(topic) || topic.startsWith('node/')) this.#unconfirmed.add(topic)
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
    return topic === 'link' ? this.refreshLink()?.frame : this.#frames.get(topic)
  }

  #mapOf(topic: string): Map<string, object> | undefined {
    switch (topic.slice(0, topic.indexOf('/'))) {
      case 'indicator':
        return this.indicators
      case 'ledger':
        return this.ledgers
      case 'device':
        return this.devices
      case 'process':
        return this.processes
      default:
        return undefined
    }
  }

  #keep(topic: string, value: object, skipEqual: boolean): LiveChange | undefined {
    const before = this.#frames.get(topic)
    if (!before && this.#frames.size >= this.#maxTopics) {
      this.overLimit++
      return undefined
    }
    const frame = Buffer.from(JSON.stringify({ topic, ...value }))
    if (skipEqual && before?.equals(frame)) return undefined
    if (!before) this.#index.add(topic)
    this.#frames.set(topic, frame)
    this.changes++
    return { topic, frame }
  }

  #remove(topic: string): LiveChange | undefined {
    this.#mapOf(topic)?.delete(topic)
    this.nodes.delete(topic)
    if (topic === 'indicators') this.descriptors = []
    if (topic === 'district') this.district = noDistrict
    if (!this.#frames.delete(topic)) return undefined
    this.#index.delete(topic)
    this.changes++
    return { topic, frame: Buffer.from(JSON.stringify({ topic, gone: true })), gone: true }
  }
}

/** Whether the processor publishes a topic in its batches. */
function isInSnapshot(topic: string): boolean {
  return /^(indicator|ledger|device)\//.test(topic)
}

function isDistrict(value: object | null): value is LiveDistrict {
  const { areas, sites } = (value ?? {}) as Partial<LiveDistrict>
  return Array.isArray(areas) && Array.isArray(sites)
}
