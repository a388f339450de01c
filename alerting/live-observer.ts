import type { CameraReason } from '@ioc/contract/device-types/camera-health.ts'
import { parseLiveBatch, snapshotMark } from '@ioc/contract/live-batch.ts'
import {
  type Aspect,
  causeId,
  type LevelReading,
  parseThing,
  type ThingId,
  thingId,
} from '@ioc/contract/messages/incidents.ts'
import {
  type IndicatorDescriptor,
  keysOf,
  type Levels,
  type LiveConnection,
  type LiveDevice,
  type LiveDistrict,
  type LiveIndicator,
  type LiveLedger,
  type LiveLiveness,
  type LiveProcess,
  type LiveSimulation,
  windowLengthSeconds,
} from '@ioc/contract/messages/live.ts'
import { type CollectorState, parseStatus, type Status } from '@ioc/contract/messages/status.ts'
import { liveBatchTopic, livePrefix, parseIndicatorTopic, parseNodeTopic } from '@ioc/contract/topics.ts'
import { districtGraph } from './graph.ts'
import type { Context, WatchEvent } from './machine.ts'
import { createProcessObserver, type ProcessProblem } from './process-observer.ts'
import type { Problem } from './state.ts'
import type { Names } from './texts.ts'

/** The condition of a camera that its bridge cannot reach, and the loss that it is. */
const unreachable = 'unreachable' satisfies CameraReason
const noAnswer = 'no_answer'

/** What the watch takes from the live topics. */
export interface LiveObserver {
  readonly context: Context
  /** What a message means. */
  receive(topic: string, payload: Buffer, retained: boolean): WatchEvent[]
  /**
   * What follows from the time alone: devices that had time enough for a first measurement, losses that are over, and
   * processes that report no more.
   */
  overdue(problems: ReadonlyMap<string, Problem>): WatchEvent[]
  /** After a snapshot that is complete: problems of what exists no longer. */
  goneThings(problems: ReadonlyMap<string, Problem>): WatchEvent[]
}

/** States of the flows of Node-RED that a technician is to look at. */
const flowProblems: Readonly<Record<string, string>> = {
  'last-good': 'flows_reverted',
  'safe-mode': 'flows_stopped',
  failed: 'flows_failed',
}

/** A simulated clock further behind, in ms, is one of the past. */
const maxSimulatedLagMs = 60_000
/** Messages are no longer lost when none was for so long, in ms. */
const lossesEndMs = 3_600_000

