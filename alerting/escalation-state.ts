import type { ChannelName } from '@ioc/contract/district/people.ts'
import type { Severity, ThingId } from '@ioc/contract/messages/incidents.ts'
import type { Delivery, RotaOverride } from '@ioc/contract/messages/notifications.ts'
import type { Folding } from './fact-journal.ts'
import type { NoticeKind } from './state.ts'

/** The notification of one subject: an incident, or all incidents of a site in a storm. */
export interface Page {
  /** `12`, or `storm/{site}`. */
  readonly id: string
  /** The number of the incident; null: a storm. */
  readonly incident: number | null
  readonly site: string | null
  /** Counts the starts, so that messages of each have keys of their own. */
  readonly start: number
  readonly policy: string | null
  /** The step that comes next, from 0, and how often all were done. */
  readonly step: number
  readonly round: number
  /** When it comes; null: none does. */
  readonly nextAt: number | null
  /** Ids of people to whom a message was made, and of those who have one. */
  readonly notified: readonly string[]
  readonly reached: readonly string[]
}

/** What a message is about: a notice of the watch, or a test of the channel. */
export type MessageKind = NoticeKind | 'test'

/** A message to be sent: at least once, and not after it has become pointless. */
export interface Message {
  /** `{page}/{start}.{round}.{step}/{person}/{channel}/{n}`: the same for every try. */
  readonly key: string
  readonly n: number
  readonly kind: MessageKind
  /** Id of the page; null: it belongs to none. */
  readonly page: string | null
  readonly incident: number | null
  readonly site: string | null
  /** Incidents that a notice counts. */
  readonly count: number
  readonly severity: Severity
  /** Id of a person; null: not to a person. */
  readonly person: string | null
  readonly name: string | null
  readonly channel: ChannelName
  readonly address: string | null
  readonly step: number
  readonly at: number
  /** When it may be sent. */
  readonly due: number
  /** When it was tried first; null: not yet. */
  readonly triedAt: number | null
  readonly tries: number
  /** Whether another channel of the person was asked too. */
  readonly isMoved: boolean
  /** Whether the person has it by another channel. */
  readonly isCovered: boolean
  readonly reason?: string
  /** Whoever waits for the result of a test. */
  readonly request?: string
}

/** What became of a message. */
export interface Done extends Delivery {
  readonly n: number
  readonly incident: number | null
  /** `n` of the first message of those that were sent as one: what its link acknowledges. */
  readonly parcel: number
  /** How the channel calls what it sent: a reply names it. */
  readonly ref?: string
}

export interface Health {
  /** Failures since the last success. */
  readonly failures: number
  readonly since: number
  readonly reason: string
}

export interface Subscription {
  readonly person: string
  readonly endpoint: string
  readonly keys: { readonly p256dh: string; readonly auth: string }
}

/** Maps of the state by name: a fact is an entry of one of them. */
export interface EscalationMaps {
  readonly pages: ReadonlyMap<string, Page>
  readonly messages: ReadonlyMap<string, Message>
  readonly done: ReadonlyMap<string, Done>
  /** Times of the newest messages of a contact, by class. */
  readonly sent: ReadonlyMap<string, readonly number[]>
  readonly health: ReadonlyMap<ChannelName, Health>
  readonly overrides: ReadonlyMap<string, RotaOverride>
  readonly subscriptions: ReadonlyMap<string, Subscription>
  /** Rotas in which an incident found nobody, and since when. */
  readonly gaps: ReadonlyMap<string, number>
  /** Keys of notices that were accepted, and numbers of links that were used, with the time. */
  readonly accepted: ReadonlyMap<string, number>
  readonly used: ReadonlyMap<string, number>
  /** `lastN`, the number of the newest message; `lastTest`, the day of the last daily test. */
  readonly counters: ReadonlyMap<'lastN' | 'lastTest', number>
}

export interface EscalationState extends EscalationMaps {
  readonly now: number
}

export type MapName = keyof EscalationMaps
type Keys<M extends MapName> = EscalationMaps[M] extends ReadonlyMap<infer K, unknown> ? K : never
type Values<M extends MapName> = EscalationMaps[M] extends ReadonlyMap<unknown, infer V> ? V : never

/** An entry of a map; null: it is removed. */
export type EscalationFact = {
  [M in MapName]: { readonly map: M; readonly key: Keys<M>; readonly value: Values<M> | null }
}[MapName]

export const emptyEscalation: EscalationState = {
  now: 0,
  pages: new Map(),
  messages: new Map(),
  done: new Map(),
  sent: new Map(),
  health: new Map(),
  overrides: new Map(),
  subscriptions: new Map(),
  gaps: new Map(),
  accepted: new Map(),
  used: new Map(),
  counters: new Map(),
}

/** A state that facts are applied to; the state before stays as it was. */
export interface EscalationDraft {
  readonly state: EscalationState
  readonly facts: readonly EscalationFact[]
  put<M extends MapName>(map: M, key: Keys<M>, value: Values<M> | null): void
}

export function escalationDraft(before: EscalationState, now: number): EscalationDraft {
  const state = { ...before, now }
  const facts: EscalationFact[] = []
  const copied = new Set<MapName>()
  return {
    state,
    facts,
    put(map, key, value) {
      if (!copied.has(map)) Object.assign(state, { [map]: new Map(state[map] as ReadonlyMap<unknown, unknown>) })
      copied.add(map)
      const entries = state[map] as unknown as Map<unknown, unknown>
      if (value === null) entries.delete(key)
      else entries.set(key, value)
      facts.push({ map, key, value } as EscalationFact)
    },
  }
}

export const escalationFolding: Folding<EscalationState, EscalationFact> = {
  empty: emptyEscalation,
  fold(before, at, facts) {
    const draft = escalationDraft(before, at)
    for (const { map, key, value } of facts) draft.put(map, key as never, value as never)
    return draft.state
  },
  factsOf: ({ now: _, ...maps }) =>
    Object.entries(maps).flatMap(([map, entries]) =>
      [...(entries as ReadonlyMap<unknown, unknown>)].map(([key, value]) => ({ map, key, value }) as EscalationFact),
    ),
}

/** The channel as a thing that can fail, and a rota that can have nobody on call. */
export const channelThing = (channel: ChannelName): ThingId => `channel/${channel}`
export const rotaThing = (rota: string): ThingId => `rota/${rota}`
