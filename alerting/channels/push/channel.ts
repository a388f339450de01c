import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { readOrCreateSecret } from '@ioc/runtime/private-file.ts'
import webPush from 'web-push'
import type { ChannelSettings } from '../../channel-settings.ts'
import type { TryResult } from '../../escalation.ts'
import type { Subscription } from '../../escalation-state.ts'
import { type Channel, type Outgoing, sendTimeoutMs } from '../channel.ts'

export interface PushParts {
  readonly settings: NonNullable<ChannelSettings['push']>
  readonly keys: VapidKeys
  /** Of a person, by id. */
  readonly subscriptionsOf: (person: string) => readonly Subscription[]
  /** The browser has none any more. */
  readonly onGone: (endpoint: string) => void
}

export interface VapidKeys {
  readonly publicKey: string
  readonly privateKey: string
}

/** How long the push service keeps a message for a browser that is closed, in s. */
const ttlS = 4 * 3_600
/** Bytes of a message, at most, with what the encryption adds; and characters that are left after it was too large. */
const maxCharacters = 2_000
const shorter = 200

/** The keys that this centre has towards push services. */
export function vapidKeys(path: string): VapidKeys {
  return JSON.parse(readOrCreateSecret(path, () => JSON.stringify(webPush.generateVAPIDKeys()))) as VapidKeys
}

/** Push messages to the browsers of a person. */
export function createPush({ settings, keys, subscriptionsOf, onGone }: PushParts): Channel {
  const { subject, ca_file } = settings
  const agent = ca_file === undefined ? {} : { agent: new Agent({ ca: readFileSync(ca_file) }) }

  async function sendOne(subscription: Subscription, message: Outgoing, length: number): Promise<TryResult> {
    const { text, link, incidents } = message
    const payload = JSON.stringify({
      title: text.subject.slice(0, length),
      body: text.body.slice(0, length),
      link,
      incidents,
    })
    const [incident] = incidents
    try {
      await webPush.sendNotification(subscription, payload, {
        vapidDetails: { subject, ...keys },
        TTL: ttlS,
        timeout: sendTimeoutMs,
        urgency: message.severity === 'critical' || message.severity === 'high' ? 'high' : 'normal',
        // The newest of an incident replaces those that were not delivered yet.
        ...(incidents.length === 1 ? { topic: `incident-${incident}` } : {}),
        ...agent,
      })
      return { kind: 'sent' }
    } catch (error) {
      const {
        statusCode = 0,
        message: reason,
        headers = {},
      } = error as Error & {
        statusCode?: number
        headers?: Record<string, string>
      }
      if (statusCode === 413 && length > shorter) return sendOne(subscription, message, shorter)
      if (statusCode === 404 || statusCode === 410) {
        onGone(subscription.endpoint)
        return { kind: 'refused', reason: `HTTP ${statusCode}` }
      }
      const after = Number(headers['retry-after'] ?? Number.NaN)
      return {
        kind: 'failed',
        reason: statusCode > 0 ? `HTTP ${statusCode}` : reason,
        ...(after > 0 ? { afterMs: after * 1_000 } : {}),
      }
    }
  }

  return {
    async send(message) {
      const results = await Promise.all(
        subscriptionsOf(message.address ?? '').map((one) => sendOne(one, message, maxCharacters)),
      )
      // One browser is enough.
      return (
        results.find(({ kind }) => kind === 'sent') ??
        results.find(({ kind }) => kind === 'failed') ??
        results[0] ?? { kind: 'refused', reason: 'no browser is subscribed' }
      )
    },
    stop: async () => undefined,
  }
}
