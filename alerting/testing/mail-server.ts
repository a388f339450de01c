import type { AddressInfo } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'

export interface MailServer {
  readonly port: number
  /** In the order in which they arrived. */
  readonly mails: readonly ParsedMail[]
  stop(): Promise<void>
}

/**
 * A real SMTP server without TLS, as on loopback. It refuses addresses that begin with `gone`.
 * @param beforeAnswer called with each mail, before the server accepts it
 */
export async function startMailServer(
  beforeAnswer: (mail: ParsedMail) => Promise<void> = async () => undefined,
): Promise<MailServer> {
  const mails: ParsedMail[] = []
  const server = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'], hideSTARTTLS: true },
    onRcptTo: ({ address }, _session, done) =>
      done(address.startsWith('gone') ? Object.assign(new Error('no such user'), { responseCode: 550 }) : null),
    onData(stream, _session, done) {
      simpleParser(stream)
        .then((mail) => {
          mails.push(mail)
          return beforeAnswer(mail)
        })
        .then(() => done(), done)
    },
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    stop: () => new Promise<void>((resolve) => server.close(resolve)),
  }
}

/** Whom a mail is for. */
export const receiverOf = ({ to }: ParsedMail): string | undefined =>
  (Array.isArray(to) ? to[0] : to)?.value[0]?.address
