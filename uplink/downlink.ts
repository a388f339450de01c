import { type NodeUpdate, readNodeConfig } from '@ioc/contract/messages/node-config.ts'
import type { DownChannel } from '@ioc/contract/topics.ts'

/** What a message from the centre asks for. */
export type Downlink =
  /** The time between measurements in ms; `undefined` puts the agent's own setting back. */
  | { readonly kind: 'cadence'; readonly ms: number | undefined; readonly update?: NodeUpdate }
  | { readonly kind: 'collect' }
  /** What the centre refused of this node, and why: logged for its operator. */
  | { readonly kind: 'notice'; readonly code: string; readonly reason: string }
  | { readonly kind: 'ignored'; readonly why: string }

/** Reads a config or a command. Never throws: what cannot be followed says why. */
export function parseDownlink(channel: DownChannel, payload: Buffer): Downlink {
  if (channel === 'config') return parseConfig(payload)
  const json = parseObject(payload)
  return json ? parseCommand(json) : { kind: 'ignored', why: 'not a JSON object' }
}

function parseConfig(payload: Buffer): Downlink {
  const { config, reason } = readNodeConfig(payload)
  if (config === undefined) return { kind: 'ignored', why: reason }
  const { cadence_s, update } = config
  const ms = cadence_s === undefined ? undefined : cadence_s * 1000
  return { kind: 'cadence', ms, ...(update === undefined ? {} : { update }) }
}

function parseCommand({ command, code, reason }: Record<string, unknown>): Downlink {
  if (command === 'collect') return { kind: 'collect' }
  if (command === 'notice' && typeof code === 'string' && typeof reason === 'string') {
    return { kind: 'notice', code: code.slice(0, maxNoticeChars), reason: reason.slice(0, maxNoticeChars) }
  }
  return { kind: 'ignored', why: 'unknown command' }
}

/** Characters of a notice that are logged. */
const maxNoticeChars = 500

function parseObject(payload: Buffer): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(payload.toString('utf8'))
    return typeof json === 'object' && json !== null && !Array.isArray(json)
      ? (json as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
