import type { ChannelName, Contact, Person, Policy } from '@ioc/contract/district/people.ts'
import { isActive, type LiveIncident, type Severity, siteOfThing } from '@ioc/contract/messages/incidents.ts'
import type { RotaOverride } from '@ioc/contract/messages/notifications.ts'
import type { People } from '@ioc/runtime/district/people.ts'
import {
  type EscalationDraft,
  type EscalationFact,
  type EscalationState,
  escalationDraft,
  type Message,
  type MessageKind,
  type Page,
  type Subscription,
} from './escalation-state.ts'
import { contactsFor, type PageFacts, policyFor, quietUntil, userOf } from './policy.ts'
import { clockMs, localDayStart, onCallAt } from './rota.ts'
import type { Notice, NoticeKind } from './state.ts'
import { isForPrograms, type MessageClass, maxSentTimes, nextAllowed } from './throttle.ts'

/** What decides who is notified; it is not part of the state. */
export interface EscalationContext {
  readonly people: People
  readonly incidents: ReadonlyMap<number, LiveIncident>
  /** Where an incident is, and the unit that its rule names. */
  factsOf(incident: LiveIncident): PageFacts
}

export type EscalationEvent =
  | { readonly kind: 'tick' }
  | { readonly kind: 'notice'; readonly notice: Notice }
  /** A channel was tried with messages that were sent as one. */
  | { readonly kind: 'tried'; readonly keys: readonly string[]; readonly result: TryResult }
  | { readonly kind: 'override'; readonly override: RotaOverride }
  | { readonly kind: 'end_override'; readonly id: string }
  | { readonly kind: 'subscribe'; readonly subscription: Subscription }
  | { readonly kind: 'unsubscribe'; readonly endpoint: string }
  | {
      readonly kind: 'test'
      readonly person: string
      readonly channel: ChannelName
      readonly request: string | undefined
    }
  | { readonly kind: 'used'; readonly link: number }

/** How the try of a channel ended. */
export type TryResult =
  | { readonly kind: 'sent'; readonly ref?: string }
  /** The channel does not work now. */
  | { readonly kind: 'failed'; readonly reason: string; readonly afterMs?: number }
  /** The channel works, but not for this address. */
  | { readonly kind: 'refused'; readonly reason: string }

/** Messages that leave as one: to one contact, of one class. */
export interface Parcel {
  readonly channel: ChannelName
  readonly address: string | null
  readonly messages: readonly [Message, ...Message[]]
}

export interface EscalationStep {
  readonly state: EscalationState
  readonly facts: readonly EscalationFact[]
}

const second = 1_000
const minute = 60 * second
const dayMs = 24 * 60 * minute
/** Time until the second try, which doubles up to the maximum, in ms. */
const firstRetryMs = 5 * second
const maxRetryMs = 5 * minute
/** Time after the first try after which a message is not tried again, in ms. */
export const maxTryingMs = 30 * minute
/** Tries after which the next channel of the person is used too. */
const triesBeforeNext = 2
/** Failures in a row after which a channel counts as failing. */
export const failingAfter = 3
/** Time between the repetitions of a policy, at least, in ms. */
const minRepeatMs = 10 * minute
/** How long the keys of notices, used links and the results of tests are kept, in ms. */
const keptMs = 7 * dayMs
/** Overrides that have ended are kept, so that it can be seen who was on call, in ms. */
const overridesKeptMs = 400 * dayMs
/** Results that are kept of one incident. */
export const maxDone = 100

/** One step of the notification: what happened, and the time, lead to another state. Pure. */
export function escalate(
  context: EscalationContext,
  before: EscalationState,
  events: readonly EscalationEvent[],
  now: number,
): EscalationStep {
  const draft = escalationDraft(before, now)
  const run: Run = { context, now, draft, put: draft.put }
  if (now < before.now) turnBack(run, before.now - now)
  for (const event of events) applyEvent(run, event)
  dropPointless(run)
  runPages(run)
  runDailyTest(run)
  closeGaps(run)
  if (Math.floor(now / minute) !== Math.floor(before.now / minute)) evict(run)
  return { state: draft.state, facts: draft.facts }
}

