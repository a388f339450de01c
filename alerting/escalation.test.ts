import type { ChannelName } from '@ioc/contract/district/people.ts'
import type { LiveIncident } from '@ioc/contract/messages/incidents.ts'
import { nobody, type People } from '@ioc/runtime/district/people.ts'
import { propertyRuns } from '@ioc/runtime/testing/property-runs.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dueParcels, type EscalationEvent, escalate, messagesOfLink, type TryResult } from './escalation.ts'
import { type EscalationState, emptyEscalation, escalationFolding, type Message } from './escalation-state.ts'
import { deliveriesOf } from './outbox.ts'
import { observeNotification } from './self-observer.ts'
import type { Notice } from './state.ts'
import { hour, minute, monday, second, siteOf, Watch } from './testing/watch.ts'

const sms = (digit: string) => ({ channel: 'sms' as const, address: `+8491234567${digit}` })
const people: People = {
  ...nobody,
  people: [
    { id: 'lan', name: 'Lan', contacts: [{ channel: 'telegram', address: '1' }, sms('1')] },
    { id: 'minh', name: 'Minh', contacts: [sms('2'), { channel: 'email', address: 'minh@example.vn' }] },
    { id: 'chu-tich', name: 'Chủ tịch', contacts: [sms('3')] },
  ],
  rotas: [
    {
      ...{ id: 'truc', name: 'Trực', people: ['lan'], rotation: 'weekly', weekday: 1, handover: '07:00' },
      from: '2026-11-23',
    },
  ],
  policies: [
    {
      id: 'tat-ca',
      steps: [
        { after_min: 0, rotas: ['truc'] },
        { after_min: 10, people: ['minh'] },
        { after_min: 20, people: ['chu-tich'] },
      ],
      repeat: 1,
    },
  ],
}

/** The watch with its notification, and channels that fail as a test asks. */
class Desk {
  readonly watch: Watch
  state: EscalationState = emptyEscalation
  readonly sent: { readonly at: number; readonly channel: ChannelName; readonly messages: readonly Message[] }[] = []
  /** What a channel answers in place of success. */
  answer: (channel: ChannelName) => TryResult = () => ({ kind: 'sent' })
  people: People
  #seen = 0

  constructor(of: People = people, now = monday + 8 * hour) {
    this.people = of
    this.watch = new Watch(siteOf('a', 12), [{ id: 'all', aspect: 'loss', severity: 'high', hold_s: 0 }])
    this.watch.now = now
  }

  do(...events: EscalationEvent[]): this {
    const notices = this.watch.sent.slice(this.#seen).map((notice): EscalationEvent => ({ kind: 'notice', notice }))
    this.#seen = this.watch.sent.length
    this.#step([...notices, ...events])
    for (let round = 0; round < 20; round++) {
      const parcels = dueParcels(this.state, new Set(), this.watch.now)
      if (parcels.length === 0) return this
      for (const { channel, messages } of parcels) {
        const result = this.answer(channel)
        this.#checkOpen(channel, messages)
        if (result.kind === 'sent') this.sent.push({ at: this.watch.now, channel, messages })
        this.#step([{ kind: 'tried', keys: messages.map(({ key }) => key), result }])
      }
    }
    return this
  }

  /** No alert is even tried for what is acknowledged or over. */
  #checkOpen(channel: ChannelName, messages: readonly Message[]): void {
    for (const { kind, incident } of channel === 'mqtt' ? [] : messages) {
      const isAlert = kind === 'opened' || kind === 'escalation'
      if (isAlert && incident !== null) expect(this.watch.state.incidents.get(incident)?.state).toBe('open')
    }
  }

