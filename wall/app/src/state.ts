import { setSelfDeclaredTypes } from '@ioc/contract/device-types/self-declared.ts'
import type { LiveMaintenance } from '@ioc/contract/messages/incidents.ts'
import {
  type IndicatorDescriptor,
  keysOf,
  type LiveArea,
  type LiveDevice,
  type LiveDistrictProblem,
  type LiveIndicator,
  type LiveLedger,
  type LiveLiveness,
  type LiveProcess,
  type LiveSimulation,
  type LiveSite,
  type LiveThreshold,
  type Scope,
} from '@ioc/contract/messages/live.ts'
import { batch, computed, signal } from '@preact/signals'
import { deviceKey, fleetDevices } from '../../shared/fleet.ts'
import type { Gone, LiveAttention, LiveFrames, LiveIncidents, LiveNode, LivePlace } from '../../shared/live-frame.ts'
import {
  cadence_s,
  isOldValue,
  isSilent as isSilentLife,
  silentProcesses,
  slowestCadences,
  sourceCadence_s,
} from '../../shared/stale.ts'
import { Topics } from './topics.ts'

export type Link = 'connecting' | 'live' | 'cut'

export const link = signal<Link>('connecting')
/** When the connection was lost, by the centre's clock. */
export const cutSince = signal<number | undefined>(undefined)
/** Counts the connections: after the first one, what came in between has to be read again. */
export const connections = signal(0)
/** Whether the wall's server is connected to the broker. */
export const brokerHeard = signal(true)
/** When the server lost the broker, by the centre's clock. */
export const brokerLostSince = signal<number | undefined>(undefined)
/** Whether the store did not answer the last request for history. */
export const storeAway = signal(false)
export const needsLogin = signal(false)
/** Whether no node but the centre's own has ever reported, as at the first start. */
export const isEmptyCentre = signal(false)
/** The agent of the centre's own machine, as `site/node`. */
export const ownNode = signal<string | null>(null)
export const descriptors = signal<ReadonlyMap<string, IndicatorDescriptor>>(new Map())
/** By code. */
export const areas = signal<ReadonlyMap<string, LiveArea>>(new Map())
/** Those that the district lists, by id. */
export const sites = signal<ReadonlyMap<string, LiveSite>>(new Map())
/** Whether the server has sent the areas and sites, so that an unknown name is really unknown. */
const districtKnown = signal(false)
/** Set where the district is a simulated one. */
export const simulation = signal<LiveSimulation | undefined>(undefined)
export const attention = signal<LiveAttention | undefined>(undefined)
/** How many incidents are active. */
export const incidents = signal<LiveIncidents | undefined>(undefined)
export const maintenance = signal<LiveMaintenance['windows']>([])
/** Another one after each change of what is shelved or maintained. */
export const maintenanceVersion = signal(0)
/** When the watch last computed who is on call. */
export const rotaVersion = signal(0)
const thresholds = signal<readonly LiveThreshold[]>([])
/** Changes when nodes have declared other types. */
export const typesVersion = signal(0)
/** Changes when there are other boards. */
export const boardsVersion = signal(0)
/** Why the district's files are refused. */
export const districtProblem = signal<LiveDistrictProblem | null>(null)

/** The topics that the page subscribes to at the moment, see `live.ts`. */
export const indicators = new Topics<LiveIndicator>()
export const devices = new Topics<LiveDevice>()
export const lives = new Topics<LiveLiveness>()
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
/** Whether the centre has sent its time; until then `now` is the browser's own. */
export const isClockSet = signal(false)

/** Notes the centre's clock as a frame carries it. */
export function noteServerTime(ts: number): void {
  server = { ts, at: performance.now() }
  tick()
  isClockSet.value = true
}

export function startClock(): void {
  setInterval(tick, 1_000)
}

function tick(): void {
  // Whole milliseconds, as the API takes them.
  now.value = Math.round(server.ts + performance.now() - server.at)
}

export type Frame = { readonly topic: string } & (LiveFrames[keyof LiveFrames] | Gone)

