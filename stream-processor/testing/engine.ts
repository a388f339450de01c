import type { CaseChanges } from '../engine/cases/saved.ts'
import type { DeviceState, NodeState, SavedRegistry } from '../engine/devices.ts'
import { noQuotas } from '../engine/devices.ts'
import type { DigestPage } from '../engine/digests.ts'
import { createEngine, type Engine, type EngineOptions } from '../engine/engine.ts'
import type { LedgerState } from '../engine/ledger.ts'
import type { SavedLife } from '../engine/liveness/life.ts'
import type { SavedNodeLife } from '../engine/liveness/liveness.ts'
import type { Place } from '../engine/place.ts'
import type { NodeArchive } from '../engine/windows/panes/node-store.ts'
import type { WindowChanges } from '../engine/windows/windows.ts'
import type { Changes, Saved } from '../state/checkpoint-store.ts'
import { mergeCases } from './saved-cases.ts'

/** Everything that was saved, in memory: what a checkpoint store does, without a disk. */
export interface SavedState {
  /** @param meanwhile what happens while it is being saved */
  take(changes: Changes, meanwhile?: () => void): void
  saved(): Saved
  archiveOf(streamId: string): NodeArchive
}

export function createSavedState(): SavedState {
  const taken: Changes[] = []
  let cases: CaseChanges | undefined
  const nodes = new Map<string, Map<number, Float64Array>>()
  const nodesOf = (id: string) => {
    const known = nodes.get(id) ?? new Map<number, Float64Array>()
    nodes.set(id, known)
    return known
  }
  const newest = <T>(all: readonly (readonly [number, T])[]) => [...new Map(all)]
  return {
    take(changes, meanwhile = () => {}) {
      const copy = structuredClone(packed(changes, meanwhile))
      taken.push(copy)
      cases = mergeCases(cases, copy.cases)
      for (const stream of copy.indicators.streams) {
        const known = nodesOf(stream.id)
        for (const [from, to] of stream.removed) {
          for (const key of known.keys()) if (key >= from && key < to) known.delete(key)
        }
        for (const [key, packed] of stream.nodes) known.set(key, packed)
      }
    },
    saved() {
      const last = taken.at(-1) as Changes
      const ids = last.indicators.streams.map(({ id }) => id)
      const streams = ids.map((id) => {
        const all = taken.flatMap(({ indicators }) => indicators.streams.filter((stream) => stream.id === id))
        return {
          id,
          series: seriesOf(all),
          first: newest(all.flatMap(({ first }) => first)),
          pages: all.flatMap(({ pages }) => [...pages]),
          blocks: all.flatMap(({ blocks }) => [...blocks]),
          lateEvents: all
            .map(({ lateEvents }) => lateEvents)
            .filter(({ first, events }) => events.length > 0 && first + events.length > (all.at(-1)?.lateFrom ?? 0)),
          lateCount: all.at(-1)?.lateCount ?? 0,
          late: all.at(-1)?.late ?? [],
        }
      })
      return structuredClone({
        offsets: last.offsets,
        clock: last.clock,
        ...knownFrom(taken),
        indicators: { streams, derived: taken.flatMap(({ indicators }) => indicators.derived) },
        cases,
        completeness: taken.findLast(({ completeness }) => completeness !== undefined)?.completeness,
      })
    },
    archiveOf: (streamId) => ({ get: (key) => nodesOf(streamId).get(key)?.slice() }),
  }
}

/** Goes through what is packed when it is gone through: through the first of each, before more happens, then the others. */
function packed(changes: Changes, meanwhile: () => void): Changes {
  const { streams, derived } = changes.indicators
  const begun = streams.map((one) => ({
    ...one,
    pages: begin(one.pages),
    blocks: begin(one.blocks),
    nodes: begin(one.nodes),
  }))
  meanwhile()
  const ended = begun.map((one) => ({ ...one, pages: [...one.pages], blocks: [...one.blocks], nodes: [...one.nodes] }))
  return { ...changes, indicators: { derived, streams: ended } }
}

/** Takes the first at once. */
function begin<T>(all: Iterable<T>): Iterable<T> {
  const iterator = all[Symbol.iterator]()
  const first = iterator.next()
  return {
    *[Symbol.iterator]() {
      for (let next = first; !next.done; next = iterator.next()) yield next.value
    },
  }
}

/** What is left of ledgers and the registry, each change over the one before it. */
function knownFrom(all: readonly Changes[]): Pick<Saved, 'ledgers' | 'digests' | 'registry' | 'liveness'> {
  const ledgers = new Map<string, LedgerState>()
  const digests = new Map<string, DigestPage>()
  const nodes = new Map<string, NodeState>()
  const devices = new Map<string, DeviceState>()
  const lives = new Map<string, SavedLife>()
  const nodeLives = new Map<string, SavedNodeLife>()
  for (const { goneLedgers, registry, liveness, ...changes } of all) {
    for (const key of goneLedgers) {
      ledgers.delete(key)
      for (const [id, page] of digests) if (page.node === key) digests.delete(id)
    }
    for (const key of registry.gone.nodes) nodes.delete(key)
    for (const key of registry.gone.devices) devices.delete(key)
    for (const ledger of changes.ledgers) ledgers.set(`${ledger.site}/${ledger.node}`, ledger)
    for (const page of changes.digests) digests.set(`${page.node} ${page.page}`, page)
    for (const node of registry.nodes) nodes.set(`${node.site}/${node.node}`, node)
    for (const key of liveness.gone.lives) lives.delete(key)
    for (const key of liveness.gone.nodes) nodeLives.delete(key)
    for (const life of liveness.lives) lives.set(`${life.site}/${life.device}`, life)
    for (const life of liveness.nodes) nodeLives.set(`${life.site}/${life.node}`, life)
    for (const one of registry.devices) devices.set(`${one.site}/${one.device}/${one.type}`, one)
  }
  const registry: SavedRegistry = {
    nodes: [...nodes.values()],
    devices: [...devices.values()],
    times: all.flatMap(({ registry: { times } }) => times),
    born: [...new Map(all.flatMap(({ registry: { born } }) => born))],
    removals: [...new Map(all.flatMap(({ registry: { removals } }) => removals))],
  }
  const { steadySince, reconnectUntil } = (all.at(-1) as Changes).liveness
  const liveness = { steadySince, reconnectUntil, lives: [...lives.values()], nodes: [...nodeLives.values()] }
  return { ledgers: [...ledgers.values()], digests: [...digests.values()], registry, liveness }
}

function seriesOf(all: readonly WindowChanges[]): [number, Place][] {
  const known = new Map<number, Place>()
  for (const { gone, series } of all) {
    for (const one of gone) known.delete(one)
    for (const [one, place] of series) known.set(one, place)
  }
  return [...known]
}

/** An engine with the settings of the tests. */
export function testEngine(options: Partial<EngineOptions> & Pick<EngineOptions, 'indicators'>): Engine {
  return createEngine({
    caseIndicators: [],
    rollups: false,
    latenessMs: 604_800_000,
    idleMs: 10_000,
    forgetMs: Number.POSITIVE_INFINITY,
    cacheMb: 0.1,
    maxSeries: 10_000,
    maxAllDevices: 10_000,
    areaOf: (_site, said) => said,
    quotas: noQuotas,
    ownerSilentMs: 86_400_000,
    archiveOf: () => ({ get: () => undefined }),
    ...options,
  })
}
