/** What events are counted as. */
export const eventKinds = ['motion', 'tamper', 'line_crossing', 'intrusion', 'crowd', 'smoke'] as const
export type EventKind = (typeof eventKinds)[number]

/** A class of topics, with or without a flag that is true while it lasts. */
export interface TopicRule {
  readonly topic: RegExp
  readonly kind: EventKind
  /** Names of the data item that is true while it lasts; without one, each message is an event. */
  readonly flags: readonly string[]
}
