import { createHmac, randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { isExpired } from '@ioc/contract/credential-expiry.ts'
import { IocError } from '@ioc/contract/errors.ts'
import { jsonFiles, readPrivateJson, writePrivateJson } from '@ioc/runtime/private-file.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'
import { createBuckets } from '../rate.ts'
import { createSlowHash, generatePassword, type HashKind, hmac, looksGenerated, sameHash } from './password-hash.ts'

/** `node`: publishes below its own `{site}/{node}`. `centre`: a process of the centre. */
export type Role = 'node' | 'centre'

interface StoredCredential {
  readonly username: string
  readonly role: Role
  readonly salt: string
  readonly hash: string
  readonly created: string
  /** When the password was made; absent where it is that of the beginning. */
  readonly changed?: string
  /** Absent in files of earlier versions, which used scrypt. */
  readonly kind?: HashKind
  /** The password that replaces this one when it is first used. */
  readonly next?: StoredPassword
  /** In ms since 1970. Absent: it does not expire. */
  readonly expires?: number
}

/** A salt and the HMAC of a password, in hex. */
type StoredPassword = Pick<StoredCredential, 'salt' | 'hash' | 'changed'>

/** A node whose credential was revoked. */
export interface Revocation {
  readonly username: string
  readonly revoked: number
}

export interface Credential {
  readonly username: string
  readonly role: Role
  readonly created: string
  /** When its password was made, in ms since 1970. */
  readonly changed: number
  /** Changes with each new password. */
  readonly id: string
  /** In ms since 1970; null: it does not expire. */
  readonly expires: number | null
}

export interface NewCredential {
  readonly replace?: boolean
  /** Generated elsewhere. */
  readonly password?: string
  /** In ms since 1970; null: it does not expire. */
  readonly expires?: number | null
}

/** Who asks for a check. */
export interface Asker {
  readonly address: string
  /** Whether it is still there: nothing costly is computed for one that has gone. */
  wanted(): Promise<boolean>
}

export interface CredentialStore {
  /**
   * The credential of a username whose password is right, and which has not expired; `undefined` for any other.
   * @throws Error where it cannot be checked now
   */
  verify(username: string, password: string, asker?: Asker): Promise<Credential | undefined>
  /** Also one that has expired. */
  find(username: string): Credential | undefined
  /** A credential that may be used now. */
  findValid(username: string): Credential | undefined
  /**
   * Makes a new password and returns it: it is kept nowhere. Replaces the one that was, unless told otherwise.
   * @throws IocError CREDENTIAL_EXISTS
   */
  add(username: string, role: Role, options?: NewCredential): Promise<string>
  /**
   * Makes a new password beside the present one, which stays valid until the new one is first used. `expires` holds for both;
   * without it the end stays as it is.
   * @throws IocError CREDENTIAL_UNKNOWN
   */
  rotate(username: string, expires?: number | null): string
  /** Notes the first connection with a credential. */
  connected(credential: Credential): void
  /** Whether anybody has connected with a credential. */
  hasConnected(credential: Credential): boolean
  /** Notes that several machines seem to use one credential. */
  suspectClone(username: string): void
  /** When several machines last seemed to use the credential, in ms since 1970. */
  cloneSuspectedAt(username: string): number | undefined
  /** Revoked credentials of nodes, the newest first. */
  revoked(): Revocation[]
  /**
   * Revokes a credential, and leaves word for the broker to remove what it keeps of the node.
   * @throws IocError CREDENTIAL_UNKNOWN
   */
  remove(username: string): void
  list(): Credential[]
  /** Usernames that were removed, of which the broker still keeps something. */
  removed(): string[]
  isRemoved(username: string): boolean
  /** The broker keeps nothing more of a removed username. */
  settled(username: string): void
}

/** What can be a username: anything else is unknown without a look at the disk. */
const plausible = /^[A-Za-z0-9_./-]{1,140}$/

/** Wrong passwords that cost an scrypt each: of one address and of one username, at once, and then a second. */
const slowFailureBurst = { address: 100, username: 10 }
const slowFailuresPerSecond = 2
/** Addresses, usernames and proofs that are remembered. */
const maxRemembered = 10_000

/** Revoked credentials that are listed; beyond, the oldest are evicted. */
const maxRevoked = 1_000

const anyone: Asker = { address: '', wanted: async () => true }

/** Where the credentials are, a file each. */
export function credentialFolder(dataDir: string): string {
  return join(dataDir, 'credentials', 'users')
}

const fileName = (username: string) => `${encodeURIComponent(username)}.json`

/** The username that a file of the folder is for. */
export function usernameOfFile(name: string): string | undefined {
  if (!name.endsWith('.json')) return undefined
  try {
    const username = decodeURIComponent(name.slice(0, -'.json'.length))
    return plausible.test(username) ? username : undefined
  } catch {
    return undefined
  }
}

/**
 * Credentials, one file each, so that several processes may add and remove at the same time and none undoes what another
 * did. A file is read when somebody connects, so that a change takes effect at once.
 */
export function openCredentialStore(dataDir: string): CredentialStore {
  const folder = credentialFolder(dataDir)
  const removedFolder = join(dataDir, 'credentials', 'removed')
  const fileOf = (username: string) => join(folder, fileName(username))
  const removedFileOf = (username: string) => join(removedFolder, fileName(username))
  const connectedFolder = join(dataDir, 'credentials', 'connected')
  const connectedFileOf = (username: string) => join(connectedFolder, fileName(username))
  const revokedFolder = join(dataDir, 'credentials', 'revoked')
  const revokedFileOf = (username: string) => join(revokedFolder, fileName(username))
  const cloneFileOf = (username: string) => join(dataDir, 'credentials', 'clones', fileName(username))
  /** Ids of credentials whose first connection is on disk. */
  const noted = new Map<string, string>()
  const slow = createSlowHash()
  const proofs = createProofs()
  const failuresOfAddress = createBuckets(slowFailuresPerSecond, slowFailureBurst.address, maxRemembered)
  const failuresOfUsername = createBuckets(slowFailuresPerSecond, slowFailureBurst.username, maxRemembered)

  const stored = (username: string) => (plausible.test(username) ? read(fileOf(username)) : undefined)

  async function verifySlowly(known: StoredCredential, password: string, asker: Asker): Promise<boolean> {
    if (proofs.has(known, password)) return true
    const ofAddress = failuresOfAddress(asker.address)
    const ofUsername = failuresOfUsername(known.username)
    const failures = [ofAddress, ofUsername]
    // A username that has not failed passes: its device may share a router with somebody who guesses others.
    const seemsGuess = !ofUsername.isFull()
    if (ofUsername.waitMs() > 0 || (seemsGuess && ofAddress.waitMs() > 0)) throw new Error('too many wrong passwords')
    // Wrong until it is found right: those that wait count too.
    for (const bucket of failures) bucket.charge(1)
    const salt = Buffer.from(known.salt, 'hex')
    const hash = await slow.derive(password, salt, { wanted: () => asker.wanted(), seemsGuess })
    if (!hash || !sameHash(hash, Buffer.from(known.hash, 'hex'))) return false
    for (const bucket of failures) bucket.charge(-1)
    // It may have been replaced or removed meanwhile.
    if (stored(known.username)?.hash !== known.hash) return false
    if (!looksGenerated(password) || !upgrade(fileOf(known.username), known, password)) proofs.add(known, password)
    return true
  }

  const revoked = (): Revocation[] =>
    jsonFiles(revokedFolder)
      .flatMap((name) => readRevocation(join(revokedFolder, name)) ?? [])
      .sort((a, b) => b.revoked - a.revoked)

  function noteRevocation(username: string): void {
    const revocation: Revocation = { username, revoked: Date.now() }
    writePrivateJson(revokedFileOf(username), revocation)
    const excess = jsonFiles(revokedFolder).length - maxRevoked
    if (excess <= 0) return
    for (const { username: oldest } of revoked().slice(-excess)) rmSync(revokedFileOf(oldest), { force: true })
  }

  return {
    async verify(username, password, asker = anyone) {
      const known = stored(username)
      if (!known || isExpired(describe(known), Date.now())) return undefined
      const right = known.kind === 'hmac' ? matches(known, password) : await verifySlowly(known, password, asker)
      if (right) return describe(known)
      if (!known.next || !matches(known.next, password)) return undefined
      const { next, ...present } = known
      const promoted: StoredCredential = { ...present, ...next, kind: 'hmac' }
      return rewrite(fileOf(username), known, promoted) ? describe(promoted) : undefined
    },
    find(username) {
      const known = stored(username)
      return known && describe(known)
    },
    findValid(username) {
      const known = stored(username)
      return known && !isExpired(describe(known), Date.now()) ? describe(known) : undefined
    },
    async add(username, role, { replace = true, password = generatePassword(), expires = null } = {}) {
      const credential: StoredCredential = {
        username,
        role,
        ...hashed(password),
        created: new Date().toISOString(),
        kind: 'hmac',
        ...expiry(expires),
      }
      if (!writePrivateJson(fileOf(username), credential, replace)) {
        throw new IocError(
          'CREDENTIAL_EXISTS',
          `${username} already has a credential: pass --rotate to replace its password`,
        )
      }
      for (const path of [revokedFileOf(username), cloneFileOf(username)]) rmSync(path, { force: true })
      return password
    },
    rotate(username, until) {
      const known = stored(username)
      if (!known) throw new IocError('CREDENTIAL_UNKNOWN', `no credential for ${username}`)
      const password = generatePassword()
      const { expires, ...present } = known
      const end = expiry(until === undefined ? (expires ?? null) : until)
      const next = { ...hashed(password), changed: new Date().toISOString() }
      writePrivateJson(fileOf(username), { ...present, ...end, next } satisfies StoredCredential)
      return password
    },
    connected({ username, id }) {
      if (noted.get(username) === id) return
      if (noted.size >= maxRemembered) noted.delete(noted.keys().next().value as string)
      noted.set(username, id)
      const path = connectedFileOf(username)
      if (readConnected(path) !== id) writePrivateJson(path, { id })
    },
    hasConnected: ({ username, id }) => readConnected(connectedFileOf(username)) === id,
    suspectClone: (username) => void writePrivateJson(cloneFileOf(username), { at: Date.now() }),
    cloneSuspectedAt(username) {
      const { at } = (readPrivateJson(cloneFileOf(username)) ?? {}) as { at?: unknown }
      return typeof at === 'number' ? at : undefined
    },
    revoked,
    remove(username) {
      if (plausible.test(username)) {
        ensureFolder(removedFolder)
        try {
          // One step: it is revoked, and the broker finds it there also when it did not run.
          renameSync(fileOf(username), removedFileOf(username))
          rmSync(connectedFileOf(username), { force: true })
          noteRevocation(username)
          return
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
        }
      }
      throw new IocError('CREDENTIAL_UNKNOWN', `no credential for ${username}`)
    },
    list: () =>
      jsonFiles(folder)
        .flatMap((name) => read(join(folder, name)) ?? [])
        .map(describe),
    removed: () => jsonFiles(removedFolder).flatMap((name) => usernameOfFile(name) ?? []),
    isRemoved: (username) => plausible.test(username) && existsSync(removedFileOf(username)),
    settled: (username) => rmSync(removedFileOf(username), { force: true }),
  }
}

function describe({ username, role, created, changed = created, salt, expires }: StoredCredential): Credential {
  return { username, role, created, changed: Date.parse(changed), id: salt, expires: expires ?? null }
}

const expiry = (expires: number | null): Pick<StoredCredential, 'expires'> => (expires === null ? {} : { expires })

function hashed(password: string): StoredPassword {
  const salt = randomBytes(16)
  return { salt: salt.toString('hex'), hash: hmac(password, salt).toString('hex') }
}

function matches({ salt, hash }: StoredPassword, password: string): boolean {
  return sameHash(hmac(password, Buffer.from(salt, 'hex')), Buffer.from(hash, 'hex'))
}

/** A stored credential; `undefined` where there is none, also when it was removed a moment ago or is not whole. */
function read(path: string): StoredCredential | undefined {
  const credential = readPrivateJson(path) as Partial<StoredCredential> | null | undefined
  return typeof credential?.hash === 'string' ? (credential as StoredCredential) : undefined
}

/** The id of the credential that a marker is for. */
function readConnected(path: string): string | undefined {
  const { id } = (readPrivateJson(path) ?? {}) as { id?: unknown }
  return typeof id === 'string' ? id : undefined
}

function readRevocation(path: string): Revocation | undefined {
  const { username, revoked } = (readPrivateJson(path) ?? {}) as Partial<Revocation>
  return typeof username === 'string' && typeof revoked === 'number' ? { username, revoked } : undefined
}

/** Passwords that were right, for credentials that cost an scrypt: as HMACs with a key that only this process has. */
function createProofs() {
  const key = randomBytes(32)
  const proofs = new Map<string, { readonly hash: string; readonly proof: Buffer }>()
  const prove = (password: string) => createHmac('sha256', key).update(password).digest()
  return {
    has(known: StoredCredential, password: string): boolean {
      const remembered = proofs.get(known.username)
      return remembered?.hash === known.hash && sameHash(remembered.proof, prove(password))
    },
    add(known: StoredCredential, password: string): void {
      if (proofs.size >= maxRemembered) proofs.delete(proofs.keys().next().value as string)
      proofs.set(known.username, { hash: known.hash, proof: prove(password) })
    },
  }
}

/** Replaces the scrypt hash of a generated password by an HMAC, so that the next check is cheap. */
function upgrade(path: string, known: StoredCredential, password: string): boolean {
  const hash = hmac(password, Buffer.from(known.salt, 'hex')).toString('hex')
  return rewrite(path, known, { ...known, hash, kind: 'hmac' })
}

/**
 * Changes a credential where it is still the one that was read. Writes into the file itself, in one step and with its
 * length as it was: if somebody removes or replaces the file at this moment, the change goes to the old file and has no
 * effect.
 */
function rewrite(path: string, known: StoredCredential, changed: StoredCredential): boolean {
  const text = JSON.stringify(changed)
  let file: number | undefined
  try {
    file = openSync(path, 'r+')
    const before = readFileSync(file, 'utf8')
    if ((JSON.parse(before) as StoredCredential).hash !== known.hash || text.length >= before.length) return false
    writeSync(file, `${text.padEnd(before.length - 1)}\n`, 0)
    return true
  } catch {
    // A disk that is full or read-only: the old hash goes on.
    return false
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
