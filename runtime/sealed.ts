import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { IocError } from '@ioc/contract/errors.ts'
import { readSealed, type SealForm, sealedText } from '@ioc/contract/messages/sealed.ts'

/**
 * X25519, HKDF-SHA-256 and AES-256-GCM: see docs/decisions/0111-secrets-are-sealed-to-the-node.md and
 * 0135-a-seal-is-bound-to-its-place.md.
 */
const cipher = 'aes-256-gcm'
const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16
/** What comes before the 32 bytes of a public key in DER (RFC 8410). */
const publicPrefix = Buffer.from('302a300506032b656e032100', 'hex')

/** A key pair to seal secrets to: the public key as it is announced, the private one in PEM. */
export interface SealKeyPair {
  readonly public: string
  readonly private: string
}

export function createSealKey(): SealKeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  return {
    public: rawOf(publicKey).toString('base64url'),
    private: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/**
 * Encrypts a secret for the holder of a key, under the name of its node.
 * @param place where the node uses it, as `collectors/sql-view/register/password`; absent for a node of an earlier version
 * @throws IocError SEAL_INVALID where the key is none
 */
export function seal(secret: string, publicKey: string, name: string, place?: string): string {
  const form = place === undefined ? 1 : 2
  const bound = boundTo(form, name, place)
  const holder = publicOf(publicKey)
  const { publicKey: ephemeral, privateKey } = generateKeyPairSync('x25519')
  const nonce = randomBytes(nonceBytes)
  const key = keyOf(privateKey, holder, rawOf(ephemeral), form, bound)
  const encryption = createCipheriv(cipher, key, nonce).setAAD(Buffer.from(bound))
  const content = Buffer.concat([encryption.update(padded(secret)), encryption.final()])
  return sealedText(form, Buffer.concat([rawOf(ephemeral), nonce, encryption.getAuthTag(), content]))
}

/**
 * Decrypts a sealed text.
 * @throws IocError SEAL_INVALID where it was sealed for another node, key or place, or changed
 */
export function openSealed(text: string, privateKey: string, name: string, place: string): string {
  try {
    const sealed = readSealed(text)
    if (!sealed) throw new Error('not a sealed text')
    const bound = boundTo(sealed.form, name, place)
    const bytes = Buffer.from(sealed.content, 'base64url')
    const ephemeral = bytes.subarray(0, keyBytes)
    const nonce = bytes.subarray(keyBytes, keyBytes + nonceBytes)
    const tag = bytes.subarray(keyBytes + nonceBytes, keyBytes + nonceBytes + tagBytes)
    const holder = createPrivateKey(privateKey)
    const key = keyOf(holder, publicOf(ephemeral.toString('base64url')), ephemeral, sealed.form, bound)
    const decryption = createDecipheriv(cipher, key, nonce, { authTagLength: tagBytes })
      .setAAD(Buffer.from(bound))
      .setAuthTag(tag)
    const content = bytes.subarray(keyBytes + nonceBytes + tagBytes)
    return unpadded(Buffer.concat([decryption.update(content), decryption.final()]))
  } catch (cause) {
    throw new IocError('SEAL_INVALID', `a sealed secret is not for ${name}, ${place}, or was changed: enter it again`, {
      cause,
    })
  }
}

/** Secrets are as long as a multiple of this, in bytes, so that their length says little. */
const blockBytes = 32

function padded(secret: string): Buffer {
  const bytes = Buffer.from(secret)
  const length = Math.ceil((bytes.length + 1) / blockBytes) * blockBytes
  return Buffer.concat([bytes, Buffer.from([0x80]), Buffer.alloc(length - bytes.length - 1)])
}

function unpadded(bytes: Buffer): string {
  return bytes.subarray(0, bytes.lastIndexOf(0x80)).toString()
}

/** What only the same node, at the same place, can repeat. Names of nodes have no line breaks. */
function boundTo(form: SealForm, name: string, place = ''): string {
  return form === 1 ? name : `${name}\n${place}`
}

function keyOf(own: KeyObject, other: KeyObject, ephemeral: Buffer, form: SealForm, bound: string): Buffer {
  const shared = diffieHellman({ privateKey: own, publicKey: other })
  return Buffer.from(hkdfSync('sha256', shared, ephemeral, `ioc sealed${form} ${bound}`, keyBytes))
}

function rawOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' }).subarray(publicPrefix.length)
}

function publicOf(text: string): KeyObject {
  const raw = Buffer.from(text, 'base64url')
  if (raw.length !== keyBytes) throw new IocError('SEAL_INVALID', 'the key of the node is not an X25519 key')
  return createPublicKey({ key: Buffer.concat([publicPrefix, raw]), type: 'spki', format: 'der' })
}
