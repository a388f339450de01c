import { createHash, randomBytes } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isExpired } from '@ioc/contract/credential-expiry.ts'
import { IocError } from '@ioc/contract/errors.ts'
import { type Role, roles, type User } from '@ioc/contract/roles.ts'
import { jsonNames, readPrivateJson, writePrivateJson } from '@ioc/runtime/private-file.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'
import { PasswordHasher, requirePassword, type StoredPassword } from './password.ts'

/** What a user may do, and the places that limit it. */
export type Grant = Omit<User, 'name'>

export interface Account extends User {
  /** Another account of the same name, made after this one was removed, has another. */
  readonly id: string
  readonly created: string
  /** Changes with each new password. */
  readonly passwordId: string
}

interface StoredAccount extends User {
  readonly id: string
  readonly created: string
  readonly password: StoredPassword
}

/** A token of a user, without the token: only its hash is kept. */
export interface Token {
  readonly id: string
  readonly user: string
  readonly title: string
  readonly created: string
  /** In ms since 1970; null: it does not expire. */
  readonly expires: number | null
}

interface StoredToken extends Omit<Token, 'expires'> {
  /** Of the account. */
  readonly account: string
  /** Absent: it does not expire. */
  readonly expires?: number
}

const namePattern = /^[a-z0-9][a-z0-9._-]{0,31}$/
/** Names of users that are no accounts. */
const reserved: ReadonlySet<string> = new Set(['local-admin', 'api-token'])
const maxAccounts = 500
const maxTokensPerUser = 20
const maxTokenTitle = 100

/**
 * Accounts, a file each, and their API tokens, a file each: several processes may change them at the same time. They are
 * read at each use, so that a change takes effect at once.
 */
export class AccountStore {
  readonly #users: string
  readonly #tokens: string
  readonly #hasher = new PasswordHasher()

  constructor(dataDir: string) {
    this.#users = join(dataDir, 'accounts', 'users')
    this.#tokens = join(dataDir, 'accounts', 'tokens')
  }

