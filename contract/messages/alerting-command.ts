import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { channelNames } from '../district/people.ts'
import { slugPattern } from '../names.ts'
import { aspects, type CauseId, reportStates, type ThingId, thingKinds } from './incidents.ts'
import { parseJson, refuse } from './payload.ts'

const strict = { additionalProperties: false }
const dayMs = 86_400_000

/** How far ahead an acknowledgement may reach, how long a cause may be shelved, and how long a window may be open, in ms. */
export const maxAcknowledgementMs = 7 * dayMs
export const maxShelfMs = 30 * dayMs
export const maxWindowMs = 30 * dayMs
/** A recurring window may go on for so long, in ms. */
export const maxRecurrenceMs = 366 * dayMs
/** The token of a link: the number of a message, and a signature. */
export const linkTokenPattern = '^([0-9a-z]{1,11})-([A-Za-z0-9_-]{16})$'

const By = Type.String({ minLength: 1, maxLength: 100 })
const Text = Type.String({ maxLength: 1_000 })
const Time = Type.Integer({ minimum: 0 })
const Id = Type.Integer({ minimum: 1 })
const Cause = Type.String({ maxLength: 400, pattern: `^(${thingKinds.join('|')})/.+#(${aspects.join('|')})$` })
const Thing = Type.String({ maxLength: 400, pattern: `^(${thingKinds.join('|')})/.+$` })
const Keys = Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 129 }), { maxItems: 1_000 }))

const Window = Type.Object(
  {
    id: Type.String({ pattern: slugPattern }),
    reason: Type.String({ minLength: 1, maxLength: 300 }),
    by: By,
    covers: Type.Object({ devices: Keys, sites: Keys, areas: Keys, tags: Keys }, { ...strict, minProperties: 1 }),
    from: Time,
    to: Time,
    every: Type.Optional(
      Type.Object(
        {
          days: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { minItems: 1, maxItems: 7, uniqueItems: true }),
          at: Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' }),
          minutes: Type.Integer({ minimum: 1, maximum: 7 * 24 * 60 }),
        },
        strict,
      ),
    ),
  },
  strict,
)

const Slug = Type.String({ pattern: slugPattern })
/** `WatchAnswer` repeats it. */
const Request = Type.Optional(Slug)
const Token = Type.String({ pattern: linkTokenPattern })
const Url = Type.String({ pattern: '^https://', maxLength: 1_000 })
const Key = Type.String({ pattern: '^[A-Za-z0-9_-]{16,128}$' })

const IncidentCommand = Type.Union([
  Type.Object({ kind: Type.Literal('acknowledge'), by: By, id: Id, until: Time, note: Text }, strict),
  Type.Object({ kind: Type.Literal('assign'), by: By, id: Id, to: Type.Union([By, Type.Null()]) }, strict),
  Type.Object({ kind: Type.Literal('note'), by: By, id: Id, text: Text }, strict),
  Type.Object({ kind: Type.Literal('resolve'), by: By, id: Id }, strict),
  Type.Object({ kind: Type.Literal('shelve'), by: By, cause: Cause, reason: Text, until: Time }, strict),
  Type.Object({ kind: Type.Literal('unshelve'), by: By, cause: Cause }, strict),
  Type.Object({ kind: Type.Literal('maintain'), by: By, window: Window }, strict),
  Type.Object({ kind: Type.Literal('end_maintenance'), by: By, id: Slug }, strict),
  /** What a person observed, as smoke in the picture of a camera: an incident until a person resolves it. */
  Type.Object(
    {
      kind: Type.Literal('report'),
      by: By,
      thing: Thing,
      state: Type.Enum([...reportStates]),
      /** Bearing and position, in words. */
      where: Type.String({ maxLength: 200 }),
      text: Type.String({ maxLength: 500 }),
    },
    strict,
  ),
])

const Override = Type.Object(
  { id: Slug, rota: Slug, person: Type.Union([Slug, Type.Null()]), from: Time, to: Time },
  strict,
)
const Subscription = Type.Object({ endpoint: Url, keys: Type.Object({ p256dh: Key, auth: Key }, strict) }, strict)

