import { createHash } from 'node:crypto'
import { type NodeCommand, readNodeCommand } from '@ioc/contract/messages/node-command.ts'
import { type ReadNodeConfig, readNodeConfig } from '@ioc/contract/messages/node-config.ts'
import type { DownChannel } from '@ioc/contract/topics.ts'

/** What a message from the centre asks for. */
export type Downlink =
  | (ReceivedConfig & { readonly kind: 'config' })
  | { readonly kind: 'command'; readonly command: NodeCommand }
  /** A command that cannot be carried out. One with an id is answered. */
  | { readonly kind: 'ignored'; readonly why: string; readonly id?: string }

/** A configuration as it came: also one that is refused is reported to the centre. */
export interface ReceivedConfig {
  readonly read: ReadNodeConfig
  readonly payload: string
  /** SHA-256 of the payload in hexadecimal; empty where it is. */
  readonly digest: string
}

/** Reads a config or a command. Never throws: what cannot be followed says why. */
export function parseDownlink(channel: DownChannel, payload: Uint8Array): Downlink {
  if (channel === 'config') return { kind: 'config', ...receiveConfig(payload) }
  const { command, reason, ...answerable } = readNodeCommand(payload)
  return command ? { kind: 'command', command } : { kind: 'ignored', why: reason, ...answerable }
}

export function receiveConfig(payload: Uint8Array): ReceivedConfig {
  return {
    read: readNodeConfig(payload),
    payload: new TextDecoder().decode(payload),
    digest: payload.length === 0 ? '' : createHash('sha256').update(payload).digest('hex'),
  }
}
