import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { Slug } from './envelope.ts'
import { isObject, type Json } from './json.ts'
import { isSaid, type Reasons, readRecords, readSlug } from './lenient.ts'
import { nodeReportFields } from './node-report.ts'
import { parseJson, refuse } from './payload.ts'
import { type OnProblem, sentence, shown } from './problem.ts'
import { maxTypes, readTypeDeclaration, TypeDeclaration } from './type-declaration.ts'

/** Characters of a device's name, at most. */
const maxDeviceName = 200
/** Devices of a birth, at most. */
const maxDevices = 10_000
/** Longest time between measurements, a year, in seconds. */
const maxCadence = 31_622_400

/** What a node says of one of its devices at birth. A device of no known `type` is stored under `undeclared`. */
export const DeviceBirth = Type.Object({
  id: Slug,
  type: Type.Optional(Slug),
  name: Type.Optional(Type.String({ maxLength: maxDeviceName })),
  lat: Type.Optional(Type.Number({ minimum: -90, maximum: 90 })),
  lon: Type.Optional(Type.Number({ minimum: -180, maximum: 180 })),
  cadence_s: Type.Optional(
    Type.Number({ exclusiveMinimum: 0, maximum: maxCadence, title: 'Seconds between measurements' }),
  ),
})
export type DeviceBirth = Type.Static<typeof DeviceBirth>

/** Collectors of a birth, at most. */
const maxCollectors = 500

/** How a collector of the agent is doing. */
export const CollectorState = Type.Object({
  id: Slug,
  type: Slug,
  /** `partial`: it measured, but not all that it should. */
  state: Type.Union([Type.Literal('starting'), Type.Literal('ok'), Type.Literal('partial'), Type.Literal('failing')]),
  since: Type.Number({ title: 'Milliseconds since 1970, UTC, when the state began' }),
  error: Type.Optional(Type.String({ maxLength: 300 })),
  records: Type.Integer({ minimum: 0, title: 'Records since the start of the agent' }),
})
export type CollectorState = Type.Static<typeof CollectorState>

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
  devices: Type.Array(DeviceBirth, { maxItems: maxDevices }),
  /** Declarations of the types of its devices that the centre has none of. */
  types: Type.Optional(Type.Array(TypeDeclaration, { maxItems: maxTypes })),
  collectors: Type.Optional(Type.Array(CollectorState, { maxItems: maxCollectors })),
  ...nodeReportFields,
})
export type Birth = Type.Static<typeof Birth>

export const Will = Type.Object({
  online: Type.Literal(false),
  session: Session,
  /** Names the process that connects, in the will of CONNECT: a process that reconnects is no clone. */
  run: Type.Optional(Type.String({ maxLength: 64 })),
})
export type Will = Type.Static<typeof Will>

export type Status = Birth | Will

const checkBirth = Compile(Birth)
const checkCollectors = Compile(Type.Array(CollectorState, { maxItems: maxCollectors }))
const checkReports = Compile(Type.Object(nodeReportFields))
const checkWill = Compile(Will)

/** The process that connects, of the will of its CONNECT; `undefined` where it is not named. */
export function runOfWill(payload: Uint8Array): string | undefined {
  try {
    const json = parseJson(payload)
    return checkWill.Check(json) ? json.run : undefined
  } catch {
    return undefined
  }
}

/**
 * Parses a payload of a status topic: a birth, or a will. One device of a birth that cannot be read, or something that
 * is said of one, does not lose the others.
 * @throws IocError PAYLOAD_NOT_JSON, PAYLOAD_INVALID where it is neither
 */
export function parseStatus(payload: Uint8Array, onProblem?: OnProblem): Status {
  const json = parseJson(payload)
  // What a schema cannot say of a declaration, its reader does.
  if ((checkBirth.Check(json) && !json.types) || checkWill.Check(json)) return json
  const { online, session, devices = [] } = json
  const reasons: Reasons = []
  if (typeof online !== 'boolean') reasons.push(`online: got ${shown(online)}; expected true or false`)
  if (!isWithin(session, 0, Number.MAX_VALUE)) {
    reasons.push(`session: got ${shown(session)}; expected the time of the connection, in ms since 1970`)
  }
  if (online === true && !Array.isArray(devices)) {
    reasons.push(`devices: got ${shown(devices)}; expected a list of devices`)
  } else if (online === true && (devices as unknown[]).length > maxDevices) {
    reasons.push(`devices: got a list of ${(devices as unknown[]).length}; expected at most ${maxDevices}`)
  }
  if (reasons.length > 0) return refuse(reasons)
  if (online === false) return { online, session: session as number }
  return readBirth(json, session as number, devices as unknown[], onProblem)
}

