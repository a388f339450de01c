import {
  type IndicatorDescriptor,
  keysOf,
  type LiveArea,
  type LiveDevice,
  type LiveDistrictProblem,
  type LiveIndicator,
  type LiveLedger,
  type LiveProcess,
  type LiveSimulation,
  type LiveSite,
  type LiveThreshold,
  type Scope,
} from '@ioc/contract/messages/live.ts'
import { livePrefix, parseIndicatorTopic } from '@ioc/contract/topics.ts'
import { batch, computed, signal } from '@preact/signals'
import { deviceKey, fleetDevices, nodeConnections } from '../../shared/fleet.ts'
import type { Gone, LiveAttention, LiveFrames, LiveNode, LivePlace } from '../../shared/live-frame.ts'
import {
  cadence_s,
  isOldValue,
  isStale,
  silentProcesses,
  slowestCadences,
  sourceCadence_s,
} from '../../shared/stale.ts'
import { addLivePoint } from './history.ts'
import { Topics } from './topics.ts'

export type Link = 'connecting' | 'live' | 'cut'

/** Everything that the page shows. */
export const link = signal<Link>('connecting')
export const brokerHeard = signal(true)
export const needsToken = signal(false)
export const descriptors = signal<ReadonlyMap<string, IndicatorDescriptor>>(new Map())
/** By code. */
export const areas = signal<ReadonlyMap<string, LiveArea>>(new Map())
/** Those that the district lists, by id. */
export const sites = signal<ReadonlyMap<string, LiveSite>>(new Map())
export const attention = signal<LiveAttention | undefined>(undefined)
/** Set where the district is a simulated one. */
export const simulation = signal<LiveSimulation | undefined>(undefined)
const thresholds = signal<readonly LiveThreshold[]>([])
/** Why the district's files are refused. */
export const districtProblem = signal<LiveDistrictProblem | null>(null)
export const indicators = new Topics<LiveIndicator>()
export const devices = new Topics<LiveDevice>()
export const ledgers = new Topics<LiveLedger>()
export const processes = new Topics<LiveProcess>()
export const nodes = new Topics<LiveNode>()
export const places = new Topics<LivePlace>()

/**
 * The centre's clock, once a second. A wall's own clock may be wrong, or step, and ages must not: the time is that of
 * the last frame that carried it, and what passed since by the browser's monotonic clock.
 */
export const now = signal(Date.now())
let server = { ts: now.value, at: performance.now() }

/** Notes the centre's clock as a frame carries it. */
export function noteServerTime(ts: number): void {
  server = { ts, at: performance.now() }
  tick()
}

export function startClock(): void {
  setInterval(tick, 1_000)
}

function tick(): void {
  now.value = server.ts + performance.now() - server.at
}

export type Frame = { readonly topic: string } & (LiveFrames[keyof LiveFrames] | Gone)

const byKind = {
  indicator: indicators,
  device: devices,
  ledger: ledgers,
  process: processes,
  node: nodes,
  place: places,
} as const

/** Applies what came since the last picture was drawn, as one change. */
export function applyFrames(frames: Iterable<Frame>): void {
  batch(() => {
    for (const frame of frames) applyFrame(frame)
    for (const topics of Object.values(byKind)) topics.settle()
  })
}

function applyFrame(frame: Frame): void {
  const { topic } = frame
  if (topic === 'link') {
    brokerHeard.value = (frame as unknown as LiveFrames['link']).connected
    return
  }
  if (topic === 'indicators') {
    const list = (frame as unknown as LiveFrames['indicators']).indicators
    descriptors.value = new Map(list.map((descriptor) => [descriptor.id, descriptor]))
    return
  }
  if (topic === 'district') {
    const { areas: list, problem = null } = frame as unknown as LiveFrames['district']
    areas.value = new Map(list.map((area) => [area.code, area]))
    sites.value = new Map((frame as unknown as LiveFrames['district']).sites.map((site) => [site.site, site]))
    districtProblem.value = problem
    thresholds.value = (frame as unknown as LiveFrames['district']).thresholds ?? []
    return
  }
  if (topic === 'attention') {
    attention.value = 'gone' in frame ? undefined : (frame as unknown as LiveAttention)
    return
  }
  if (topic === 'simulation') {
    simulation.value = 'gone' in frame ? undefined : (frame as unknown as LiveFrames['simulation'])
    return
  }
  const kind = topic.slice(0, topic.indexOf('/'))
  if (!Object.hasOwn(byKind, kind)) return
  const topics: Topics<never> = byKind[kind as keyof typeof byKind] as Topics<never>
  if ('gone' in frame) {
    topics.delete(topic)
    return
  }
  topics.set(topic, frame as never)
  if (kind === 'indicator') addLivePoint(topic, frame as unknown as LiveIndicator)
}

