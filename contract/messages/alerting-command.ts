import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { slugPattern } from '../names.ts'
import { aspects, type CauseId, thingKinds } from './incidents.ts'
import { parseJson, refuse } from './payload.ts'

const strict = { additionalProperties: false }
const dayMs = 86_400_000

/** How far ahead an acknowledgement may reach, how long a cause may be shelved, and how long a window may be open, in ms. */
export const maxAcknowledgementMs = 7 * dayMs
export const maxShelfMs = 30 * dayMs
export const maxWindowMs = 30 * dayMs
/** A recurring window may go on for so long, in ms. */
export const maxRecurrenceMs = 366 * dayMs

const By = Type.String({ minLength: 1, maxLength: 100 })
const Text = Type.String({ maxLength: 1_000 })
const Time = Type.Integer({ minimum: 0 })
const Id = Type.Integer({ minimum: 1 })
const Cause = Type.String({ maxLength: 400, pattern: `^(${thingKinds.join('|')})/.+#(${aspects.join('|')})$` })
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

const AlertingCommand = Type.Union([
  Type.Object({ kind: Type.Literal('acknowledge'), by: By, id: Id, until: Time, note: Text }, strict),
  Type.Object({ kind: Type.Literal('assign'), by: By, id: Id, to: Type.Union([By, Type.Null()]) }, strict),
  Type.Object({ kind: Type.Literal('note'), by: By, id: Id, text: Text }, strict),
  Type.Object({ kind: Type.Literal('resolve'), by: By, id: Id }, strict),
  Type.Object({ kind: Type.Literal('shelve'), by: By, cause: Cause, reason: Text, until: Time }, strict),
  Type.Object({ kind: Type.Literal('unshelve'), by: By, cause: Cause }, strict),
  Type.Object({ kind: Type.Literal('maintain'), by: By, window: Window }, strict),
  Type.Object({ kind: Type.Literal('end_maintenance'), by: By, id: Type.String({ pattern: slugPattern }) }, strict),
])

/** What a person does with incidents, on `alertingTopic`. */
export type AlertingCommand = WithCause<Type.Static<typeof AlertingCommand>>
type WithCause<C> = C extends { cause: string } ? Omit<C, 'cause'> & { cause: CauseId } : C

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
    default:
      return undefined
  }
}
