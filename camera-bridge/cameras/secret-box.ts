import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { IocError } from '@ioc/contract/errors.ts'
import { readOrCreateSecret } from '@ioc/runtime/private-file.ts'

const version = 'v1'
const ivBytes = 12
const tagBytes = 16

/**
 * Encrypts the passwords of cameras with a key that is in a file of its own, so that a copy of the list of cameras shows none.
 * Each is bound to the name of its camera.
 */
export class SecretBox {
  readonly #key: Buffer

  /** Makes the key at the first use. */
  constructor(folder: string) {
    const text = readOrCreateSecret(join(folder, 'secret.key'), () => `${randomBytes(32).toString('base64')}\n`)
    this.#key = Buffer.from(text, 'base64')
    if (this.#key.length !== 32) throw new IocError('CAMERAS_INVALID', `${join(folder, 'secret.key')} is damaged`)
  }

  seal(camera: string, text: string): string {
    const iv = randomBytes(ivBytes)
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv)
    cipher.setAAD(Buffer.from(camera))
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return `${version}:${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64')}`
  }

  /** @throws IocError CAMERAS_INVALID */
  open(camera: string, sealed: string): string {
    try {
      const bytes = Buffer.from(sealed.slice(version.length + 1), 'base64')
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, ivBytes))
      decipher.setAAD(Buffer.from(camera))
      decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
      return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString('utf8')
    } catch (cause) {
      const what = `cannot decrypt the password of ${camera}: add the camera again, or restore secret.key`
      throw new IocError('CAMERAS_INVALID', what, { cause })
    }
  }
}
