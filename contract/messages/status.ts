import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { Slug } from './envelope.ts'
import { parseJson, requireValid } from './payload.ts'

/** What a node says of one of its devices at birth. A device of no known `type` is stored under `undeclared`. */
export const DeviceBirth = Type.Object({
  id: Slug,
  type: Type.Optional(Slug),
  name: Type.Optional(Type.String({ maxLength: 200 })),
  lat: Type.Optional(Type.Number({ minimum: -90, maximum: 90 })),
  lon: Type.Optional(Type.Number({ minimum: -180, maximum: 180 })),
  cadence_s: Type.Optional(
    Type.Number({ exclusiveMinimum: 0, maximum: 31_622_400, title: 'Seconds between measurements' }),
  ),
})
export type DeviceBirth = Type.Static<typeof DeviceBirth>

/** `session` is the clock of the node when it connected, in ms: a will of another session than the last birth's is ignored. */
const Session = Type.Number({ minimum: 0, title: 'Milliseconds since 1970, UTC, when the node connected' })

export const Birth = Type.Object({
  online: Type.Literal(true),
  session: Session,
  agent: Type.Object({
    version: Type.String({ maxLength: 64 }),
    host: Type.String({ maxLength: 256 }),
  }),
  /** Code of the area that its site is in: `district/areas.yaml`. */
  area: Type.Optional(Slug),
  devices: Type.Array(DeviceBirth, { maxItems: 10_000 }),
})
export type Birth = Type.Static<typeof Birth>

export const Will = Type.Object({ online: Type.Literal(false), session: Session })
export type Will = Type.Static<typeof Will>

export type Status = Birth | Will

const checkBirth = Compile(Birth)
const checkWill = Compile(Will)

/**
 * Parses and validates a payload of a status topic: a birth, or a will.
 * @throws IocError PAYLOAD_NOT_JSON, PAYLOAD_INVALID
 */
export function parseStatus(payload: Uint8Array): Status {
  const json = parseJson(payload)
  return json['online'] === false ? requireValid(checkWill, json) : requireValid(checkBirth, json)
}