  #step(events: readonly EscalationEvent[]): void {
    const context = {
      people: this.people,
      incidents: this.watch.state.incidents as ReadonlyMap<number, LiveIncident>,
      factsOf: ({ severity }: LiveIncident) => ({ severity, site: 'a' }),
    }
    const { state, facts } = escalate(context, this.state, events, this.watch.now)
    const { now: _, ...folded } = escalationFolding.fold(this.state, this.watch.now, facts)
    const { now: __, ...stepped } = state
    expect(folded).toEqual(stepped)
    this.state = state
  }

  pass(ms: number, by = second): this {
    for (const end = this.watch.now + ms; this.watch.now < end; ) {
      this.watch.now = Math.min(this.watch.now + by, end)
      const wrong = observeNotification(this.state, new Map(), this.watch.state, this.watch.now)
      this.watch.do(...wrong, { kind: 'tick' })
      this.do({ kind: 'tick' })
    }
    return this
  }

  /** As after a kill: the state is what the journal says. */
  restart(): this {
    this.state = escalationFolding.fold(emptyEscalation, this.state.now, escalationFolding.factsOf(this.state))
    return this
  }

  lose(device = 'd1'): this {
    this.watch.observe(`device/a/${device}`, 'silent')
    this.watch.do({ kind: 'tick' })
    return this.do()
  }

  /** What people received: minutes since 08:00 on Monday, channel, person, kind. */
  get received(): string[] {
    return this.sent
      .filter(({ channel }) => channel !== 'mqtt')
      .map(({ at, channel, messages: [first, ...rest] }) => {
        const more = rest.length > 0 ? ` +${rest.length}` : ''
        return `${(at - monday - 8 * hour) / minute} ${channel} ${first?.person} ${first?.kind}${more}`
      })
  }
}

test('steps follow each other until somebody acknowledges', () => {
  const desk = new Desk().lose().pass(15 * minute)
  expect(desk.received).toEqual(['0 telegram lan opened', '10 sms minh escalation'])
  desk.watch.do({ kind: 'acknowledge', by: 'minh', id: 1, until: desk.watch.now + 7 * 24 * hour, note: '' })
  desk.pass(3 * hour, minute)
  expect(desk.received).toHaveLength(2)
})

test('acknowledged for 15 minutes: then a reminder, 10 minutes later step 1; nothing leaves after the end', () => {
  const onlyPhones = people.people.map((one) => (one.id === 'minh' ? { ...one, contacts: [sms('2')] } : one))
  const desk = new Desk({ ...people, people: onlyPhones }).lose()
  desk.watch.do({ kind: 'acknowledge', by: 'lan', id: 1, until: desk.watch.now + 15 * minute, note: '' })
  desk.pass(25 * minute)
  expect(desk.received).toEqual(['0 telegram lan opened', '15 telegram lan reminder', '25 telegram lan escalation'])
  // Three wait in the queue of a gateway that does not answer.
  desk.answer = (channel) => (channel === 'sms' ? { kind: 'failed', reason: 'x' } : { kind: 'sent' })
  desk
    .lose('d2')
    .lose('d3')
    .pass(11 * minute)
  expect([...desk.state.messages.values()].filter(({ channel }) => channel === 'sms').length).toBeGreaterThan(2)
  const before = desk.sent.length
  for (const device of ['d1', 'd2', 'd3']) desk.watch.observe(`device/a/${device}`, null)
  desk.answer = () => ({ kind: 'sent' })
  desk.pass(hour)
  const bySms = desk.sent.slice(before).filter(({ channel }) => channel === 'sms')
  // But for the incident of the channel itself.
  expect(bySms.filter(({ messages }) => messages.some(({ incident }) => (incident ?? 0) < 4))).toEqual([])
})

test('a channel that refuses everything is replaced within a minute, and is an incident told by the others', () => {
  const desk = new Desk()
  desk.answer = (channel) =>
    channel === 'telegram' ? { kind: 'failed', reason: '429', afterMs: 30 * second } : { kind: 'sent' }
  desk.lose().pass(2 * minute)
  const [first] = desk.sent.filter(({ channel }) => channel === 'sms')
  expect(first?.messages[0]?.person).toBe('lan')
  expect((first?.at ?? 0) - monday - 8 * hour).toBeLessThanOrEqual(minute)
  expect(desk.watch.shown).toContain('#2 channel/telegram open')
  // Told by SMS at once; then a success ends it.
  expect(desk.received).toContain('1.5 sms lan opened')
})

test('a rota with a gap: the next step comes at once, and the gap is an incident until somebody is on call', () => {
  const rota = { ...(people.rotas[0] as People['rotas'][number]) }
  const overrides = [{ from: '2026-12-06 02:00', to: '2026-12-06 06:00', person: null }]
  const night = Date.parse('2026-12-06T03:00:00+07:00')
  const desk = new Desk({ ...people, rotas: [{ ...rota, overrides }] }, night).lose().pass(2 * second)
  expect(desk.sent.filter(({ channel }) => channel === 'sms')).toMatchObject([
    { at: night, messages: [{ person: 'minh', step: 2 }] },
  ])
  expect(desk.watch.shown).toContain('#2 rota/truc open')
  desk.pass(3 * hour + minute, 10 * second)
  expect(desk.watch.shown.find((one) => one.includes('rota/truc'))).toContain('resolved')
})

