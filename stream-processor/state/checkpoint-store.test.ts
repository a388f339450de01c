import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodePayload } from '@ioc/ingest-log/broker-records.ts'
import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import { open } from 'lmdb'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { testEngine } from '../testing/engine.ts'
import { type Changes, type CheckpointStore, openCheckpointStore, type Saved } from './checkpoint-store.ts'

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
    first: [],
    pages: [],
    blocks: [],
    nodes,
    removed,
    lateEvents: { first: 1, events: new Float64Array(0) },
    lateFrom: 1,
    lateCount: 0,
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

describe('what is known of nodes', () => {
  const sent = (node: string, seq: number): LogRecord => {
    const records = [{ device: `${node}-a`, ts: t0, values: { x: seq } }]
    const payload = Buffer.from(JSON.stringify({ epoch: 'e', seq, sent: t0, records }))
    return { kind: 'telemetry', site: 's', node, arrival: t0, payload }
  }
  const connected = (node: string): LogRecord => {
    const payload = encodePayload({ connected: true, connection: node })
    return { kind: 'connection', site: 's', node, arrival: t0, payload }
  }
  const t0 = 1_764_000_000_000
  const engineWith = (...records: LogRecord[]) => {
    const engine = testEngine({ indicators: [] })
    engine.process({ offset: 0, records, next: records.length })
    return engine
  }

  test('is found again as it was saved, page by page', async () => {
    const engine = engineWith(connected('n'), ...Array.from({ length: 100 }, (_, index) => sent('n', index + 1)))
    await store.save(engine.changes({ live: 100, backlog: 0 }))
    engine.process({ offset: 100, records: [sent('n', 101)], next: 101 })
    const changes = engine.changes({ live: 101, backlog: 0 })
    expect(changes.digests).toHaveLength(1)
    await store.save(changes)
    const { registry, digests, ledgers } = store.load() as Saved
    expect(registry.nodes).toMatchObject([{ node: 'n', connections: ['n'], online: true, fields: ['x'], seen: t0 }])
    expect(registry.devices).toMatchObject([{ device: 'n-a', node: 'n' }])
    expect(digests.map(({ count }) => count)).toEqual([64, 101])
    expect(ledgers).toMatchObject([{ epochs: [{ received: [1, 101] }] }])
  })

  test('leaves nothing behind when a node is removed, and is there when it comes back', async () => {
    const engine = engineWith(connected('n'), sent('n', 1), sent('m', 1))
    await store.save(engine.changes({ live: 3, backlog: 0 }))
    const removal: LogRecord = { ...connected('n'), kind: 'forgotten', payload: encodePayload({}) }
    engine.process({ offset: 3, records: [removal], next: 4 })
    await store.save(engine.changes({ live: 4, backlog: 0 }))
    const gone = store.load() as Saved
    expect(gone.ledgers).toMatchObject([{ node: 'm' }])
    expect(gone.registry.nodes).toMatchObject([{ node: 'm' }])
    expect(gone.registry.devices).toMatchObject([{ node: 'm' }])
    expect(gone.digests.map(({ node }) => node)).toEqual(['s/m'])
    expect(gone.registry.removals).toEqual([['s/n', t0]])
    engine.process({ offset: 4, records: [{ ...sent('n', 1), arrival: t0 + 1 }], next: 5 })
    await store.save(engine.changes({ live: 5, backlog: 0 }))
    expect(store.load()?.registry.devices).toMatchObject([{ device: 'm-a' }, { device: 'n-a' }])
  })

  test('has the same liveness after a restart, and without it that of the registry', async () => {
    const engine = engineWith(connected('n'), ...Array.from({ length: 30 }, (_, index) => sent('n', index + 1)))
    await store.save(engine.changes({ live: 31, backlog: 0 }))
    const livenessIn = (saved: Saved) => {
      const restored = testEngine({ indicators: [] })
      restored.restore(saved)
      return restored
        .snapshot()
        .filter(({ topic }) => /_live\/(liveness|connection)\//.test(topic))
        .map(({ read }) => read())
    }
    const saved = store.load() as Saved
    expect(saved.liveness?.lives).toMatchObject([{ device: 'n-a', types: [{ runs: [['x', { total: 1 }]] }] }])
    const expected = [
      { device: 'n-a', state: 'measuring', since: t0, last_ts: t0 },
      { node: 'n', state: 'connected' },
    ]
    expect(livenessIn(saved)).toMatchObject(expected)
    expect(livenessIn({ ...saved, liveness: undefined })).toMatchObject(expected)
  })

  test('is read from what an older version saved', async () => {
    await store.save(engineWith(sent('n', 1)).changes({ live: 1, backlog: 0 }))
    await store.stop()
    const root = open<unknown, string[]>({ path: folder, encoding: 'msgpack', maxDbs: 4 })
    await root.put(['node', 's/n'], { site: 's', node: 'n', session: 5, online: false, area: '24931' })
    for (const key of root.getKeys({ start: ['digests', ''], end: ['digests', '\uffff'] })) await root.remove(key)
    const { day: _, dayBytes: __, ...ledger } = root.get(['ledger', 's/n']) as Record<string, unknown>
    await root.put(['ledger', 's/n'], ledger)
    await root.close()
    store = openCheckpointStore(folder)
    const engine = testEngine({ indicators: [] })
    engine.restore(store.load() as Saved)
    const shown = engine
      .snapshot()
      .filter(({ topic }) => /_live\/(ledger|device)\//.test(topic))
      .map(({ read }) => read())
    expect(shown).toEqual([
      expect.objectContaining({ node: 'n', sent: 1, stored: 1, reused: 0 }),
      expect.objectContaining({ device: 'n-a', node: 'n', online: false, area: '24931' }),
    ])
  })
})
