import { join } from 'node:path'
import type { ZaloSettings } from '../../channel-settings.ts'
import type { TryResult } from '../../escalation.ts'
import type { Channel, Outgoing } from '../channel.ts'
import { attempt, failed, fieldOf, request } from '../http.ts'
import { createTokens } from './tokens.ts'

type Bot = Extract<ZaloSettings, { kind: 'bot' }>
type Oa = Extract<ZaloSettings, { kind: 'oa' }>

/** Characters of a message, at most. */
const maxLength = 2_000
const json = { 'content-type': 'application/json' }

/** Zalo, by a bot or by an official account (OA). */
export function createZalo(settings: ZaloSettings, folder: string, now: () => number): Channel {
  return settings.kind === 'bot' ? createBot(settings) : createOa(settings, folder, now)
}

function createBot({ token, url = 'https://bot-api.zapps.me' }: Bot): Channel {
  async function send({ address, text }: Outgoing): Promise<TryResult> {
    const body = JSON.stringify({ chat_id: address, text: text.body.slice(0, maxLength) })
    const answer = await request(`${url}/bot${token}/sendMessage`, { method: 'POST', headers: json, body })
    if (answer.status === 200 && fieldOf(answer.json, ['ok']) !== false) return { kind: 'sent' }
    const code = Number(fieldOf(answer.json, ['error_code']) ?? answer.status)
    const reason = `${code} ${String(fieldOf(answer.json, ['description']) ?? '')}`.trim()
    return code === 400 || code === 403 ? { kind: 'refused', reason } : failed(reason, answer.retryAfterMs)
  }
  return { send: (message) => attempt(() => send(message)), stop: async () => undefined }
}

/** Errors of the OA's API, which come with the status 200: of the access token, and of the user. */
const tokenErrors: ReadonlySet<unknown> = new Set([-216, -124, -201])
const userErrors: ReadonlySet<unknown> = new Set([-207, -213, -230, -232])

function createOa(settings: Oa, folder: string, now: () => number): Channel {
  const { url = 'https://openapi.zalo.me' } = settings
  const tokens = createTokens(settings, join(folder, 'zalo.json'), now)

  async function send(message: Outgoing, isSecond = false): Promise<TryResult> {
    const accessToken = await tokens.accessToken(isSecond)
    const answer = await request(`${url}/v3.0/oa/message/cs`, {
      method: 'POST',
      headers: { ...json, access_token: accessToken },
      body: JSON.stringify({
        recipient: { user_id: message.address },
        message: { text: message.text.body.slice(0, maxLength) },
      }),
    })
    const error = fieldOf(answer.json, ['error'])
    if (answer.status === 200 && error === 0) return { kind: 'sent' }
    if (tokenErrors.has(error) && !isSecond) return send(message, true)
    const reason = `${String(error ?? answer.status)} ${String(fieldOf(answer.json, ['message']) ?? '')}`.trim()
    return userErrors.has(error) ? { kind: 'refused', reason } : failed(reason, answer.retryAfterMs)
  }

  return {
    send: (message) => attempt(() => send(message)),
    authorizedUntil: () => tokens.refreshableUntil(),
    stop: async () => undefined,
  }
}