const byKind = {
  indicator: indicators,
  device: devices,
  liveness: lives,
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
  const kind = topic.split('/', 1)[0] ?? ''
  if (Object.hasOwn(byKind, kind)) {
    const topics: Topics<never> = byKind[kind as keyof typeof byKind] as Topics<never>
    if ('gone' in frame) topics.delete(topic)
    else topics.set(topic, frame as never)
    return
  }
  if ('gone' in frame) {
    // The other single topics stay as they were last: the centre never clears them.
    if (topic === 'simulation') simulation.value = undefined
    return
  }
  const single = frame as unknown as LiveFrames[keyof LiveFrames]
  switch (topic) {
    case 'link':
      brokerHeard.value = (single as LiveFrames['link']).connected
      brokerLostSince.value = brokerHeard.value ? undefined : (brokerLostSince.value ?? now.value)
      return
    case 'indicators':
      descriptors.value = new Map((single as LiveFrames['indicators']).indicators.map((one) => [one.id, one]))
      return
    case 'district': {
      const district = single as LiveFrames['district']
      areas.value = new Map(district.areas.map((area) => [area.code, area]))
      sites.value = new Map(district.sites.map((site) => [site.site, site]))
      districtProblem.value = district.problem ?? null
      thresholds.value = district.thresholds ?? []
      districtKnown.value = true
      return
    }
    case 'types':
      setSelfDeclaredTypes((single as LiveFrames['types']).types)
      typesVersion.value++
      return
    case 'boards':
      boardsVersion.value = (single as LiveFrames['boards']).version
      return
    case 'simulation':
      simulation.value = single as LiveFrames['simulation']
      return
    case 'attention':
      attention.value = single as LiveFrames['attention']
      return
    case 'incidents':
      incidents.value = single as LiveFrames['incidents']
      return
    case 'maintenance':
      maintenance.value = (single as LiveFrames['maintenance']).windows
      maintenanceVersion.value++
      return
    case 'rota':
      rotaVersion.value = (single as LiveFrames['rota']).ts
      return
    default:
    // A newer server may send more.
  }
}

const placeOf = (id: string, scope: Scope, key: string, group: string | null = null) =>
  [id, scope, key, group ?? ''].join('\n')

/** Descriptors of places with levels of their own, kept so that a figure is not drawn again for each value. */
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
export function descriptorOf({
  id,
  scope,
  key,
  group,
}: Pick<LiveIndicator, 'id' | 'scope' | 'key' | 'group'>): IndicatorDescriptor | undefined {
  const own = keysOf(scope, key).map((one) => placeDescriptors.value.get(placeOf(id, scope, one, group)))
  return own.find((descriptor) => descriptor !== undefined) ?? descriptors.value.get(id)
}

/** The subscribed devices without entries that are no devices of their own. */
export const fleet = computed(() => fleetDevices(devices.all()))

const deviceByKey = computed(() => new Map(fleet.value.map((device) => [deviceKey(device), device])))

/** The device of a key `site/device`. */
export function deviceOf(key: string): LiveDevice | undefined {
  return deviceByKey.value.get(key)
}

/** Whether a device is silent, or was never heard. */
export function isSilentDevice({ site, device }: Pick<LiveDevice, 'site' | 'device'>): boolean {
  return isSilentLife(lives.get(`liveness/${site}/${device}`))
}

/** Whether a device is late, or something is wrong with its values or its clock. */
export function hasFault({ site, device }: Pick<LiveDevice, 'site' | 'device'>): boolean {
  const life = lives.get(`liveness/${site}/${device}`)
  return life !== undefined && (life.state === 'late' || life.faults.length > 0 || life.clock !== null)
}

const slowest = computed(() => slowestCadences(devices.all()))

/** Whether an indicator's value is older than it can be while all is well. */
export function isOld(indicator: LiveIndicator): boolean {
  const device = indicator.scope === 'device' ? deviceOf(indicator.key) : undefined
  const descriptor = descriptors.value.get(indicator.id)
  const cadence = device ? cadence_s(device) : sourceCadence_s(descriptor ?? { source: '' }, slowest.value)
  return isOldValue(indicator, descriptor, cadence, now.value)
}

const silent = computed(() => new Set(silentProcesses(processes.all())))

/** Whether a process, up as it may be, has not reported while others did. */
export function isSilent(process: LiveProcess): boolean {
  return silent.value.has(process)
}
