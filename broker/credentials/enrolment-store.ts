import { createHash, createHmac, randomBytes, randomInt } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type EnrolmentToken, formatToken, parseToken } from '@ioc/contract/enrolment-token.ts'
import { IocError } from '@ioc/contract/errors.ts'
import type { ApiGrant, ApiMachine } from '@ioc/contract/messages/api-enrol.ts'
import { isSlug, requireSlug, slugOf } from '@ioc/contract/names.ts'
import { type NodeAddress, parseUsername, username } from '@ioc/contract/topics.ts'
import { jsonFiles, readOrCreateSecret, readPrivateJson, writePrivateJson } from '@ioc/runtime/private-file.ts'
import type { CredentialStore } from './credential-store.ts'
import { sameHash } from './password-hash.ts'

/** A token as an administrator creates it. */
export interface NewToken extends ApiGrant {
  /** Machines that it may enrol. */
  readonly uses: number
  /** How long it is valid, in ms. */
  readonly validMs: number
  /** Who created it. */
  readonly by: string
}

interface StoredToken {
  readonly id: string
  /** SHA-256 of the secret, which has 128 random bits. */
  readonly hash: string
  readonly site: string
  readonly node: string
  readonly uses: number
  readonly created: number
  readonly expires: number
  readonly by: string
}

/** A token with the machines that it enrolled. */
export interface TokenEntry extends Omit<StoredToken, 'hash'> {
  readonly used: number
}

/** The request of a machine without a token. */
interface StoredRequest extends ApiMachine {
  readonly id: string
  readonly hash: string
  readonly code: string
  readonly address: string
  readonly requested: number
  readonly expires: number
  readonly rejected: boolean
}
export type PendingRequest = Omit<StoredRequest, 'hash' | 'rejected' | 'pubkey'>

/** A machine that holds one use of a token. */
interface StoredClaim extends ApiMachine {
  readonly token: string
  readonly username: string
  readonly at: number
  readonly address: string
}

/** The answer to a machine: its credential, or that an operator has not accepted it yet. */
export type Enrolment =
  | { readonly status: 'enrolled'; readonly address: NodeAddress; readonly password: string }
  | { readonly status: 'pending'; readonly code: string }

export interface EnrolmentStore {
  addToken(token: NewToken, now: number): { readonly id: string; readonly token: string; readonly expires: number }
  tokens(now: number): TokenEntry[]
  /** @throws IocError ENROL_TOKEN_INVALID */
  revokeToken(id: string): void
  /**
   * Notes the request of a machine without a token. The token that it gets is valid once the request is accepted.
   * @throws IocError LIMIT_REACHED
   */
  request(machine: ApiMachine, address: string, now: number): StoredRequestAnswer
  pending(now: number): PendingRequest[]
  /** Accepts the request with this id or code. @throws IocError ENROL_REQUEST_UNKNOWN */
  accept(idOrCode: string, grant: ApiGrant, by: string, now: number): PendingRequest
  /** @throws IocError ENROL_REQUEST_UNKNOWN */
  reject(idOrCode: string, now: number): PendingRequest
  /**
   * Enrols a machine. Until the credential first connects, the same machine gets the same answer again.
   * @throws IocError ENROL_TOKEN_INVALID, ENROL_TOKEN_EXPIRED, ENROL_TOKEN_USED, ENROL_REJECTED, CREDENTIAL_EXISTS,
   * NAME_INVALID
   */
  enrol(token: string, machine: ApiMachine, address: string, now: number): Promise<Enrolment>
  /** The public key (Ed25519) of the machine that was enrolled as a node last, as long as its token is kept. */
  keyOf(username: string): string | undefined
}

export interface StoredRequestAnswer {
  readonly code: string
  readonly token: string
  readonly expires: number
}

/** Requests that wait for an operator at a time. */
const maxPending = 100
/** How long a request waits, and how long a machine may use an accepted one, in ms. */
const requestMs = 86_400_000
/** Tokens at a time; those that expired are removed after `expiredTokenMs`. */
const maxTokens = 1_000
/** How long an expired token is kept, so that a late machine learns the reason, in ms. */
const expiredTokenMs = 7 * 86_400_000
/** Names that are tried for a node before its pattern has no free name. */
const maxNameTries = 10_000

/**
 * Tokens, requests and claims, a file each below `credentials/enrolment/`, so that the wall and the command line may
 * change them at the same time. `authority` is the SHA-256 of the certificate authority that new tokens name.
 */
