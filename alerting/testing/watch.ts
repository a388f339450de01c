import { type Aspect, isActive, type Observation, type ThingId, thingId } from '@ioc/contract/messages/incidents.ts'
import type { LiveRule } from '@ioc/contract/messages/live.ts'
import { createGraph, type Graph, type GraphEntry } from '../graph.ts'
import { step, type WatchEvent } from '../machine.ts'
import { draftOf, emptyState, type Fact, type Incident, type Notice, type WatchState } from '../state.ts'
import type { Names } from '../texts.ts'

/** Indicators and areas are called by their ids. */
export const noNames: Names = { indicator: () => undefined, area: () => undefined }
/** Midnight in Asia/Ho_Chi_Minh, of a Monday. */
export const monday = Date.parse('2026-11-30T00:00:00+07:00')
export const second = 1_000
export const minute = 60 * second
export const hour = 60 * minute
/** Of the default rules. */
export const holdMs = 45 * second

/** A site with one node and its devices. */
export function siteOf(site: string, devices: number, parents: readonly ThingId[] = []): GraphEntry[] {
  const facts = { site, tags: [] }
  const node = thingId('node', `${site}/n1`)
  return [
    { thing: thingId('site', site), parents, name: site, ...facts },
    { thing: node, parents: [thingId('site', site)], name: 'n1', ...facts },
    ...Array.from({ length: devices }, (_, index) => {
      const name = `d${index + 1}`
      return { thing: thingId('device', `${site}/${name}`), parents: [node], name, ...facts }
    }),
  ]
}

/** The watch with a clock of its own. Every step is journaled, and the fold of the journal is the state. */
export class Watch {
  state: WatchState = emptyState
  readonly journal: { readonly at: number; readonly facts: readonly Fact[] }[] = []
  readonly sent: Notice[] = []
  graph: Graph
  now = monday
  readonly #rules: readonly LiveRule[]

  constructor(entries: readonly GraphEntry[], rules: readonly LiveRule[] = []) {
    this.graph = createGraph(entries)
    this.#rules = rules
  }

  do(...events: WatchEvent[]): this {
    const before = this.state
    const { state, facts, effects } = step(
      { graph: this.graph, rules: this.#rules, names: noNames },
      before,
      events,
      this.now,
    )
    this.state = state
    if (facts.length > 0) this.journal.push({ at: state.now, facts })
    for (const effect of effects) {
      const notice = effect.effect === 'notify' ? state.notices.get(effect.key) : undefined
      if (!notice) continue
      this.sent.push(notice)
      this.do({ kind: 'handed', key: notice.key })
    }
    return this
  }

  observe(thing: ThingId, state: string | null, of: Partial<Observation> & { aspect?: Aspect } = {}): this {
    return this.do({ kind: 'observed', observation: { thing, aspect: 'loss', state, since: this.now, ...of } })
  }

  /** Lets time pass, a second at a time. */
  pass(ms: number): this {
    for (const end = this.now + ms; this.now < end; ) {
      this.now = Math.min(this.now + second, end)
      this.do({ kind: 'tick' })
    }
    return this
  }

  /** As after a kill: the state is what the journal says. */
  restart(): this {
    this.state = this.folded()
    return this
  }

  folded(): WatchState {
    return this.journal.reduce((state, { at, facts }) => {
      const draft = draftOf(state, at)
      for (const fact of facts) draft.apply(fact)
      return draft.state
    }, emptyState)
  }

  get active(): Incident[] {
    return [...this.state.incidents.values()].filter(isActive)
  }

  /** Cause and state of all that are not closed. */
  get shown(): string[] {
    return [...this.state.incidents.values()]
      .filter(({ state }) => state !== 'closed')
      .map(({ id, cause, state }) => `#${id} ${cause} ${state}`)
  }

  get messages(): string[] {
    return this.sent.map(({ kind, incident, site }) => `${kind} ${incident === null ? site : `#${incident}`}`)
  }
}
