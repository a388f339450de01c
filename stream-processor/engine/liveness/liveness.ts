import { findCaseType } from '@ioc/contract/case-types/table.ts'
import { findDeviceType } from '@ioc/contract/device-types/table.ts'
import type { Envelope } from '@ioc/contract/messages/envelope.ts'
import type { LifeState, LiveClock, LiveConnection, LiveFault, LiveLiveness } from '@ioc/contract/messages/live.ts'
import { connectionTopic, livenessTopic } from '@ioc/contract/topics.ts'
import { type Calendar, reportingDays } from '@ioc/runtime/district/calendar.ts'
import { sentMsOf } from '../clock.ts'
import { goForward } from '../completeness.ts'
import {
  areaIn,
  type DeviceState,
  declaredCadence,
  devicesOf,
  isOnline,
  knownDevice,
  type Node,
  type Registry,
} from '../devices.ts'
import type { LiveSource } from '../live-source.ts'
import { feedOf, type LiveFeed } from '../live-turns.ts'
import type { Measurement } from '../measurement.ts'
import { Timers } from '../timers.ts'
import { intervalsOf } from './cadence.ts'
import { type ClockRun, checkClock } from './clock-check.ts'
import {
  createTypeLife,
  type Life,
  never,
  noteGap,
  restoreTypes,
  type SavedLife,
  saveLife,
  type TypeLife,
} from './life.ts'
import { addToRun, faultOf, isEnd, isRailed, limitsOf, minPoints, startRun } from './metric-run.ts'
import { isNeighbour } from './neighbour.ts'

/** A change of a device's liveness, for the store. */
export interface LifePoint {
  readonly area: string | undefined
  readonly site: string
  readonly device: string
  readonly state: LifeState
  readonly stuck: number
  readonly railed: number
  readonly clockWrong: boolean
  readonly ts: number
}

interface NodeLife {
  readonly site: string
  readonly node: string
  state: LiveConnection['state']
  /** Arrival of what changed it, in ms. */
  since: number
  clock: ClockRun | undefined
  /** Since when two machines seem to be this node, in ms. */
  clonedSince?: number | undefined
  source: LiveSource | undefined
}

export type SavedNodeLife = Omit<NodeLife, 'source'>

/** What is saved: what changed since it was last saved. Plain data. */
export interface SavedLiveness {
  /** Since when the centre receives without a pause, and until when nodes may be reconnecting, in ms. */
  readonly steadySince: number
  readonly reconnectUntil: number
  readonly lives: readonly SavedLife[]
  readonly nodes: readonly SavedNodeLife[]
}

export interface LivenessChanges extends SavedLiveness {
  /** Keys of what is gone, as `site/device` and `site/node`: to be removed before anything is put. */
  readonly gone: { readonly lives: readonly string[]; readonly nodes: readonly string[] }
}

export interface Liveness {
  /** A device is known, of an arrival in ms. */
  born(device: DeviceState, arrival: number): void
  measured(measurement: Measurement, arrival: number): void
  /** A message of a node, with what its clock showed. */
  noteSent(node: Node, envelope: Envelope, arrival: number): void
  /** A node has connected, disconnected, or published a status. */
  noteNode(node: Node, arrival: number): void
  /** A node has connected, and two machines seem to use its credential, or do not. */
  noteClone(node: Pick<Node, 'site' | 'node'>, isCloned: boolean, arrival: number): void
  /** Nothing could arrive until `at`, in ms: devices have their time again. */
  pause(at: number): void
  /** The broker has started: nodes have time to reconnect. */
  brokerStarted(at: number): void
  /** All that arrived before `at`, in ms, was taken. */
  advance(at: number): void
  /** A device is no longer measured as a type, or gone. */
  forget(device: Pick<DeviceState, 'site' | 'device' | 'type'>): void
  forgetNode(site: string, node: string): void
  /** Whether a node is connected, or, where it never sent a birth, one of its devices measures. */
  isConnected(node: Node): boolean
  readonly takeLive: LiveFeed
  sources(): LiveSource[]
  /** What changed for the store since the last call. */
  takePoints(): LifePoint[]
  changes(): LivenessChanges
  /** @param clock of the checkpoint, in ms: what an older version did not save begins then */
  restore(saved: SavedLiveness | undefined, clock: number): void
}

