import type { TryResult } from '../escalation.ts'
import type { MessageText } from '../message-texts.ts'

/** A message on its way: the same key for every try. */
export interface Outgoing {
  readonly key: string
  readonly address: string | null
  readonly text: MessageText
  /** Numbers of the incidents that it is about. */
  readonly incidents: readonly number[]
  /** Acknowledges the incidents, or leads to them. */
  readonly link: string | null
  readonly severity: string
  /** What happened, for programs. */
  readonly event: object
  readonly at: number
}

/** A way to notify people. */
export interface Channel {
  /** Resolves with the result; does not reject. It ends within its own time-out. */
  send(message: Outgoing): Promise<TryResult>
  /** Called once, with what receives replies. */
  start?(onReply: (reply: Reply) => void): void
  /** When an authorization must be renewed by a person; undefined: never. */
  authorizedUntil?(): number | undefined
  stop(): Promise<void>
}

/** A person replied to a message. */
export interface Reply {
  /** As in the result of `send`. */
  readonly ref: string
  readonly text: string
}

/** How long a channel may take for one message, in ms. */
export const sendTimeoutMs = 10_000
