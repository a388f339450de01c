import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { testEngine } from '../testing/engine.ts'
import { type Changes, type CheckpointStore, openCheckpointStore } from './checkpoint-store.ts'

let folder: string
let store: CheckpointStore

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ioc-state-'))
  store = openCheckpointStore(folder)
})
afterEach(async () => {
  await store.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Changes of one stream, which are its closed nodes. */
function changesOf(nodes: readonly (readonly [number, number])[], removed: readonly [number, number][] = []): Changes {
  return changesOfPacked(
    nodes.map(([key, value]) => [key, Float64Array.of(0, value)] as const),
    removed,
  )
}

function changesOfPacked(
  nodes: readonly (readonly [number, Float64Array])[],
  removed: readonly [number, number][] = [],
): Changes {
  const stream = {
    id: 'stream',
    gone: [],
    series: [],
    pages: [],
    blocks: [],
    nodes,
    removed,
    lateEvents: { first: 1, events: new Float64Array(0) },
    lateFrom: 1,
    lateCount: 0,
    starts: [],
    late: [],
  }
  const nothing = testEngine({ indicators: [] }).changes({ live: 0, backlog: 0 })
  return { ...nothing, indicators: { ...nothing.indicators, streams: [stream] } }
}

test('a checkpoint is on disk when what it waits for is done, as a whole', async () => {
  const archive = store.archiveOf('stream')
  const read = () => [1, 2, 3].map((key) => archive.get(key)?.[1])
  await store.save(
    changesOf([
      [1, 10],
      [2, 20],
    ]),
  )
  expect(read()).toEqual([10, 20, undefined])
  let release: () => void = () => undefined
  const taken = new Promise<void>((resolve) => {
    release = resolve
  })
  const changes = changesOf(
    [
      [1, 11],
      [3, 30],
    ],
    [[2, 3]],
  )
  const saving = store.save(changes, taken)
  expect(read()).toEqual([10, 20, undefined])
  expect(openValues(folder)).toEqual([10, 20, undefined])
  release()
  await saving
  expect(read()).toEqual([11, undefined, 30])
  expect(openValues(folder)).toEqual([11, undefined, 30])
})

test('nodes are read as they were, of whatever size, one after the other', async () => {
  const nodes = [2, 30_000, 3, 101, 1_000_000, 7].map((length, key) => {
    return [key, Float64Array.from({ length }, (_, index) => key + index / 7)] as const
  })
  await store.save(changesOfPacked(nodes))
  const archive = store.archiveOf('stream')
  for (const [key, packed] of [...nodes, ...nodes.toReversed()]) expect(archive.get(key)).toEqual(packed)
  expect([...store.nodesOf('stream')]).toEqual(nodes)
})

/** What another process finds on disk. */
function openValues(path: string): (number | undefined)[] {
  const reader = openCheckpointStore(path, { readOnly: true })
  const archive = reader.archiveOf('stream')
  const values = [1, 2, 3].map((key) => archive.get(key)?.[1])
  void reader.stop()
  return values
}
