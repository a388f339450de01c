import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { IocError } from '@ioc/contract/errors.ts'
import {
  type AgentRelease,
  compareVersions,
  type ReleaseFile,
  type SignedRelease,
  versionPattern,
} from '@ioc/contract/messages/agent-release.ts'
import { isObject } from '@ioc/contract/messages/json.ts'

/** Bytes of a signed release, at most. */
export const maxReleaseBytes = 4_000_000
/** Files of a release, at most, and their bytes together. */
const maxFiles = 10_000
const maxTotalBytes = 1_000_000_000
/** Characters of a path, at most: Windows allows 260 with the folder before it. */
const maxPath = 180
const maxNames = 20

/** What the release must fit. */
export interface ReleaseTarget {
  readonly version: string
  readonly platform: string
  /** The version that runs. */
  readonly running: string
  /** In ms since 1970, UTC, by the clock of the centre. */
  readonly now: number
  /** When the newest release was signed that this node has verified; 0 where there was none. */
  readonly newestSigned: number
}

/** How far the clock of who signs may be ahead of that of the centre, in ms. */
const maxAheadMs = 86_400_000

/** `linux-x64`, `win-x64`: as bundles are named. */
export const thisPlatform = (): string => `${process.platform.replace('win32', 'win')}-${process.arch}`

/** The public keys of a file in PEM. */
export function parseKeys(pem: string): KeyObject[] {
  const blocks = pem.match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g) ?? []
  return blocks.map((block) => createPublicKey(block))
}

/** Identifies a key in signatures. */
export function keyId(key: KeyObject): string {
  const spki = key.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(spki).digest('hex').slice(0, 16)
}

/**
 * Verifies a signed release against the pinned keys, and reads it.
 * @throws IocError UPDATE_UNTRUSTED, UPDATE_DAMAGED, UPDATE_INVALID, UPDATE_EXPIRED, UPDATE_OLDER
 */
export function verifyRelease(text: string, pinned: readonly KeyObject[], target: ReleaseTarget): AgentRelease {
  const { release: signed, signatures } = readSigned(text)
  const known = signatures.flatMap(({ key, signature }) => {
    const found = pinned.find((one) => keyId(one) === key)
    return found ? [{ key: found, signature: Buffer.from(signature, 'base64') }] : []
  })
  if (known.length === 0) {
    throw new IocError('UPDATE_UNTRUSTED', 'the release is signed by none of the keys that this agent trusts')
  }
  if (!known.some(({ key, signature }) => verify(null, Buffer.from(signed), key, signature))) {
    throw new IocError('UPDATE_DAMAGED', 'the signature does not match the release: it was changed')
  }
  const release = readRelease(signed)
  requireFit(release, target)
  return release
}

function readSigned(text: string): SignedRelease {
  const damaged = new IocError('UPDATE_DAMAGED', 'the file is not a signed release')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw damaged
  }
  if (!isObject(json) || typeof json['release'] !== 'string' || !Array.isArray(json['signatures'])) throw damaged
  const signatures = (json['signatures'] as unknown[]).filter(
    (one): one is SignedRelease['signatures'][number] =>
      isObject(one) && typeof one['key'] === 'string' && typeof one['signature'] === 'string',
  )
  return { release: json['release'], signatures }
}

function readRelease(text: string): AgentRelease {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw invalid('it is not JSON')
  }
  if (!isObject(json)) throw invalid('it is not an object')
  const { schema, version, platform, minimum_from, rollback, signed, expires, files } = json
  if (schema !== 1) throw invalid(`schema ${String(schema)} is newer than this agent knows`)
  if (!isVersion(version) || !isVersion(minimum_from)) throw invalid('its versions are not three numbers')
  if (typeof platform !== 'string' || typeof rollback !== 'boolean' || !isCount(expires)) {
    throw invalid('platform, rollback or expires are missing')
  }
  if (signed !== undefined && !isCount(signed)) throw invalid('the time of its signature is not a time')
  if (!Array.isArray(files) || files.length === 0 || files.length > maxFiles) {
    throw invalid(`it must have 1 to ${maxFiles} files`)
  }
  requirePaths((files as unknown[]).map(readFile).map(({ path }) => path))
  const release = json as unknown as AgentRelease
  if (sizeOf(release) > maxTotalBytes) throw invalid(`it has more than ${maxTotalBytes} bytes`)
  return release
}

