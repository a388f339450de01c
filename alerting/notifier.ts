import type { LiveIncident } from '@ioc/contract/messages/incidents.ts'
import type { Notice } from './state.ts'

/** A notice with what it is about, as of now. */
export interface Notification {
  readonly notice: Notice
  /** null: it is about a storm. */
  readonly incident: LiveIncident | null
}

/** Takes notices over. The same key may come twice, after a crash. */
export interface Notifier {
  /** Resolves when the notice is sent, or on the notifier's own disk. Until then the watch repeats it after a restart. */
  hand(notification: Notification): Promise<void>
  stop(): Promise<void>
}