  /**
   * Whether the centre has, or had, accounts. One whose last account was removed, or whose files are damaged, does not
   * become open to everyone.
   */
  get isUsed(): boolean {
    return existsSync(this.#users)
  }

  find(name: string): Account | undefined {
    const stored = this.#read(name)
    return stored && describe(stored)
  }

  list(): Account[] {
    return jsonNames(this.#users)
      .sort()
      .flatMap((name) => this.find(name) ?? [])
  }

  /** @throws IocError NAME_INVALID, ACCOUNT_EXISTS, PASSWORD_INVALID, LIMIT_REACHED */
  async add(name: string, grant: Grant, password: string): Promise<Account> {
    if (!namePattern.test(name) || reserved.has(name)) {
      throw new IocError(
        'NAME_INVALID',
        `${JSON.stringify(name)} cannot be a user name: use 1 to 32 of a-z, 0-9, ".", "_", "-", beginning with a letter or digit`,
      )
    }
    const exists = () => {
      if (existsSync(this.#fileOf(name)))
        throw new IocError('ACCOUNT_EXISTS', `there is a user ${name}: "ioc user passwd" sets a new password`)
    }
    exists()
    if (jsonNames(this.#users).length >= maxAccounts)
      throw new IocError('LIMIT_REACHED', `there are ${maxAccounts} users: remove one first`)
    requirePassword(password, name)
    const hashed = await this.#hasher.hash(password)
    exists()
    const account = { id: newId(), created: new Date().toISOString() }
    return this.#write({ name, ...grant, ...account, password: hashed })
  }

  /** Replaces what a user may do. @throws IocError ACCOUNT_UNKNOWN */
  set(name: string, { role, areas, unit }: Grant): Account {
    const { id, created, password } = this.#require(name)
    const limits = { ...(areas ? { areas } : {}), ...(unit === undefined ? {} : { unit }) }
    return this.#write({ name, role, ...limits, id, created, password })
  }

  /** @throws IocError ACCOUNT_UNKNOWN, PASSWORD_INVALID */
  async setPassword(name: string, password: string): Promise<Account> {
    this.#require(name)
    requirePassword(password, name)
    const hashed = await this.#hasher.hash(password)
    // As it is now: somebody may have changed or removed it meanwhile.
    return this.#write({ ...this.#require(name), password: hashed })
  }

  /** Removes a user with all tokens. @throws IocError ACCOUNT_UNKNOWN */
  remove(name: string): void {
    this.#require(name)
    rmSync(this.#fileOf(name), { force: true })
    for (const { id } of this.tokens().filter(({ user }) => user === name)) this.#removeTokenFile(id)
  }

  /**
   * The account of a name whose password is right. Unknown names take as long as known ones.
   * @throws IocError LOGIN_BUSY
   */
  async verify(name: string, password: string, isTrusted = false): Promise<Account | undefined> {
    const stored = this.#read(name)
    if (!(await this.#hasher.verify(password, stored?.password, isTrusted))) return undefined
    // It may have been removed, or have a new password, meanwhile.
    const now = this.find(name)
    return now && now.id === stored?.id && now.passwordId === stored.password.salt ? now : undefined
  }

  /**
   * Makes a token, which is kept nowhere. `expires` is in ms since 1970; null: it does not expire.
   * @throws IocError ACCOUNT_UNKNOWN, LIMIT_REACHED
   */
  addToken(name: string, title: string, expires: number | null = null): string {
    const { id: account } = this.#require(name)
    const own = this.tokens().filter(({ user }) => user === name)
    if (own.length >= maxTokensPerUser)
      throw new IocError('LIMIT_REACHED', `${name} has ${maxTokensPerUser} tokens: revoke one first`)
    const token = `ioc_${randomBytes(32).toString('base64url')}`
    const id = tokenId(token)
    const created = new Date().toISOString()
    writePrivateJson(this.#tokenFileOf(token), {
      id,
      user: name,
      account,
      title: title.slice(0, maxTokenTitle),
      created,
      ...(expires === null ? {} : { expires }),
    } satisfies StoredToken)
    return token
  }

  /** The account of a token that has not expired. */
  findByToken(token: string, now = Date.now()): Account | undefined {
    if (!/^ioc_[A-Za-z0-9_-]{43}$/.test(token)) return undefined
    // The name of the file is a hash of 256 random bits: how long the search takes tells nothing about them.
    const stored = readPrivateJson(this.#tokenFileOf(token)) as StoredToken | undefined
    if (!stored || isExpired({ expires: stored.expires ?? null }, now)) return undefined
    const account = this.find(stored.user)
    return account?.id === stored.account ? account : undefined
  }

  tokens(): Token[] {
    return jsonNames(this.#tokens).flatMap((file) => {
      const stored = readPrivateJson(join(this.#tokens, `${file}.json`)) as StoredToken | undefined
      if (!stored) return []
      const { id, user, title, created, expires } = stored
      return [{ id, user, title, created, expires: expires ?? null }]
    })
  }

  /** @throws IocError TOKEN_UNKNOWN */
  removeToken(id: string): Token {
    const found = this.tokens().find((one) => one.id === id)
    if (!found) throw new IocError('TOKEN_UNKNOWN', `no token ${id}: "ioc user tokens" lists them`)
    this.#removeTokenFile(id)
    return found
  }

  #removeTokenFile(id: string): void {
    for (const file of jsonNames(this.#tokens)) {
      if (file.startsWith(id)) rmSync(join(this.#tokens, `${file}.json`), { force: true })
    }
  }

  #tokenFileOf(token: string): string {
    return join(this.#tokens, `${hashOf(token)}.json`)
  }

  #fileOf(name: string): string {
    return join(this.#users, `${name}.json`)
  }

  #read(name: string): StoredAccount | undefined {
    if (!namePattern.test(name)) return undefined
    const stored = readPrivateJson(this.#fileOf(name)) as Partial<StoredAccount> | null | undefined
    const isWhole = stored?.name === name && isRole(stored.role) && typeof stored.password?.hash === 'string'
    return isWhole ? (stored as StoredAccount) : undefined
  }

  #require(name: string): StoredAccount {
    const stored = this.#read(name)
    if (!stored) throw new IocError('ACCOUNT_UNKNOWN', `no user ${name}: "ioc user list" lists them`)
    return stored
  }

  #write(account: StoredAccount): Account {
    ensureFolder(this.#users)
    writePrivateJson(this.#fileOf(account.name), account)
    return describe(account)
  }
}

function describe({ password, ...account }: StoredAccount): Account {
  return { ...account, passwordId: password.salt }
}

function isRole(text: unknown): text is Role {
  return (roles as readonly unknown[]).includes(text)
}

const newId = () => randomBytes(12).toString('hex')
const hashOf = (token: string) => createHash('sha256').update(token).digest('hex')
/** The beginning of the hash names a token to people. */
const tokenId = (token: string) => hashOf(token).slice(0, 8)