const placeOf = (id: string, scope: Scope, key: string, group: string | null = null) =>
  [id, scope, key, group ?? ''].join('\n')

/** Descriptors of places with levels of their own, kept so that a card is not drawn anew for each value. */
const placeDescriptors = computed<ReadonlyMap<string, IndicatorDescriptor>>(
  () =>
    new Map(
      thresholds.value.flatMap(({ indicator, scope, key, group, levels }) => {
        const descriptor = descriptors.value.get(indicator)
        return descriptor ? [[placeOf(indicator, scope, key, group), { ...descriptor, levels }] as const] : []
      }),
    ),
)

/** What an indicator is, with the levels that are in force at its place. */
export function descriptorOf({ id, scope, key, group }: LiveIndicator): IndicatorDescriptor | undefined {
  const own = keysOf(scope, key).map((one) => placeDescriptors.value.get(placeOf(id, scope, one, group)))
  return own.find((descriptor) => descriptor !== undefined) ?? descriptors.value.get(id)
}

/** Cards stand in groups: one for the district, one for each area, one for each device. */
export interface Group {
  readonly scope: Scope
  /** `district`, an area's code, or `site/device`. */
  readonly key: string
  readonly topics: readonly string[]
}

/** Scopes that have cards, the widest first. */
const shownScopes: readonly Scope[] = ['district', 'area', 'device']

/** Groups in a fixed order: an operator finds a figure by its place. */
export const groups = computed<readonly Group[]>(() => {
  const placed = indicators.keys.value.flatMap((topic) => {
    const parsed = parseIndicatorTopic(livePrefix + topic)
    return parsed && shownScopes.includes(parsed.scope) ? [{ topic, ...parsed }] : []
  })
  const devices = new Set(placed.flatMap(({ scope, key }) => (scope === 'device' ? [key] : [])))
  const order = [...descriptors.value.keys()]
  const byKey = new Map<string, { scope: Scope; key: string; topics: string[] }>()
  for (const { topic, id, scope, key } of placed.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id))) {
    // With one device, wider figures are the device's.
    if (scope !== 'device' && devices.size === 1 && descriptors.value.get(id)?.scopes.includes('device')) continue
    const group = byKey.get(key) ?? { scope, key, topics: [] }
    byKey.set(key, group)
    group.topics.push(topic)
  }
  const place = ({ scope }: Group) => shownScopes.indexOf(scope)
  return [...byKey.values()].sort((a, b) => place(a) - place(b) || a.key.localeCompare(b.key))
})

/** The devices without entries that are no devices of their own. */
export const fleet = computed(() => fleetDevices(devices.all()))

const deviceByKey = computed(() => {
  const map = new Map<string, LiveDevice>()
  for (const device of fleet.value) map.set(deviceKey(device), device)
  return map
})

/** The device of a key `site/device`. */
export function deviceOf(key: string): LiveDevice | undefined {
  return deviceByKey.value.get(key)
}

const slowest = computed(() => slowestCadences(devices.all()))

/** Whether an indicator's value is older than it can be while all is well. */
export function isOld(indicator: LiveIndicator): boolean {
  const device = indicator.scope === 'device' ? deviceOf(indicator.key) : undefined
  const descriptor = descriptors.value.get(indicator.id)
  const cadence = device ? cadence_s(device) : sourceCadence_s(descriptor ?? { source: '' }, slowest.value)
  return isOldValue(indicator, descriptor, cadence, now.value)
}

/** What is not as it should be. */
export const troubles = computed(() => {
  const offline = [...nodeConnections(nodes.all(), devices.all())].flatMap(([key, online]) => (online ? [] : [key]))
  return {
    abnormal: indicators.all().filter((indicator) => indicator.level > 0 && isFinest(indicator)),
    offline: offline.sort(),
    stale: fleet.value.filter((device) => isStale(device, now.value)),
    lost: ledgers.all().reduce((sum, ledger) => sum + ledger.lost, 0),
    down: processes.all().filter((process) => !process.up || isSilent(process)),
  }
})

const silent = computed(() => new Set(silentProcesses(processes.all())))

/** Whether a process, up as it may be, has not reported while others did. */
export function isSilent(process: LiveProcess): boolean {
  return silent.value.has(process)
}

/** One hot machine must not count again for its site and for the district. */
function isFinest({ id, scope }: LiveIndicator): boolean {
  const scopes = descriptors.value.get(id)?.scopes ?? [scope]
  return scopes.includes('device') ? scope === 'device' : true
}
