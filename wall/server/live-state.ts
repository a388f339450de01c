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

/** A change as every client gets it: serialised once. */
export interface LiveChange {
  readonly topic: string
  readonly frame: Buffer
}

/** Most topics that are kept: 2,000 devices with 20 topics each fit. What comes beyond is counted, and not kept. */
const defaultLimit = 50_000

/** The last value of every live topic, by kind. */
export class LiveState {
  readonly indicators = new Map<string, LiveIndicator>()
  readonly ledgers = new Map<string, LiveLedger>()
  readonly devices = new Map<string, LiveDevice>()
  readonly processes = new Map<string, LiveProcess>()
  readonly nodes = new Map<string, LiveNode>()
  descriptors: readonly IndicatorDescriptor[] = []
  district: LiveDistrict = { areas: [], sites: [] }
  /** Messages that were not JSON, or of no kind that the wall knows. */
  unreadable = 0
  /** Messages of new topics that came when the limit was reached. */
  overLimit = 0
  /** Changes that were passed on. */
  changes = 0

  readonly #frames = new Map<string, Buffer>()
  readonly #limit: number

  constructor(limit = defaultLimit) {
    this.#limit = limit
  }

  /** How many topics are kept. */
  get size(): number {
    return this.#frames.size
  }

  /**
   * Takes a live message; `topic` is what stands after `ioc/v1/_live/`. An empty payload takes the topic back.
   * `undefined` when nothing changed: a broker repeats what it retains after each reconnection.
   */
  apply(topic: string, payload: Buffer, retained: boolean): LiveChange | undefined {
    const map = this.#mapOf(topic)
    if (payload.length === 0) return this.#remove(topic, map)
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
      this.district = value
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

  /** Takes a birth or a will. A will of another session than the last birth is ignored, as its node is back. */
  applyStatus(address: NodeAddress, status: Status): LiveChange | undefined {
    const { site, node } = address
    const topic = `node/${site}/${node}`
    const last = this.nodes.get(topic)
    if (isStaleStatus(status, last?.ts)) return undefined
    const agent = status.online ? status.agent : (last?.agent ?? null)
    const value: LiveNode = { site, node, ts: status.session, online: status.online, agent }
    const change = this.#keep(topic, value, true)
    if (change) this.nodes.set(topic, value)
    return change
  }

  /** Removes a node whose retained status is gone. */
  removeNode({ site, node }: NodeAddress): LiveChange | undefined {
    return this.#remove(`node/${site}/${node}`, this.nodes)
  }

  /** Notes whether the broker is heard. */
  applyLink(connected: boolean): LiveChange | undefined {
    return this.#keep('link', { ts: Date.now(), connected }, false)
  }

  /** The last value of each topic at or below `prefix`. */
  *lastBelow(prefix: string): Iterable<LiveChange> {
    const below = `${prefix}/`
    for (const [topic, frame] of this.#frames) {
      if (topic === prefix || topic.startsWith(below)) yield { topic, frame }
    }
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
    if (!before && this.#frames.size >= this.#limit) {
      this.overLimit++
      return undefined
    }
    const frame = Buffer.from(JSON.stringify({ topic, ...value }))
    if (skipEqual && before?.equals(frame)) return undefined
    this.#frames.set(topic, frame)
    this.changes++
    return { topic, frame }
  }

  #remove(topic: string, map: Map<string, object> | undefined): LiveChange | undefined {
    map?.delete(topic)
    if (!this.#frames.delete(topic)) return undefined
    return { topic, frame: Buffer.from(JSON.stringify({ topic, gone: true })) }
  }
}

function isDistrict(value: object | null): value is LiveDistrict {
  const { areas, sites } = (value ?? {}) as Partial<LiveDistrict>
  return Array.isArray(areas) && Array.isArray(sites)
}