const NotifyCommand = Type.Union([
  /** Who is on call in place of the rotation; null: nobody. */
  Type.Object({ kind: Type.Literal('override'), by: By, override: Override }, strict),
  Type.Object({ kind: Type.Literal('end_override'), by: By, id: Slug }, strict),
  /** Asks whom the token of a link belongs to, and what it acknowledges; changes nothing. */
  Type.Object({ kind: Type.Literal('describe_token'), token: Token, request: Request }, strict),
  /** The token of a link in a message says who acknowledges what. */
  Type.Object(
    { kind: Type.Literal('acknowledge_by_token'), token: Token, request: Request, note: Type.Optional(Text) },
    strict,
  ),
  Type.Object(
    {
      kind: Type.Literal('test_channel'),
      by: By,
      person: Slug,
      channel: Type.Enum([...channelNames]),
      request: Request,
    },
    strict,
  ),
  /** A browser of the person, by id, that receives push messages. */
  Type.Object({ kind: Type.Literal('subscribe_push'), by: By, person: Slug, subscription: Subscription }, strict),
  Type.Object({ kind: Type.Literal('unsubscribe_push'), by: By, endpoint: Url }, strict),
])

const AlertingCommand = Type.Union([IncidentCommand, NotifyCommand])

/** What a person does with incidents. */
export type IncidentCommand = WithCause<Type.Static<typeof IncidentCommand>>
/** What a person does with notifications. */
export type NotifyCommand = Type.Static<typeof NotifyCommand>
/** On `alertingTopic`. */
export type AlertingCommand = IncidentCommand | NotifyCommand

/** A command of a user; those of a token are of whoever has it. */
export type UserCommand = Extract<AlertingCommand, { readonly by: string }>

const notifyKinds: ReadonlySet<string> = new Set<NotifyCommand['kind']>([
  ...(['override', 'end_override', 'describe_token', 'acknowledge_by_token'] as const),
  ...(['test_channel', 'subscribe_push', 'unsubscribe_push'] as const),
])

export function isNotifyCommand(command: AlertingCommand): command is NotifyCommand {
  return notifyKinds.has(command.kind)
}

type WithCause<C> = C extends { cause: string }
  ? Omit<C, 'cause'> & { cause: CauseId }
  : C extends { thing: string }
    ? Omit<C, 'thing'> & { thing: ThingId }
    : C

const validator = Compile(AlertingCommand)

/**
 * Parses a command, and checks that its times lie within the limits.
 * @throws IocError PAYLOAD_NOT_JSON, PAYLOAD_INVALID
 */
export function parseAlertingCommand(payload: Uint8Array, now: number): AlertingCommand {
  const json: unknown = parseJson(payload)
  if (!validator.Check(json)) {
    const reasons = [...validator.Errors(json)]
      .slice(0, 3)
      .map(({ instancePath, message }) => `${instancePath} ${message}`)
    return refuse(reasons)
  }
  const command = json as AlertingCommand
  const late = lateReason(command, now)
  return late === undefined ? command : refuse([late])
}

function lateReason(command: AlertingCommand, now: number): string | undefined {
  const within = (until: number, max: number, name: string) =>
    until > now && until <= now + max ? undefined : `${name}: must be in the next ${max / dayMs} days`
  switch (command.kind) {
    case 'acknowledge':
      return within(command.until, maxAcknowledgementMs, 'until')
    case 'shelve':
      return within(command.until, maxShelfMs, 'until')
    case 'maintain': {
      const { from, to, every } = command.window
      const max = every ? maxRecurrenceMs : maxWindowMs
      return to > from && to - from <= max && to > now
        ? undefined
        : `window: must end after it begins, within ${max / dayMs} days, and not in the past`
    }
    case 'override': {
      const { from, to } = command.override
      return to > from && to - from <= maxWindowMs && to > now && from <= now + maxRecurrenceMs
        ? undefined
        : `override: must end after it begins, within ${maxWindowMs / dayMs} days, and not in the past`
    }
    default:
      return undefined
  }
}
