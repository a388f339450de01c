import { createHash } from 'node:crypto'
import nodemailer from 'nodemailer'
import type { ChannelSettings } from '../../channel-settings.ts'
import type { TryResult } from '../../escalation.ts'
import { type Channel, type Outgoing, sendTimeoutMs } from '../channel.ts'

/** Mail over SMTP. All mails about an incident are one conversation in a mail program. */
export function createEmail(settings: NonNullable<ChannelSettings['email']>): Channel {
  const { host, port = 587, user, password, from, security = 'starttls' } = settings
  const isLocal = host === 'localhost' || host.startsWith('127.') || host === '::1'
  const transport = nodemailer.createTransport({
    host,
    port,
    secure: security === 'tls',
    // Without encryption only to this machine.
    requireTLS: security === 'starttls' && !isLocal,
    ignoreTLS: isLocal && security !== 'tls',
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
    connectionTimeout: sendTimeoutMs,
    greetingTimeout: sendTimeoutMs,
    socketTimeout: sendTimeoutMs,
  })
  const domain = from.split('@')[1]?.replace(/[>\s]/g, '') ?? 'ioc'

  async function send({ key, address, text, incidents }: Outgoing): Promise<TryResult> {
    const [incident] = incidents
    // The first mail of an incident is not known: all refer to one that stands for it.
    const thread = incidents.length === 1 ? { references: `<incident-${incident}@${domain}>` } : {}
    const { subject, body } = text
    const messageId = `<${createHash('sha256').update(key).digest('hex').slice(0, 32)}@${domain}>`
    try {
      await transport.sendMail({ from, to: address ?? '', subject, text: body, messageId, ...thread })
      return { kind: 'sent', ref: messageId }
    } catch (error) {
      const {
        responseCode = 0,
        command = '',
        message,
        code,
      } = error as Error & {
        responseCode?: number
        command?: string
        code?: string
      }
      const isRefused = responseCode >= 500 && command === 'RCPT TO'
      const reason = responseCode > 0 ? `SMTP ${responseCode}` : (code ?? message)
      return { kind: isRefused ? 'refused' : 'failed', reason }
    }
  }

  return { send, stop: async () => transport.close() }
}