interface Run {
  readonly context: EscalationContext
  readonly now: number
  readonly draft: EscalationDraft
  readonly put: EscalationDraft['put']
}

function applyEvent(run: Run, event: EscalationEvent): void {
  const { now, draft, put } = run
  switch (event.kind) {
    case 'tick':
      return
    case 'notice':
      if (draft.state.accepted.has(event.notice.key)) return
      put('accepted', event.notice.key, now)
      accept(run, event.notice)
      return
    case 'tried':
      tried(run, event.keys, event.result)
      return
    case 'override':
      put('overrides', event.override.id, event.override)
      return
    case 'end_override':
      // What it was until now stays.
      endOverride(run, event.id)
      return
    case 'subscribe':
      put('subscriptions', event.subscription.endpoint, event.subscription)
      return
    case 'unsubscribe':
      if (draft.state.subscriptions.has(event.endpoint)) put('subscriptions', event.endpoint, null)
      return
    case 'test':
      addTest(run, event)
      return
    case 'used':
      put('used', String(event.link), now)
      return
    default:
      event satisfies never
  }
}

function endOverride({ now, draft, put }: Run, id: string): void {
  const override = draft.state.overrides.get(id)
  if (!override || override.to <= now) return
  put('overrides', id, override.from < now ? { ...override, to: now } : null)
}

/** Makes the messages of a notice: programs receive all of them, people those that concern them. */
function accept(run: Run, notice: Notice): void {
  const { incident: id, site, count } = notice
  const incident = id === null ? undefined : run.context.incidents.get(id)
  const severity = incident?.severity ?? 'high'
  const about = { kind: notice.kind, incident: id, site, count, severity }
  addMessage(
    run,
    { ...about, page: null, step: 0, person: null, contact: { channel: 'mqtt' }, due: run.now },
    notice.key,
  )
  if (id !== null && !incident) return
  const pageId = id === null ? `storm/${site ?? ''}` : String(id)
  const page = run.draft.state.pages.get(pageId)
  switch (notice.kind) {
    case 'opened':
    case 'escalation':
      startPage(run, pageId, notice)
      return
    case 'storm':
      startPage(run, pageId, notice)
      return
    case 'worsened':
      if (incident?.state === 'open') startPage(run, pageId, notice)
      else inform(run, page, notice.kind, severity)
      return
    case 'reminder': {
      const by = incident?.acknowledged?.by
      const person = run.context.people.people.find((one) => userOf(one) === by)
      if (person && page) notifyPerson(run, page, person, 'reminder', severity, page.step)
      else inform(run, page, notice.kind, severity)
      return
    }
    case 'updated':
    case 'resolved':
    case 'flapping':
    case 'still_flapping':
    case 'stable':
      inform(run, page, notice.kind, severity)
      return
    case 'storm_over':
      for (const one of [...run.draft.state.pages.values()].filter(({ incident: of }) => of === null)) {
        inform(run, one, notice.kind, 'high')
        run.put('pages', one.id, null)
      }
      return
    default:
      notice.kind satisfies never
  }
}

/** Begins at the first step of the policy. */
function startPage(run: Run, id: string, { incident, site }: Notice): void {
  const before = run.draft.state.pages.get(id)
  const policy = policyFor(run.context.people, factsOfSubject(run, incident, site))
  const [first] = policy?.steps ?? []
  run.put('pages', id, {
    ...{ id, incident, site, start: (before?.start ?? 0) + 1, policy: policy?.id ?? null, step: 0, round: 0 },
    nextAt: first ? run.now + first.after_min * minute : null,
    notified: before?.notified ?? [],
    reached: before?.reached ?? [],
  })
}

