import type { ChannelName } from '@ioc/contract/district/people.ts'

/** So many messages within so many ms, at most. */
interface Limit {
  readonly count: number
  readonly ms: number
}

/** An alert asks a person to act; an update only informs. */
export type MessageClass = 'alert' | 'update'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** Of every contact, whatever the channel. */
const ofAll: readonly Limit[] = [{ count: 5, ms: 5 * second }]
/** Channels on which a person pays attention to each message: the figures of GoAlert. */
const disturbing: Readonly<Record<MessageClass, readonly Limit[]>> = {
  alert: [
    { count: 1, ms: minute },
    { count: 5, ms: 15 * minute },
    { count: 11, ms: hour },
    { count: 21, ms: 3 * hour },
  ],
  update: [
    { count: 1, ms: 3 * minute },
    { count: 3, ms: 20 * minute },
    { count: 8, ms: 2 * hour },
  ],
}
const one = (limits: readonly Limit[]) => ({ alert: limits, update: limits })

/** Limits for each contact. The others of a limit wait, and come as one message. */
const limits: Readonly<Record<ChannelName, Readonly<Record<MessageClass, readonly Limit[]>>>> = {
  sms: disturbing,
  email: { alert: [{ count: 1, ms: minute }, ...ofAll], update: [{ count: 1, ms: minute }] },
  // Of a chat: one message a second; of a group of them, 20 a minute.
  telegram: one([...ofAll, { count: 1, ms: second }, { count: 20, ms: minute }]),
  zalo: one([...ofAll, { count: 20, ms: minute }]),
  push: one(ofAll),
  webhook: one([]),
  mqtt: one([]),
}

/** Channels that programs read: there each message comes by itself. */
export const isForPrograms = (channel: ChannelName): boolean => channel === 'webhook' || channel === 'mqtt'

/** Times of messages that limits look at, at most. */
export const maxSentTimes = 21

/** When the next message of a contact may leave, given the times of those before. */
export function nextAllowed(channel: ChannelName, of: MessageClass, sent: readonly number[]): number {
  return limits[channel][of].reduce((latest, { count, ms }) => {
    const before = sent.at(-count)
    return before === undefined ? latest : Math.max(latest, before + ms)
  }, 0)
}
