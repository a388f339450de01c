import { expect, test } from 'vitest'
import { mean } from '../../aggregates/aggregates.ts'
import { packNode } from './closed-node.ts'
import { CopyArena } from './copy-arena.ts'
import { createLayout } from './layout.ts'
import { NodeCache } from './node-cache.ts'
import { NodeStore } from './node-store.ts'
import { PaneStore } from './pane-store.ts'

const fanOut = 32
const series = 0

test('after a restart, late events are kept until every node they changed is saved, also if the first one was', () => {
  const layout = createLayout([mean('x')])
  const saved = new Map<number, Float64Array>()
  const open = () => {
    const nodes = new NodeStore(layout, { get: (key) => saved.get(key) }, new NodeCache(100_000))
    const store = new PaneStore({ layout, nodes, longest: 1000, kept: 10_000 })
    store.open(series, 100 * fanOut)
    return { nodes, store }
  }
  // Five late events: the first changed a node that has been saved with all that it had, the others a node that was not.
  const before = open()
  for (const pane of [1, fanOut, fanOut, fanOut, fanOut]) {
    before.store.addLate(series, pane, pane, 0, Float64Array.of(pane))
  }
  const first = before.nodes.get(series, 0, 0)
  if (!first) throw new Error('there is no such node')
  saved.set(0, packNode(layout, first, before.nodes.lateCount, new CopyArena()))
  const events = before.store.late.take()

  const after = open()
  after.store.restoreLate(1, events)
  after.nodes.lateCount = 5
  expect(after.nodes.oldestUnsaved()).toBeLessThanOrEqual(2)
})
