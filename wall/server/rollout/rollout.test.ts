import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodeConfig } from '@ioc/contract/messages/node-config.ts'
import type { UpdateReport } from '@ioc/contract/messages/node-report.ts'
import { DesiredConfigs } from '@ioc/edge-agent/desired/config-store.ts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ConfigWriter } from './config-writer.ts'
import {
  advance,
  desiredUpdates,
  type FleetNode,
  type RolloutOrder,
  type RolloutProgress,
  ringSize,
} from './rollout.ts'
import { RolloutStore } from './rollout-store.ts'

const hour = 3_600_000
const start = Date.UTC(2026, 10, 30)
const order: RolloutOrder = {
  ...{ id: '0.2.0-1', version: '0.2.0', start: 'window', began: start, by: 'lan' },
  ...{ rings: ['1', '5%', '25%', '100%'], hold_h: 24, max_reverted_percent: 2 },
}

const names = Array.from({ length: 120 }, (_, at) => `site-${at}/may-1`)
const report = (state: UpdateReport['state'], reason?: string): UpdateReport => ({
  ...{ version: '0.2.0', state, rollout: order.id, at: start },
  ...(reason === undefined ? {} : { reason }),
})
const waiting = (name: string): FleetNode => ({ name, version: '0.1.0', online: true, update: undefined })
const done = (name: string): FleetNode => ({ name, version: '0.2.0', online: true, update: report('done') })
const back = (name: string): FleetNode => ({ ...waiting(name), update: report('reverted', 'no PUBACK') })

/** The fleet in which the nodes that were offered the version have it. */
function followed(progress: RolloutProgress, fails: readonly string[] = []): FleetNode[] {
  const desired = desiredUpdates(order, undefined, progress)
  return names.map((name) =>
    desired.get(name) === undefined ? waiting(name) : fails.includes(name) ? back(name) : done(name),
  )
}
const offered = (progress: RolloutProgress, wish?: Parameters<typeof desiredUpdates>[1]): string[] =>
  [...desiredUpdates(order, wish, progress)].flatMap(([name, update]) => (update ? [name] : []))

test('rings are numbers of nodes, or shares of all', () => {
  expect(order.rings.map((ring) => ringSize(ring, 120))).toEqual([1, 6, 30, 120])
  expect(order.rings.map((ring) => ringSize(ring, 1))).toEqual([1, 1, 1, 1])
  expect(order.rings.map((ring) => ringSize(ring, 0))).toEqual([0, 0, 0, 0])
})

test('one node is first; the next ring begins after the hold, and the last ends with the last node', () => {
  let progress = advance(order, undefined, undefined, names.map(waiting), start)
  const sizes = [offered(progress).length]
  for (let day = 1; day <= 3; day++) {
    progress = advance(order, undefined, progress, followed(progress), start + day * 24 * hour - 1)
    expect(offered(progress)).toHaveLength(sizes.at(-1) ?? 0)
    progress = advance(order, undefined, progress, followed(progress), start + day * 24 * hour)
    sizes.push(offered(progress).length)
  }
  expect(sizes).toEqual([1, 6, 30, 120])
  expect(progress.done).toBeUndefined()
  progress = advance(order, undefined, progress, followed(progress), start + 80 * hour)
  expect(progress.done).toBe(start + 80 * hour)
})

test('a ring that adds no node is passed over', () => {
  const few = names.slice(0, 4)
  let progress = advance(order, undefined, undefined, few.map(waiting), start)
  const [first = ''] = offered(progress)
  const fleet = few.map((name) => (name === first ? done(name) : waiting(name)))
  progress = advance(order, undefined, progress, fleet, start + 24 * hour)
  expect(progress.ring).toBe(3)
  expect(offered(progress)).toHaveLength(4)
})

test('a ring whose nodes are all away does not open the next one', () => {
  let progress = advance(order, undefined, undefined, names.map(waiting), start)
  progress = advance(order, undefined, progress, names.map(waiting), start + 1000 * hour)
  expect(progress.ring).toBe(0)
})

test('nodes that are away do not make up the first rings', () => {
  const fleet = names.map((name, at) => ({ ...waiting(name), online: at === 77 }))
  expect(offered(advance(order, undefined, undefined, fleet, start))).toEqual([names[77]])
})

test('rings are drawn when the first nodes are known', () => {
  const empty = advance(order, undefined, undefined, [], start)
  const progress = advance(order, undefined, empty, names.map(waiting), start + hour)
  expect(offered(progress)).toHaveLength(1)
})

test('a node that comes later belongs to the last ring', () => {
  let progress = advance(order, undefined, undefined, names.map(waiting), start)
  progress = advance(order, undefined, progress, [...names.map(waiting), waiting('new/may-1')], start)
  expect(progress.nodes['new/may-1']).toEqual({ ring: 3, state: 'pending' })
})

