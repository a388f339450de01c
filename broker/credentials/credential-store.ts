import { createHmac, randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { IocError } from '@ioc/contract/errors.ts'
import { writePrivateJson } from '@ioc/runtime/private-file.ts'
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
  /** Absent in files of earlier versions, which used scrypt. */
  readonly kind?: HashKind
}

export interface Credential {
  readonly username: string
  readonly role: Role
  readonly created: string
  /** Changes with each new password. */
  readonly id: string
}

/** Who asks for a check. */
export interface Asker {
  readonly address: string
  /** Whether it is still there: nothing costly is computed for one that has gone. */
  wanted(): Promise<boolean>
}

export interface CredentialStore {
  /**
   * The credential of a username whose password is right; `undefined` for any other.
   * @throws Error where it cannot be checked now
   */
  verify(username: string, password: string, asker?: Asker): Promise<Credential | undefined>
  find(username: string): Credential | undefined
  /**
   * Makes a new password and returns it: it is kept nowhere. Replaces the one that was, unless told otherwise.
   * @throws IocError CREDENTIAL_EXISTS
   */
  add(username: string, role: Role, options?: { readonly replace: boolean }): Promise<string>
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

  return {
    async verify(username, password, asker = anyone) {
      const known = stored(username)
      if (!known) return undefined
      const right =
        known.kind === 'hmac'
          ? sameHash(hmac(password, Buffer.from(known.salt, 'hex')), Buffer.from(known.hash, 'hex'))
          : await verifySlowly(known, password, asker)
      return right ? describe(known) : undefined
    },
    find(username) {
      const known = stored(username)
      return known && describe(known)
    },
    async add(username, role, { replace } = { replace: true }) {
      const password = generatePassword()
      const salt = randomBytes(16)
      const credential: StoredCredential = {
        username,
        role,
        salt: salt.toString('hex'),
        hash: hmac(password, salt).toString('hex'),
        created: new Date().toISOString(),
        kind: 'hmac',
      }
      if (!writePrivateJson(fileOf(username), credential, replace)) {
        throw new IocError(
          'CREDENTIAL_EXISTS',
          `${username} already has a credential: pass --rotate to replace its password`,
        )
      }
      return password
    },
    remove(username) {
      if (plausible.test(username)) {
        ensureFolder(removedFolder)
        try {
          // One step: it is revoked, and the broker finds it there also when it did not run.
          renameSync(fileOf(username), removedFileOf(username))
          return
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
        }
      }
      throw new IocError('CREDENTIAL_UNKNOWN', `no credential for ${username}`)
    },
    list: () =>
      files(folder)
        .flatMap((name) => read(join(folder, name)) ?? [])
        .map(describe),
    removed: () => files(removedFolder).flatMap((name) => usernameOfFile(name) ?? []),
    isRemoved: (username) => plausible.test(username) && existsSync(removedFileOf(username)),
    settled: (username) => rmSync(removedFileOf(username), { force: true }),
  }
}

function describe({ username, role, created, salt }: StoredCredential): Credential {
  return { username, role, created, id: salt }
}

function files(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : []
}

/** A stored credential; `undefined` where there is none, also when it was removed a moment ago or is not whole. */
function read(path: string): StoredCredential | undefined {
  try {
    const credential = JSON.parse(readFileSync(path, 'utf8')) as Partial<StoredCredential> | null
    return typeof credential?.hash === 'string' ? (credential as StoredCredential) : undefined
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
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

/**
 * Replaces the scrypt hash of a generated password by an HMAC, so that the next check is cheap. Writes into the file
 * itself, in one step and with its length as it was: if somebody removes or replaces the file at this moment, the upgrade
 * goes to the old file and changes nothing.
 */
function upgrade(path: string, known: StoredCredential, password: string): boolean {
  const { username, role, salt, created } = known
  const hash = hmac(password, Buffer.from(salt, 'hex')).toString('hex')
  const text = JSON.stringify({ username, role, salt, hash, created, kind: 'hmac' } satisfies StoredCredential)
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
