import { parseLiveBatch, snapshotMark } from '@ioc/contract/live-batch.ts'
import { type Aspect, type LevelReading, type ThingId, thingId } from '@ioc/contract/messages/incidents.ts'
import {
  type IndicatorDescriptor,
  keysOf,
  type Levels,
  type LiveDevice,
  type LiveDistrict,
  type LiveIndicator,
  type LiveProcess,
  type LiveSimulation,
} from '@ioc/contract/messages/live.ts'
import { isStaleStatus } from '@ioc/contract/messages/session.ts'
import { parseStatus, type Status } from '@ioc/contract/messages/status.ts'
import { liveBatchTopic, livePrefix, parseIndicatorTopic, parseNodeTopic } from '@ioc/contract/topics.ts'
import { districtGraph } from './graph.ts'
import type { Context, WatchEvent } from './machine.ts'
import type { Problem } from './state.ts'

/** What the watch takes from the live topics. */
export interface LiveObserver {
  readonly context: Context
  /** What a message means. */
  receive(topic: string, payload: Buffer, retained: boolean): WatchEvent[]
  /** What follows from the time alone: devices that have become silent. */
  silentDevices(problems: ReadonlyMap<string, Problem>): WatchEvent[]
  /** After a snapshot that is complete: problems of what exists no longer. */
  goneThings(problems: ReadonlyMap<string, Problem>): WatchEvent[]
}

/** A device is silent after so many of its cadences without a measurement, and not before `minSilentMs`. */
const silentCadences = 5
const minSilentMs = 300_000
/** Cadence of a device that declares none, in s. */
const defaultCadenceS = 60
/** Without any live value for so long, in ms, it is the processor that is silent: devices have their time again afterwards. */
const maxPauseMs = 60_000