export function openEnrolmentStore(
  dataDir: string,
  credentials: CredentialStore,
  authority: () => string | undefined,
): EnrolmentStore {
  const folder = join(dataDir, 'credentials', 'enrolment')
  const tokenFile = (id: string) => join(folder, 'tokens', `${id}.json`)
  const requestFile = (id: string) => join(folder, 'requests', `${id}.json`)
  const claimFolder = (token: string) => join(folder, 'claims', token)
  const claimFile = (token: string, pubkey: string) => join(claimFolder(token), `${fingerprint(pubkey)}.json`)
  const usedOf = (id: string) => jsonFiles(claimFolder(id)).length

  const readAll = <T>(kind: 'tokens' | 'requests') =>
    jsonFiles(join(folder, kind)).flatMap((name) => (readPrivateJson(join(folder, kind, name)) as T) ?? [])
  const allTokens = () => readAll<StoredToken>('tokens')

  function removeToken(id: string): void {
    rmSync(tokenFile(id), { force: true })
    rmSync(claimFolder(id), { recursive: true, force: true })
  }

  function waiting(now: number): StoredRequest[] {
    const requests = readAll<StoredRequest>('requests')
    for (const { id, expires } of requests) if (expires <= now) rmSync(requestFile(id), { force: true })
    return requests.filter(({ expires, rejected }) => expires > now && !rejected)
  }

  function findRequest(idOrCode: string, now: number): StoredRequest {
    const found = waiting(now).find(({ id, code }) => id === idOrCode || code === idOrCode)
    if (!found) throw new IocError('ENROL_REQUEST_UNKNOWN', `no pending request has the code or id ${idOrCode}`)
    return found
  }

  /** A password that the centre computes again from the secret of the token, and keeps nowhere. */
  function passwordFor(secret: string, pubkey: string, name: string): string {
    const key = enrolmentKey(join(folder, 'key'))
    const digest = createHmac('sha256', key).update(`${secret}\0${pubkey}\0${name}`).digest()
    return digest.subarray(0, passwordBytes).toString('base64url')
  }

  async function enrolWith(
    given: EnrolmentToken,
    stored: StoredToken,
    machine: ApiMachine,
    from: string,
    now: number,
  ): Promise<Enrolment> {
    const path = claimFile(stored.id, machine.pubkey)
    const claim = readPrivateJson(path) as StoredClaim | undefined
    if (!claim && usedOf(stored.id) >= stored.uses) {
      throw new IocError('ENROL_TOKEN_USED', 'the token was used by another machine: create a new one')
    }
    const name = claim?.username ?? freeName(stored, machine)
    const password = passwordFor(given.secret, machine.pubkey, name)
    if (claim) {
      const revoked = credentials.revoked().find((one) => one.username === name)
      const known = credentials.find(name)
      const isSpent = known && (credentials.hasConnected(known) || !(await credentials.verify(name, password)))
      if (isSpent || (revoked && revoked.revoked >= claim.at)) {
        throw new IocError('ENROL_TOKEN_USED', `the token is spent: ${name} has already connected, or was revoked`)
      }
    } else {
      const made: StoredClaim = { token: stored.id, username: name, at: now, address: from, ...machine }
      writePrivateJson(path, made, false)
    }
    // Also where a crash came between the claim and the credential.
    if (!credentials.find(name)) await credentials.add(name, 'node', { replace: false, password })
    return { status: 'enrolled', address: parseUsername(name), password }
  }

  /** A name that no node has. */
  function freeName(stored: StoredToken, machine: ApiMachine): string {
    for (const node of candidates(stored.node, machine.host)) {
      const name = username({ site: stored.site, node })
      if (!credentials.find(name)) return name
    }
    throw new IocError(
      'CREDENTIAL_EXISTS',
      `${stored.site}/${stored.node} already has a credential: revoke it first, or create a token for another name`,
    )
  }

  return {
    addToken({ uses, validMs, by, ...grant }, now) {
      const { id, secret } = newToken()
      const tokens = allTokens()
      const old = tokens.filter((token) => token.expires + expiredTokenMs < now)
      for (const token of old) removeToken(token.id)
      const expires = now + validMs
      const added = { id, hash: hashOf(secret), ...checkedGrant(grant, uses), uses, created: now, expires, by }
      if (tokens.length - old.length >= maxTokens) {
        throw new IocError('LIMIT_REACHED', `there are ${maxTokens} tokens: revoke some`)
      }
      writePrivateJson(tokenFile(id), added satisfies StoredToken)
      return { id, token: formatToken({ id, secret, authority: authority() }), expires }
    },
    tokens: (now) =>
      allTokens()
        .filter(({ expires }) => expires + expiredTokenMs >= now)
        .map(({ hash: _, ...token }) => ({ ...token, used: usedOf(token.id) }))
        .sort((a, b) => b.created - a.created),
    revokeToken(id) {
      if (!/^[0-9a-f]+$/.test(id) || !existsSync(tokenFile(id))) {
        throw new IocError('ENROL_TOKEN_INVALID', `no enrolment token has the id ${id}`)
      }
      removeToken(id)
    },
    request(machine, address, now) {
      const others = waiting(now)
      // A machine that starts over is one machine; its new request has a new code.
      const before = others.filter(({ pubkey }) => pubkey === machine.pubkey)
      for (const { id } of before) rmSync(requestFile(id), { force: true })
      if (others.length - before.length >= maxPending) {
        throw new IocError('LIMIT_REACHED', `${maxPending} requests are pending: accept or reject some`)
      }
      const { id, secret } = newToken()
      const codes = new Set(others.map(({ code }) => code))
      const expires = now + requestMs
      const request = { id, hash: hashOf(secret), code: newCode(codes), address, requested: now, expires }
      writePrivateJson(requestFile(id), { ...request, rejected: false, ...machine } satisfies StoredRequest)
      return { code: request.code, token: formatToken({ id, secret, authority: authority() }), expires }
    },
    pending: (now) =>
      waiting(now)
        .map(describeRequest)
        .sort((a, b) => a.requested - b.requested),
    accept(idOrCode, grant, by, now) {
      const request = findRequest(idOrCode, now)
      const { id, hash } = request
      const token = { id, hash, ...checkedGrant(grant, 1), uses: 1, created: now, expires: now + requestMs, by }
      writePrivateJson(tokenFile(id), token satisfies StoredToken)
      rmSync(requestFile(id), { force: true })
      return describeRequest(request)
    },
    reject(idOrCode, now) {
      const request = findRequest(idOrCode, now)
      writePrivateJson(requestFile(request.id), { ...request, rejected: true })
      return describeRequest(request)
    },
    keyOf(name) {
      const claims = allTokens().flatMap(({ id }) =>
        jsonFiles(claimFolder(id)).flatMap(
          (file) => (readPrivateJson(join(claimFolder(id), file)) as StoredClaim) ?? [],
        ),
      )
      return claims.filter(({ username: claimed }) => claimed === name).sort((a, b) => b.at - a.at)[0]?.pubkey
    },
    async enrol(text, machine, address, now) {
      const given = parseToken(text)
      const token = given && (readPrivateJson(tokenFile(given.id)) as StoredToken | undefined)
      const request =
        given && !token ? (readPrivateJson(requestFile(given.id)) as StoredRequest | undefined) : undefined
      const known = token ?? request
      // Compared also where there is none, so that the time reveals no id.
      const isRight = sameHash(
        Buffer.from(hashOf(given?.secret ?? '')),
        Buffer.from(known?.hash ?? hashOf(newSecret())),
      )
      if (!given || !known || !isRight) throw new IocError('ENROL_TOKEN_INVALID', 'the token is not valid')
      if (known.expires <= now) throw new IocError('ENROL_TOKEN_EXPIRED', 'the token has expired: create a new one')
      if (token) return enrolWith(given, token, machine, address, now)
      if (request?.rejected) throw new IocError('ENROL_REJECTED', 'an administrator rejected the request')
      return { status: 'pending', code: request?.code ?? '' }
    },
  }
}

