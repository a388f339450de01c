import { propertyRuns } from '@ioc/runtime/testing/property-runs.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sum } from '../../aggregates/aggregates.ts'
import { unpackNode } from './closed-node.ts'
import { addToRow, createLayout, eventsOf } from './layout.ts'
import { NodeCache } from './node-cache.ts'
import { NodePool } from './node-pool.ts'
import { type NodeChanges, NodeStore } from './node-store.ts'

const numRuns = propertyRuns(100)
const layout = createLayout([sum('speed_kmh')])

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ act: fc.constant('change'), node: fc.integer({ min: 0, max: 30 }) }) },
  { weight: 4, arbitrary: fc.record({ act: fc.constant('read'), node: fc.integer({ min: 0, max: 30 }) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('save'), node: fc.integer({ min: 0, max: 8 }) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('finish'), node: fc.integer({ min: 0, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('close'), node: fc.integer({ min: 31, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('remove'), node: fc.integer({ min: 0, max: 60 }) }) },
)

/** A node whose first pane has so many events. */
function nodeOf(events: number) {
  const node = new NodePool(layout).take(0, 0, 0)
  for (let event = 0; event < events; event++) addToRow(layout, node.table, node.base, 1, Float64Array.of(1))
  return node
}

function eventsIn(packed: Float64Array): number {
  const node = nodeOf(0)
  unpackNode(layout, packed, node)
  return eventsOf(node.table, node.base)
}

test('nodes are what was added to them, however few stay in memory, wherever they are, and while they are saved', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 40, maxLength: 200 }), (steps) => {
      const archive = new Map<number, Float64Array>()
      const store = new NodeStore(
        layout,
        { get: (key) => archive.get(key)?.slice() },
        new NodeCache(6 * nodeOf(0).bytes, 1),
      )
      const expected = new Map<number, number>()
      const savedAt: number[] = []
      let saving: { readonly changes: NodeChanges; readonly expected: Map<number, number> } | undefined
      const begin = (before: number) => {
        finish()
        saving = { changes: store.changes(before), expected: new Map(expected) }
        savedAt.push(store.lateCount)
      }
      const finish = () => {
        if (!saving) return
        const { removed, nodes } = saving.changes
        for (const [from, to] of removed) for (let key = from; key < to; key++) archive.delete(key)
        for (const [key, packed] of nodes) {
          // What came after the checkpoint is not in it.
          expect([key, eventsIn(packed)]).toEqual([key, saving.expected.get(key)])
          archive.set(key, packed.slice())
        }
        saving = undefined
      }
      const read = (node: number) => {
        const found = store.get(0, 0, node)
        expect([node, found && eventsOf(found.table, found.base)]).toEqual([node, expected.get(node)])
      }
      for (const { act, node } of steps) {
        if (act === 'change') {
          store.lateCount++
          const { table, base } = store.change(0, 0, node)
          addToRow(layout, table, base, 1, Float64Array.of(1))
          expected.set(node, (expected.get(node) ?? 0) + 1)
        } else if (act === 'close' && !expected.has(node)) {
          store.close(0, 0, node, nodeOf(3))
          expected.set(node, 3)
        } else if (act === 'remove') {
          store.remove(0, 0, node, node + 1)
          expected.delete(node)
        } else if (act === 'save') {
          begin(savedAt.at(-1 - node) ?? 0)
        } else if (act === 'finish') {
          finish()
        }
        read(node)
        read((node * 7) % 61)
      }
      for (const node of expected.keys()) read(node)
    }),
    { numRuns },
  )
})