function factsOfSubject({ context }: Run, id: number | null, site: string | null): PageFacts {
  const incident = id === null ? undefined : context.incidents.get(id)
  if (incident) return context.factsOf(incident)
  // A storm is where its incidents are.
  const [one] = openOfSite(context, site)
  return { ...(one ? context.factsOf(one) : {}), severity: 'high', ...(site ? { site } : {}) }
}

function openOfSite({ incidents }: EscalationContext, site: string | null): readonly LiveIncident[] {
  return [...incidents.values()].filter(
    ({ state, cause }) => state === 'open' && (siteOfThing(cause) ?? '') === (site ?? ''),
  )
}

/** Runs the steps that are due of subjects that nobody has acknowledged. */
function runPages(run: Run): void {
  const { context, now, draft, put } = run
  for (const { id } of draft.state.pages.values()) {
    const page = draft.state.pages.get(id) as Page
    const { incident, site, nextAt } = page
    if (incident !== null && !context.incidents.has(incident)) {
      put('pages', id, null)
      continue
    }
    const state = incident === null ? stateOfSite(context, site) : context.incidents.get(incident)?.state
    // Whoever lets an acknowledgement expire is followed by a new start.
    if (state === 'acknowledged' && nextAt !== null) put('pages', id, { ...page, nextAt: null })
    if (state === 'open' && nextAt !== null && nextAt <= now) runSteps(run, id)
  }
}

function stateOfSite(context: EscalationContext, site: string | null): 'open' | 'acknowledged' {
  return openOfSite(context, site).length > 0 ? 'open' : 'acknowledged'
}

/** One step, and those after it while nobody is there. */
function runSteps(run: Run, id: string): void {
  const page = () => run.draft.state.pages.get(id) as Page
  const policy = run.context.people.policies.find((one) => one.id === page().policy)
  if (!policy) {
    run.put('pages', id, { ...page(), nextAt: null })
    return
  }
  const maxSteps = policy.steps.length * ((policy.repeat ?? 0) + 1)
  for (let done = 0; done < maxSteps && page().nextAt !== null && (page().nextAt ?? 0) <= run.now; done++) {
    const from = runStep(run, page(), policy)
    run.put('pages', id, { ...page(), ...nextStep(page(), policy, from ?? run.now, from === undefined) })
  }
}

/**
 * Notifies everyone of a step. Returns when the time until the next step begins: with the end of quiet hours, where
 * everyone has them; undefined: nobody is there.
 */
function runStep(run: Run, page: Page, policy: Policy): number | undefined {
  const { now, draft } = run
  const step = policy.steps[page.step]
  if (!step) return undefined
  const { severity } = factsOfSubject(run, page.incident, page.site)
  const kind: NoticeKind =
    page.incident === null ? 'storm' : page.start > 1 || page.round > 0 || page.step > 0 ? 'escalation' : 'opened'
  const dues = peopleOfStep(run, step).flatMap((person) => {
    const due = notifyPerson(run, draft.state.pages.get(page.id) as Page, person, kind, severity, page.step + 1)
    return due === undefined ? [] : [due]
  })
  return dues.length === 0 ? undefined : Math.max(now, Math.min(...dues))
}

function nextStep(
  { step, round }: Page,
  { steps, repeat = 0 }: Policy,
  from: number,
  isEmpty: boolean,
): Pick<Page, 'step' | 'round' | 'nextAt'> {
  const isLast = step + 1 >= steps.length
  if (isLast && round >= repeat) return { step, round, nextAt: null }
  const next = isLast ? 0 : step + 1
  const after = (steps[next]?.after_min ?? 0) * minute
  const wait = isLast ? Math.max(after, minRepeatMs) : after
  // Nobody is there: the next step comes at once, but not the next round.
  return { step: next, round: isLast ? round + 1 : round, nextAt: isEmpty && !isLast ? from : from + wait }
}