test('quiet hours hold what is not high, and release it as one digest without what is over', () => {
  const night = monday + 23 * hour
  const quiet = { ...people, quiet: { from: '22:00', to: '06:30' } }
  const desk = new Desk(quiet, night)
  for (const device of ['d1', 'd2', 'd3']) {
    desk.watch.observe(`device/a/${device}`, 'stuck', { aspect: 'stuck' })
  }
  desk.pass(2 * minute)
  desk.watch.observe('device/a/d3', null, { aspect: 'stuck' })
  desk.pass(7 * hour + 27 * minute, 30 * second)
  expect(desk.received).toEqual([])
  desk.pass(2 * minute)
  expect(desk.sent.filter(({ channel }) => channel === 'telegram').map(({ messages }) => messages.length)).toEqual([2])
})

test('many incidents for one phone are one SMS and one with the rest a minute later', () => {
  const desk = new Desk({ ...people, rotas: [{ ...(people.rotas[0] as People['rotas'][number]), people: ['minh'] }] })
  const loseAll = (...names: number[]) => {
    for (const n of names) desk.watch.observe(`device/a/d${n}`, 'stuck', { aspect: 'stuck', since: desk.watch.now })
  }
  loseAll(1)
  desk.pass(10 * second)
  loseAll(2, 3, 4)
  desk.pass(2 * minute)
  const texts = desk.received.filter((one) => one.includes('sms minh'))
  expect(texts).toHaveLength(2)
  expect(texts[1]).toContain('+2')
})

test('a kill between sending and its record repeats with the same key; the clock of the escalation goes on', () => {
  const desk = new Desk()
  desk.answer = (channel) => (channel === 'telegram' ? { kind: 'failed', reason: 'crash' } : { kind: 'sent' })
  desk.lose()
  const [before] = [...desk.state.messages.values()].filter(({ channel }) => channel === 'telegram')
  desk.restart()
  desk.answer = () => ({ kind: 'sent' })
  desk.pass(10 * minute)
  expect(desk.sent.find(({ channel }) => channel === 'telegram')?.messages[0]?.key).toBe(before?.key)
  expect(desk.received.at(-1)).toBe('10 sms minh escalation')
})

test('the same notice twice, as after a crash, is one message', () => {
  const desk = new Desk().lose()
  const [notice] = desk.watch.sent as [Notice]
  desk.do({ kind: 'notice', notice })
  expect(desk.received).toHaveLength(1)
})

test('a person who cannot be reached at all is followed by the next step at once', () => {
  const desk = new Desk()
  desk.people = {
    ...people,
    people: people.people.map((one) =>
      one.id === 'lan' ? { ...one, contacts: [{ channel: 'telegram', address: '1' }] } : one,
    ),
  }
  desk.answer = (channel) => (channel === 'telegram' ? { kind: 'refused', reason: 'blocked' } : { kind: 'sent' })
  desk.lose()
  desk.answer = () => ({ kind: 'sent' })
  desk.pass(2 * second)
  expect(desk.received[0]).toMatch(/sms minh escalation$/)
})

test('the link of a message names its person and incidents', () => {
  const desk = new Desk().lose()
  const done = [...desk.state.done.values()].find(({ person }) => person === 'lan')
  expect(messagesOfLink(desk.state, done?.n ?? 0)).toEqual({ person: 'lan', incidents: [1] })
  expect(messagesOfLink(desk.state, 999)).toBeUndefined()
})

const action = fc.record({
  do: fc.constantFrom('lose', 'recover', 'acknowledge', 'resolve', 'pass', 'pass', 'fail', 'mend', 'restart', 'back'),
  pick: fc.integer({ min: 1, max: 6 }),
  ms: fc.integer({ min: second, max: 20 * minute }),
})

