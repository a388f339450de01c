import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { IocError } from '@ioc/contract/errors.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'

/** `node`: publishes below its own `{site}/{node}`. `centre`: a process of the centre. */
export type Role = 'node' | 'centre'

interface StoredCredential {
  readonly username: string
  readonly role: Role
  readonly salt: string
  readonly hash: string
  readonly created: string
}

export interface CredentialStore {
  /** The role of a username whose password is right; `undefined` for any other. */
  verify(username: string, password: string): Promise<Role | undefined>
  /** Makes a new password, replacing the one that was, and returns it: it is kept nowhere. */
  add(username: string, role: Role): Promise<string>
  /** @throws IocError CREDENTIAL_UNKNOWN */
  remove(username: string): void
  list(): { readonly username: string; readonly role: Role; readonly created: string }[]
}

/** RFC 7914; N = 2^14 takes some 50 ms of one core, which is what makes guessing slow. */
const cost = { N: 1 << 14, r: 8, p: 1 }
const hashBytes = 32
const derive = promisify<string, Buffer, number, typeof cost, Buffer>(scrypt)

/** What can be a username: anything else is unknown without a look at the disk. */
const plausible = /^[A-Za-z0-9_./-]{1,140}$/

/** Where the credentials are, a file each. */
export function credentialFolder(dataDir: string): string {
  return join(dataDir, 'credentials', 'users')
}

/**
 * Credentials, one file each, so that several processes may add and remove at the same time and none undoes what another
 * did. A file is read when somebody connects, so that a change takes effect at once.
 */
export function openCredentialStore(dataDir: string): CredentialStore {
  const folder = credentialFolder(dataDir)
  const fileOf = (username: string) => join(folder, `${encodeURIComponent(username)}.json`)

  return {
    async verify(username, password) {
      const stored = plausible.test(username) ? read(fileOf(username)) : undefined
      // An unknown name costs as much as a wrong password, so that time does not tell which it was.
      const salt = Buffer.from(stored?.salt ?? '00', 'hex')
      const hash = await derive(password, salt, hashBytes, cost)
      return stored && timingSafeEqual(hash, Buffer.from(stored.hash, 'hex')) ? stored.role : undefined
    },
    async add(username, role) {
      const password = randomBytes(18).toString('base64url')
      const salt = randomBytes(16)
      const hash = await derive(password, salt, hashBytes, cost)
      const created = new Date().toISOString()
      writePrivately(fileOf(username), {
        username,
        role,
        salt: salt.toString('hex'),
        hash: hash.toString('hex'),
        created,
      })
      return password
    },
    remove(username) {
      if (!plausible.test(username) || !existsSync(fileOf(username))) {
        throw new IocError('CREDENTIAL_UNKNOWN', `no credential for ${username}`)
      }
      rmSync(fileOf(username))
    },
    list() {
      if (!existsSync(folder)) return []
      return readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .flatMap((name) => read(join(folder, name)) ?? [])
        .map(({ username, role, created }) => ({ username, role, created }))
    },
  }
}

/** A stored credential; `undefined` where there is none, also when it was removed a moment ago. */
function read(path: string): StoredCredential | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as StoredCredential
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Writes JSON that only this user may read, whole or not at all. */
export function writePrivately(path: string, json: unknown): void {
  ensureFolder(dirname(path))
  const draft = `${path}.${process.pid}.tmp`
  writeFileSync(draft, `${JSON.stringify(json, null, 2)}\n`, { mode: 0o600 })
  const file = openSync(draft, 'r')
  fsyncSync(file)
  closeSync(file)
  renameSync(draft, path)
}