function peopleOfStep(run: Run, step: Policy['steps'][number]): readonly Person[] {
  const { context, now, draft, put } = run
  const { people, teams, rotas } = context.people
  const ids = new Set<string>(step.people)
  for (const rota of rotas.filter(({ id }) => step.rotas?.includes(id))) {
    const person = onCallAt(rota, [...draft.state.overrides.values()], now)
    if (person !== null) ids.add(person)
    else if (!draft.state.gaps.has(rota.id)) put('gaps', rota.id, now)
  }
  for (const team of teams.filter(({ id }) => step.teams?.includes(id))) for (const id of team.people) ids.add(id)
  return people.filter(({ id }) => ids.has(id))
}

/** Makes a message to a person on the first channel that works. Returns when it is due; undefined: there is none. */
function notifyPerson(
  run: Run,
  page: Page,
  person: Person,
  kind: NoticeKind,
  severity: Severity,
  step: number,
): number | undefined {
  const { context, now, put } = run
  const contacts = contactsFor(person, severity, classOf(kind) === 'update')
  const contact = contacts.find(({ channel }) => !isFailing(run, channel)) ?? contacts[0]
  if (!contact) return undefined
  if (!page.notified.includes(person.id)) put('pages', page.id, { ...page, notified: [...page.notified, person.id] })
  const due = quietUntil(context.people, person, severity, now) ?? now
  const { id, incident, site } = page
  const count = incident === null ? openOfSite(context, site).length : 1
  addMessage(run, { kind, page: id, incident, site, count, severity, step, person, contact, due })
  return due
}

/** Everyone who has a message about it receives what became of it. */
function inform(run: Run, page: Page | undefined, kind: NoticeKind, severity: Severity): void {
  if (!page) return
  const { people } = run.context.people
  // Whoever's message is still on its way, or in quiet hours, reads the present state in it.
  for (const person of people.filter(({ id }) => page.reached.includes(id)))
    notifyPerson(run, page, person, kind, severity, 0)
}

interface NewMessage
  extends Pick<Message, 'kind' | 'page' | 'incident' | 'site' | 'count' | 'severity' | 'step' | 'due'> {
  readonly person: Person | null
  readonly contact: Contact
  readonly request?: string | undefined
}

function addMessage(run: Run, of: NewMessage, name?: string): void {
  const { now, draft, put } = run
  const { person, contact, request, ...rest } = of
  const n = (draft.state.counters.get('lastN') ?? 0) + 1
  put('counters', 'lastN', n)
  const { start = 0, round = 0 } = of.page === null ? {} : (draft.state.pages.get(of.page) ?? {})
  const subject = name ?? `${of.page ?? of.kind}/${start}.${round}.${of.step}`
  const key = `${subject}/${person?.id ?? '-'}/${contact.channel}/${n}`
  const address = contact.channel === 'push' ? (person?.id ?? null) : (contact.address ?? null)
  put('messages', key, {
    ...rest,
    ...{ key, n, person: person?.id ?? null, name: person?.name ?? null, channel: contact.channel, address },
    ...{ at: now, triedAt: null, tries: 0, isMoved: false, isCovered: false },
    ...(request === undefined ? {} : { request }),
  })
}

function addTest(run: Run, { person: id, channel, request }: EscalationEvent & { kind: 'test' }): void {
  const person = run.context.people.people.find((one) => one.id === id)
  const contact = person?.contacts.find((one) => one.channel === channel)
  if (!person || !contact) return
  addMessage(run, { ...testMessage(run.now), person, contact, request })
}

const testMessage = (now: number) =>
  ({ kind: 'test', page: null, incident: null, site: null, count: 0, severity: 'high', step: 0, due: now }) as const

