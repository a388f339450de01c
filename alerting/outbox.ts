import type { ChannelName } from '@ioc/contract/district/people.ts'
import type { NotifyCommand } from '@ioc/contract/messages/alerting-command.ts'
import type { LiveIncident } from '@ioc/contract/messages/incidents.ts'
import type { Delivery, WatchAnswer } from '@ioc/contract/messages/notifications.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { Channel, Outgoing, Reply } from './channels/channel.ts'
import {
  classOf,
  dueParcels,
  type EscalationContext,
  type EscalationEvent,
  escalate,
  messagesOfLink,
  type Parcel,
  type TryResult,
} from './escalation.ts'
import { type EscalationFact, type EscalationState, escalationFolding, type Message } from './escalation-state.ts'
import { type FactJournal, openFactJournal } from './fact-journal.ts'
import type { Links } from './links.ts'
import { textOf } from './message-texts.ts'
import type { Notifier } from './notifier.ts'
import { userOf } from './policy.ts'

export type EscalationJournal = FactJournal<EscalationState, EscalationFact>

export interface OutboxParts {
  readonly journal: EscalationJournal
  readonly channels: () => ReadonlyMap<ChannelName, Channel>
  readonly context: () => EscalationContext
  readonly links: Links
  /** Address of the wall as people reach it; empty: messages have no links. */
  readonly wallUrl: string
  readonly siteName: (site: string) => string
  readonly onDeliveries: (incident: number, deliveries: readonly Delivery[]) => void
  readonly onAnswer: (answer: WatchAnswer) => void
  /** Returns until when. */
  readonly onAcknowledge: (by: string, incidents: readonly number[], note: string) => number
  readonly now: () => number
  readonly logger: Logger
}

export interface Outbox extends Notifier {
  readonly state: EscalationState
  /** Makes one step, and sends what is due. When it returns, what was decided is on disk. */
  handle(...events: readonly EscalationEvent[]): void
  command(command: NotifyCommand): void
  /** A person replied to a message. */
  reply(reply: Reply): void
  publishAll(): void
}

type Answer = Omit<WatchAnswer, 'request'>
type Ask = Required<Pick<WatchAnswer, 'person' | 'incidents'>>

/** Characters of a reply that become the note of an acknowledgement. */
const maxReplyLength = 500

const unavailable: TryResult = { kind: 'refused', reason: 'the channel is not set up in channels.yaml' }

/** @throws IocError JOURNAL_INVALID, FOLDER_UNUSABLE */
export function openOutboxJournal(folder: string, compactBytes?: number): EscalationJournal {
  return openFactJournal(folder, 'outbox.jsonl', escalationFolding, compactBytes)
}

/**
 * Sends messages at least once: what is to be sent is on disk before it is sent, and its result afterwards. Between the
 * two, a crash leads to one repetition with the same key.
 */
