import { AccountStore } from '@ioc/accounts/account-store.ts'
import { openCredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import { type ThingId, thingId } from '@ioc/contract/messages/incidents.ts'

/** A credential that expires some day. Times are ms since 1970. */
export interface ExpiringCredential {
  readonly thing: ThingId
  readonly kind: 'node' | 'API token'
  /** `site/node`, or the id of the token, and whose it is. */
  readonly name: string
  readonly created: number
  readonly expires: number
}

/** Credentials of nodes and API tokens of users that expire. Enrolment tokens are meant to: nobody renews them. */
export function expiringCredentials(dataDir: string): ExpiringCredential[] {
  const nodes = openCredentialStore(dataDir)
    .list()
    .flatMap(({ username, created, expires }): ExpiringCredential[] => {
      if (expires === null) return []
      const thing = thingId('credential', `node/${username}`)
      return [{ thing, kind: 'node', name: username, created: Date.parse(created), expires }]
    })
  const tokens = new AccountStore(dataDir).tokens().flatMap(({ id, user, created, expires }): ExpiringCredential[] => {
    if (expires === null) return []
    const thing = thingId('credential', `token/${user}/${id}`)
    return [{ thing, kind: 'API token', name: `${id} of ${user}`, created: Date.parse(created), expires }]
  })
  return [...nodes, ...tokens]
}