/** A channel that fails is noticed within a day also where nothing happens. */
function runDailyTest(run: Run): void {
  const { context, now, draft, put } = run
  const { dailyTest } = context.people
  if (!dailyTest) return
  const today = localDayStart(now)
  const due = today + clockMs(dailyTest.at)
  const last = draft.state.counters.get('lastTest')
  if (last === today || (last !== undefined && now < due)) return
  // The first one comes at its time, also where it was set up later in the day.
  const isFirst = last === undefined
  put('counters', 'lastTest', isFirst && now < due ? today - dayMs : today)
  if (isFirst) return
  for (const contact of dailyTest.contacts) addMessage(run, { ...testMessage(now), person: null, contact })
}

/** What became of a try. */
function tried(run: Run, keys: readonly string[], result: TryResult): void {
  const { now, draft, put } = run
  const messages = keys.flatMap((key) => draft.state.messages.get(key) ?? [])
  const [first] = messages
  if (!first) return
  noteHealth(run, first.channel, result)
  if (result.kind === 'sent') noteSent(run, first)
  for (const message of messages) {
    switch (result.kind) {
      case 'sent':
        finish(run, message, 'sent', { parcel: first.n, ...(result.ref === undefined ? {} : { ref: result.ref }) })
        cover(run, message)
        break
      case 'refused':
        finish(run, message, 'failed', { parcel: first.n, reason: result.reason })
        moveOn(run, message)
        break
      case 'failed': {
        const tries = message.tries + 1
        const triedAt = message.triedAt ?? now
        const wait = Math.max(Math.min(firstRetryMs * 2 ** message.tries, maxRetryMs), result.afterMs ?? 0)
        const next = { ...message, tries, triedAt, due: now + wait, reason: result.reason }
        // A person waits for the answer of a test.
        if (now + wait - triedAt > maxTryingMs || message.request !== undefined) {
          finish(run, next, 'failed', { parcel: first.n, reason: result.reason })
          moveOn(run, next)
        } else {
          put('messages', message.key, next)
          if (tries >= triesBeforeNext) moveOn(run, next)
        }
        break
      }
      default:
        result satisfies never
    }
  }
  // Nobody waits for a channel that fails.
  if (isFailing(run, first.channel)) {
    for (const message of [...draft.state.messages.values()].filter(({ channel }) => channel === first.channel))
      moveOn(run, message)
  }
}

function noteHealth({ now, draft, put }: Run, channel: ChannelName, result: TryResult): void {
  const before = draft.state.health.get(channel)
  if (result.kind === 'failed') {
    const { failures = 0, since = now } = before ?? {}
    put('health', channel, { failures: failures + 1, since, reason: result.reason })
  } else if (before && result.kind === 'sent') put('health', channel, null)
}

function noteSent({ now, draft, put }: Run, message: Message): void {
  const id = contactId(message)
  put('sent', id, [...(draft.state.sent.get(id) ?? []), now].slice(-maxSentTimes))
}

type DoneFacts = { readonly parcel: number; readonly ref?: string; readonly reason?: string }

function finish({ now, put }: Run, message: Message, state: 'sent' | 'failed' | 'dropped', facts: DoneFacts): void {
  const { key, n, kind, incident, person, name, channel, step, at, tries } = message
  put('messages', key, null)
  const all = state === 'dropped' ? tries : Math.max(tries, 1)
  put('done', key, {
    key,
    n,
    kind,
    incident,
    person,
    name,
    channel,
    step,
    state,
    at,
    changed: now,
    tries: all,
    ...facts,
  })
}

/** Whoever has the message does not need it by the other channels. */
function cover({ draft, put }: Run, { page: id, person, key }: Message): void {
  if (id === null || person === null) return
  const page = draft.state.pages.get(id)
  if (page && !page.reached.includes(person)) put('pages', id, { ...page, reached: [...page.reached, person] })
  const copies = [...draft.state.messages.values()].filter((one) => one.page === id && one.person === person)
  for (const one of copies)
    if (one.key !== key && subjectOf(one) === subjectOf({ key })) put('messages', one.key, { ...one, isCovered: true })
}

