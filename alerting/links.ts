import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import { linkTokenPattern } from '@ioc/contract/messages/alerting-command.ts'
import { readOrCreateSecret } from '@ioc/runtime/private-file.ts'

/** Bytes of the signature in a link, 16 characters: short enough for an SMS, and only tried over the network. */
const macBytes = 12
const tokenFormat = new RegExp(linkTokenPattern)

/** Signs the links of messages: whoever has one acknowledges what the message is about. */
export interface Links {
  /** `{number of the message}-{signature}`. */
  tokenOf(message: number): string
  /** The number of the message; undefined: not signed here. */
  messageOf(token: string): number | undefined
}

export function openLinks(folder: string): Links {
  return createLinks(
    Buffer.from(
      readOrCreateSecret(join(folder, 'link.key'), () => randomBytes(32).toString('hex')),
      'hex',
    ),
  )
}

export function createLinks(key: Buffer): Links {
  const signature = (text: string) =>
    createHmac('sha256', key).update(`acknowledge ${text}`).digest().subarray(0, macBytes)
  return {
    tokenOf(message) {
      const text = message.toString(36)
      return `${text}-${signature(text).toString('base64url')}`
    },
    messageOf(token) {
      const [, text = '', mac = ''] = tokenFormat.exec(token) ?? []
      const given = Buffer.from(mac, 'base64url')
      const isSigned = given.length === macBytes && timingSafeEqual(given, signature(text))
      return isSigned ? Number.parseInt(text, 36) : undefined
    },
  }
}
