import { expect, test } from 'vitest'
import { mean } from '../../aggregates/aggregates.ts'
import { packNode } from './closed-node.ts'
import { CopyArena } from './copy-arena.ts'
import { createLayout } from './layout.ts'
import { NodeCache } from './node-cache.ts'
import { NodePool } from './node-pool.ts'
import { NodeStore } from './node-store.ts'

const layout = createLayout([mean('x')])
const empty = new NodePool(layout).take(0, 0, 0)

/** Two streams that share a cache of so many nodes, and how often each of their nodes was read from the archive. */
function streams(nodes: number) {
  const cache = new NodeCache(nodes * empty.bytes)
  return ['first', 'second'].map(() => {
    const reads = new Map<number, number>()
    const get = (key: number) => {
      reads.set(key, (reads.get(key) ?? 0) + 1)
      return packNode(layout, empty, 0, new CopyArena())
    }
    return { reads, store: new NodeStore(layout, { get }, cache) }
  })
}

test('what is used again and again stays in memory, whoever else comes by', () => {
  const [first, second] = streams(100)
  for (let node = 1; node < 10_000; node++) {
    first?.store.get(0, 0, 0)
    second?.store.get(0, 0, node)
  }
  expect(first?.reads.get(0)).toBe(1)
})

test('what is not used is given up, also by a stream that has no more to do', () => {
  const [first, second] = streams(100)
  for (let node = 0; node < 100; node++) first?.store.get(0, 0, node)
  for (let node = 0; node < 400; node++) second?.store.get(0, 0, node)
  for (let node = 0; node < 100; node++) first?.store.get(0, 0, node)
  expect([...(first?.reads.values() ?? [])]).toEqual(Array.from({ length: 100 }, () => 2))
})

test('what is still to be saved stays in memory', () => {
  const [first, second] = streams(100)
  const changed = first?.store.change(0, 0, 7)
  for (let node = 0; node < 1_000; node++) second?.store.get(0, 0, node)
  expect(first?.store.get(0, 0, 7)).toBe(changed)
})