/** Of the same step: the key up to the person. */
const subjectOf = ({ key }: { readonly key: string }): string => key.split('/').slice(0, -2).join('/')

/** Uses the next channel of the person; where there is none for anybody of the step, the next step. */
function moveOn(run: Run, message: Message): void {
  const { context, now, draft, put } = run
  if (message.isMoved || message.isCovered || message.person === null || message.kind === 'test') return
  if (draft.state.messages.has(message.key)) put('messages', message.key, { ...message, isMoved: true })
  const person = context.people.people.find(({ id }) => id === message.person)
  const contacts = person ? contactsFor(person, message.severity, classOf(message.kind) === 'update') : []
  const at = contacts.findIndex(
    ({ channel, address = channel === 'push' ? person?.id : undefined }) =>
      channel === message.channel && (address ?? null) === message.address,
  )
  const later = contacts.slice(at + 1)
  const contact = later.find(({ channel }) => !isFailing(run, channel)) ?? later[0]
  const { kind, page, incident, site, count, severity, step } = message
  if (person && contact) {
    const due = Math.max(now, quietUntil(context.people, person, severity, now) ?? 0)
    addMessage(run, { kind, page, incident, site, count, severity, step, person, contact, due })
    return
  }
  if (classOf(kind) === 'update') return
  const of = page === null ? undefined : draft.state.pages.get(page)
  const isWaiting = [...draft.state.messages.values()].some((one) => one.page === page && !one.isMoved)
  const isReached = [...draft.state.done.values()].some(
    (one) => one.state === 'sent' && one.person !== null && one.incident === incident && one.step === step,
  )
  if (of && of.nextAt !== null && of.nextAt > now && !isWaiting && !isReached)
    put('pages', of.id, { ...of, nextAt: now })
}

function isFailing({ draft }: Run, channel: ChannelName): boolean {
  return (draft.state.health.get(channel)?.failures ?? 0) >= failingAfter
}

/** Takes messages away that have become pointless, whatever their number and state. */
function dropPointless(run: Run): void {
  for (const message of run.draft.state.messages.values()) {
    const reason = pointlessBecause(run.context, message)
    if (reason !== undefined) finish(run, message, 'dropped', { parcel: message.n, reason })
  }
}

function pointlessBecause(context: EscalationContext, message: Message): string | undefined {
  const { kind, incident: id, site, channel, isCovered, tries } = message
  // Programs are notified of what was, also late.
  if (channel === 'mqtt' && message.person === null) return undefined
  // A failure more or less decides whether the channel fails.
  if (isCovered && (tries === 0 || tries >= failingAfter)) return 'sent by another channel'
  if (kind === 'test' || kind === 'storm_over') return undefined
  if (kind === 'storm') return stateOfSite(context, site) === 'open' ? undefined : 'over'
  const incident = id === null ? undefined : context.incidents.get(id)
  if (!incident) return 'over'
  switch (kind) {
    case 'opened':
    case 'escalation':
      return incident.state === 'open' ? undefined : incident.state
    case 'reminder':
      return incident.state === 'acknowledged' ? undefined : incident.state
    case 'updated':
    case 'worsened':
    case 'flapping':
    case 'still_flapping':
      return isActive(incident) ? undefined : incident.state
    case 'resolved':
      return isActive(incident) ? 'reopened' : undefined
    case 'stable':
      return undefined
    default:
      return kind satisfies never
  }
}

export function classOf(kind: MessageKind): MessageClass {
  switch (kind) {
    case 'opened':
    case 'escalation':
    case 'reminder':
    case 'storm':
    case 'test':
      return 'alert'
    case 'worsened':
    case 'updated':
    case 'resolved':
    case 'flapping':
    case 'still_flapping':
    case 'stable':
    case 'storm_over':
      return 'update'
    default:
      return kind satisfies never
  }
}

const contactId = ({ channel, address, kind }: Message): string => `${channel} ${classOf(kind)} ${address ?? ''}`