export interface LivenessOptions {
  readonly registry: Registry
  readonly calendar: Calendar
  /** Clears a live topic, unless it has a value again by then. */
  readonly clear: (topic: string, readIfBack: LiveSource['read']) => void
  /** A node is connected, or not any more. */
  readonly onNode: (node: Node) => void
}

const dayMs = 86_400_000
/** After a pause of the centre no device has more time than this, in ms: its next measurement may be days away. */
const maxGraceMs = dayMs
/** Time that nodes have to reconnect after a start of the broker, in ms. */
const reconnectMs = 300_000
/** Metrics of one device that are checked. */
const maxMetrics = 64
/** Records that repeat are compared with neighbours each time so many more have come. */
const repeatsPerLook = 4
/** Metrics that a logger froze stopped changing within the same time, in ms. */
const sameTimeMs = 60_000

/** Whether devices measure, which of their values cannot be true, and which nodes are connected: all of it follows from the log and the clock. */
export function createLiveness({ registry, calendar, clear, onNode }: LivenessOptions): Liveness {
  const lives = new Map<string, Life>()
  const byType = new Map<string, Set<Life>>()
  const nodes = new Map<string, NodeLife>()
  const changed = { lives: new Set<Life>(), nodes: new Set<NodeLife>() }
  const gone = { lives: new Set<string>(), nodes: new Set<string>() }
  const touched = { lives: new Set<Life>(), nodes: new Set<NodeLife>() }
  /** Nodes that were connected when the broker stopped. */
  const reconnecting = new Set<NodeLife>()
  let points: LifePoint[] = []
  let steadySince = Number.NEGATIVE_INFINITY
  let reconnectUntil = Number.NEGATIVE_INFINITY
  const timers = new Timers<Life>(({ due }) => due)

  function addLife(life: Omit<Life, 'due' | 'source'>): Life {
    const added: Life = { ...life, due: Number.POSITIVE_INFINITY, source: undefined }
    lives.set(keyOf(added), added)
    gone.lives.delete(keyOf(added))
    for (const type of added.types.keys()) addToType(type, added)
    return added
  }

  function addToType(type: string, life: Life): void {
    const others = byType.get(type)
    if (others) others.add(life)
    else byType.set(type, new Set([life]))
  }

  function lifeOf(site: string, device: string, node: string, known: number): Life {
    const found = lives.get(`${site}/${device}`)
    if (found) return found
    const times = { last: never, began: never, lateAt: never, silentAt: never, silentMs: 0 }
    const created = addLife({
      site,
      device,
      node,
      state: 'never_heard',
      known,
      ...times,
      types: new Map(),
      clock: undefined,
    })
    touched.lives.add(created)
    notePoint(created, known)
    return created
  }

  function typeOf(life: Life, type: string): TypeLife {
    const found = life.types.get(type)
    if (found) return found
    const created = createTypeLife(never, cadenceOf(life, type))
    life.types.set(type, created)
    addToType(type, life)
    return created
  }

  function cadenceOf({ site, device }: Life, type: string): number | undefined {
    return declaredCadence(knownDevice(registry, site, device, type) ?? { type, cadence_s: null })
  }

  /** The time after `last` by which the next measurement is expected; forms are not filled in on a holiday. */
  function dueAfter(type: string, { last, intervals }: TypeLife, ms: number): number {
    if (intervals.cadenceMs < dayMs) return last + ms
    return goForward(last, ms, reportingDays(calendar, type))
  }

  /** A device that is measured as several types is as alive as the one that may be silent the longest. */
  function schedule(life: Life): void {
    life.lateAt = never
    life.silentAt = never
    for (const [type, one] of life.types) {
      if (life.silentMs === 0 || one.last === never) life.silentMs = Math.max(life.silentMs, one.intervals.silentMs)
      if (one.last === never) continue
      const silentAt = dueAfter(type, one, one.intervals.silentMs)
      if (silentAt > life.silentAt) {
        life.silentAt = silentAt
        life.silentMs = one.intervals.silentMs
      }
      life.lateAt = Math.max(life.lateAt, dueAfter(type, one, one.intervals.lateMs))
    }
    life.due = dueOf(life, life.lateAt, life.silentAt)
  }

  const dueOf = ({ state }: Life, lateAt: number, silentAt: number): number => {
    if (state === 'measuring') return lateAt
    return state === 'late' ? silentAt : Number.POSITIVE_INFINITY
  }

  function measured(measurement: Measurement, arrival: number): void {
    const { site, device, node, type, ts } = measurement
    const life = lifeOf(site, device, node, arrival)
    const one = typeOf(life, type)
    changed.lives.add(life)
    if (life.node !== node) {
      life.node = node
      touched.lives.add(life)
    }
    noteDeviceClock(life, measurement, arrival)
    // A backfill, or the same measurement once more, says nothing of the present.
    if (isLifeless(measurement) || ts <= one.last) return
    noteCondition(life, measurement)
    const gapMs = one.last === never ? 0 : ts - one.last
    const isAfterGap = gapMs > one.intervals.lateMs
    const isFirst = life.last === never
    if (isFirst || ts > life.lateAt) life.began = ts
    one.last = ts
    life.last = Math.max(life.last, ts)
    const isNewInterval = gapMs > 0 && noteGap(one, gapMs)
    schedule(life)
    // A time that moves later is looked at when it comes up; with shorter intervals it is earlier.
    if (isNewInterval) timers.set(life)
    checkValues(life, one, measurement, isAfterGap)
    if (life.state !== 'measuring') recover(life, arrival)
  }

  function recover(life: Life, arrival: number): void {
    if (arrival <= life.lateAt) become(life, 'measuring', life.began)
    else if (life.state === 'never_heard') become(life, arrival <= life.silentAt ? 'late' : 'silent', life.last)
    // Its last measurement is another one now.
    else touched.lives.add(life)
  }

  function become(life: Life, state: LifeState, ts: number): void {
    life.state = state
    life.due = dueOf(life, life.lateAt, life.silentAt)
    timers.set(life)
    noteChange(life, ts)
    const node = registry.nodes.get(`${life.site}/${life.node}`)
    if (node && node.session === undefined) updateNode(node, ts)
  }

  function noteChange(life: Life, ts: number): void {
    changed.lives.add(life)
    touched.lives.add(life)
    notePoint(life, ts)
  }

  function notePoint(life: Life, ts: number): void {
    const { site, device, state } = life
    const faults = faultsOf(life)
    const stuck = faults.filter(({ kind }) => kind === 'stuck').length
    const counts = { stuck, railed: faults.length - stuck, clockWrong: clockOf(life) !== null }
    points.push({ area: areaIn(registry, site), site, device, state, ...counts, ts })
  }

  function noteCondition(life: Life, { type, ts, values }: Measurement): void {
    const { condition } = findDeviceType(type) ?? {}
    const state = condition && values[condition.metric]
    if (!condition || state === undefined) return
    const before = life.condition?.state
    const now = condition.sound.includes(String(state)) ? undefined : String(state)
    if (before === now) return
    life.condition = now === undefined ? undefined : { state: now, since: ts }
    noteChange(life, ts)
  }

  function noteDeviceClock(life: Life, { site, node, claimed }: Measurement, arrival: number): void {
    if (claimed === undefined && life.clock === undefined) return
    const wasWrong = life.clock?.isWrong === true
    const isOfNode = nodes.get(`${site}/${node}`)?.clock !== undefined
    life.clock = claimed === undefined || isOfNode ? undefined : checkClock(life.clock, claimed, arrival)
    if ((life.clock?.isWrong === true) !== wasWrong) noteChange(life, arrival)
  }

  function checkValues(
    life: Life,
    one: TypeLife,
    { type, ts, values, undeclared }: Measurement,
    isAfterGap: boolean,
  ): void {
    const metrics = findDeviceType(type)?.metrics
    let isChanged = false
    let isRepeat = true
    let isResting = false
    let numbers = 0
    for (const all of [values, undeclared]) {
      for (const name in all) {
        const value = all[name]
        if (typeof value !== 'number') continue
        numbers++
        const run = one.runs.get(name)
        if (!run) {
          isRepeat = false
          if (one.runs.size < maxMetrics) one.runs.set(name, startRun(value, ts))
          continue
        }
        const metric = metrics?.[name]
        if (addToRun(run, value, ts, metric, isAfterGap)) isChanged = true
        if (run.points >= minPoints && !run.fault) isResting = true
        if (run.points === 1) isRepeat = false
        else if (!run.fault && isRailed(run, metric)) {
          run.fault = faultOf(run, 'rail')
          isChanged = true
        }
      }
    }
    if (!isRepeat || numbers === 0) {
      one.sameFrom = ts
      one.samePoints = 0
    }
    one.samePoints++
    if (isResting && findStuck(life, one, type, ts)) isChanged = true
    if (isChanged) noteChange(life, ts)
  }

  /** Calls metrics stuck; returns whether it did. */
  function findStuck(life: Life, one: TypeLife, type: string, ts: number): boolean {
    const metrics = findDeviceType(type)?.metrics
    const { cadenceMs } = one.intervals
    let isFound = false
    let tested: string[] | undefined
    for (const [name, run] of one.runs) {
      if (run.fault || run.points < minPoints || run.last !== ts) continue
      const limits = limitsOf(run, metrics?.[name], cadenceMs)
      if (!limits) continue
      const lasted = ts - run.from
      tested ??= testedOf(one, type, ts)
      const isFrozen =
        lasted >= limits.frozen && tested.some((other) => other !== name && isFrozenWith(one, run, other))
      if (lasted < limits.alone && !isFrozen) continue
      run.fault = faultOf(run, isFrozen ? 'frozen' : 'flat')
      isFound = true
    }
    return findResent(life, one, type, ts) || isFound
  }

  /** Metrics that may be stuck together with others; that several are zero is a quiet time. */
  function testedOf(one: TypeLife, type: string, ts: number): string[] {
    const metrics = findDeviceType(type)?.metrics
    return [...one.runs]
      .filter(
        ([name, run]) =>
          run.last === ts &&
          run.points >= minPoints &&
          !isEnd(run.value, metrics?.[name]) &&
          limitsOf(run, metrics?.[name], one.intervals.cadenceMs),
      )
      .map(([name]) => name)
  }

  const isFrozenWith = (one: TypeLife, run: { readonly from: number }, other: string): boolean =>
    Math.abs((one.runs.get(other)?.from ?? Number.NaN) - run.from) < sameTimeMs

  /** All values repeat under new times, while a device nearby has moved: what is sent is not measured. */
  function findResent(life: Life, one: TypeLife, type: string, ts: number): boolean {
    const { samePoints, sameFrom } = one
    if (samePoints < minPoints || samePoints % repeatsPerLook !== 0) return false
    const metrics = findDeviceType(type)?.metrics
    const tested = testedOf(one, type, ts).filter((name) => {
      const run = one.runs.get(name)
      const limits = run && limitsOf(run, metrics?.[name], one.intervals.cadenceMs)
      return limits && !run.fault && ts - sameFrom >= limits.resent
    })
    if (tested.length === 0) return false
    const isMoved = [...(byType.get(type) ?? [])].some(
      (other) =>
        other !== life &&
        tested.some((name) => (other.types.get(type)?.runs.get(name)?.moved ?? never) > sameFrom) &&
        isNeighbour(registry, life, other, type),
    )
    if (!isMoved) return false
    for (const name of tested) {
      const run = one.runs.get(name)
      if (run) run.fault = faultOf(run, 'resent')
    }
    return true
  }

  function nodeLifeOf({ site, node }: Pick<Node, 'site' | 'node'>, since: number): NodeLife {
    const key = `${site}/${node}`
    const found = nodes.get(key)
    if (found) return found
    const created: NodeLife = { site, node, state: 'connected', since, clock: undefined, source: undefined }
    nodes.set(key, created)
    gone.nodes.delete(key)
    touched.nodes.add(created)
    changed.nodes.add(created)
    return created
  }

  function updateNode(node: Node, at: number): void {
    const life = nodeLifeOf(node, at)
    const isUp = isConnected(node)
    if (isUp) reconnecting.delete(life)
    if (isUp === (life.state === 'connected') || reconnecting.has(life)) return
    life.state = isUp ? 'connected' : 'unreachable'
    life.since = at
    changed.nodes.add(life)
    touched.nodes.add(life)
    onNode(node)
  }

  function isConnected(node: Node): boolean {
    if (node.session !== undefined) return isOnline(node)
    if (node.connections && node.connections.length > 0) return true
    return devicesOf(registry, node).some(({ site, device }) => {
      const { state = 'silent' } = lives.get(`${site}/${device}`) ?? {}
      return state === 'measuring' || state === 'late'
    })
  }

  function noteSent(node: Node, { sent, replay }: Envelope, arrival: number): void {
    const life = nodeLifeOf(node, arrival)
    if (replay || sent === undefined) return
    const wasWrong = life.clock?.isWrong === true
    const before = life.clock
    life.clock = checkClock(before, sentMsOf(sent, arrival), arrival)
    if (before !== life.clock) changed.nodes.add(life)
    if ((life.clock?.isWrong === true) === wasWrong) return
    changed.nodes.add(life)
    touched.nodes.add(life)
    for (const { site, device } of devicesOf(registry, node)) {
      const one = lives.get(`${site}/${device}`)
      if (one) noteChange(one, arrival)
    }
  }

  function brokerStarted(at: number): void {
    steadySince = Math.max(steadySince, at)
    reconnectUntil = at + reconnectMs
    for (const life of nodes.values()) if (life.state === 'connected') reconnecting.add(life)
  }

  function endReconnecting(at: number): void {
    if (reconnecting.size === 0 || at < reconnectUntil) return
    const all = [...reconnecting]
    reconnecting.clear()
    for (const { site, node } of all) {
      const one = registry.nodes.get(`${site}/${node}`)
      if (one) updateNode(one, reconnectUntil - reconnectMs)
    }
  }

  function advance(at: number): void {
    endReconnecting(at)
    for (let life = timers.take(at); life; life = timers.take(at)) {
      const graceEnd = steadySince + Math.min(life.silentMs, maxGraceMs)
      const lateAt = Math.max(life.lateAt, graceEnd)
      const silentAt = Math.max(life.silentAt, graceEnd)
      if (at > silentAt) become(life, 'silent', silentAt)
      else if (at > lateAt && life.state === 'measuring') become(life, 'late', lateAt)
      life.due = dueOf(life, lateAt, silentAt)
      timers.set(life)
    }
  }

  function remove(life: Life): void {
    const key = keyOf(life)
    lives.delete(key)
    life.due = Number.POSITIVE_INFINITY
    for (const type of life.types.keys()) byType.get(type)?.delete(life)
    changed.lives.delete(life)
    touched.lives.delete(life)
    gone.lives.add(key)
    clear(livenessTopic(life.site, life.device), () => {
      const back = lives.get(key)
      return back && describe(back)
    })
  }

  function clockOf(life: Life): LiveClock | null {
    const ofNode = nodes.get(`${life.site}/${life.node}`)?.clock
    return publicClock(ofNode, 'node') ?? publicClock(life.clock, 'device')
  }

  function describe(life: Life): LiveLiveness {
    const { site, device, node, state, known, last, began, silentMs } = life
    const since = state === 'measuring' ? began : state === 'never_heard' ? known : last
    const last_ts = last === never ? null : last
    return {
      site,
      device,
      node,
      state,
      since,
      last_ts,
      silent_ms: silentMs,
      faults: faultsOf(life),
      clock: clockOf(life),
      condition: life.condition ?? null,
    }
  }

  const describeNode = ({ site, node, state, since, clock, clonedSince }: NodeLife): LiveConnection => ({
    ...{ site, node, state, since },
    clock: publicClock(clock, 'node'),
    cloned_since: clonedSince ?? null,
  })

  const sourceOfLife = (life: Life): LiveSource => {
    life.source ??= { topic: livenessTopic(life.site, life.device), read: () => describe(life) }
    return life.source
  }

  const sourceOfNode = (life: NodeLife): LiveSource => {
    life.source ??= { topic: connectionTopic(life), read: () => describeNode(life) }
    return life.source
  }

  const feeds = [feedOf(touched.lives, sourceOfLife), feedOf(touched.nodes, sourceOfNode)]

  function born({ site, device, node, type }: DeviceState, arrival: number): void {
    // A day without a case is no fault.
    if (findCaseType(type)) return
    const life = lifeOf(site, device, node, arrival)
    const one = typeOf(life, type)
    const before = { node: life.node, silentMs: life.silentMs }
    life.node = node
    followDeclaration(life, type, one)
    schedule(life)
    timers.set(life)
    changed.lives.add(life)
    if (before.node !== node || before.silentMs !== life.silentMs) touched.lives.add(life)
  }

  /** What a version saved that had no liveness: when devices were last measured, and which nodes are connected. */
  function restoreFromRegistry(clock: number): void {
    for (const one of registry.byIndex) {
      if (!one || findCaseType(one.type)) continue
      const life = lifeOf(one.site, one.device, one.node, clock)
      const ts = registry.lastTs[one.index] as number
      const type = typeOf(life, one.type)
      type.last = Math.max(type.last, ts)
      life.last = Math.max(life.last, ts)
      if (life.began === never) life.began = ts
      if (life.last !== never) life.state = 'measuring'
      schedule(life)
      timers.set(life)
      changed.lives.add(life)
    }
    for (const node of registry.nodes.values()) updateNode(node, clock)
    steadySince = clock
  }

  return {
    born,
    measured,
    noteSent,
    noteNode: updateNode,
    pause(at) {
      steadySince = Math.max(steadySince, at)
    },
    brokerStarted,
    advance,
    forget({ site, device, type }) {
      const life = lives.get(`${site}/${device}`)
      if (!life) return
      if (registry.devices.get(site)?.has(device) !== true) {
        remove(life)
        return
      }
      life.types.delete(type)
      byType.get(type)?.delete(life)
      changed.lives.add(life)
      schedule(life)
      timers.set(life)
    },
    noteClone({ site, node }, isCloned, arrival) {
      const life = nodes.get(`${site}/${node}`)
      if (!life || isCloned === (life.clonedSince !== undefined)) return
      life.clonedSince = isCloned ? arrival : undefined
      changed.nodes.add(life)
      touched.nodes.add(life)
    },
    forgetNode(site, node) {
      const key = `${site}/${node}`
      const life = nodes.get(key)
      if (!life) return
      nodes.delete(key)
      changed.nodes.delete(life)
      touched.nodes.delete(life)
      reconnecting.delete(life)
      gone.nodes.add(key)
      clear(connectionTopic(life), () => {
        const back = nodes.get(key)
        return back && describeNode(back)
      })
    },
    isConnected,
    takeLive(most, live) {
      for (const feed of feeds) feed(most - live.length, live)
    },
    sources: () => [...[...lives.values()].map(sourceOfLife), ...[...nodes.values()].map(sourceOfNode)],
    takePoints() {
      const taken = points
      points = []
      return taken
    },
    changes() {
      const changes: LivenessChanges = {
        steadySince,
        reconnectUntil,
        lives: [...changed.lives].map(saveLife),
        nodes: [...changed.nodes].map(saveNode),
        gone: { lives: [...gone.lives], nodes: [...gone.nodes] },
      }
      for (const set of [changed.lives, changed.nodes, gone.lives, gone.nodes]) set.clear()
      return changes
    },
    restore(saved, clock) {
      if (!saved) {
        restoreFromRegistry(clock)
        return
      }
      steadySince = saved.steadySince
      reconnectUntil = saved.reconnectUntil
      for (const { types, ...life } of saved.lives) {
        const restored = addLife({ ...life, types: restoreTypes(types) })
        restored.due = dueOf(restored, restored.lateAt, restored.silentAt)
        timers.set(restored)
      }
      for (const life of saved.nodes) {
        const restored: NodeLife = { ...life, source: undefined }
        nodes.set(`${life.site}/${life.node}`, restored)
        const node = registry.nodes.get(`${life.site}/${life.node}`)
        if (node && life.state === 'connected' && !isConnected(node)) reconnecting.add(restored)
      }
      // Types may be declared in another way than when they were saved.
      for (const life of lives.values()) for (const [type, one] of life.types) followDeclaration(life, type, one)
    },
  }

  function followDeclaration(life: Life, type: string, one: TypeLife): void {
    const declared_s = cadenceOf(life, type)
    if (declared_s === one.declared_s) return
    one.declared_s = declared_s
    one.intervals = intervalsOf(declared_s, one.gapsMs)
    schedule(life)
    timers.set(life)
  }
}

const keyOf = ({ site, device }: Pick<Life, 'site' | 'device'>) => `${site}/${device}`

function saveNode({ source: _, clock, ...life }: NodeLife): SavedNodeLife {
  return { ...life, clock: clock && { ...clock } }
}

function publicClock(clock: ClockRun | undefined, of: LiveClock['of']): LiveClock | null {
  return clock?.isWrong ? { offset_ms: clock.offset, since: clock.since, of } : null
}

function faultsOf({ types }: Life): LiveFault[] {
  return [...types.values()].flatMap(({ runs }) =>
    [...runs].flatMap(([metric, { fault }]) => (fault ? [{ metric, ...fault }] : [])),
  )
}

/** Whether whoever watches a device reports that the device itself is gone. */
function isLifeless({ type, values }: Measurement): boolean {
  const { lifeless } = findDeviceType(type) ?? {}
  if (!lifeless) return false
  return Object.entries(lifeless).some(([metric, gone]) => gone.includes(String(values[metric])))
}
