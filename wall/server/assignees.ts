import type { Account } from '@ioc/accounts/account-store.ts'
import type { ApiAssignees } from '@ioc/contract/messages/api-rota.ts'
import { includesRole, type User } from '@ioc/contract/roles.ts'
import type { LiveState } from './live-state.ts'

/** Whom incidents can be assigned to: people of the rota file, users who may acknowledge, and whoever assigns. */
export function assigneesOf({ rota }: LiveState, accounts: readonly Account[], user: User): ApiAssignees['users'] {
  const names = new Map<string, string | null>()
  for (const { name, role } of [...accounts, user]) if (includesRole(role, 'operator')) names.set(name, null)
  for (const person of rota?.people ?? []) names.set(person.user, person.name)
  return [...names]
    .map(([of, name]) => ({ user: of, name }))
    .sort((a, b) => (a.name ?? a.user).localeCompare(b.name ?? b.user, 'vi'))
}