/** Bytes of a password, as of a generated one. */
const passwordBytes = 18
const secretBytes = 16
const idBytes = 8

const newSecret = (): string => randomBytes(secretBytes).toString('hex')
const newToken = () => ({ id: randomBytes(idBytes).toString('hex'), secret: newSecret() })
const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')
const fingerprint = (pubkey: string): string => createHash('sha256').update(pubkey).digest('hex').slice(0, 32)

function newCode(used: ReadonlySet<string>): string {
  for (;;) {
    const code = String(randomInt(1_000_000)).padStart(6, '0')
    if (!used.has(code)) return code
  }
}

function describeRequest({ hash: _, rejected: __, pubkey: ___, ...request }: StoredRequest): PendingRequest {
  return request
}

/** The key that passwords of enrolled nodes are computed with; made once. */
function enrolmentKey(path: string): Buffer {
  const text = readOrCreateSecret(path, () => `${randomBytes(32).toString('hex')}\n`)
  return Buffer.from(text.trim(), 'hex')
}

/**
 * The site, and the name or pattern of its nodes, of a grant.
 * @throws IocError NAME_INVALID, USAGE_INVALID where several machines would have one name
 */
function checkedGrant({ site, node = '{host}' }: ApiGrant, uses: number): { site: string; node: string } {
  const example = node.replace('{host}', 'a').replace('{n}', '1')
  requireSlug(site, 'site')
  requireSlug(example, 'node')
  if (uses > 1 && example === node) {
    throw new IocError('NAME_INVALID', `${node} is one name: a token for ${uses} machines requires {host} or {n} in it`)
  }
  return { site, node }
}

/** Names for a machine by the pattern of its token. */
function* candidates(pattern: string, host: string): Generator<string> {
  const base = pattern.replace('{host}', slugOf(host)?.slice(0, 48) ?? 'node')
  if (!base.includes('{n}')) {
    yield base
    if (base === pattern) return
  }
  for (let n = base.includes('{n}') ? 1 : 2; n <= maxNameTries; n++) {
    const name = base.includes('{n}') ? base.replace('{n}', String(n)) : `${base}-${n}`
    if (isSlug(name)) yield name
  }
}