describe('where nodes revert', () => {
  const first = advance(order, undefined, undefined, names.map(waiting), start)
  const [victim = ''] = offered(first)
  const paused = advance(order, undefined, first, followed(first, [victim]), start + hour)

  test('the roll-out pauses, and withdraws the version from those that do not run it', () => {
    expect(paused.paused).toEqual({ reverted: 1, of: 1, at: start + hour })
    expect(paused.nodes[victim]).toMatchObject({ state: 'reverted', reason: 'no PUBACK' })
    expect(offered(paused)).toEqual([])
  })

  test('it goes on when an operator resumes it, and pauses again at the next one', () => {
    const wish = { state: 'run', at: start + 2 * hour, by: 'lan' } as const
    const resumed = advance(order, wish, paused, followed(first, [victim]), start + 2 * hour)
    expect(resumed.paused).toBeUndefined()
    expect(resumed.accepted).toBe(1)
    expect(offered(resumed, wish)).toEqual([victim])
  })

  test('fewer than the limit do not pause it', () => {
    const many: RolloutOrder = { ...order, rings: ['100%'] }
    const begun = advance(many, undefined, undefined, names.map(waiting), start)
    const two = names.map((name, at) => (at < 2 ? back(name) : done(name)))
    expect(advance(many, undefined, begun, two, start + hour).paused).toBeUndefined()
    const three = names.map((name, at) => (at < 3 ? back(name) : done(name)))
    expect(advance(many, undefined, begun, three, start + hour).paused).toMatchObject({ reverted: 3, of: 120 })
  })

  test('a version that is not tried again counts as reverted', () => {
    const refused = { ...report('refused', 'reverted 2 times'), code: 'UPDATE_REVERTED' }
    const progress = advance(order, undefined, first, [{ ...waiting(victim), update: refused }], start)
    expect(progress.nodes[victim]?.state).toBe('reverted')
  })
})

test('pausing withdraws the version from nodes that wait, not from those that run or try it', () => {
  const begun = advance({ ...order, rings: ['100%'] }, undefined, undefined, names.slice(0, 3).map(waiting), start)
  const [a = '', b = '', c = ''] = names
  const fleet = [done(a), { ...waiting(b), update: report('trial') }, { ...waiting(c), update: report('downloading') }]
  const wish = { state: 'pause', at: start, by: 'lan' } as const
  const progress = advance(order, wish, begun, fleet, start + hour)
  expect(offered(progress, wish).sort()).toEqual([a, b])
  expect(offered(progress, { ...wish, state: 'cancel' }).sort()).toEqual([a, b])
})

describe('roll-outs on disk', () => {
  const released = [{ version: '0.2.0', platforms: ['linux-x64'] }]
  function newStore(): { store: RolloutStore; dataDir: string } {
    const dataDir = mkdtempSync(join(tmpdir(), 'ioc-rollouts-'))
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
    return { store: new RolloutStore(dataDir), dataDir }
  }

  test('survive a restart with their progress', () => {
    const { store, dataDir } = newStore()
    const started = store.start({ version: '0.2.0' }, released, 'lan', start)
    const progress = advance(started, undefined, undefined, names.map(waiting), start)
    store.note(started.id, progress)
    expect(new RolloutStore(dataDir).current()).toEqual({ order: started, wish: undefined, progress, state: 'running' })
  })

  test('are one at a time; a cancelled one makes way', () => {
    const { store } = newStore()
    expect(store.list()).toEqual([])
    expect(() => store.decide('pause', 'lan', start)).toThrow('no roll-out is running')
    expect(store.start({ version: '0.2.0' }, released, 'lan', start).id).toBe('0.2.0-1')
    expect(() => store.start({ version: '0.2.0' }, released, 'lan', start)).toThrow('cancel it first')
    store.decide('pause', 'lan', start)
    expect(store.current()?.state).toBe('paused')
    store.decide('run', 'lan', start)
    expect(store.current()?.state).toBe('running')
    store.decide('cancel', 'lan', start)
    expect(store.start({ version: '0.2.0' }, released, 'lan', start + 1).id).toBe('0.2.0-2')
    expect(store.list().map(({ state }) => state)).toEqual(['running', 'cancelled'])
  })

  test('follow each other, and are resumed, also where the clock was set back', () => {
    const { store } = newStore()
    const { id } = store.start({ version: '0.2.0' }, released, 'lan', start)
    store.note(id, { ring: 0, ring_began: start, nodes: {}, accepted: 0, paused: { reverted: 1, of: 1, at: start } })
    store.decide('run', 'lan', start - hour)
    expect(store.current()?.wish?.at).toBeGreaterThan(start)
    store.decide('cancel', 'lan', start - hour)
    const second = store.start({ version: '0.2.0' }, released, 'lan', start - hour)
    expect(store.current()).toMatchObject({ order: { id: second.id }, state: 'running' })
  })

  test.each([
    [{ version: '0.9.0' }, 'no release'],
    [{ version: '../x' }, 'no release'],
    [{ version: '0.2.0', rings: [] }, 'rings'],
    [{ version: '0.2.0', rings: ['5%'] }, 'end with 100%'],
    [{ version: '0.2.0', rings: ['0', '100%'] }, 'rings'],
    [{ version: '0.2.0', rings: ['0%', '100%'] }, 'rings'],
    [{ version: '0.2.0', rings: ['0.00%', '100%'] }, 'rings'],
    [{ version: '0.2.0', rings: ['200%', '100%'] }, 'rings'],
    [{ version: '0.2.0', hold_h: Number.NaN }, 'hold'],
    [{ version: '0.2.0', max_reverted_percent: 101 }, 'share'],
  ])('%j is refused', (request, why) => {
    expect(() => newStore().store.start(request, released, 'lan', start)).toThrow(why)
  })
})

test('the version is written into the configuration of a node as a revision, of which the rest stays', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'ioc-rollouts-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  const configs = new DesiredConfigs(dataDir)
  const published: NodeConfig[] = []
  const writer = new ConfigWriter(configs, async (_address, payload) => void published.push(JSON.parse(payload)))
  const address = { site: 's', node: 'n' }
  configs.add(address, { at: 1, by: 'lan', config: { cadence_s: 5 } })
  const update = { version: '0.2.0', start: 'now', rollout: 'r' } as const
  await writer.offer(address, update)
  await writer.offer(address, { ...update })
  await writer.withdraw(address, 'another')
  await writer.withdraw(address, 'r')
  await writer.withdraw(address, 'r')
  expect(published).toEqual([
    { schema: 1, revision: 2, cadence_s: 5, update },
    { schema: 1, revision: 3, cadence_s: 5 },
  ])
})
