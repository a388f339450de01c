import type { Target, TargetsFile, Threshold, ThresholdsFile } from '@ioc/contract/district/targets.ts'
import type { UnitsFile } from '@ioc/contract/district/units.ts'
import type {
  IndicatorDescriptor,
  Levels,
  LiveTarget,
  LiveThreshold,
  LiveUnit,
  Scope,
} from '@ioc/contract/messages/live.ts'
import { groupTag, isSlug } from '@ioc/contract/names.ts'
import type { YamlFile } from './yaml-file.ts'

/** What the files may refer to, of what this room does not know. */
export interface References {
  readonly indicators: readonly Pick<IndicatorDescriptor, 'id' | 'scopes' | 'by' | 'levels'>[]
  /** Ids of domains. */
  readonly domains: readonly string[]
}

/** The places that entries may refer to. */
export interface KnownPlaces {
  /** The code of the area in force that a code stands for. */
  areaOf(code: string): string | undefined
  isSite(site: string): boolean
}

type Facts = References['indicators'][number]
type Fault = (field: string | undefined, reason: string) => Error

const betterAs = { above: 'at_most', below: 'at_least' } as const

/** @throws IocError DISTRICT_INVALID */
export function targetsOf(
  file: YamlFile<TargetsFile>,
  places: KnownPlaces,
  references: References,
): readonly LiveTarget[] {
  const seen = createSeen()
  return file.content.targets.map((entry, index) => {
    const { indicator, scope, value, source, unconfirmed = false } = entry
    const fault = faultOf(file, 'targets', index)
    const facts = factsOf(entry, references, fault)
    const key = keyOf(entry, places, fault) ?? null
    const group = entry.group === undefined ? null : groupTag(entry.group)
    const period = entry.period === undefined ? null : String(entry.period)
    const natural = facts.levels && betterAs[facts.levels.direction]
    const { direction = natural ?? null } = entry
    if (natural && direction !== natural)
      throw fault('direction', `${indicator} is better when ${natural === 'at_most' ? 'low' : 'high'}: use ${natural}`)
    seen(fault, index, [indicator, scope, key, group, period])
    return { indicator, scope, key, group, period, value, direction, source, unconfirmed }
  })
}

/** Thresholds of several files. @throws IocError DISTRICT_INVALID */
export function thresholdsOf(
  files: readonly YamlFile<ThresholdsFile>[],
  places: KnownPlaces,
  references: References,
): readonly LiveThreshold[] {
  const seen = createSeen()
  return files.flatMap((file) =>
    file.content.thresholds.map((entry, index) => {
      const { indicator, scope, source, unconfirmed = false } = entry
      const fault = faultOf(file, 'thresholds', index)
      const facts = factsOf(entry, references, fault)
      const key = keyOf(entry, places, fault)
      if (key === undefined) throw fault(undefined, `missing field key: which ${scope} these levels are of`)
      if (facts.by !== undefined && entry.group === undefined)
        throw fault(undefined, `missing field group: ${indicator} has a value for each ${facts.by}`)
      const group = entry.group === undefined ? null : groupTag(entry.group)
      seen(fault, index, [indicator, scope, key, group])
      return { indicator, scope, key, group, levels: levelsOf(entry, facts, fault), source, unconfirmed }
    }),
  )
}

/** @throws IocError DISTRICT_INVALID */
export function unitsOf(file: YamlFile<UnitsFile>, places: KnownPlaces, references: References): readonly LiveUnit[] {
  const ids = new Set<string>()
  return file.content.units.map(({ id, name, area, domains, unconfirmed = false }, index) => {
    if (ids.has(id)) throw file.fault(['units', index, 'id'], `${id} is listed twice`)
    ids.add(id)
    const code = area === undefined ? null : places.areaOf(area)
    if (code === undefined) throw file.fault(['units', index, 'area'], noArea(area))
    for (const [at, domain] of domains.entries()) {
      if (!references.domains.includes(domain))
        throw file.fault(
          ['units', index, 'domains', at],
          `there is no domain ${domain}; the domains are ${references.domains.join(', ')}`,
        )
    }
    return { id, name, area: code, domains, unconfirmed }
  })
}