/** What may be sent now, at most one for each channel that is not busy. What waits for the same contact leaves as one. */
export function dueParcels(state: EscalationState, busy: ReadonlySet<ChannelName>, now: number): readonly Parcel[] {
  const byChannel = new Map<ChannelName, Parcel>()
  const due = [...state.messages.values()].filter((one) => one.due <= now && !busy.has(one.channel))
  // Those that were never tried do not wait behind those that fail; alerts do not wait behind updates.
  due.sort((a, b) => rank(a) - rank(b) || a.due - b.due || a.n - b.n)
  for (const message of due) {
    const { channel, address } = message
    if (byChannel.has(channel)) continue
    const isTest = message.kind === 'test'
    if (!isTest && nextAllowed(channel, classOf(message.kind), state.sent.get(contactId(message)) ?? []) > now) continue
    const rest = due.filter((one) => one !== message && one.kind !== 'test' && contactId(one) === contactId(message))
    const isAlone = isTest || isForPrograms(channel)
    byChannel.set(channel, { channel, address, messages: isAlone ? [message] : [message, ...rest] })
  }
  return [...byChannel.values()]
}

const rank = ({ tries, kind }: Message): number => (tries > 0 ? 2 : 0) + (classOf(kind) === 'alert' ? 0 : 1)

/** People who acknowledge by a link or a reply: the messages that were sent as one with it. */
export function messagesOfLink(
  state: EscalationState,
  n: number,
): { person: string; incidents: readonly number[] } | undefined {
  const sent = [...state.done.values()].filter(({ parcel, state: of }) => parcel === n && of === 'sent')
  // Between the sending and its record, it is still among the messages.
  const all = sent.length > 0 ? sent : [...state.messages.values()].filter((one) => one.n === n)
  const [first] = all
  if (!first || first.person === null) return undefined
  return { person: first.person, incidents: [...new Set(all.flatMap(({ incident }) => incident ?? []))] }
}

function evict({ context, now, draft, put }: Run): void {
  const { done, accepted, used, overrides, sent } = draft.state
  const ofIncident = new Map<number, string[]>()
  for (const { key, incident, changed } of done.values()) {
    // Those about an incident are evicted with it.
    const isEvicted = incident === null ? changed < now - keptMs : !context.incidents.has(incident)
    if (isEvicted) put('done', key, null)
    else if (incident !== null) {
      const keys = ofIncident.get(incident) ?? []
      keys.push(key)
      ofIncident.set(incident, keys)
    }
  }
  for (const keys of ofIncident.values()) for (const key of keys.slice(0, -maxDone)) put('done', key, null)
  for (const [key, at] of accepted) if (at < now - keptMs) put('accepted', key, null)
  for (const [key, at] of used) if (at < now - keptMs) put('used', key, null)
  for (const [key, times] of sent) if ((times.at(-1) ?? 0) < now - dayMs) put('sent', key, null)
  for (const [key, { to }] of overrides) if (to < now - overridesKeptMs) put('overrides', key, null)
}

function closeGaps({ context, now, draft, put }: Run): void {
  for (const id of draft.state.gaps.keys()) {
    const rota = context.people.rotas.find((one) => one.id === id)
    if (!rota || onCallAt(rota, [...draft.state.overrides.values()], now) !== null) put('gaps', id, null)
  }
}

/** The clock went back: what waits must not wait for the difference too. */
function turnBack({ draft, put }: Run, ms: number): void {
  for (const page of draft.state.pages.values())
    if (page.nextAt !== null) put('pages', page.id, { ...page, nextAt: page.nextAt - ms })
  for (const message of draft.state.messages.values()) {
    const triedAt = message.triedAt === null ? null : message.triedAt - ms
    put('messages', message.key, { ...message, at: message.at - ms, due: message.due - ms, triedAt })
  }
  for (const [key, times] of draft.state.sent)
    put(
      'sent',
      key,
      times.map((at) => at - ms),
    )
}