/** Bytes of all files of a release. */
export const sizeOf = ({ files }: AgentRelease): number => files.reduce((sum, { size }) => sum + size, 0)

function readFile(file: unknown): ReleaseFile {
  if (!isObject(file)) throw invalid('a file is not an object')
  const { path, size, sha256, packed_size, packed_sha256 } = file
  if (typeof path !== 'string' || !isPath(path)) throw invalid(`the path ${JSON.stringify(path)} is not allowed`)
  if (!isCount(size) || !isCount(packed_size) || !isDigest(sha256) || !isDigest(packed_sha256)) {
    throw invalid(`size or digest of ${path} are missing`)
  }
  return file as unknown as ReleaseFile
}

/** A path stays in the folder of its version, on every system: no `..`, no drive, no name that Windows reserves. */
function isPath(path: string): boolean {
  const names = path.split('/')
  const isName = (name: string): boolean =>
    /^[\w@+-][\w.@+-]*$/.test(name) && !name.endsWith('.') && !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name)
  return (
    path.length <= maxPath &&
    names.length <= maxNames &&
    names.every((name) => isName(name) || /^\.\w[\w.-]*$/.test(name))
  )
}

/** No file twice, also where case does not count, and none in the place of a folder. */
function requirePaths(paths: readonly string[]): void {
  const files = new Set(paths.map((path) => path.toLowerCase()))
  if (files.size < paths.length) throw invalid('a path occurs twice')
  for (const path of files) {
    const names = path.split('/')
    const blocked = names.slice(1).some((_, at) => files.has(names.slice(0, at + 1).join('/')))
    if (blocked) throw invalid(`${path} is below a file`)
  }
}

/**
 * A captured centre may set its clock back, or serve an old release again. It cannot sign one: time is never before the newest
 * signature that this node has verified, and a rollback is not older than that
 * (docs/decisions/0136-releases-are-not-replayed.md).
 */
function requireFit(release: AgentRelease, { version, platform, running, now, newestSigned }: ReleaseTarget): void {
  const { signed = 0 } = release
  if (release.version !== version) throw invalid(`it is of version ${release.version}, not ${version}`)
  if (release.platform !== platform) throw invalid(`it is for ${release.platform}, not ${platform}`)
  if (signed > Math.max(now, newestSigned) + maxAheadMs) {
    throw invalid(`it was signed on ${day(signed)}, which is in the future`)
  }
  if (release.expires <= Math.max(now, newestSigned)) {
    throw new IocError('UPDATE_EXPIRED', `the release expired on ${day(release.expires)}`)
  }
  if (compareVersions(version, running) < 0 && !release.rollback) {
    throw new IocError('UPDATE_OLDER', `version ${version} is older than ${running}, and is not signed as a rollback`)
  }
  if (release.rollback && signed < newestSigned) {
    throw new IocError(
      'UPDATE_OLDER',
      `the rollback to ${version} was signed before ${day(newestSigned)}, when a newer release was: sign it again`,
    )
  }
  if (compareVersions(running, release.minimum_from) < 0) {
    throw invalid(`it needs version ${release.minimum_from} first`)
  }
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
const invalid = (reason: string): IocError => new IocError('UPDATE_INVALID', `the release does not fit: ${reason}`)
const isVersion = (value: unknown): value is string =>
  typeof value === 'string' && new RegExp(versionPattern).test(value)
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isDigest = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
