import type { PictureMode } from './scene.ts'

/** How a camera answers. Each but `normal` is a fault that its client must survive. */
export const answerModes = [
  'normal',
  /** Accepts the connection, and never answers. */
  'silent',
  /** Closes the connection without an answer. */
  'cut',
  /** Sends bytes for ever. */
  'endless',
  /** A document that is far too large. */
  'huge',
  /** Entities that grow to gigabytes when they are expanded. */
  'entity_bomb',
  /** Elements nested too deeply for a recursive reader. */
  'deep',
  /** A page of HTML, as a login page of a router. */
  'not_xml',
] as const
export type AnswerMode = (typeof answerModes)[number]

/** What is wrong with a camera now; tests and scripts change it while it runs. */
export interface CameraState {
  answer: AnswerMode
  /** Wait before each answer, in ms. */
  delayMs: number
  /** The camera's clock minus the true time, in ms. Local time that is reported as UTC is an offset of the zone. */
  clockOffsetMs: number
  ntp: boolean
  /** Servers of `GetNTP`; undefined: it does not support the operation. */
  timeServers: readonly string[] | undefined
  /** Zone of its local time, in hours ahead of UTC. */
  zoneHours: number
  picture: PictureMode
  /** Whether snapshots of an unchanged picture are encoded at changing quality. */
  reencodes: boolean
  /** Light, from 0 to 1; undefined: follows the time of day. */
  light: number | undefined
  moving: boolean
  recording: 'active' | 'idle' | 'unsupported'
  /** Whether the stream answers `DESCRIBE`. */
  stream: 'normal' | 'missing' | 'silent'
  maxSubscriptions: number
  /** Time after which a waiting pull is cut, in ms. */
  cutPullMs: number | undefined
  /** Operations that it answers with a document of the test, as that of a certain vendor. */
  replies: Readonly<Record<string, { readonly status: number; readonly body: string }>>
  /** Operations that it refuses as if the login were wrong. */
  unauthorized: readonly string[]
  /** Which time it states: UTC and local, or, as some cheap ones, local time alone, with its zone or without. */
  statedTime: 'utc' | 'local_with_zone' | 'local'
  /** Where the services other than that of the device are, as after an update of the firmware; others answer 404. */
  servicePath: string
}

export const healthyState: CameraState = {
  answer: 'normal',
  delayMs: 0,
  clockOffsetMs: 0,
  ntp: true,
  timeServers: ['vn.pool.ntp.org'],
  zoneHours: 7,
  picture: 'normal',
  reencodes: false,
  light: undefined,
  moving: true,
  recording: 'active',
  stream: 'normal',
  maxSubscriptions: 3,
  cutPullMs: undefined,
  replies: {},
  unauthorized: [],
  statedTime: 'utc',
  servicePath: '/onvif',
}

/** A change of state at a time of each day, in Vietnam. */
export interface ScriptStep {
  /** As `13:05`. */
  readonly at: string
  readonly set: Partial<CameraState>
}

/** Of Vietnam. */
export const zoneMs = 7 * 3_600_000
const dayMs = 86_400_000
const minuteMs = 60_000

/** The state that a script asks for at a time: all of its steps until then, in their order; the day begins healthy. */
export function scriptedState(script: readonly ScriptStep[], ts: number): CameraState {
  const minute = minuteOfDay(ts)
  const due = script.filter(({ at }) => parseMinute(at) <= minute)
  return Object.assign({ ...healthyState }, ...due.map(({ set }) => set)) as CameraState
}

function minuteOfDay(ts: number): number {
  return ((ts + zoneMs) % dayMs) / minuteMs
}

function parseMinute(at: string): number {
  const [hours = 0, minutes = 0] = at.split(':').map(Number)
  return 60 * hours + minutes
}

/** A day on which each fault happens for long enough to be noticed. */
export const scriptedDay: readonly ScriptStep[] = [
  { at: '01:00', set: { picture: 'frozen' } },
  { at: '01:30', set: { picture: 'normal' } },
  { at: '07:00', set: { picture: 'covered' } },
  { at: '07:30', set: { picture: 'normal' } },
  { at: '09:00', set: { picture: 'frozen_clock_runs' } },
  { at: '09:30', set: { picture: 'normal' } },
  { at: '10:00', set: { clockOffsetMs: 600_000 } },
  { at: '10:30', set: { clockOffsetMs: 0 } },
  { at: '11:00', set: { recording: 'idle' } },
  { at: '11:30', set: { recording: 'active' } },
  { at: '13:00', set: { picture: 'moved' } },
  { at: '13:30', set: { picture: 'normal' } },
  { at: '14:00', set: { stream: 'missing' } },
  { at: '14:30', set: { stream: 'normal' } },
  { at: '15:00', set: { picture: 'blurred' } },
  { at: '15:30', set: { picture: 'normal' } },
  { at: '16:00', set: { answer: 'silent' } },
  { at: '16:30', set: { answer: 'normal' } },
]
