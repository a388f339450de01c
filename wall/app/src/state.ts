import type {
  IndicatorDescriptor,
  LiveArea,
  LiveDevice,
  LiveIndicator,
  LiveLedger,
  LiveProcess,
  Scope,
} from '@ioc/contract/messages/live.ts'
import { livePrefix, parseIndicatorTopic } from '@ioc/contract/topics.ts'
import { batch, computed, signal } from '@preact/signals'
import type { Gone, LiveFrames, LiveNode } from '../../shared/live-frame.ts'
import { cadence_s, isStale, staleAfterCadences } from '../../shared/stale.ts'
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
export const indicators = new Topics<LiveIndicator>()
export const devices = new Topics<LiveDevice>()
export const ledgers = new Topics<LiveLedger>()
export const processes = new Topics<LiveProcess>()
export const nodes = new Topics<LiveNode>()

/** The centre's clock, once a second: a wall's own clock may be wrong, and ages must not be. */
export const now = signal(Date.now())
let clockOffsetMs = 0

/** Notes how far this browser's clock is from the centre's, by a `Date` header, which counts whole seconds. */
export function noteServerTime(header: string | null): void {
  const offset = header === null ? Number.NaN : Date.parse(header) - Date.now()
  clockOffsetMs = Math.abs(offset) > 2_000 ? offset : 0
}

export function startClock(): void {
  setInterval(() => {
    now.value = Date.now() + clockOffsetMs
  }, 1_000)
}

export type Frame = { readonly topic: string } & (LiveFrames[keyof LiveFrames] | Gone)

const byKind = { indicator: indicators, device: devices, ledger: ledgers, process: processes, node: nodes } as const

/** Takes what came since the last picture was drawn, as one change. */
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
    const list = (frame as unknown as LiveFrames['district']).areas
    areas.value = new Map(list.map((area) => [area.code, area]))
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

const deviceByKey = computed(() => {
  const map = new Map<string, LiveDevice>()
  for (const device of devices.all()) map.set(`${device.site}/${device.device}`, device)
  return map
})

/** The device of a key `site/device`. */
export function deviceOf(key: string): LiveDevice | undefined {
  return deviceByKey.value.get(key)
}

/** Whether an indicator's value is older than three cadences of what it is computed from. */
export function isOld(indicator: LiveIndicator): boolean {
  const device = indicator.scope === 'device' ? deviceOf(indicator.key) : undefined
  const source = descriptors.value.get(indicator.id)?.source ?? ''
  const cadence = cadence_s(device ?? { cadence_s: null, type: source })
  return now.value - indicator.ts > staleAfterCadences * cadence * 1000
}

/** What is not as it should be. */
export const troubles = computed(() => {
  const offline = new Set<string>()
  for (const node of nodes.all()) if (!node.online) offline.add(`${node.site}/${node.node}`)
  for (const device of devices.all()) if (!device.online) offline.add(`${device.site}/${device.node}`)
  return {
    abnormal: indicators.all().filter((indicator) => indicator.level > 0 && isFinest(indicator)),
    offline: [...offline].sort(),
    stale: devices.all().filter((device) => isStale(device, now.value)),
    lost: ledgers.all().reduce((sum, ledger) => sum + ledger.lost, 0),
    down: processes.all().filter((process) => !process.up || isSilent(process)),
  }
})

/** Whether a process, up as it may be, has not reported for long. */
export function isSilent(process: LiveProcess): boolean {
  return now.value - process.ts > 10_000
}

/** One hot machine must not count again for its site and for the district. */
function isFinest({ id, scope }: LiveIndicator): boolean {
  const scopes = descriptors.value.get(id)?.scopes ?? [scope]
  return scopes.includes('device') ? scope === 'device' : true
}
