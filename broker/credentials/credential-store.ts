import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { IocError } from '@ioc/contract/errors.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'

/** `node`: publishes below its own `{site}/{node}`. `centre`: a process of the centre. */
export type Role = 'node' | 'centre'

interface StoredCredential {
  readonly role: Role
  readonly salt: string
  readonly hash: string
  readonly created: string
}

type Table = Readonly<Record<string, StoredCredential>>

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

/** Credentials in one file, read anew whenever it has changed, so that another process may add one at any time. */
export function openCredentialStore(dataDir: string): CredentialStore {
  const path = join(dataDir, 'credentials', 'users.json')
  let cached: { readonly version: string; readonly table: Table } = { version: '', table: {} }

  const load = (): Table => {
    const version = fileVersion(path)
    if (version !== cached.version)
      cached = { version, table: version === '' ? {} : (JSON.parse(readFileSync(path, 'utf8')) as Table) }
    return cached.table
  }

  return {
    async verify(username, password) {
      const table = load()
      const stored = Object.hasOwn(table, username) ? table[username] : undefined
      // An unknown name costs as much as a wrong password, so that time does not tell which it was.
      const salt = Buffer.from(stored?.salt ?? '00', 'hex')
      const hash = await derive(password, salt, hashBytes, cost)
      return stored && timingSafeEqual(hash, Buffer.from(stored.hash, 'hex')) ? stored.role : undefined
    },
    async add(username, role) {
      const password = randomBytes(18).toString('base64url')
      const salt = randomBytes(16)
      const hash = await derive(password, salt, hashBytes, cost)
      const entry = { role, salt: salt.toString('hex'), hash: hash.toString('hex'), created: new Date().toISOString() }
      writePrivately(path, { ...load(), [username]: entry })
      return password
    },
    remove(username) {
      const { [username]: removed, ...rest } = load()
      if (!removed) throw new IocError('CREDENTIAL_UNKNOWN', `no credential for ${username}`)
      writePrivately(path, rest)
    },
    list: () => Object.entries(load()).map(([username, { role, created }]) => ({ username, role, created })),
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

function fileVersion(path: string): string {
  if (!existsSync(path)) return ''
  const { mtimeNs, ino, size } = statSync(path, { bigint: true })
  return `${mtimeNs}/${ino}/${size}`
}
