import Type from 'typebox'
import { Compile } from 'typebox/compile'
import {
  type CameraReason,
  type CameraStep,
  cameraReasons,
  cameraSteps,
  clockSources,
  pictureStates,
  type StepState,
  stepStates,
} from '../device-types/camera-health.ts'
import { slugPattern } from '../names.ts'
import { nullable, strict } from './api-schema.ts'
import { parseJson, refuse } from './payload.ts'

/**
 * The link of a camera bridge to the wall: a WebSocket that the bridge opens with the credential of its node. Reports and
 * stills go up; requests of people come down and are answered within seconds, or not at all.
 */
export const cameraLinkPath = '/camera-link'

/** Largest still, in bytes of JPEG, and widest, in pixels. */
export const maxStillBytes = 200_000
export const maxStillWidth = 640
/** Largest message: a still in base64 and the fields around it, or the report of all cameras. */
export const maxLinkMessageBytes = 4_000_000
/** Cameras of one report, and presets of one camera. */
export const maxLinkCameras = 1_000
export const maxPresets = 100
/** Characters of what a camera states: its presets, addresses and names. Longer ones are shortened, or left out. */
export const maxPresetTokenLength = 64
export const maxPresetNameLength = 100
export const maxUrlLength = 500
export const maxFoundNameLength = 200
/** Time within which a request is answered, in ms; afterwards its answer is of no use to anybody. */
export const linkAnswerMs = 20_000

const text = (max: number, options: object = {}) => Type.String({ maxLength: max, ...options })
const words = <const T extends readonly string[]>(values: T) =>
  Type.Unsafe<T[number]>(Type.String({ enum: [...values] }))
const Slug = Type.String({ pattern: slugPattern, maxLength: 64 })
const Time = Type.Integer({ minimum: 0 })

export const cameraStates = ['online', 'degraded', 'offline', 'unknown'] as const
export type CameraStateWord = (typeof cameraStates)[number]

export const leasePriorities = { tour: 0, operator: 1, leader: 2 } as const
export type LeasePriority = keyof typeof leasePriorities

export const PtzReport = Type.Object(
  {
    presets: Type.Array(
      Type.Object(
        { token: text(maxPresetTokenLength), name: text(maxPresetNameLength), bearing_deg: nullable(Type.Number()) },
        strict,
      ),
      { maxItems: maxPresets },
    ),
    /** Token of the preset where the camera is, or turns to; null: between presets. */
    at: nullable(text(maxPresetTokenLength)),
    home: nullable(text(maxPresetTokenLength)),
    moving: Type.Boolean(),
    /** In ONVIF's generic space, from -1 to 1; null: not known. */
    pan: nullable(Type.Number()),
    tilt: nullable(Type.Number()),
    zoom: nullable(Type.Number()),
    /** Where it looks, in degrees clockwise from north; null: the bearing of its zero is not set up. */
    bearing_deg: nullable(Type.Number()),
    tour: Type.Object({ steps: Type.Integer({ minimum: 0 }), running: Type.Boolean() }, strict),
    /** Who controls it, until when. */
    lease: nullable(
      Type.Object({ holder: text(100), priority: words(['tour', 'operator', 'leader'] as const), until: Time }, strict),
    ),
  },
  strict,
)
export type PtzReport = Type.Static<typeof PtzReport>

/** A camera, as its bridge knows it. */
export const CameraReport = Type.Object(
  {
    name: Slug,
    type: words(['camera', 'high_camera'] as const),
    title: nullable(text(200)),
    lat: nullable(Type.Number({ minimum: -90, maximum: 90 })),
    lon: nullable(Type.Number({ minimum: -180, maximum: 180 })),
    /** Where its video is watched live: a page of a recorder or of a WebRTC gateway. */
    live_url: nullable(text(maxUrlLength, { pattern: '^https?://' })),
    state: words(cameraStates),
    /** Since when it is in this state, for this reason. */
    since: Time,
    reason: nullable(words(cameraReasons)),
    steps: Type.Unsafe<Partial<Record<CameraStep, StepState>>>(Type.Record(words(cameraSteps), words(stepStates))),
    picture: words(pictureStates),
    picture_ts: nullable(Time),
    clock_offset_s: nullable(Type.Number()),
    /** Null: the camera does not state it. */
    clock_source: nullable(words(clockSources)),
    response_ms: nullable(Type.Number()),
    /** Rules of the picture with the figures of the last one. */
    rules: Type.Array(
      Type.Object(
        {
          fault: text(30),
          shows: Type.Boolean(),
          figure: nullable(Type.Number()),
          /** Null: not learned yet, or only equal bytes prove it. */
          limit: nullable(Type.Number()),
          /** On which side of the limit the fault is. */
          direction: words(['above', 'below'] as const),
        },
        strict,
      ),
      { maxItems: 20 },
    ),
    /** Counts since the bridge started. */
    counts: Type.Record(text(30), Type.Integer({ minimum: 0 })),
    masks: Type.Integer({ minimum: 0 }),
    ptz: nullable(PtzReport),
  },
  strict,
)
export type CameraReport = Type.Static<typeof CameraReport>

export const Still = Type.Object(
  {
    camera: Slug,
    ts: Time,
    /** Base64. */
    jpeg: text(Math.ceil(maxStillBytes / 3) * 4 + 4, { pattern: '^[A-Za-z0-9+/]+={0,2}$' }),
  },
  strict,
)
export type Still = Type.Static<typeof Still>

