import { createHmac } from 'node:crypto'
import type { ChannelSettings } from '../../channel-settings.ts'
import type { Channel } from '../channel.ts'
import { attempt, request, resultOf } from '../http.ts'

/**
 * A POST of JSON to the address. `X-Ioc-Signature` is `sha256=` and the HMAC of `{X-Ioc-Timestamp}.{body}` with the secret;
 * `Idempotency-Key` is the same for each try.
 */
export function createWebhook({ secret }: NonNullable<ChannelSettings['webhook']>): Channel {
  return {
    send: ({ key, address, event, text, at }) =>
      attempt(async () => {
        const body = JSON.stringify({ key, at, text: text.body, ...event })
        const timestamp = String(Math.floor(Date.now() / 1_000))
        const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
        const answer = await request(address ?? '', {
          method: 'POST',
          body,
          headers: {
            'content-type': 'application/json',
            'idempotency-key': encodeURIComponent(key),
            'x-ioc-timestamp': timestamp,
            'x-ioc-signature': `sha256=${signature}`,
          },
        })
        // What it does not accept, it does not accept later either.
        const isRefused = [400, 404, 405, 410, 413, 415, 422].includes(answer.status)
        return isRefused ? { kind: 'refused', reason: `HTTP ${answer.status}` } : resultOf(answer)
      }),
    stop: async () => undefined,
  }
}
