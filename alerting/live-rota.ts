import type { LiveRota, RotaOverride } from '@ioc/contract/messages/notifications.ts'
import type { People } from '@ioc/runtime/district/people.ts'
import { userOf } from './policy.ts'
import { aheadMs, gapsOf, onCallAt, shiftsOf } from './rota.ts'

/** Who is on call, now and in the next 14 days, without addresses. */
export function liveRota(people: People, overrides: readonly RotaOverride[], pushKey: string, now: number): LiveRota {
  return {
    ts: now,
    rotas: people.rotas.map((rota) => ({
      id: rota.id,
      name: rota.name,
      on_call: onCallAt(rota, overrides, now),
      shifts: shiftsOf(rota, overrides, now, now + aheadMs),
      gaps: gapsOf(rota, overrides, now),
    })),
    overrides: overrides.filter(({ to }) => to > now),
    people: people.people.map((person) => ({
      id: person.id,
      name: person.name,
      user: userOf(person),
      unit: person.unit ?? null,
      channels: [...new Set(person.contacts.map(({ channel }) => channel))],
    })),
    push_key: pushKey,
  }
}