/** Cameras that answered to a search, or announced themselves. */
export const foundCameras = Type.Array(
  Type.Object(
    {
      onvif: text(maxUrlLength),
      name: text(maxFoundNameLength),
      hardware: text(maxFoundNameLength),
      known: Type.Boolean(),
    },
    strict,
  ),
  { maxItems: maxLinkCameras },
)

export type FoundCameras = Type.Static<typeof foundCameras>

const AnswerBody = Type.Object(
  {
    still: Type.Optional(Still),
    ptz: Type.Optional(PtzReport),
    found: Type.Optional(foundCameras),
    trial: Type.Optional(Type.Object({ state: words(cameraStates), reason: nullable(words(cameraReasons)) }, strict)),
  },
  strict,
)
export type LinkAnswer = Type.Static<typeof AnswerBody>

const BridgeMessage = Type.Union([
  /** All cameras of the node: those that are not among them are gone. */
  Type.Object(
    { kind: Type.Literal('cameras'), cameras: Type.Array(CameraReport, { maxItems: maxLinkCameras }) },
    strict,
  ),
  Type.Object({ kind: Type.Literal('camera'), camera: CameraReport }, strict),
  /** Cameras that announced themselves and are not watched: all of them. */
  Type.Object({ kind: Type.Literal('offered'), offered: foundCameras }, strict),
  Type.Object({ kind: Type.Literal('still'), still: Still }, strict),
  /** The camera returned to its home by itself. */
  Type.Object({ kind: Type.Literal('returned'), camera: Slug }, strict),
  Type.Object(
    {
      kind: Type.Literal('answer'),
      request: text(64),
      error: nullable(Type.Object({ code: text(40), message: text(500) }, strict)),
      body: AnswerBody,
    },
    strict,
  ),
])
export type BridgeMessage = Type.Static<typeof BridgeMessage>

const speed = Type.Number({ minimum: -1, maximum: 1 })

/** What a person does with a camera that turns. */
export const PtzMove = Type.Union([
  Type.Object({ kind: Type.Literal('preset'), token: text(maxPresetTokenLength) }, strict),
  Type.Object({ kind: Type.Literal('home') }, strict),
  /** Turns at a speed until `stop`, or for a second at most. */
  Type.Object({ kind: Type.Literal('turn'), pan: speed, tilt: speed, zoom: speed }, strict),
  Type.Object({ kind: Type.Literal('stop') }, strict),
  Type.Object({ kind: Type.Literal('release') }, strict),
])
export type PtzMove = Type.Static<typeof PtzMove>

/** A camera that is added from the wall. */
export const AddedCamera = Type.Object(
  {
    name: Slug,
    address: text(maxUrlLength, { pattern: '^(https?|rtsps?)://' }),
    type: words(['camera', 'high_camera'] as const),
    title: Type.Optional(text(200)),
    username: Type.Optional(text(100)),
    password: Type.Optional(text(200)),
    live_url: Type.Optional(text(maxUrlLength, { pattern: '^https?://' })),
  },
  strict,
)
export type AddedCamera = Type.Static<typeof AddedCamera>

const WallRequest = Type.Union([
  /** The last picture, or with `fresh` a new one. */
  Type.Object({ kind: Type.Literal('still'), camera: Slug, fresh: Type.Boolean() }, strict),
  Type.Object(
    {
      kind: Type.Literal('ptz'),
      camera: Slug,
      by: text(100),
      priority: words(['operator', 'leader'] as const),
      move: PtzMove,
    },
    strict,
  ),
  Type.Object({ kind: Type.Literal('discover') }, strict),
  Type.Object({ kind: Type.Literal('add'), camera: AddedCamera }, strict),
  Type.Object({ kind: Type.Literal('remove'), camera: Slug }, strict),
])
export type WallRequest = Type.Static<typeof WallRequest>

const WallMessage = Type.Object({ request: text(64), ask: WallRequest }, strict)
export type WallMessage = Type.Static<typeof WallMessage>

const bridgeMessages = Compile(BridgeMessage)
const wallMessages = Compile(WallMessage)

/** @throws IocError PAYLOAD_NOT_JSON, PAYLOAD_INVALID */
export function parseBridgeMessage(payload: Uint8Array): BridgeMessage {
  return checked(bridgeMessages, payload) as BridgeMessage
}

/** @throws IocError PAYLOAD_NOT_JSON, PAYLOAD_INVALID */
export function parseWallMessage(payload: Uint8Array): WallMessage {
  return checked(wallMessages, payload) as WallMessage
}

interface Checker {
  Check(value: unknown): boolean
  Errors(value: unknown): Iterable<{ readonly instancePath: string; readonly message: string }>
}

function checked(checker: Checker, payload: Uint8Array): unknown {
  const json = parseJson(payload)
  if (checker.Check(json)) return json
  const reasons = [...checker.Errors(json)].slice(0, 3).map(({ instancePath, message }) => `${instancePath} ${message}`)
  return refuse(reasons)
}

/** Whether a camera needs attention: of one that no bridge has checked yet, nothing is known. */
export function isAbnormal({ state, reason }: { state: CameraStateWord; reason: CameraReason | null }): boolean {
  return state === 'offline' || state === 'degraded' || reason !== null
}