/** One SMS a minute for each number, and five in 15 minutes. */
function expectLimits({ sent }: Desk): void {
  const byAddress = Map.groupBy(
    sent.filter(({ channel }) => channel === 'sms'),
    ({ messages: [first] }) => first?.address,
  )
  for (const ofOne of byAddress.values()) {
    for (const [index, { at }] of ofOne.entries()) {
      expect(at - (ofOne[index - 1]?.at ?? 0)).toBeGreaterThanOrEqual(minute)
      expect(at - (ofOne[index - 5]?.at ?? 0)).toBeGreaterThanOrEqual(15 * minute)
    }
  }
}

test.each(['d1', 'd2', 'd3'])('the messages about an incident of %s are kept until it is evicted', (name) => {
  const desk = new Desk().lose(name).pass(12 * minute)
  const ofIncident = () => deliveriesOf(desk.state, 1)
  expect(ofIncident().map(({ channel, state, step }) => [channel, state, step])).toEqual([
    ['mqtt', 'sent', 0],
    ['telegram', 'sent', 1],
    ['sms', 'sent', 2],
  ])
  desk.watch.do({ kind: 'resolve', by: 'lan', id: 1 })
  desk.pass(3 * minute)
  expect(ofIncident().length).toBeGreaterThanOrEqual(3)
  // As the watch does with the oldest closed ones beyond its limit.
  const incidents = new Map(desk.watch.state.incidents)
  incidents.delete(1)
  desk.watch.state = { ...desk.watch.state, incidents }
  desk.pass(2 * minute)
  expect(ofIncident()).toEqual([])
})

test('nothing about what is over leaves; limits hold; an open incident is announced in time', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      const desk = new Desk()
      const failing = new Set<ChannelName>()
      desk.answer = (channel) => (failing.has(channel) ? { kind: 'failed', reason: 'x' } : { kind: 'sent' })
      for (const { do: what, pick, ms } of actions) {
        const { watch } = desk
        if (what === 'lose') watch.observe(`device/a/d${pick}`, 'stuck', { aspect: 'stuck' })
        if (what === 'recover') watch.observe(`device/a/d${pick}`, null, { aspect: 'stuck' })
        if (what === 'acknowledge')
          watch.do({ kind: 'acknowledge', by: 'lan', id: pick, until: watch.now + ms, note: '' })
        if (what === 'resolve') watch.do({ kind: 'resolve', by: 'lan', id: pick })
        if (what === 'fail') failing.add(pick % 2 ? 'sms' : 'telegram')
        if (what === 'mend') failing.clear()
        if (what === 'restart') desk.restart()
        if (what === 'back') watch.now -= minute
        desk.do()
        if (what === 'pass') desk.pass(ms, 5 * second)
      }
      if (actions.every(({ do: what }) => what !== 'back')) expectLimits(desk)
      failing.clear()
      desk.pass(12 * minute, 5 * second)
      for (const incident of desk.watch.active) {
        if (incident.state !== 'open' || !incident.announced) continue
        const people = [...desk.state.done.values()].filter(
          ({ incident: id, state, person }) => id === incident.id && state === 'sent' && person,
        )
        expect(people.length).toBeGreaterThan(0)
      }
    }),
    { numRuns: propertyRuns(30) },
  )
})

describe('the daily test', () => {
  const at = '09:00'
  const tested = {
    ...people,
    dailyTest: { at, contacts: [sms('9'), { channel: 'email' as const, address: 'a@b.vn' }] },
  }
  const times = (desk: Desk) =>
    desk.sent
      .filter(({ messages: [first] }) => first?.kind === 'test')
      .map(({ at: sent, channel }) => {
        return `${(sent - monday) / hour} ${channel}`
      })

  test('goes to each contact once a day, at its time', () => {
    const desk = new Desk(tested).do({ kind: 'tick' }).pass(3 * 24 * hour, minute)
    expect(times(desk)).toEqual(['9 sms', '9 email', '33 sms', '33 email', '57 sms', '57 email'])
  })

  test('comes late, and once, where the watch was not running at its time, also on its first day', () => {
    const desk = new Desk(tested).do({ kind: 'tick' })
    desk.watch.now += 3 * hour
    desk.restart().do({ kind: 'tick' }).restart().pass(hour, minute)
    expect(times(desk)).toEqual(['11 sms', '11 email'])
  })

  test('that is set up later in the day begins on the next day', () => {
    const desk = new Desk(tested, monday + 10 * hour).do({ kind: 'tick' }).pass(24 * hour, minute)
    expect(times(desk)).toEqual(['33 sms', '33 email'])
  })
})
