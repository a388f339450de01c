import type { CaseRecord } from '@ioc/contract/messages/cases.ts'
import type { DeviceBirth } from '@ioc/contract/messages/status.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'

/** Messages between the agent and its child with Node-RED, over the channel of `fork`. Only types: the child loads no contract. */

/** A reason in both languages; a node shows the one of its editor. */
export interface Reason {
  readonly vi: string
  readonly en: string
}

/** What one message of a flow asks to send. */
export interface PutItem {
  /** Numbers the messages of a child. */
  readonly n: number
  readonly channel: 'telemetry' | 'cases'
  /** As the flow wrote them: the agent validates them. */
  readonly records: readonly unknown[]
}

/**
 * What became of a message: on the disk, acknowledged by the broker, refused, dropped by a full outbox, or queued for so long
 * that its fate is not followed any more.
 */
export type Fate = 'queued' | 'sent' | 'refused' | 'dropped' | 'untracked'

/** What a flow receives of the agent. */
export interface FlowMessage {
  /** `command`, `config`, or `collector/ID`. */
  readonly source: string
  readonly topic: string
  readonly payload: unknown
}

export interface EditorSettings {
  readonly host: string
  readonly port: number
  readonly username: string
  /** SHA-256 of the password, in hexadecimal: the password is random and used once. */
  readonly passwordHash: string
}

export interface StartSettings {
  readonly kind: 'start'
  readonly userFolder: string
  /** The `node_modules` that Node-RED is in. */
  readonly modulesFolder: string
  readonly nodesFolder: string
  /** Files of nodes that are loaded. */
  readonly files: readonly string[]
  readonly credentialSecret: string
  /** Load flows, but do not run them. */
  readonly isSafeMode: boolean
  readonly editor: EditorSettings | undefined
}

export type ToChild =
  | StartSettings
  | { readonly kind: 'fate'; readonly fate: Fate; readonly ns: readonly number[]; readonly reason?: Reason }
  | ({ readonly kind: 'message' } & FlowMessage)
  /** Ends all connections of the editor, at once. */
  | { readonly kind: 'close-editor' }
  | { readonly kind: 'stop' }

export type FromChild =
  /** Sent every second: the event loop turns. */
  | { readonly kind: 'heartbeat'; readonly rss: number }
  /** The flows run; in safe mode: they are loaded. */
  | { readonly kind: 'started'; readonly nodes: number }
  /** The flows cannot be started. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** The editor saved the flows of the user folder. */
  | { readonly kind: 'saved' }
  | { readonly kind: 'editor'; readonly port: number }
  | { readonly kind: 'editor-closed' }
  | { readonly kind: 'put'; readonly items: readonly PutItem[] }
  /** Everything that the flows declare and listen to. */
  | { readonly kind: 'declared'; readonly devices: readonly DeviceBirth[]; readonly sources: readonly string[] }
  | { readonly kind: 'log'; readonly level: 'error' | 'warn' | 'info'; readonly text: string }

export type PutRecord = MeasurementRecord | CaseRecord

/** Time between two heartbeats, in ms. */
export const heartbeatMs = 1_000
/** Messages of flows that wait for the agent, at most. */
export const maxWaiting = 1_000
/** Records of a message of a flow, and of those that are sent to the agent together, at most. */
export const maxPutRecords = 1_000
/** Bytes of a message of a flow, at most. */
export const maxPutBytes = 262_144
