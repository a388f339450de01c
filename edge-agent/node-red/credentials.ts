import { createCipheriv, createHash, randomBytes } from 'node:crypto'

/** Credentials as Node-RED keeps them in its file: an initialization vector in hexadecimal, then the text in base64. */
export interface EncryptedCredentials {
  readonly $: string
}

const ivBytes = 16

/** Encrypts as Node-RED's `credentials.js` does, so that delivered credentials are never plain on the disk. */
export function encryptCredentials(credentials: object, secret: string): EncryptedCredentials {
  const key = createHash('sha256').update(secret).digest()
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-ctr', key, iv)
  return {
    $: iv.toString('hex') + cipher.update(JSON.stringify(credentials), 'utf8', 'base64') + cipher.final('base64'),
  }
}
