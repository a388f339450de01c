import Type from 'typebox'
import { severities } from '../messages/incidents.ts'
import { slugPattern } from '../names.ts'
import { AreaCode, PlaceName, SiteName } from './place.ts'

const strict = { additionalProperties: false }

const Id = Type.String({ pattern: slugPattern, description: 'an id of letters, digits and hyphens' })
const Ids = Type.Array(Id, { uniqueItems: true, maxItems: 200 })
const Clock = Type.String({
  pattern: '^([01]\\d|2[0-3]):[0-5]\\d$',
  description: 'a time of the day in quotes, such as "07:00"',
})
/** `24:00` is the end of the day. */
const ClockEnd = Type.String({
  pattern: '^(([01]\\d|2[0-3]):[0-5]\\d|24:00)$',
  description: 'a time of the day in quotes, such as "17:00" or "24:00"',
})
const Moment = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2} ([01]\\d|2[0-3]):[0-5]\\d$',
  description: 'a day and a time in quotes, such as "2026-12-24 07:00"',
})
const Weekdays = Type.Array(
  Type.Integer({ minimum: 1, maximum: 7, description: 'a day from 1 (Monday) to 7 (Sunday)' }),
  { minItems: 1, uniqueItems: true },
)
const SeverityName = Type.Enum([...severities], { description: `one of ${severities.join(', ')}` })
const Severities = Type.Array(SeverityName, { minItems: 1, uniqueItems: true })

/** Ways to notify a person. A folder of `alerting/channels/` for each. */
export const channelNames = ['email', 'sms', 'telegram', 'zalo', 'push', 'webhook', 'mqtt'] as const
export type ChannelName = (typeof channelNames)[number]

export const Contact = Type.Object(
  {
    channel: Type.Enum([...channelNames], { description: `one of ${channelNames.join(', ')}` }),
    /** Mail address, phone number, chat, URL; of `push` and `mqtt` there is none. */
    address: Type.Optional(Type.String({ minLength: 1, maxLength: 500, description: 'an address' })),
    /** Only for incidents of these severities. */
    severities: Type.Optional(Severities),
    /** Whether it also receives what happens after the opening, as the end. By default all but `sms` do. */
    updates: Type.Optional(Type.Boolean({ description: 'true or false' })),
  },
  strict,
)
export type Contact = Type.Static<typeof Contact>

/** Part of each day, over midnight where it ends before it begins. */
const Hours = Type.Object({ from: Clock, to: Clock }, strict)
export type Hours = Type.Static<typeof Hours>

export const Person = Type.Object(
  {
    id: Id,
    name: PlaceName,
    /** Name of the account, by default the id: who acknowledged is reminded. */
    user: Type.Optional(Id),
    /** Id of a unit of `units.yaml`. */
    unit: Type.Optional(Id),
    /** The first that works is used, the next one where it fails. */
    contacts: Type.Array(Contact, { minItems: 1, maxItems: 10 }),
    /** In place of the quiet hours of all; null: none. */
    quiet: Type.Optional(Type.Union([Hours, Type.Null()])),
  },
  strict,
)
export type Person = Type.Static<typeof Person>

const Team = Type.Object({ id: Id, name: PlaceName, people: Ids }, strict)
export type Team = Type.Static<typeof Team>

const Override = Type.Object(
  {
    from: Moment,
    to: Moment,
    /** Who is on call in place of the rotation; null: nobody. */
    person: Type.Union([Id, Type.Null()]),
  },
  strict,
)
export type Override = Type.Static<typeof Override>

export const Rota = Type.Object(
  {
    id: Id,
    name: PlaceName,
    /** In the order of their turns. */
    people: Ids,
    rotation: Type.Enum(['daily', 'weekly'], { description: 'one of daily, weekly' }),
    /** When a turn begins: of a weekly rotation on `weekday`. */
    handover: Clock,
    weekday: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 7, description: 'a day from 1 (Monday) to 7 (Sunday)' }),
    ),
    /** The day of the first turn of the first person. */
    from: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'a day in quotes, such as "2026-11-30"' }),
    /** Only at these times somebody is on call; without it always. */
    times: Type.Optional(
      Type.Array(Type.Object({ days: Weekdays, from: Clock, to: ClockEnd }, strict), { minItems: 1, maxItems: 50 }),
    ),
    overrides: Type.Optional(Type.Array(Override, { maxItems: 500 })),
  },
  strict,
)
export type Rota = Type.Static<typeof Rota>

const Minutes = (minimum: number, maximum: number) =>
  Type.Integer({ minimum, maximum, description: `a whole number of minutes from ${minimum} to ${maximum}` })

export const EscalationStep = Type.Object(
  {
    /** After the step before, if nobody has acknowledged until then. */
    after_min: Minutes(0, 9_000),
    rotas: Type.Optional(Ids),
    teams: Type.Optional(Ids),
    people: Type.Optional(Ids),
  },
  strict,
)
export type EscalationStep = Type.Static<typeof EscalationStep>

/** Who is notified of what, in which order. The first that matches an incident holds. */
export const Policy = Type.Object(
  {
    id: Id,
    severities: Type.Optional(Severities),
    areas: Type.Optional(Type.Array(AreaCode, { maxItems: 100 })),
    sites: Type.Optional(Type.Array(SiteName, { maxItems: 1_000 })),
    /** Ids of units of `units.yaml`, which rules name. */
    units: Type.Optional(Ids),
    steps: Type.Array(EscalationStep, { minItems: 1, maxItems: 20 }),
    /** How often all steps are repeated while nobody acknowledges. */
    repeat: Type.Optional(Type.Integer({ minimum: 0, maximum: 5, description: 'a whole number from 0 to 5' })),
  },
  strict,
)
export type Policy = Type.Static<typeof Policy>

/** `district/people.yaml`. */
export const PeopleFile = Type.Object(
  {
    people: Type.Array(Person, { maxItems: 2_000 }),
    teams: Type.Optional(Type.Array(Team, { maxItems: 200 })),
    rotas: Type.Optional(Type.Array(Rota, { maxItems: 200 })),
    policies: Type.Optional(Type.Array(Policy, { maxItems: 200 })),
    /** Messages about severities below `high` wait for its end, and come as one digest. */
    quiet: Type.Optional(Hours),
    /** Each of these receives a test message every day, so that a channel that has stopped is noticed. */
    daily_test: Type.Optional(
      Type.Object({ at: Clock, contacts: Type.Array(Contact, { minItems: 1, maxItems: 10 }) }, strict),
    ),
  },
  strict,
)
export type PeopleFile = Type.Static<typeof PeopleFile>