export function createLiveObserver(now: () => number): LiveObserver {
  const devices = new Map<string, LiveDevice>()
  const lives = new Map<string, LiveLiveness>()
  const nodes = new Map<string, LiveConnection>()
  const values = new Set<string>()
  /** Values of the past, which are looked at once it is over. */
  const postponed = new Map<string, LiveIndicator>()
  /** Messages that each node has lost, and when that last became more. */
  const losses = new Map<string, { lost: number; at: number }>()
  /** Lost devices that are not yet observed, as they have time for a first measurement, or all is of the past. */
  const pending = new Set<string>()
  /** The collectors of each node, as its last birth lists them. */
  const collectors = new Map<string, ReadonlySet<ThingId>>()
  const processes = createProcessObserver(now)
  let indicators = new Map<string, IndicatorDescriptor>()
  let district: Pick<LiveDistrict, 'rules' | 'upstreams' | 'areas' | 'sites' | 'thresholds'> = {
    ...{ rules: [], upstreams: [], areas: [], sites: [], thresholds: [] },
  }
  let context: Context | undefined
  const names: Names = {
    indicator: (id) => indicators.get(id)?.title,
    area: (code) => district.areas.find((area) => area.code === code)?.name,
  }
  /** Topics of the snapshot that is arriving. */
  let snapshot: Set<string> | undefined
  let isComplete = false
  /** A simulated district whose past is being filled in, or whose clock is behind: its measurements are old. */
  let isInPast = false

  function receive(topic: string, payload: Buffer, retained: boolean): WatchEvent[] {
    if (topic === liveBatchTopic) return receiveBatch(payload, retained)
    if (topic.startsWith(livePrefix)) return apply(topic.slice(livePrefix.length), payload.toString())
    const node = parseNodeTopic(topic)
    return node?.channel === 'status' ? receiveStatus(`${node.site}/${node.node}`, payload) : []
  }

  function receiveBatch(batch: Buffer, retained: boolean): WatchEvent[] {
    const events: WatchEvent[] = []
    for (const { topic, payload } of parseLiveBatch(batch)) {
      if (topic !== snapshotMark) {
        const path = topic.slice(livePrefix.length)
        snapshot?.add(path)
        events.push(...apply(path, payload))
      } else if (payload !== 'true') {
        snapshot = retained ? undefined : new Set()
      } else {
        if (snapshot) dropMissing(snapshot)
        snapshot = undefined
        isComplete = true
      }
    }
    return events
  }

  /** What a node reports at birth of its flows and collectors; a will leaves that as it is. */
  function receiveStatus(node: string, payload: Buffer): WatchEvent[] {
    let status: Status
    try {
      status = parseStatus(payload)
    } catch {
      // The processor reports what cannot be read.
      return []
    }
    if (!status.online) return []
    const flows = status.flows ? (flowProblems[status.flows.state] ?? null) : null
    return [
      observed(thingId('node', node), 'stopped', flows, now()),
      ...receiveCollectors(node, status.collectors ?? []),
    ]
  }

  /** A source that has never been read: of one that was, the silence of its devices is an incident. */
  function receiveCollectors(node: string, states: readonly CollectorState[]): WatchEvent[] {
    const before = collectors.get(node) ?? new Set()
    const listed = new Set(states.map(({ id }) => thingId('collector', `${node}/${id}`)))
    collectors.set(node, listed)
    return [
      ...states.map(({ id, state, records, since }) => {
        const problem = state === 'failing' && records === 0 ? 'no_success' : null
        return observed(thingId('collector', `${node}/${id}`), 'stopped', problem, Math.min(since, now()))
      }),
      ...[...before].filter((thing) => !listed.has(thing)).flatMap((thing) => endsOf(thing, ['stopped'])),
    ]
  }

  function dropMissing(present: ReadonlySet<string>): void {
    for (const all of [devices, lives, nodes, values, losses, pending, postponed]) {
      for (const path of all.keys()) if (!present.has(path)) all.delete(path)
    }
    context = undefined
  }

  function apply(path: string, json: string): WatchEvent[] {
    const kind = path.slice(0, path.indexOf('/') + 1 || undefined)
    const value: unknown = json === '' ? null : JSON.parse(json)
    switch (kind) {
      case 'device/':
        applyDevice(path, value as LiveDevice | null)
        return []
      case 'liveness/':
        return applyLiveness(path, value as LiveLiveness | null)
      case 'connection/':
        return applyConnection(path, value as LiveConnection | null)
      case 'ledger/':
        return applyLedger(path, value as LiveLedger | null)
      case 'indicator/':
        return applyIndicator(path, value as LiveIndicator | null)
      case 'process/':
        return applyProcess(value as LiveProcess | null)
      case 'simulation': {
        const { phase = 'live', clock = now() } = (value ?? {}) as Partial<LiveSimulation>
        isInPast = phase !== 'live' || clock < now() - maxSimulatedLagMs
        return isInPast ? [] : takePostponed()
      }
      case 'indicators':
        indicators = new Map(((value ?? []) as IndicatorDescriptor[]).map((one) => [one.id, one]))
        return []
      case 'district':
        if (value) district = { ...district, ...(value as LiveDistrict) }
        context = undefined
        return []
      default:
        return []
    }
  }

  function takePostponed(): WatchEvent[] {
    const events = [...postponed].flatMap(([path, value]) =>
      measured(thingId('indicator', path.slice('indicator/'.length)), value),
    )
    postponed.clear()
    return events
  }

  function applyDevice(path: string, device: LiveDevice | null): void {
    const before = devices.get(path)
    if (device) devices.set(path, device)
    else devices.delete(path)
    if (!before || !device || before.node !== device.node || before.name !== device.name || before.area !== device.area)
      context = undefined
  }

  function applyLiveness(path: string, life: LiveLiveness | null): WatchEvent[] {
    pending.delete(path)
    if (!life) {
      lives.delete(path)
      return endsOf(deviceThing(path), ['loss', 'stuck', 'railed', 'clock', 'condition'])
    }
    lives.set(path, life)
    const thing = deviceThing(path)
    const { state, since, silent_ms: graceMs, faults, clock, condition = null } = life
    const faultOf = (kind: 'stuck' | 'railed') => {
      const begins = faults.filter((fault) => fault.kind === kind).map((fault) => fault.since)
      return observed(thing, kind, begins.length > 0 ? kind : null, Math.min(now(), ...begins))
    }
    // That of its node is a problem of the node.
    const own = clock?.of === 'device' ? clock : null
    // A camera that does not answer its bridge is lost, as one that is silent: so is the pole whose cameras are.
    const unanswered = condition?.state === unreachable ? condition : null
    const others = [
      faultOf('stuck'),
      faultOf('railed'),
      observed(thing, 'clock', own && 'wrong', own?.since ?? now()),
      observed(thing, 'condition', unanswered ? null : (condition?.state ?? null), condition?.since ?? now()),
    ]
    if (state === 'measuring' || state === 'late') {
      const loss = observed(thing, 'loss', unanswered && noAnswer, unanswered?.since ?? since, graceMs)
      return [loss, ...others]
    }
    pending.add(path)
    return [...lossesDue([path]), ...others]
  }

  /** Of the devices that are pending, those that are lost by now. */
  function lossesDue(paths: Iterable<string>): WatchEvent[] {
    const events: WatchEvent[] = []
    if (isInPast) return events
    for (const path of paths) {
      const life = lives.get(path)
      if (!life) continue
      const { state, since, silent_ms } = life
      if (state === 'never_heard' && now() - since <= silent_ms) continue
      pending.delete(path)
      events.push(observed(deviceThing(path), 'loss', state, since, silent_ms))
    }
    return events
  }

  function applyConnection(path: string, node: LiveConnection | null): WatchEvent[] {
    const thing = thingId('node', path.slice('connection/'.length))
    if (!node || !nodes.has(path)) context = undefined
    if (!node) {
      nodes.delete(path)
      const ofCollectors = receiveCollectors(parseThing(thing).key, [])
      return [...endsOf(thing, ['loss', 'clock', 'cloned', 'stopped']), ...ofCollectors]
    }
    nodes.set(path, node)
    const { state, since, clock, cloned_since = null } = node
    return [
      observed(thing, 'loss', state === 'connected' ? null : state, since),
      observed(thing, 'clock', clock && 'wrong', clock?.since ?? since),
      observed(thing, 'cloned', cloned_since === null ? null : 'clone_suspected', cloned_since ?? since),
    ]
  }

  function applyLedger(path: string, ledger: LiveLedger | null): WatchEvent[] {
    const thing = thingId('ledger', path.slice('ledger/'.length))
    if (!ledger) {
      losses.delete(path)
      return endsOf(thing, ['losses'])
    }
    const { lost, ts } = ledger
    const before = losses.get(path)
    const isMore = before !== undefined && lost > before.lost
    losses.set(path, { lost, at: isMore ? now() : (before?.at ?? now()) })
    return isMore ? [observed(thing, 'losses', 'lost', ts)] : []
  }

  function applyIndicator(path: string, value: LiveIndicator | null): WatchEvent[] {
    const parsed = parseIndicatorTopic(`${livePrefix}${path}`)
    if (!parsed) return []
    const thing = thingId('indicator', path.slice('indicator/'.length))
    if (!value) {
      values.delete(path)
      postponed.delete(path)
      return endsOf(thing, ['level'])
    }
    values.add(path)
    if (isInPast) {
      postponed.set(path, value)
      return []
    }
    return measured(thing, value)
  }

  function measured(thing: ThingId, value: LiveIndicator): WatchEvent[] {
    const levels = levelsOf(value)
    // Until its window is filled, a value beyond a limit has no level.
    if (!levels || (value.level === 0 && isBeyond(value.value, levels))) return []
    const { direction, ...limits } = levels
    const window = indicators.get(value.id)?.window
    const windowMs = window === undefined ? 0 : windowLengthSeconds(window) * 1_000
    const reading: LevelReading = { thing, value: value.value, ts: value.ts, windowMs, direction, limits }
    return [{ kind: 'measured', reading }]
  }

  /** Those of the place, else those that the indicator declares. */
  function levelsOf(value: LiveIndicator) {
    const { id, scope, key } = value
    const keys = keysOf(scope, key)
    const ofPlace = district.thresholds.filter(
      (one) =>
        one.indicator === id && one.scope === scope && one.group === (value.group ?? null) && keys.includes(one.key),
    )
    const closest = keys.map((one) => ofPlace.find((threshold) => threshold.key === one)).find((one) => one)
    return closest?.levels ?? indicators.get(id)?.levels
  }

  function endsOf(thing: ThingId, aspects: readonly Aspect[]): WatchEvent[] {
    return aspects.map((aspect) => observed(thing, aspect, null, now()))
  }

  function applyProcess(value: LiveProcess | null): WatchEvent[] {
    if (!value) return []
    processes.receive(value)
    return [observedProcess(value.process, processes.problems().get(value.process), value.ts)]
  }

  function processChanges(problems: ReadonlyMap<string, Problem>): WatchEvent[] {
    return [...processes.problems()]
      .filter(([name, found]) => problems.get(causeId(thingId('process', name), 'stopped'))?.state !== found?.state)
      .map(([name, found]) => observedProcess(name, found, now()))
  }

  function overdue(problems: ReadonlyMap<string, Problem>): WatchEvent[] {
    const events = [...lossesDue(pending), ...processChanges(problems)]
    for (const { thing, aspect } of problems.values()) {
      if (aspect !== 'losses') continue
      const at = losses.get(thing)?.at
      if (at !== undefined && now() - at > lossesEndMs) events.push(...endsOf(thing, ['losses']))
    }
    return events
  }

  function goneThings(problems: ReadonlyMap<string, Problem>): WatchEvent[] {
    if (!isComplete) return []
    const known = new Set<ThingId>([...lives.keys()].map(deviceThing))
    for (const path of nodes.keys()) known.add(thingId('node', path.slice('connection/'.length)))
    for (const path of losses.keys()) known.add(thingId('ledger', path.slice('ledger/'.length)))
    for (const path of values) known.add(thingId('indicator', path.slice('indicator/'.length)))
    return (
      [...problems.values()]
        // What a person reported lasts until a person resolves it.
        .filter(
          ({ thing, aspect }) =>
            aspect !== 'reported' &&
            /^(device|indicator|node|ledger|collector)\//.test(thing) &&
            !known.has(thing) &&
            !isListed(thing),
        )
        .flatMap(({ thing, aspect }) => endsOf(thing, [aspect]))
    )
  }

  /** Whether a collector is in the last birth of its node, or that birth has not been received yet. */
  function isListed(thing: ThingId): boolean {
    const { kind, key } = parseThing(thing)
    if (kind !== 'collector') return false
    const node = key.split('/').slice(0, 2).join('/')
    return collectors.get(node)?.has(thing) ?? nodes.has(`connection/${node}`)
  }

  return {
    get context() {
      context ??= {
        graph: districtGraph(devices.values(), nodes.values(), district.sites, district.upstreams),
        rules: district.rules,
        names,
      }
      return context
    },
    receive,
    overdue,
    goneThings,
  }
}

/** Of the path of a device's liveness. */
const deviceThing = (path: string) => thingId('device', path.slice('liveness/'.length))

function isBeyond(value: number, { direction, ...limits }: Levels): boolean {
  return Object.values(limits).some((limit) => (direction === 'above' ? value > limit : value < limit))
}

function observedProcess(name: string, found: ProcessProblem | undefined, at: number): WatchEvent {
  return observed(thingId('process', name), 'stopped', found?.state ?? null, found?.since ?? at)
}

function observed(thing: ThingId, aspect: Aspect, state: string | null, since: number, graceMs?: number): WatchEvent {
  const grace = graceMs === undefined ? {} : { graceMs }
  return { kind: 'observed', observation: { thing, aspect, state, since, ...grace } }
}