export function createOutbox(parts: OutboxParts): Outbox {
  const { journal, channels, context, links, wallUrl, siteName, now, logger } = parts
  const { onDeliveries, onAnswer, onAcknowledge } = parts
  let { state } = journal
  let isStopped = false
  const busy = new Set<ChannelName>()
  const running = new Set<Promise<void>>()

  function handle(...events: readonly EscalationEvent[]): void {
    const next = escalate(context(), state, events, now())
    journal.append(next.state, next.facts)
    state = next.state
    publish(next.facts)
    send()
  }

  function publish(facts: readonly EscalationFact[]): void {
    const changed = new Set(
      facts.flatMap(({ map, value }) => (map === 'messages' || map === 'done' ? (value?.incident ?? []) : [])),
    )
    for (const incident of changed) onDeliveries(incident, deliveriesOf(state, incident))
  }

  /** What was decided is checked against the present state of incidents in the step before. */
  function send(): void {
    if (isStopped) return
    for (const parcel of dueParcels(state, busy, now())) {
      busy.add(parcel.channel)
      const sending: Promise<void> = sendOne(parcel).finally(() => running.delete(sending))
      running.add(sending)
    }
  }

  async function sendOne(parcel: Parcel): Promise<void> {
    const { channel: name, messages } = parcel
    const channel = channels().get(name)
    const result = channel ? await channel.send(outgoing(parcel)) : unavailable
    if (result.kind !== 'sent') logger.warn({ channel: name, reason: result.reason }, 'a message was not sent')
    busy.delete(name)
    if (journalIsClosed) return
    handle({ kind: 'tried', keys: messages.map(({ key }) => key), result })
    for (const { request } of messages) if (request !== undefined) answer(request, result)
  }

  function answer(request: string, result: TryResult): void {
    if (result.kind === 'sent') onAnswer({ request, ok: true, reason: 'sent' })
    else onAnswer({ request, ok: false, reason: 'failed', detail: result.reason })
  }

  function outgoing({ address, messages }: Parcel): Outgoing {
    const [first] = messages
    const { incidents } = context()
    const incidentOf = ({ incident }: Message) => (incident === null ? undefined : incidents.get(incident))
    const [head, ...rest] = messages.map((message) => ({ message, incident: incidentOf(message) }))
    const numbers = [...new Set(messages.flatMap(({ incident }) => incident ?? []))]
    const link = linkOf(first, numbers)
    return {
      key: first.key,
      address,
      text: textOf([head as NonNullable<typeof head>, ...rest], link, siteName),
      incidents: numbers,
      link,
      severity: first.severity,
      event: eventOf(first, incidentOf(first)),
      at: first.at,
    }
  }

  /** Of a message that asks a person to act, it acknowledges. */
  function linkOf({ n, person, kind }: Message, numbers: readonly number[]): string | null {
    if (wallUrl === '') return null
    if (person !== null && numbers.length > 0 && classOf(kind) === 'alert') return `${wallUrl}/a/${links.tokenOf(n)}`
    return numbers.length === 1 ? `${wallUrl}/incidents/${numbers[0]}` : `${wallUrl}/incidents`
  }

  /** Whom a message asked, and which of its incidents are still open; else why nothing is acknowledged. */
  function askedBy(n: number): Ask | 'expired' | 'over' {
    const { incidents: all, people } = context()
    const found = messagesOfLink(state, n)
    const person = people.people.find(({ id }) => id === found?.person)
    if (!found || !person) return 'expired'
    const incidents = found.incidents.filter((id) => all.get(id)?.state === 'open')
    return incidents.length === 0 ? 'over' : { person: { name: person.name, user: userOf(person) }, incidents }
  }

  function acknowledge(ask: Ask, note: string): Answer {
    const until = onAcknowledge(ask.person.user, ask.incidents, note)
    return { ok: true, reason: 'acknowledged', ...ask, until }
  }

  /** `use`: the token acknowledges, which it does once; else it is only described. */
  function answerToken(token: string, use: { readonly reply: string } | undefined): Answer {
    const n = links.messageOf(token)
    if (n === undefined) return { ok: false, reason: 'invalid' }
    if (state.used.has(String(n))) return { ok: false, reason: 'used' }
    const ask = askedBy(n)
    if (typeof ask === 'string') return { ok: false, reason: ask }
    if (!use) return { ok: true, reason: 'valid', ...ask }
    const way = 'qua liên kết trong tin nhắn'
    const answer = acknowledge(ask, use.reply === '' ? way : `${use.reply.slice(0, maxReplyLength)} (${way})`)
    handle({ kind: 'used', link: n })
    return answer
  }

  let journalIsClosed = false

  return {
    get state() {
      return state
    },
    handle,
    async hand({ notice }) {
      handle({ kind: 'notice', notice })
    },
    command(command) {
      switch (command.kind) {
        case 'override':
          handle({ kind: 'override', override: { ...command.override, by: command.by } })
          return
        case 'end_override':
          handle({ kind: 'end_override', id: command.id })
          return
        case 'subscribe_push':
          handle({ kind: 'subscribe', subscription: { person: command.person, ...command.subscription } })
          return
        case 'unsubscribe_push':
          handle({ kind: 'unsubscribe', endpoint: command.endpoint })
          return
        case 'describe_token':
        case 'acknowledge_by_token': {
          const result = answerToken(
            command.token,
            command.kind === 'acknowledge_by_token' ? { reply: command.note ?? '' } : undefined,
          )
          if (command.request !== undefined) onAnswer({ request: command.request, ...result })
          return
        }
        case 'test_channel': {
          const { person, channel, request } = command
          const known = context().people.people.find(({ id }) => id === person)
          if (known?.contacts.some((one) => one.channel === channel)) handle({ kind: 'test', person, channel, request })
          else if (request !== undefined) onAnswer({ request, ok: false, reason: 'unknown' })
          return
        }
        default:
          command satisfies never
      }
    },
    reply({ ref, text }) {
      const sent = [...state.done.values()].find((one) => one.ref === ref)
      const ask = sent ? askedBy(sent.parcel) : 'expired'
      if (typeof ask !== 'string') acknowledge(ask, text.slice(0, maxReplyLength))
    },
    publishAll() {
      const incidents = new Set(
        [...state.done.values(), ...state.messages.values()].flatMap((one) => one.incident ?? []),
      )
      for (const incident of incidents) onDeliveries(incident, deliveriesOf(state, incident))
    },
    async stop() {
      isStopped = true
      await Promise.all([...channels().values()].map((channel) => channel.stop()))
      await Promise.all(running)
      journalIsClosed = true
      journal.stop()
    },
  }
}

/** What programs receive. */
function eventOf({ kind, incident: id, site, count, name }: Message, incident: LiveIncident | undefined): object {
  return { kind, incident: id, site, count, name, about: incident ?? null }
}

/** The messages about an incident, the oldest first. */
export function deliveriesOf(state: EscalationState, incident: number): readonly Delivery[] {
  const done = [...state.done.values()].filter((one) => one.incident === incident)
  const waiting = [...state.messages.values()].filter((one) => one.incident === incident)
  return [
    ...done.map(({ n: _, incident: __, parcel: ___, ref: ____, ...delivery }) => delivery),
    ...waiting.map(({ key, kind, name, person, channel, step, at, triedAt, tries, reason }) => ({
      ...{ key, kind, name, person, channel, step, state: 'waiting' as const, at, changed: triedAt ?? at, tries },
      ...(reason === undefined ? {} : { reason }),
    })),
  ].sort((a, b) => a.at - b.at)
}