function faultOf(file: YamlFile<unknown>, list: string, index: number): Fault {
  return (field, reason) => file.fault(field === undefined ? [list, index] : [list, index, field], reason)
}

/** Refuses a second entry for the same place and period, in whichever file. */
function createSeen() {
  const known = new Set<string>()
  return (fault: Fault, index: number, parts: readonly (string | null)[]): void => {
    const id = parts.join('\n')
    if (known.has(id))
      throw fault(
        undefined,
        `a second entry for ${parts.filter((part) => part !== null).join(', ')} (entry ${index + 1})`,
      )
    known.add(id)
  }
}

function factsOf({ indicator, scope, group }: Target | Threshold, { indicators }: References, fault: Fault): Facts {
  const facts = indicators.find(({ id }) => id === indicator)
  if (!facts) throw fault('indicator', `there is no indicator ${indicator}; "ioc indicators" lists all of them`)
  if (!facts.scopes.includes(scope))
    throw fault('scope', `${indicator} has no values of scope ${scope}, only of ${facts.scopes.join(', ')}`)
  if (group !== undefined && facts.by === undefined) throw fault('group', `${indicator} is not grouped`)
  return facts
}

/** The key as values have it; `undefined` where an entry has none. */
function keyOf({ scope, key }: { scope: Scope; key?: string }, places: KnownPlaces, fault: Fault): string | undefined {
  if (scope === 'district') {
    if (key !== undefined && key !== 'district') throw fault('key', 'the district has no key: leave it out')
    return 'district'
  }
  if (key === undefined) return undefined
  switch (scope) {
    case 'area': {
      const code = places.areaOf(key)
      if (code === undefined) throw fault('key', noArea(key))
      return code
    }
    case 'site':
      if (!places.isSite(key)) throw fault('key', noSite(key))
      return key
    case 'device': {
      const [site = '', device = '', ...rest] = key.split('/')
      if (rest.length > 0 || (device !== '*' && !isSlug(device)))
        throw fault('key', `expected site/device, or site/* for all devices of the site; got ${key}`)
      if (!places.isSite(site)) throw fault('key', noSite(site))
      return key
    }
    default:
      scope satisfies never
      return undefined
  }
}

const noArea = (code: string | undefined) => `neither area ${code} nor a successor of it is in force`
const noSite = (site: string) => `there is no site ${site} in sites.yaml`

const levelNames = ['attention', 'warning', 'critical'] as const

function levelsOf(entry: Threshold, facts: Facts, fault: Fault): Levels {
  const { indicator, attention, warning, critical } = entry
  const declared = facts.levels?.direction
  const { direction = declared } = entry
  if (direction === undefined)
    throw fault(undefined, `missing field direction: above where high values of ${indicator} are bad, else below`)
  if (declared !== undefined && direction !== declared)
    throw fault(
      'direction',
      `of ${indicator}, ${declared === 'above' ? 'high' : 'low'} values are bad: use ${declared}`,
    )
  const given = levelNames.flatMap((name) => (entry[name] === undefined ? [] : [{ name, limit: entry[name] }]))
  if (given.length === 0) throw fault(undefined, 'needs at least one of attention, warning and critical')
  for (const [index, { name, limit }] of given.entries()) {
    const before = given[index - 1]
    if (!before || (direction === 'above' ? limit > before.limit : limit < before.limit)) continue
    const order = direction === 'above' ? 'above' : 'below'
    throw fault(name, `${name} (${limit}) must be ${order} ${before.name} (${before.limit})`)
  }
  return {
    direction,
    ...(attention === undefined ? {} : { attention }),
    ...(warning === undefined ? {} : { warning }),
    ...(critical === undefined ? {} : { critical }),
  }
}
