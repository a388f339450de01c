import type { DownChannel } from '@ioc/contract/topics.ts'

/** Bounds of a cadence that may be configured from afar, in seconds. */
export const cadenceBounds = { min: 0.05, max: 86_400 } as const

/** What a message from the centre asks for. */
export type Downlink =
  /** The time between measurements in ms; `undefined` puts the agent's own setting back. */
  | { readonly kind: 'cadence'; readonly ms: number | undefined }
  | { readonly kind: 'collect' }
  /** What the centre refused of this node, and why: logged for its operator. */
  | { readonly kind: 'notice'; readonly code: string; readonly reason: string }
  | { readonly kind: 'ignored'; readonly why: string }

/** Reads a config or a command. Never throws: what cannot be followed says why. */
export function parseDownlink(channel: DownChannel, payload: Buffer): Downlink {
  // Deleting a retained config is publishing an empty one.
  if (channel === 'config' && payload.length === 0) return { kind: 'cadence', ms: undefined }
  const json = parseObject(payload)
  if (!json) return { kind: 'ignored', why: 'not a JSON object' }
  return channel === 'config' ? parseConfig(json) : parseCommand(json)
}

function parseConfig(json: Record<string, unknown>): Downlink {
  const { cadence_s: cadence, ...others } = json
  const unknown = Object.keys(others)
  if (unknown.length > 0) return { kind: 'ignored', why: `unknown settings: ${unknown.join(', ')}` }
  if (cadence === undefined) return { kind: 'cadence', ms: undefined }
  if (typeof cadence !== 'number' || !(cadence >= cadenceBounds.min && cadence <= cadenceBounds.max)) {
    return { kind: 'ignored', why: `cadence_s must be a number from ${cadenceBounds.min} to ${cadenceBounds.max}` }
  }
  return { kind: 'cadence', ms: cadence * 1000 }
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
