import { setTimeout as sleep } from 'node:timers/promises'
import type { ChannelSettings } from '../../channel-settings.ts'
import type { TryResult } from '../../escalation.ts'
import type { Channel, Outgoing, Reply } from '../channel.ts'
import { attempt, failed, fieldOf, request } from '../http.ts'

/** Characters of a message, at most. */
const maxLength = 4_096
/** How long a request waits for replies, in s, and the wait after one that failed, in ms. */
const pollS = 5
const pauseMs = 5_000

/** A Telegram bot. A reply to its message acknowledges. */
export function createTelegram({
  token,
  url = 'https://api.telegram.org',
}: NonNullable<ChannelSettings['telegram']>): Channel {
  const abort = new AbortController()
  let polling: Promise<void> = Promise.resolve()
  const call = (method: string, body: object, signal?: AbortSignal) =>
    request(`${url}/bot${token}/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal ? { signal } : {}),
    })

  async function send({ address, text }: Outgoing): Promise<TryResult> {
    const { status, json } = await call('sendMessage', { chat_id: address, text: text.body.slice(0, maxLength) })
    const id = fieldOf(json, ['result', 'message_id'])
    if (status === 200 && id !== undefined)
      return { kind: 'sent', ref: refOf(fieldOf(json, ['result', 'chat', 'id']) ?? address, id) }
    const reason = `${status} ${String(fieldOf(json, ['description']) ?? '')}`.trim()
    const after = Number(fieldOf(json, ['parameters', 'retry_after']) ?? Number.NaN)
    if (status === 429) return failed(reason, after > 0 ? after * 1_000 : undefined)
    // 400: the chat is unknown; 403: the person has blocked the bot.
    return status === 400 || status === 403 ? { kind: 'refused', reason } : failed(reason)
  }

  /** Telegram keeps updates until a later one is asked for: after a restart none is lost. */
  async function poll(onReply: (reply: Reply) => void): Promise<void> {
    let offset = 0
    while (!abort.signal.aborted) {
      const next = await readReplies(offset, onReply)
      if (next === undefined)
        await sleep(pauseMs, undefined, { signal: abort.signal, ref: false }).catch(() => undefined)
      else offset = next
    }
  }

  async function readReplies(offset: number, onReply: (reply: Reply) => void): Promise<number | undefined> {
    const wanted = { offset, timeout: pollS, allowed_updates: ['message'] }
    const answer = await call('getUpdates', wanted, abort.signal).catch(() => undefined)
    const updates = fieldOf(answer?.json, ['result'])
    if (answer?.status !== 200 || !Array.isArray(updates)) return undefined
    let next = offset
    for (const update of updates) {
      next = Math.max(next, Number(fieldOf(update, ['update_id']) ?? -1) + 1)
      const message = fieldOf(update, ['message'])
      const id = fieldOf(message, ['reply_to_message', 'message_id'])
      const chat = fieldOf(message, ['chat', 'id'])
      if (id !== undefined) onReply({ ref: refOf(chat, id), text: String(fieldOf(message, ['text']) ?? '') })
    }
    return next
  }

  return {
    send: (message) => attempt(() => send(message)),
    start(onReply) {
      polling = poll(onReply)
    },
    async stop() {
      abort.abort()
      await polling
    },
  }
}

const refOf = (chat: unknown, message: unknown): string => `telegram:${String(chat)}:${String(message)}`
