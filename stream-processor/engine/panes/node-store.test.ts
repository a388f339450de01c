import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sum } from '../aggregates/aggregates.ts'
import { addToRow, createLayout, eventsOf } from './layout.ts'
import { NodeBudget, NodeStore } from './node-store.ts'

const numRuns = Number(process.env['IOC_PROPERTY_RUNS'] ?? 300)
const layout = createLayout([sum('speed_kmh')], false)

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ act: fc.constant('change'), node: fc.integer({ min: 0, max: 30 }) }) },
  { weight: 4, arbitrary: fc.record({ act: fc.constant('read'), node: fc.integer({ min: 0, max: 30 }) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('save'), node: fc.integer({ min: 0, max: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('create'), node: fc.integer({ min: 31, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('remove'), node: fc.integer({ min: 0, max: 60 }) }) },
)

test('nodes are what was added to them, however few stay in memory, and wherever they are', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 40, maxLength: 200 }), (steps) => {
      const archive = new Map<number, Float64Array>()
      const store = new NodeStore(layout, { get: (key) => archive.get(key)?.slice() }, new NodeBudget(6))
      const expected = new Map<number, number>()
      const savedAt: number[] = []
      const add = (node: number, found: ReturnType<NodeStore['change']>) => {
        addToRow(layout, found.table, found.base, 1, Float64Array.of(1))
        expected.set(node, (expected.get(node) ?? 0) + 1)
      }
      const save = (before: number) => {
        const { nodes, removed } = store.changes(before)
        savedAt.push(store.lateCount)
        for (const [from, to] of removed) for (let key = from; key < to; key++) archive.delete(key)
        for (const [key, packed] of nodes) archive.set(key, packed)
      }
      for (const { act, node } of steps) {
        if (act === 'change') {
          store.lateCount++
          add(node, store.change(0, 0, node))
        } else if (act === 'create' && !expected.has(node)) {
          add(node, store.create(0, 0, node))
        } else if (act === 'remove') {
          store.remove(0, 0, node, node + 1)
          expected.delete(node)
          // What is removed is not asked for; the archive has it until the next checkpoint.
          save(0)
        } else if (act === 'save') {
          save(savedAt.at(-1 - node) ?? 0)
        }
        for (const each of [node, (node * 7) % 61]) {
          const found = store.get(0, 0, each)
          expect([each, found ? eventsOf(found.table, found.base) : undefined]).toEqual([each, expected.get(each)])
        }
      }
      for (const [node, events] of expected) {
        const found = store.get(0, 0, node)
        expect([node, found && eventsOf(found.table, found.base)]).toEqual([node, events])
      }
    }),
    { numRuns },
  )
})
