import { setImmediate } from 'node:timers/promises'
import { IocError } from '@ioc/contract/errors.ts'
import type { Offset } from '@ioc/ingest-log/ingest-log.ts'
import type { ByLane } from '@ioc/ingest-log/lanes.ts'
import { open } from 'lmdb'
import { type CaseChanges, type SavedPage, type SavedTable, toPages } from '../engine/cases/saved.ts'
import type { SavedCompleteness } from '../engine/completeness.ts'
import type { DerivedState } from '../engine/derived.ts'
import type { DeviceState, NodeState, RegistryChanges, SavedRegistry } from '../engine/devices.ts'
import type { DigestPage } from '../engine/digests.ts'
import type { IndicatorChanges, SavedIndicators } from '../engine/indicator-engine.ts'
import type { LedgerState } from '../engine/ledger.ts'
import type { SavedLife } from '../engine/liveness/life.ts'
import type { LivenessChanges, SavedLiveness, SavedNodeLife } from '../engine/liveness/liveness.ts'
import type { Place } from '../engine/place.ts'
import type { NodeArchive } from '../engine/windows/panes/node-store.ts'
import type { SavedWindows } from '../engine/windows/windows.ts'
import { type CasePage, type CasePages, casesInPages } from './case-pages.ts'

interface Known {
  /** The newest arrival, in ms. */
  readonly clock: number
  readonly ledgers: readonly LedgerState[]
  /** Digests of the newest messages of nodes, by the page. */
  readonly digests: readonly DigestPage[]
  readonly registry: SavedRegistry
}

/** What changed since the last checkpoint; saved as one transaction with the offsets of the log that it belongs to. */
export interface Changes extends Known {
  /** The first record of each lane that is not in it. */
  readonly offsets: ByLane<Offset>
  readonly registry: RegistryChanges
  /** Nodes whose ledgers are gone, as `site/node`: to be removed before anything is put. */
  readonly goneLedgers: readonly string[]
  readonly indicators: IndicatorChanges
  readonly cases: CaseChanges
  /** `undefined`: as it was. */
  readonly completeness?: SavedCompleteness | undefined
  readonly liveness: LivenessChanges
}

/** Everything but closed nodes, which are read one by one. */
export interface Saved extends Known {
  /** `backlog` is absent from a state that was saved before the log had that lane. */
  readonly offsets: { readonly live: Offset; readonly backlog?: Offset }
  readonly indicators: SavedIndicators
  readonly cases: CaseChanges | undefined
  /** Absent from a state of a version that did not count sources. */
  readonly completeness?: SavedCompleteness | undefined
  /** Absent from a state of a version without liveness. */
  readonly liveness?: SavedLiveness | undefined
}

export interface CheckpointStore {
  /** Everything that was saved; `undefined` before the first checkpoint. @throws IocError CHECKPOINT_INVALID */
  load(): Saved | undefined
  /**
   * Saves once `after` has resolved; resolves when it is on disk. One after the other: the next changes are to be taken
   * when this is done.
   */
  save(changes: Changes, after?: Promise<void>): Promise<void>
  /** The closed nodes of a stream that are on disk. */
  archiveOf(streamId: string): NodeArchive
  /** The streams that have a state. */
  streamIds(): readonly string[]
  /** The closed nodes of a stream, one after the other. */
  nodesOf(streamId: string): Iterable<readonly [key: number, packed: Float64Array]>
  /** What was declared when the state was saved, by name; `undefined` where that is not known. */
  declared(): Readonly<Record<string, string>> | undefined
  /** Gives streams other ids: from, to. */
  rename(ids: readonly (readonly [from: string, to: string])[]): Promise<void>
  /** Takes streams over from another store, drops others, and notes what is declared now; all or nothing. */
  adopt(change: Adoption): Promise<void>
  /** Forgets everything but what is declared. */
  clear(): Promise<void>
  stop(): Promise<void>
}

interface Meta {
  readonly version: number
  /** Of the live lane, whose place that of the whole partition was. */
  readonly offset: Offset
  readonly backlog?: Offset
  readonly clock: number
}

export interface Adoption {
  readonly from?: { readonly store: CheckpointStore; readonly streams: readonly SavedWindows[] }
  /** Ids of streams that are not needed any more. */
  readonly dropped: readonly string[]
  readonly declared: Readonly<Record<string, string>>
}

/** Raised when what is saved changes its shape; an older state is then computed anew from the log, or converted. */
const version = 9
/** States of this version have the cases in pages, and are converted. */
const pagesVersion = 8

/** Writing a checkpoint holds the stream up for so long at a time, in ms. */
const sliceMs = 5

