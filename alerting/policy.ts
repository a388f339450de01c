import type { Contact, Hours, Person, Policy } from '@ioc/contract/district/people.ts'
import { isAbove, type Severity } from '@ioc/contract/messages/incidents.ts'
import type { People } from '@ioc/runtime/district/people.ts'
import { clockMs, localDayStart } from './rota.ts'

/** What policies select by. */
export interface PageFacts {
  readonly severity: Severity
  readonly site?: string | undefined
  readonly area?: string | undefined
  /** Id of the unit that the rule names. */
  readonly unit?: string | undefined
}

const dayMs = 86_400_000

/** The first policy that matches. */
export function policyFor({ policies }: People, { severity, site, area, unit }: PageFacts): Policy | undefined {
  const has = (list: readonly string[] | undefined, one: string | undefined) =>
    !list || (one !== undefined && list.includes(one))
  return policies.find(
    (policy) =>
      has(policy.severities, severity) && has(policy.sites, site) && has(policy.areas, area) && has(policy.units, unit),
  )
}

/** The contacts of a person for a severity, in their order. */
export function contactsFor(person: Person, severity: Severity, isUpdate: boolean): readonly Contact[] {
  return person.contacts.filter(
    ({ channel, severities, updates = channel !== 'sms' }) =>
      (!severities || severities.includes(severity)) && (updates || !isUpdate),
  )
}

/** The end of the quiet hours in which a message to a person would be now; undefined: it may be sent at once. */
export function quietUntil(people: People, person: Person, severity: Severity, now: number): number | undefined {
  if (severity === 'high' || isAbove(severity, 'high')) return undefined
  const quiet = person.quiet === undefined ? people.quiet : person.quiet
  return quiet === null ? undefined : endOf(quiet, now)
}

function endOf({ from, to }: Hours, now: number): number | undefined {
  const today = localDayStart(now)
  const [begin, end] = [clockMs(from), clockMs(to)]
  const length = end > begin ? end - begin : end - begin + dayMs
  // One that began yesterday may last until this morning.
  const start = [today - dayMs + begin, today + begin].findLast((at) => at <= now)
  return start !== undefined && now < start + length ? start + length : undefined
}

export const userOf = ({ id, user = id }: Person): string => user
