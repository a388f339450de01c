import { isExpired } from '@ioc/contract/credential-expiry.ts'
import type { ApiNode } from '@ioc/contract/messages/api-enrol.ts'
import { isSlug } from '@ioc/contract/names.ts'
import { type NodeAddress, parseUsername } from '@ioc/contract/topics.ts'
import type { CredentialStore } from './credential-store.ts'

/** The credentials of nodes, by name; those that were revoked follow. */
export function listNodes(credentials: CredentialStore, now: number): ApiNode[] {
  const present = credentials.list()
  const usernames = new Set(present.map(({ username }) => username))
  const nodes = present.flatMap((credential) => {
    const { username, role, created, expires } = credential
    const address = role === 'node' ? addressOf(username) : undefined
    if (!address) return []
    const used = credentials.hasConnected(credential) ? ('active' as const) : ('pending' as const)
    const state = isExpired(credential, now) ? ('expired' as const) : used
    const clone_suspected = credentials.cloneSuspectedAt(username) ?? null
    return [{ ...address, state, created: Date.parse(created), expires, revoked: null, clone_suspected }]
  })
  const revoked = credentials.revoked().flatMap(({ username, revoked: at }) => {
    const address = usernames.has(username) ? undefined : addressOf(username)
    const none = { expires: null, clone_suspected: null }
    return address ? [{ ...address, state: 'revoked' as const, created: at, revoked: at, ...none }] : []
  })
  return [...nodes.sort((a, b) => a.site.localeCompare(b.site) || a.node.localeCompare(b.node)), ...revoked]
}

function addressOf(username: string): NodeAddress | undefined {
  const parts = username.split('/')
  return parts.length === 2 && parts.every(isSlug) ? parseUsername(username) : undefined
}
