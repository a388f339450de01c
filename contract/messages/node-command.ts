import { isObject, type Json } from './json.ts'
import { shown } from './problem.ts'
import { isSealed } from './sealed.ts'

/**
 * Commands on `ioc/v1/{site}/{node}/command`, never retained, and what a node answers on `…/answer`, which is neither
 * retained nor stored. Plain readers, as of the configuration.
 */

/** Lines of a log that a node sends, at most, and characters of one line. */
export const maxLogLines = 500
export const maxLogLineChars = 500
/** Minutes that an editor may be open, at most. */
export const maxEditorMinutes = 120
/** Characters of the topic of a message for flows. */
const maxTopicChars = 200
/** Characters of a notice that are logged. */
const maxNoticeChars = 500

/** Levels of log lines, from the most to the least severe. */
export const logLevels = ['error', 'warn', 'info', 'debug'] as const

/** A command whose answer names its id. */
interface Answered {
  readonly id: string
}

/** A command that is carried out only until then, in ms since 1970 by the clock of the centre. */
interface Expiring extends Answered {
  readonly expires: number
}

export type NodeCommand =
  /** Measures now. An old one has no id, and is not answered. */
  | { readonly command: 'collect'; readonly id?: string }
  /** What the centre refused of this node, and why: logged for its operator. */
  | { readonly command: 'notice'; readonly code: string; readonly reason: string }
  /** A message for the flows of Node-RED that listen to commands. */
  | { readonly command: 'flow'; readonly id?: string; readonly topic: string; readonly payload: unknown }
  /** Sends its newest log lines, without secrets. */
  | (Answered & { readonly command: 'logs'; readonly lines: number; readonly level: (typeof logLevels)[number] })
  /** Opens the editor of Node-RED for some minutes with a password for this once; 0 minutes close it. */
  | (Expiring & { readonly command: 'open-editor'; readonly minutes: number; readonly password: string })
  /** Connects with a new password, and keeps it once the broker has accepted it. */
  | (Expiring & { readonly command: 'rotate'; readonly password: string })

/** The answer of a node to a command with an id. */
export interface NodeAnswer {
  readonly id: string
  /** The command that it answers; `unknown` where it could not be read. */
  readonly command: NodeCommand['command'] | 'unknown'
  readonly ok: boolean
  /** Why it was not carried out. */
  readonly reason?: string
  /** Log lines, oldest first. */
  readonly lines?: readonly string[]
  /** Lines that were left out. */
  readonly left_out?: number
  /** What else the command returns, such as the port of an editor. */
  readonly detail?: Readonly<Record<string, string | number | boolean>>
}

/** What the secret of a command is sealed for. */
export const secretPlaceOf = (command: 'rotate' | 'open-editor'): string => `command/${command}`

/** A command, or why it is none; with its id where it has one, so that it can be answered. */
export type ReadNodeCommand =
  | { readonly command: NodeCommand; readonly reason?: never }
  | { readonly reason: string; readonly id?: string; readonly command?: never }

/** Reads the payload of a command topic. Never throws. */
export function readNodeCommand(payload: Uint8Array): ReadNodeCommand {
  const json = parseObject(payload)
  if (!json) return { reason: 'not a JSON object' }
  const id = isId(json['id']) ? json['id'] : undefined
  const refuse = (reason: string): ReadNodeCommand => ({ reason, ...(id === undefined ? {} : { id }) })
  const { command } = json
  if (command === 'collect') return { command: { command, ...(id === undefined ? {} : { id }) } }
  if (command === 'flow') {
    const { topic = '', payload } = json
    if (typeof topic !== 'string') return refuse('flow: expected a topic')
    const named = id === undefined ? {} : { id }
    return { command: { command, ...named, topic: topic.slice(0, maxTopicChars), payload } }
  }
  if (command === 'notice') {
    const { code, reason } = json
    if (typeof code !== 'string' || typeof reason !== 'string') return refuse('notice: expected code and reason')
    return { command: { command, code: code.slice(0, maxNoticeChars), reason: reason.slice(0, maxNoticeChars) } }
  }
  if (command !== 'logs' && command !== 'open-editor' && command !== 'rotate') return refuse('unknown command')
  if (id === undefined) return refuse(`id: got ${shown(json['id'])}; expected 1 to 64 letters, digits, "_" and "-"`)
  if (command === 'logs') {
    const { lines = 200, level = 'info' } = json
    if (!isWithin(lines, 1, maxLogLines)) return refuse(`lines: expected a whole number from 1 to ${maxLogLines}`)
    const known = logLevels.find((one) => one === level)
    if (!known) return refuse(`level: expected one of ${logLevels.join(', ')}`)
    return { command: { command, id, lines, level: known } }
  }
  const { expires, password } = json
  if (!isWithin(expires, 0, Number.MAX_SAFE_INTEGER)) return refuse('expires: expected a time in ms since 1970')
  if (command === 'rotate') {
    if (typeof password !== 'string' || !isSealed(password)) return refuse('password: expected a sealed text')
    return { command: { command, id, expires, password } }
  }
  const { minutes } = json
  if (!isWithin(minutes, 0, maxEditorMinutes)) return refuse(`minutes: expected 0 to ${maxEditorMinutes}`)
  if (minutes > 0 && (typeof password !== 'string' || !isSealed(password))) {
    return refuse('password: expected a sealed text')
  }
  return { command: { command, id, expires, minutes, password: typeof password === 'string' ? password : '' } }
}

/** Reads an answer; `undefined` where it is none. What is too long is cut. */
export function readNodeAnswer(payload: Uint8Array): NodeAnswer | undefined {
  const json = parseObject(payload)
  if (!json) return undefined
  const { id, command, ok, reason, lines, left_out, detail } = json
  if (!isId(id) || typeof command !== 'string' || typeof ok !== 'boolean') return undefined
  const texts = Array.isArray(lines) ? lines.filter((line) => typeof line === 'string') : undefined
  return {
    ...{ id, ok, command: command as NodeAnswer['command'] },
    ...(typeof reason === 'string' ? { reason: reason.slice(0, maxNoticeChars) } : {}),
    ...(texts ? { lines: texts.slice(-maxLogLines).map((line) => line.slice(0, maxLogLineChars)) } : {}),
    ...(isWithin(left_out, 0, Number.MAX_SAFE_INTEGER) ? { left_out } : {}),
    ...(typeof detail === 'object' && detail !== null
      ? { detail: Object.fromEntries(Object.entries(detail).filter(([, value]) => isPlain(value))) }
      : {}),
  }
}

const isPlain = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value)
const isId = (value: unknown): value is string => typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value)
const isWithin = (value: unknown, min: number, max: number): value is number =>
  Number.isInteger(value) && (value as number) >= min && (value as number) <= max

function parseObject(payload: Uint8Array): Json | undefined {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(payload))
    return isObject(json) ? json : undefined
  } catch {
    return undefined
  }
}
