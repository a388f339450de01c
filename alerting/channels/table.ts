import type { ChannelName } from '@ioc/contract/district/people.ts'
import type { MqttClient } from 'mqtt'
import type { ChannelSettings } from '../channel-settings.ts'
import type { Subscription } from '../escalation-state.ts'
import type { Channel } from './channel.ts'
import { createEmail } from './email/channel.ts'
import { createMqtt } from './mqtt/channel.ts'
import { createPush, type VapidKeys } from './push/channel.ts'
import { createSms } from './sms/channel.ts'
import { createTelegram } from './telegram/channel.ts'
import { createWebhook } from './webhook/channel.ts'
import { createZalo } from './zalo/channel.ts'

export interface ChannelParts {
  readonly settings: ChannelSettings
  readonly client: MqttClient
  /** Of the data folder: for what a channel keeps. */
  readonly folder: string
  readonly pushKeys: VapidKeys
  readonly subscriptionsOf: (person: string) => readonly Subscription[]
  readonly onGone: (endpoint: string) => void
  readonly now: () => number
}

/** All channels. A new one is a folder beside this file, and a line here; undefined: it is not set up. */
const table: Readonly<Record<ChannelName, (parts: ChannelParts) => Channel | undefined>> = {
  email: ({ settings: { email } }) => email && createEmail(email),
  sms: ({ settings: { sms } }) => sms && createSms(sms),
  telegram: ({ settings: { telegram } }) => telegram && createTelegram(telegram),
  zalo: ({ settings: { zalo }, folder, now }) => zalo && createZalo(zalo, folder, now),
  push: ({ settings: { push }, pushKeys, subscriptionsOf, onGone }) =>
    push && createPush({ settings: push, keys: pushKeys, subscriptionsOf, onGone }),
  webhook: ({ settings: { webhook } }) => webhook && createWebhook(webhook),
  mqtt: ({ client }) => createMqtt(client),
}

export function createChannels(parts: ChannelParts): ReadonlyMap<ChannelName, Channel> {
  const channels = new Map<ChannelName, Channel>()
  for (const [name, create] of Object.entries(table) as [ChannelName, (typeof table)[ChannelName]][]) {
    const channel = create(parts)
    if (channel) channels.set(name, channel)
  }
  return channels
}