/** What is kept of a stream by number: of a page, a row, a series, or a late event. */
const numberedKinds = ['page', 'block', 'series', 'first', 'late', 'events', 'count'] as const
type Numbered = (typeof numberedKinds)[number]

/** What goes with a series. */
const bySeries = ['series', 'first'] as const

/** What is kept of a type of cases by number: a page; until version 8 a page of rows, or the first of some names. */
type OfCases = 'case' | 'case-page' | 'case-names'

/** What is kept by a name. */
type Named = 'ledger' | 'node' | 'device' | 'born' | 'removal' | 'derived' | 'case-type' | 'life' | 'node-life'

type Key =
  | ['meta']
  | ['cases']
  | ['completeness']
  | ['liveness']
  | ['streams']
  | ['declared']
  | ['times', page: number]
  | [Named, string]
  | [Numbered, stream: number, number]
  | [OfCases, type: string, number]
  | ['digests', node: string, page: number]

interface Range {
  readonly start: Key
  readonly end: Key
}

type StreamOf = IndicatorChanges['streams'][number]

/** Late events of a stream, as they were last saved. */
interface LateSaved {
  readonly first: number
  readonly from: number
  readonly count: number
  /** How many of its series had windows to amend. */
  readonly pending: number
}

/** Opens the state of one partition in a folder. */
export function openCheckpointStore(path: string, { readOnly = false } = {}): CheckpointStore {
  const root = open<unknown, Key>({
    path,
    // LMDB would take a folder with a dot in its name for a file.
    noSubdir: false,
    encoding: 'msgpack',
    overlappingSync: false,
    readOnly,
    maxDbs: 2,
  })
  const nodes = root.openDB<Uint8Array, [stream: number, key: number]>({ name: 'nodes', encoding: 'binary' })

  /** Streams are numbered, which keeps keys short. */
  const streamNumbers = new Map((root.get(['streams']) ?? []) as [string, number][])
  /** What was last saved of the late events of each stream: hundreds of streams have none, and nothing to look for. */
  const lateSaved = new Map<number, LateSaved>()

  const numberOf = (streamId: string): number => {
    const known = streamNumbers.get(streamId)
    if (known !== undefined) return known
    const next = 1 + Math.max(-1, ...streamNumbers.values())
    streamNumbers.set(streamId, next)
    return next
  }

  const named = <T>(kind: Named): (readonly [string, T])[] =>
    [...root.getRange({ start: [kind, ''], end: [kind, '\uffff'] })].map(
      ({ key, value }) => [key[1] as string, value as T] as const,
    )
  const all = <T>(kind: Named): T[] => named<T>(kind).map(([, value]) => value)

  const numbered = <T>(kind: Numbered, stream: number): (readonly [number, T])[] =>
    [...root.getRange({ start: [kind, stream, -1], end: [kind, stream, Number.MAX_SAFE_INTEGER] })].map(
      ({ key, value }) => [key[2] as number, value as T] as const,
    )

  function loadStream([streamId, id]: readonly [string, number]): SavedWindows {
    return {
      id: streamId,
      series: numbered<Place>('series', id),
      first: numbered<number>('first', id),
      pages: numbered<[Uint8Array, Uint8Array, Uint8Array]>('page', id).map(([page, [hot, heads, cells]]) => ({
        page,
        hot: toDoubles(hot),
        heads: toDoubles(heads),
        cells: toDoubles(cells),
      })),
      blocks: numbered<[Uint8Array, Uint8Array]>('block', id).map(([block, [rows, cells]]) => ({
        block,
        rows: toDoubles(rows),
        cells: toDoubles(cells),
      })),
      lateEvents: numbered<Uint8Array>('events', id).map(([first, bytes]) => ({ first, events: toDoubles(bytes) })),
      lateCount: numbered<number>('count', id)[0]?.[1] ?? 0,
      late: numbered<number[]>('late', id),
    }
  }

  function loadDigests(): DigestPage[] {
    const pages = [...root.getRange({ start: ['digests', '', -1], end: ['digests', '\uffff', -1] })]
    return pages.map(({ key, value }) => {
      const [count, bytes] = value as [number, Uint8Array]
      return { node: key[1] as string, page: key[2] as number, count, numbers: toInts(bytes) }
    })
  }

  function loadTimes(): SavedRegistry['times'] {
    const pages = [...root.getRange({ start: ['times', -1], end: ['times', Number.MAX_SAFE_INTEGER] })]
    return pages.map(({ key, value }) => [key[1] as number, toDoubles(value as Uint8Array)] as const)
  }

  /** @param areInPages as an older version saved them */
  function loadCases(areInPages: boolean): CaseChanges | undefined {
    const known = root.get(['cases']) as Omit<CaseChanges, 'tables'> | undefined
    return known && { ...known, tables: areInPages ? loadCasePages() : loadTables() }
  }

  function loadTables(): SavedTable[] {
    const tables = new Map<string, SavedPage[]>()
    for (const { key, value } of root.getRange({ start: ['case', '', -1], end: ['case', '\uffff', -1] })) {
      const [, type, page] = key as [OfCases, string, number]
      const pages = tables.get(type) ?? []
      tables.set(type, pages)
      pages.push({ page, cases: value as SavedPage['cases'] })
    }
    return [...tables].map(([type, pages]) => ({ type, pages }))
  }

  /** Cases that an older version saved, by type. */
  function loadCasePages(): SavedTable[] {
    const types = [...root.getRange({ start: ['case-type', ''], end: ['case-type', '\uffff'] })]
    return types.map(({ key, value }) => {
      const type = key[1] as string
      const names = new Map<string, string[]>()
      for (const { key: named, value: added } of root.getRange(ofCases('case-names', type))) {
        const dictionary = (named[1] as string).slice(type.length + 1)
        names.set(dictionary, [...(names.get(dictionary) ?? []), ...(added as string[])])
      }
      const pages = [...root.getRange(ofCases('case-page', type))].map(({ key: ofPage, value: saved }): CasePage => {
        const [bytes, ids] = saved as [Uint8Array, CasePage['ids']]
        return { page: ofPage[2] as number, bytes, ids }
      })
      const cases = casesInPages({ attributes: value as CasePages['attributes'], names, pages })
      return { type, pages: toPages(cases) }
    })
  }

  /** Puts the cases of an older state in the place of their pages. */
  function convertCases(meta: Meta): void {
    root.transactionSync(() => {
      for (const table of loadCasePages()) {
        for (const write of tableWrites(table)) void write
        const old = [
          ...root.getKeys(ofCases('case-page', table.type)),
          ...root.getKeys(ofCases('case-names', table.type)),
        ]
        for (const key of [...old, ['case-type', table.type] as const]) root.remove(key as Key)
      }
      root.put(['meta'], { ...meta, version } satisfies Meta)
    })
  }

  function* writes({
    offsets,
    clock,
    ledgers,
    goneLedgers,
    digests,
    registry,
    indicators,
    cases,
    completeness,
    liveness,
  }: Changes) {
    for (const node of goneLedgers) {
      yield root.remove(['ledger', node])
      for (const key of root.getKeys(digestPages(node))) yield root.remove(key)
    }
    for (const ledger of ledgers) yield root.put(['ledger', `${ledger.site}/${ledger.node}`], ledger)
    for (const { node, page, count, numbers } of digests) {
      yield root.put(['digests', node, page], [count, toBytes(numbers)])
    }
    yield* registryWrites(registry)
    for (const { id, states, gone } of indicators.derived) {
      for (const place of gone) yield root.remove(['derived', derivedKey(id, place)])
      for (const state of states) {
        yield root.put(['derived', derivedKey(id, state.place)], { id, state })
      }
    }
    for (const stream of indicators.streams) yield* streamWrites(stream)
    for (const table of cases.tables) yield* tableWrites(table)
    yield root.put(['cases'], { clock: cases.clock, indicators: cases.indicators, amended: cases.amended })
    if (completeness) yield root.put(['completeness'], completeness)
    yield* livenessWrites(liveness)
    yield root.put(['meta'], { version, offset: offsets.live, backlog: offsets.backlog, clock } satisfies Meta)
  }

  function* registryWrites({ nodes: agents, devices, times, born, removals, gone }: RegistryChanges) {
    for (const node of gone.nodes) yield root.remove(['node', node])
    for (const device of gone.devices) yield root.remove(['device', device])
    for (const node of agents) yield root.put(['node', `${node.site}/${node.node}`], node)
    for (const device of devices) yield root.put(['device', `${device.site}/${device.device}/${device.type}`], device)
    for (const [page, lastTs] of times) yield root.put(['times', page], toBytes(lastTs))
    for (const [kind, entries] of [
      ['born', born],
      ['removal', removals],
    ] as const) {
      for (const [key, value] of entries)
        yield value === undefined ? root.remove([kind, key]) : root.put([kind, key], value)
    }
  }

  function* livenessWrites({ lives, nodes: ofNodes, gone, ...rest }: LivenessChanges) {
    for (const key of gone.lives) yield root.remove(['life', key])
    for (const key of gone.nodes) yield root.remove(['node-life', key])
    for (const life of lives) yield root.put(['life', `${life.site}/${life.device}`], life)
    for (const life of ofNodes) yield root.put(['node-life', `${life.site}/${life.node}`], life)
    yield root.put(['liveness'], rest)
  }

  function loadLiveness(): SavedLiveness | undefined {
    const known = root.get(['liveness']) as Omit<SavedLiveness, 'lives' | 'nodes'> | undefined
    return known && { ...known, lives: all<SavedLife>('life'), nodes: all<SavedNodeLife>('node-life') }
  }

  function* tableWrites({ type, pages }: SavedTable) {
    for (const { page, cases } of pages) {
      const key: Key = ['case', type, page]
      yield cases.length === 0 ? root.remove(key) : root.put(key, cases)
    }
  }

  function* streamWrites(stream: StreamOf) {
    const isNew = !streamNumbers.has(stream.id)
    const id = numberOf(stream.id)
    if (isNew) yield root.put(['streams'], [...streamNumbers])
    for (const series of stream.gone) for (const kind of bySeries) yield root.remove([kind, id, series])
    for (const [series, place] of stream.series) yield root.put(['series', id, series], place)
    for (const [series, ts] of stream.first) yield root.put(['first', id, series], ts)
    for (const { page, hot, heads, cells } of stream.pages) {
      yield root.put(['page', id, page], [toBytes(hot), toBytes(heads), toBytes(cells)])
    }
    for (const { block, rows, cells } of stream.blocks) {
      yield root.put(['block', id, block], [toBytes(rows), toBytes(cells)])
    }
    const { first } = stream.lateEvents
    const before = lateSaved.get(id)
    if (before?.first !== first || before.from !== stream.lateFrom || before.count !== stream.lateCount) {
      yield* lateEventWrites(stream, id)
    }
    // Where it is not known what was saved, it is looked up.
    if (before?.pending !== 0) for (const [series] of numbered('late', id)) yield root.remove(['late', id, series])
    for (const [series, panes] of stream.late) yield root.put(['late', id, series], panes)
    lateSaved.set(id, { first, from: stream.lateFrom, count: stream.lateCount, pending: stream.late.length })
    for (const [from, to] of stream.removed) {
      if (to - from === 1) yield nodes.remove([id, from])
      else for (const key of nodes.getKeys({ start: [id, from], end: [id, to] })) yield nodes.remove(key)
    }
    for (const [key, packed] of stream.nodes) yield nodes.put([id, key], toBytes(packed))
  }

  /** Adds the late events since the last checkpoint, and removes those that are no longer needed. */
  function* lateEventWrites({ lateEvents: { first, events }, lateFrom, lateCount }: StreamOf, id: number) {
    if (events.length > 0) yield root.put(['events', id, first], toBytes(events))
    yield root.put(['count', id, 0], lateCount)
    for (const key of root.getKeys({ start: ['events', id, -1], end: ['events', id, first] })) {
      const next = [...root.getKeys({ start: key, limit: 2 })][1]
      const end = next?.[0] === 'events' && next[1] === id ? (next[2] as number) : first
      if (end > lateFrom) break
      yield root.remove(key)
    }
  }

  function* adoptWrites(
    from: Adoption['from'],
    dropped: Adoption['dropped'],
    declared: Adoption['declared'],
  ): Iterable<unknown> {
    for (const streamId of [...dropped, ...(from?.streams.map((stream) => stream.id) ?? [])]) {
      const id = streamNumbers.get(streamId)
      if (id === undefined) continue
      for (const kind of numberedKinds) {
        for (const [number] of numbered(kind, id)) yield root.remove([kind, id, number])
      }
      for (const key of nodes.getKeys({ start: [id, -1], end: [id, Number.MAX_SAFE_INTEGER] })) yield nodes.remove(key)
      streamNumbers.delete(streamId)
      lateSaved.delete(id)
    }
    for (const stream of from?.streams ?? []) {
      const [newest = { first: 1, events: new Float64Array(0) }] = stream.lateEvents
      const taken = from?.store.nodesOf(stream.id) ?? []
      const late = { lateEvents: newest, lateFrom: newest.first }
      yield* streamWrites({ ...stream, ...late, gone: [], removed: [], nodes: [...taken] })
      for (const { first, events } of stream.lateEvents) {
        yield root.put(['events', numberOf(stream.id), first], toBytes(events))
      }
      lateSaved.delete(numberOf(stream.id))
    }
    yield root.put(['streams'], [...streamNumbers])
    yield root.put(['declared'], declared)
  }

  /** In slices, between which the stream goes on: nobody else writes here. */
  async function inOneTransaction(all: Iterable<unknown>): Promise<void> {
    await root.transaction(async () => {
      let began = performance.now()
      for (const _ of all) {
        if (performance.now() - began < sliceMs) continue
        await setImmediate()
        began = performance.now()
      }
    })
  }

  return {
    load() {
      const meta = root.get(['meta']) as Meta | undefined
      if (!meta) return undefined
      const areInPages = meta.version === pagesVersion
      if (meta.version !== version && !areInPages) {
        throw new IocError(
          'CHECKPOINT_INVALID',
          `the saved state has version ${meta.version}, expected version ${version}`,
        )
      }
      if (areInPages && !readOnly) convertCases(meta)
      const derived = all<{ id: string; state: DerivedState }>('derived')
      return {
        offsets: { live: meta.offset, ...(meta.backlog === undefined ? {} : { backlog: meta.backlog }) },
        clock: meta.clock,
        ledgers: all<LedgerState>('ledger'),
        digests: loadDigests(),
        registry: {
          nodes: all<NodeState>('node'),
          devices: all<DeviceState>('device'),
          times: loadTimes(),
          born: named<string>('born'),
          removals: named<number>('removal'),
        },
        indicators: {
          streams: [...streamNumbers].map(loadStream),
          derived: derived.map(({ id, state }) => ({ id, states: [state] })),
        },
        cases: loadCases(areInPages && readOnly),
        completeness: root.get(['completeness']) as SavedCompleteness | undefined,
        liveness: loadLiveness(),
      }
    },
    async save(changes, after) {
      await after
      await inOneTransaction(writes(changes))
    },
    archiveOf(streamId) {
      return {
        get(key) {
          const bytes = nodes.getBinaryFast([numberOf(streamId), key])
          return bytes && viewOf(bytes)
        },
      }
    },
    streamIds: () => [...streamNumbers.keys()],
    *nodesOf(streamId) {
      const id = numberOf(streamId)
      for (const { key, value } of nodes.getRange({ start: [id, -1], end: [id, Number.MAX_SAFE_INTEGER] })) {
        yield [key[1], toDoubles(value)] as const
      }
    },
    declared: () => root.get(['declared']) as Record<string, string> | undefined,
    async rename(ids) {
      if (ids.length === 0) return
      for (const [from, to] of ids) {
        const number = streamNumbers.get(from)
        if (number === undefined) continue
        streamNumbers.delete(from)
        streamNumbers.set(to, number)
      }
      await root.put(['streams'], [...streamNumbers])
    },
    async adopt({ from, dropped, declared }) {
      await inOneTransaction(adoptWrites(from, dropped, declared))
    },
    async clear() {
      const declared = root.get(['declared'])
      await root.clearAsync()
      await nodes.clearAsync()
      streamNumbers.clear()
      lateSaved.clear()
      if (declared !== undefined) await root.put(['declared'], declared)
    },
    stop: () => root.close(),
  }
}