function readBirth(json: Json, session: number, devices: unknown[], onProblem: OnProblem | undefined): Birth {
  const reasons: Reasons = []
  const agent = isObject(json['agent']) ? json['agent'] : {}
  const area = optional(json['area'], (raw) => readSlug(raw, 'area', reasons))
  const known = new Set<string>()
  const read = readRecords(devices, (raw, why) => readDevice(raw, known, why), onProblem)
  const declared = optional(json['types'], (raw) => {
    if (Array.isArray(raw) && raw.length <= maxTypes) return readRecords(raw, readTypeDeclaration, onProblem).records
    reasons.push(`types: got ${shown(raw)}; expected a list of at most ${maxTypes} declarations`)
    return undefined
  })
  if (reasons.length > 0) onProblem?.({ record: undefined, reason: sentence(reasons), raw: { area: json['area'] } })
  return {
    online: true,
    session,
    agent: { version: textOf(agent['version'], 64), host: textOf(agent['host'], 256) },
    ...(area === undefined ? {} : { area }),
    devices: read.records,
    ...(declared === undefined || declared.length === 0 ? {} : { types: declared }),
    ...(checkCollectors.Check(json['collectors']) ? { collectors: json['collectors'] } : {}),
    ...readReports(json),
  }
}

/** What a node reports of itself; a report that cannot be read does not lose the others. */
function readReports(json: Json): Partial<Pick<Birth, keyof typeof nodeReportFields>> {
  const named = Object.keys(nodeReportFields).map((name) => ({ [name]: json[name] }))
  return Object.assign({}, ...named.filter((one) => Object.values(one).some(isSaid) && checkReports.Check(one)))
}

/** What a device is called stays its name where its id has to be another. */
function readDevice(raw: unknown, known: Set<string>, reasons: Reasons): DeviceBirth | undefined {
  if (!isObject(raw)) {
    reasons.push(`got ${shown(raw)}; expected a device with an id`)
    return undefined
  }
  const id = readSlug(raw['id'], 'id', reasons)
  if (id === undefined) return undefined
  if (known.has(id)) {
    reasons.push(
      `id: another device of this birth already has the id ${id}; expected ids that differ in letters and digits`,
    )
    return undefined
  }
  known.add(id)
  const type = optional(raw['type'], (one) => readSlug(one, 'type', reasons))
  const name = optional(raw['name'] ?? (raw['id'] === id ? undefined : raw['id']), (one) => {
    if (typeof one !== 'object' && String(one).length <= maxDeviceName) return String(one)
    reasons.push(`name: got ${shown(one)}; expected a text of at most ${maxDeviceName} characters`)
    return undefined
  })
  const number = (field: string, least: number, most: number) =>
    optional(raw[field], (one) => {
      if (isWithin(one, least, most)) return one
      reasons.push(`${field}: got ${shown(one)}; expected a number from ${least} to ${most}`)
      return undefined
    })
  const lat = number('lat', -90, 90)
  const lon = number('lon', -180, 180)
  const cadence_s = number('cadence_s', Number.MIN_VALUE, maxCadence)
  const said = Object.entries({ type, name, lat, lon, cadence_s }).filter(([, value]) => value !== undefined)
  return { id, ...Object.fromEntries(said) }
}

/** What is absent or null is not said. */
function optional<T>(raw: unknown, read: (raw: unknown) => T | undefined): T | undefined {
  return isSaid(raw) ? read(raw) : undefined
}

const isWithin = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && value >= least && value <= most

const textOf = (value: unknown, maxLength: number): string =>
  typeof value === 'string' ? value.slice(0, maxLength) : ''