export function createLiveObserver(now: () => number): LiveObserver {
  const devices = new Map<string, LiveDevice>()
  const nodes = new Map<string, { readonly site: string; readonly node: string; readonly session: number }>()
  const values = new Set<string>()
  let indicators = new Map<string, IndicatorDescriptor>()
  let district: Pick<LiveDistrict, 'rules' | 'upstreams' | 'sites' | 'thresholds'> = {
    ...{ rules: [], upstreams: [], sites: [], thresholds: [] },
  }
  let context: Context | undefined
  /** Topics of the snapshot that is arriving. */
  let snapshot: Set<string> | undefined
  let isComplete = false
  /** A simulated district whose past is being filled in, or whose clock is behind: its measurements are old. */
  let isInPast = false
  let lastBatch = Number.NEGATIVE_INFINITY
  /** Since when the processor publishes without a pause. */
  let steadySince = Number.POSITIVE_INFINITY

  function receive(topic: string, payload: Buffer, retained: boolean): WatchEvent[] {
    if (topic === liveBatchTopic) return receiveBatch(payload, retained)
    if (topic.startsWith(livePrefix)) return apply(topic.slice(livePrefix.length), payload.toString())
    const address = parseNodeTopic(topic)
    return address?.channel === 'status' ? receiveStatus(address, payload) : []
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
    if (retained) return events
    if (isInPast || now() - lastBatch > maxPauseMs) steadySince = now()
    lastBatch = now()
    return events
  }

  function dropMissing(present: ReadonlySet<string>): void {
    for (const path of devices.keys()) if (!present.has(path)) devices.delete(path)
    for (const path of values) if (!present.has(path)) values.delete(path)
    context = undefined
  }

  function apply(path: string, json: string): WatchEvent[] {
    const kind = path.slice(0, path.indexOf('/') + 1 || undefined)
    const value: unknown = json === '' ? null : JSON.parse(json)
    switch (kind) {
      case 'device/':
        return applyDevice(path, value as LiveDevice | null)
      case 'indicator/':
        return applyIndicator(path, value as LiveIndicator | null)
      case 'process/':
        return applyProcess(value as LiveProcess | null)
      case 'simulation': {
        const { phase = 'live', clock = now() } = (value ?? {}) as Partial<LiveSimulation>
        isInPast = phase !== 'live' || clock < now() - maxPauseMs
        return []
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

  function applyDevice(path: string, device: LiveDevice | null): WatchEvent[] {
    const before = devices.get(path)
    if (device) devices.set(path, device)
    else devices.delete(path)
    if (!before || !device || before.node !== device.node || before.name !== device.name || before.area !== device.area)
      context = undefined
    const isNewer = device?.last_ts != null && device.last_ts > (before?.last_ts ?? Number.NEGATIVE_INFINITY)
    return isNewer && !isOld(device, now()) ? [lossOf(deviceThing(device), null, now(), graceOf(device))] : []
  }

  function applyIndicator(path: string, value: LiveIndicator | null): WatchEvent[] {
    const parsed = parseIndicatorTopic(`${livePrefix}${path}`)
    if (!parsed) return []
    const thing = thingId('indicator', path.slice('indicator/'.length))
    if (!value) {
      values.delete(path)
      return [endOf(thing, 'level')]
    }
    values.add(path)
    const levels = levelsOf(value)
    // Until its window is filled, a value beyond a limit has no level.
    if (!levels || (value.level === 0 && isBeyond(value.value, levels))) return []
    const { direction, ...limits } = levels
    const reading: LevelReading = { thing, value: value.value, ts: value.ts, direction, limits }
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

  function endOf(thing: ThingId, aspect: Aspect): WatchEvent {
    return { kind: 'observed', observation: { thing, aspect, state: null, since: now() } }
  }

  function applyProcess(value: LiveProcess | null): WatchEvent[] {
    if (!value) return []
    const state = value.up ? null : 'stopped'
    const thing = thingId('process', value.process)
    return [{ kind: 'observed', observation: { thing, aspect: 'stopped', state, since: value.ts } }]
  }

  function receiveStatus({ site, node }: { site: string; node: string }, payload: Buffer): WatchEvent[] {
    const key = `${site}/${node}`
    const thing = thingId('node', key)
    if (payload.length === 0) {
      nodes.delete(key)
      context = undefined
      return [lossOf(thing, null, now())]
    }
    const status = readStatus(payload)
    if (!status || isStaleStatus(status, nodes.get(key)?.session)) return []
    if (!nodes.has(key)) context = undefined
    nodes.set(key, { site, node, session: status.session })
    return [lossOf(thing, status.online ? null : 'unreachable', now())]
  }

  function silentDevices(problems: ReadonlyMap<string, Problem>): WatchEvent[] {
    if (isInPast || now() - lastBatch > maxPauseMs) return []
    const silent: WatchEvent[] = []
    for (const [key, device] of newestOf(devices.values())) {
      const limit = graceOf(device)
      const isKnown = problems.has(`device/${key}#loss`)
      if (isKnown || !isOld(device, now()) || now() - steadySince < limit) continue
      const state = device.last_ts === null ? 'never_heard' : 'silent'
      silent.push(lossOf(deviceThing(device), state, device.last_ts ?? now(), limit))
    }
    return silent
  }

  function goneThings(problems: ReadonlyMap<string, Problem>): WatchEvent[] {
    if (!isComplete) return []
    const known = new Set<ThingId>([...devices.values()].map(deviceThing))
    for (const path of values) known.add(thingId('indicator', path.slice('indicator/'.length)))
    return [...problems.values()]
      .filter(({ thing }) => /^(device|indicator)\//.test(thing) && !known.has(thing))
      .map(({ thing, aspect }) => endOf(thing, aspect))
  }

  return {
    get context() {
      context ??= {
        graph: districtGraph(devices.values(), nodes.values(), district.sites, district.upstreams),
        rules: district.rules,
      }
      return context
    },
    receive,
    silentDevices,
    goneThings,
  }
}

const deviceThing = ({ site, device }: Pick<LiveDevice, 'site' | 'device'>) => thingId('device', `${site}/${device}`)

/** A node may publish anything on its own status topic. */
function readStatus(payload: Buffer): Status | undefined {
  try {
    return parseStatus(payload)
  } catch {
    return undefined
  }
}

function isBeyond(value: number, { direction, ...limits }: Levels): boolean {
  return Object.values(limits).some((limit) => (direction === 'above' ? value > limit : value < limit))
}

function lossOf(thing: ThingId, state: string | null, since: number, graceMs?: number): WatchEvent {
  const grace = graceMs === undefined ? {} : { graceMs }
  return { kind: 'observed', observation: { thing, aspect: 'loss', state, since, ...grace } }
}

/** After the recovery of what it depends on, a device may need one silent interval. */
function graceOf({ cadence_s }: Pick<LiveDevice, 'cadence_s'>): number {
  return Math.max(silentCadences * (cadence_s ?? defaultCadenceS) * 1_000, minSilentMs)
}

function isOld(device: LiveDevice, now: number): boolean {
  return device.last_ts === null || now - device.last_ts > graceOf(device)
}

/** Of a device with values of several types, the entry that was measured last. */
function newestOf(all: Iterable<LiveDevice>): Map<string, LiveDevice> {
  const newest = new Map<string, LiveDevice>()
  for (const device of all) {
    const key = `${device.site}/${device.device}`
    const before = newest.get(key)
    if (!before || (device.last_ts ?? 0) > (before.last_ts ?? 0)) newest.set(key, device)
  }
  return newest
}
