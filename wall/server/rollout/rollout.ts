import { createHash } from 'node:crypto'
import type { ReleaseRollout } from '@ioc/contract/messages/agent-release.ts'
import type { NodeUpdate } from '@ioc/contract/messages/node-config.ts'
import type { UpdateReport } from '@ioc/contract/messages/node-report.ts'

/** What an operator started: it does not change. */
export interface RolloutOrder extends ReleaseRollout {
  readonly id: string
  readonly version: string
  /** `now` does not wait for the nightly window of the nodes. */
  readonly start: 'window' | 'now'
  /** When, in ms since 1970, and who. */
  readonly began: number
  readonly by: string
}

/** What an operator decided since. */
export interface RolloutWish {
  readonly state: 'run' | 'pause' | 'cancel'
  readonly at: number
  readonly by: string
}

export interface RolloutNode {
  /** Index of its ring. */
  readonly ring: number
  /** `pending`: its ring has not begun, or it has not answered. */
  readonly state: 'pending' | UpdateReport['state']
  readonly reason?: string
  readonly code?: string
}

/** How far a roll-out has come: of the process that conducts it. */
export interface RolloutProgress {
  /** Index of the ring that was reached, and when. */
  readonly ring: number
  readonly ring_began: number
  /** By `{site}/{node}`. */
  readonly nodes: Readonly<Record<string, RolloutNode>>
  /** That it paused by itself: so many of the nodes that were reached had reverted. */
  readonly paused?: { readonly reverted: number; readonly of: number; readonly at: number }
  /** Reverted nodes that an operator accepted by resuming. */
  readonly accepted: number
  /** When the last node was updated. */
  readonly done?: number
}

export type RolloutState = 'running' | 'paused' | 'cancelled' | 'done'

/** A node as it was last heard of. */
export interface FleetNode {
  /** `{site}/{node}` */
  readonly name: string
  readonly version: string
  readonly online: boolean
  readonly update: UpdateReport | undefined
}

const hourMs = 3_600_000

export function stateOf(wish: RolloutWish | undefined, progress: RolloutProgress | undefined): RolloutState {
  if (wish?.state === 'cancel') return 'cancelled'
  if (progress?.done !== undefined) return 'done'
  return wish?.state === 'pause' || progress?.paused ? 'paused' : 'running'
}

/** Nodes of a ring together with those before it: `1`, `5%` of all. */
export function ringSize(ring: string, nodes: number): number {
  const share = /^(\d+(?:\.\d+)?)%$/.exec(ring)?.[1]
  return Math.min(nodes, share === undefined ? Number(ring) : Math.ceil((nodes * Number(share)) / 100))
}

/** The progress of a roll-out after a look at the nodes. */
export function advance(
  order: RolloutOrder,
  wish: RolloutWish | undefined,
  last: RolloutProgress | undefined,
  fleet: readonly FleetNode[],
  now: number,
): RolloutProgress {
  const nodes = report(order, last, fleet)
  const before = last ?? { ring: 0, ring_began: now, nodes, accepted: 0 }
  if (wish?.state === 'cancel') return { ...before, nodes }
  const reached = Object.values(nodes).filter(({ ring }) => ring <= before.ring)
  const revertedCount = reached.filter(({ state }) => state === 'reverted').length
  const resumed = before.paused && wish?.state === 'run' && wish.at > before.paused.at
  const { paused, ...rest } = before
  const progress: RolloutProgress = {
    ...rest,
    ...(paused && !resumed ? { paused } : {}),
    nodes,
    accepted: resumed ? revertedCount : before.accepted,
  }
  const share = (100 * (revertedCount - progress.accepted)) / Math.max(1, reached.length)
  if (!progress.paused && revertedCount > progress.accepted && share >= order.max_reverted_percent) {
    return { ...progress, paused: { reverted: revertedCount, of: reached.length, at: now } }
  }
  if (stateOf(wish, progress) !== 'running') return progress
  const isLast = progress.ring >= order.rings.length - 1
  const all = Object.values(nodes)
  if (isLast)
    return all.length > 0 && all.every(({ state }) => state === 'done') ? { ...progress, done: now } : progress
  // A ring in which no node was updated proves nothing.
  const isProved = reached.some(({ state }) => state === 'done')
  const isHeld = now - progress.ring_began < order.hold_h * hourMs
  if (!isProved || isHeld) return progress
  // In a small district a share may add no node to the ring before: nobody waits for an empty ring.
  const ring = Math.min(...all.map((node) => node.ring).filter((one) => one > progress.ring), order.rings.length - 1)
  return { ...progress, ring, ring_began: now }
}

/** What each node is to run; `undefined` withdraws it. Nodes that are not named are left alone. */
export function desiredUpdates(
  order: RolloutOrder,
  wish: RolloutWish | undefined,
  progress: RolloutProgress,
): Map<string, NodeUpdate | undefined> {
  const rollout = stateOf(wish, progress)
  const update: NodeUpdate = { version: order.version, start: order.start, rollout: order.id }
  return new Map(
    Object.entries(progress.nodes).map(([name, { ring, state }]) => {
      // A node that has the version keeps it; one on trial cannot be called back.
      const keeps = state === 'done' || state === 'trial' || rollout === 'done'
      return [name, keeps || (rollout === 'running' && ring <= progress.ring) ? update : undefined] as const
    }),
  )
}

/** Nodes with their ring and what they report of this roll-out. A node that came later belongs to the last ring. */
function report(
  order: RolloutOrder,
  last: RolloutProgress | undefined,
  fleet: readonly FleetNode[],
): Record<string, RolloutNode> {
  // Where no node was known yet, the first ones that are begin it: an empty ring would prove nothing, for ever.
  const isDrawn = Object.keys(last?.nodes ?? {}).length > 0
  const rings = isDrawn ? undefined : drawRings(order, fleet)
  const lastRing = order.rings.length - 1
  const nodes: Record<string, RolloutNode> = { ...last?.nodes }
  for (const { name, version, update } of fleet) {
    const ring = nodes[name]?.ring ?? rings?.get(name) ?? lastRing
    if (version === order.version && update?.state !== 'trial') nodes[name] = { ring, state: 'done' }
    else if (update?.version === order.version && update.rollout === order.id) {
      const { state, reason, code } = update
      nodes[name] = {
        ring,
        state: state === 'refused' && code === 'UPDATE_REVERTED' ? 'reverted' : state,
        ...(reason === undefined ? {} : { reason }),
        ...(code === undefined ? {} : { code }),
      }
    } else nodes[name] ??= { ring, state: 'pending' }
  }
  return nodes
}

/**
 * Rings in an order that differs from roll-out to roll-out: not always the same node is the first. Nodes that are away come
 * last: a ring of them would prove nothing.
 */
function drawRings({ id, rings }: RolloutOrder, fleet: readonly FleetNode[]): Map<string, number> {
  const key = (name: string): string => createHash('sha256').update(`${id} ${name}`).digest('hex')
  const names = fleet
    .toSorted((a, b) => Number(b.online) - Number(a.online) || (key(a.name) < key(b.name) ? -1 : 1))
    .map(({ name }) => name)
  const sizes = rings.map((ring) => ringSize(ring, names.length))
  const lastRing = rings.length - 1
  return new Map(
    names.map((name, at) => {
      const ring = sizes.findIndex((size) => at < size)
      return [name, ring === -1 ? lastRing : ring]
    }),
  )
}
