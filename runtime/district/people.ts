import type {
  ChannelName,
  Contact,
  Hours,
  PeopleFile,
  Person,
  Policy,
  Rota,
  Team,
} from '@ioc/contract/district/people.ts'
import type { KnownPlaces } from './targets.ts'
import type { YamlFile } from './yaml-file.ts'

/** Who is notified: `people.yaml`, with the areas that are in force. */
export interface People {
  readonly people: readonly Person[]
  readonly teams: readonly Team[]
  readonly rotas: readonly Rota[]
  readonly policies: readonly Policy[]
  /** null: there are none. */
  readonly quiet: Hours | null
  readonly dailyTest: { readonly at: string; readonly contacts: readonly Contact[] } | null
}

export const nobody: People = { people: [], teams: [], rotas: [], policies: [], quiet: null, dailyTest: null }

/** What an address of a channel looks like; of the others there is none. */
const addresses: Readonly<Record<ChannelName, readonly [RegExp, string] | null>> = {
  email: [/^[^@\s]+@[^@\s]+$/, 'a mail address'],
  sms: [/^\+?\d{8,15}$/, 'a phone number of 8 to 15 digits, in quotes'],
  telegram: [/^(-?\d{1,20}|@\w{1,64})$/, 'the id of a chat, in quotes'],
  zalo: [/^[\w-]{1,64}$/, 'the id of a user or a chat, in quotes'],
  push: null,
  webhook: [/^https?:\/\/\S+$/, 'a URL with http or https'],
  mqtt: null,
}

/**
 * @param units those of `units.yaml`; undefined: they are not known here
 * @throws IocError DISTRICT_INVALID
 */
export function peopleOf(
  file: YamlFile<PeopleFile>,
  places: KnownPlaces,
  units: readonly { readonly id: string }[] | undefined,
): People {
  const { people, teams = [], rotas = [], policies = [], quiet = null, daily_test } = file.content
  checkIds(file, { people, teams, rotas, policies })
  const known = {
    people: new Set(people.map(({ id }) => id)),
    teams: new Set(teams.map(({ id }) => id)),
    rotas: new Set(rotas.map(({ id }) => id)),
  }
  const requireKnown = (kind: keyof typeof known, ids: readonly string[] | undefined, place: (string | number)[]) => {
    const unknown = ids?.find((id) => !known[kind].has(id))
    if (unknown !== undefined) throw file.fault(place, `there is no ${unknown} in ${kind}`)
  }
  const requireUnits = (ids: readonly (string | undefined)[] | undefined, place: (string | number)[]) => {
    const unknown = ids?.find((id) => id !== undefined && units && !units.some((unit) => unit.id === id))
    if (unknown !== undefined) throw file.fault(place, `there is no unit ${unknown} in units.yaml`)
  }
  for (const [index, { unit, contacts }] of people.entries()) {
    requireUnits([unit], ['people', index, 'unit'])
    for (const [at, contact] of contacts.entries()) checkContact(file, contact, ['people', index, 'contacts', at])
  }
  for (const [at, contact] of (daily_test?.contacts ?? []).entries())
    checkContact(file, contact, ['daily_test', 'contacts', at])
  for (const [index, team] of teams.entries()) requireKnown('people', team.people, ['teams', index, 'people'])
  for (const [index, rota] of rotas.entries()) {
    requireKnown('people', rota.people, ['rotas', index, 'people'])
    checkRota(file, rota, index)
    for (const [at, { person }] of (rota.overrides ?? []).entries())
      requireKnown('people', person === null ? [] : [person], ['rotas', index, 'overrides', at, 'person'])
  }
  const inForce = policies.map((policy, index) => {
    const place = ['policies', index]
    requireUnits(policy.units, [...place, 'units'])
    for (const [at, step] of policy.steps.entries()) {
      for (const kind of ['rotas', 'teams', 'people'] as const)
        requireKnown(kind, step[kind], [...place, 'steps', at, kind])
      if (!step.rotas && !step.teams && !step.people)
        throw file.fault([...place, 'steps', at], 'a step needs rotas, teams or people')
    }
    const unknown = policy.sites?.find((site) => !places.isSite(site))
    if (unknown !== undefined) throw file.fault([...place, 'sites'], `there is no site ${unknown} in sites.yaml`)
    const areas = policy.areas?.map((code) => {
      const area = places.areaOf(code)
      if (area === undefined)
        throw file.fault([...place, 'areas'], `neither area ${code} nor a successor of it is in force`)
      return area
    })
    return { ...policy, ...(areas ? { areas } : {}) }
  })
  return { people, teams, rotas, policies: inForce, quiet, dailyTest: daily_test ?? null }
}

function checkIds(
  file: YamlFile<PeopleFile>,
  lists: Readonly<Record<string, readonly { readonly id: string }[]>>,
): void {
  for (const [name, list] of Object.entries(lists)) {
    for (const [index, { id }] of list.entries()) {
      if (list.findIndex((other) => other.id === id) < index)
        throw file.fault([name, index, 'id'], `${id} is listed twice`)
    }
  }
}

function checkContact(file: YamlFile<PeopleFile>, { channel, address }: Contact, place: (string | number)[]): void {
  const form = addresses[channel]
  if (form === null) {
    if (address !== undefined) throw file.fault([...place, 'address'], `a contact of ${channel} has no address`)
    return
  }
  const [pattern, name] = form
  if (address === undefined) throw file.fault(place, `a contact of ${channel} needs an address: ${name}`)
  if (!pattern.test(address)) throw file.fault([...place, 'address'], `expected ${name}`)
}

function checkRota(file: YamlFile<PeopleFile>, rota: Rota, index: number): void {
  const place = ['rotas', index]
  if (rota.people.length === 0) throw file.fault([...place, 'people'], 'a rota needs people')
  if (!isDay(rota.from)) throw file.fault([...place, 'from'], `${rota.from} is not a day of the calendar`)
  if (rota.rotation === 'weekly' && rota.weekday === undefined) throw file.fault(place, 'a weekly rota needs a weekday')
  if (rota.rotation === 'daily' && rota.weekday !== undefined)
    throw file.fault([...place, 'weekday'], 'only a weekly rota has a weekday')
  for (const [at, { from, to }] of (rota.times ?? []).entries()) {
    if (to <= from)
      throw file.fault(
        [...place, 'times', at],
        `${from} to ${to}: the end must come after the beginning; split it at "24:00"`,
      )
  }
  for (const [at, { from, to }] of (rota.overrides ?? []).entries()) {
    for (const field of ['from', 'to'] as const) {
      const text = field === 'from' ? from : to
      if (!isDay(text.slice(0, 10)))
        throw file.fault([...place, 'overrides', at, field], `${text} is not a time of the calendar`)
    }
    if (to <= from) throw file.fault([...place, 'overrides', at, 'to'], 'the end must come after the beginning')
  }
}

/** 30 February is none. */
function isDay(text: string): boolean {
  const ms = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
}
