import { createHash, randomBytes } from 'node:crypto'

export interface Account {
  readonly username: string
  readonly password: string
}

/** A challenge of HTTP or RTSP that this client can answer (RFC 7616, RFC 2617). */
export type Challenge =
  | { readonly scheme: 'basic' }
  | {
      readonly scheme: 'digest'
      readonly realm: string
      readonly nonce: string
      readonly algorithm: 'MD5' | 'SHA-256'
      /** As the camera writes it; undefined where it does not. */
      readonly algorithmName: string | undefined
      readonly opaque: string | undefined
      readonly hasQop: boolean
    }

/** The best of the challenges: SHA-256 before MD5, and Basic, which shows the password, last. */
export function chooseChallenge(challenges: readonly string[]): Challenge | undefined {
  const known = challenges.flatMap((text) => parseChallenge(text) ?? [])
  const rank = (one: Challenge) => (one.scheme === 'basic' ? 2 : one.algorithm === 'MD5' ? 1 : 0)
  return known.toSorted((a, b) => rank(a) - rank(b))[0]
}

function parseChallenge(text: string): Challenge | undefined {
  if (/^basic\b/i.test(text)) return { scheme: 'basic' }
  if (!/^digest\b/i.test(text)) return undefined
  const pairs = [...text.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)]
  const fields = Object.fromEntries(
    pairs.map(([, name = '', quoted, bare]) => [name.toLowerCase(), quoted ?? bare ?? '']),
  ) as Partial<Record<string, string>>
  const algorithm = fields['algorithm']?.toUpperCase() ?? 'MD5'
  const qops = fields['qop']?.split(',').map((one) => one.trim())
  const nonce = fields['nonce']
  if (nonce === undefined || (algorithm !== 'MD5' && algorithm !== 'SHA-256')) return undefined
  if (qops !== undefined && !qops.includes('auth')) return undefined
  return {
    scheme: 'digest',
    realm: fields['realm'] ?? '',
    nonce,
    algorithm,
    algorithmName: fields['algorithm'],
    opaque: fields['opaque'],
    hasQop: qops !== undefined,
  }
}

/**
 * The value of `Authorization`: a byte a character, as headers are, so that names with diacritics are UTF-8.
 * @param count how often the challenge was used, from 1
 */
export function authorization(
  challenge: Challenge,
  { username, password }: Account,
  method: string,
  uri: string,
  count: number,
): string {
  if (challenge.scheme === 'basic') return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const { realm, nonce, algorithm, algorithmName, opaque, hasQop } = challenge
  const hash = (text: string) =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex')
  const [first, second] = [hash(`${username}:${realm}:${password}`), hash(`${method}:${uri}`)]
  const cnonce = randomBytes(8).toString('hex')
  const nc = count.toString(16).padStart(8, '0')
  const response = hash([first, nonce, ...(hasQop ? [nc, cnonce, 'auth'] : []), second].join(':'))
  const quoted = { username, realm, nonce, uri, response, ...(opaque === undefined ? {} : { opaque }) }
  const value = `Digest ${[
    ...Object.entries(quoted).map(([name, value]) => `${name}="${value.replace(/["\\]/g, '\\$&')}"`),
    ...(algorithmName === undefined ? [] : [`algorithm=${algorithmName}`]),
    ...(hasQop ? ['qop=auth', `nc=${nc}`, `cnonce="${cnonce}"`] : []),
  ].join(', ')}`
  return Buffer.from(value).toString('latin1')
}