function derivedKey(id: string, { scope, key, group = '' }: Place): string {
  return [id, scope, key, group].join('\n')
}

function digestPages(node: string) {
  return { start: ['digests', node, -1], end: ['digests', node, Number.MAX_SAFE_INTEGER] } satisfies Range
}

/** What is kept of a type of cases; of names, all dictionaries, each as `type/dictionary`. */
function ofCases(kind: OfCases, type: string) {
  const end = kind === 'case-names' ? `${type}/\uffff` : type
  const start = kind === 'case-names' ? `${type}/` : type
  return { start: [kind, start, -1], end: [kind, end, Number.MAX_SAFE_INTEGER] } satisfies Range
}

function toBytes(numbers: Float64Array | Uint32Array | Uint8Array): Buffer {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength)
}

/** A view of a buffer that is read into again, and is longer than its `length` says; a copy where it is not aligned. */
function viewOf(bytes: Uint8Array): Float64Array {
  const { buffer, byteOffset, length } = bytes
  const wide = Float64Array.BYTES_PER_ELEMENT
  return byteOffset % wide === 0 ? new Float64Array(buffer, byteOffset, length / wide) : toDoubles(bytes)
}

/** Copies, because the saved bytes need not be aligned. */
function toInts({ buffer, byteOffset, length }: Uint8Array): Uint32Array {
  return new Uint32Array(new Uint8Array(buffer, byteOffset, length).slice().buffer)
}

function toDoubles({ buffer, byteOffset, length }: Uint8Array): Float64Array {
  return new Float64Array(new Uint8Array(buffer, byteOffset, length).slice().buffer)
}
