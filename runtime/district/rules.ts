import { namesIndicator, type Rule, type RulesFile, type Upstream } from '@ioc/contract/district/rules.ts'
import type { LiveRule, LiveUpstream } from '@ioc/contract/messages/live.ts'
import type { KnownPlaces, References } from './targets.ts'
import type { YamlFile } from './yaml-file.ts'

/** @throws IocError DISTRICT_INVALID */
export function rulesOf(
  file: YamlFile<RulesFile>,
  places: KnownPlaces,
  { indicators }: References,
  units: readonly { readonly id: string }[],
): readonly LiveRule[] {
  const ids = new Set<string>()
  return file.content.rules.map((rule, index) => {
    const at = (field: keyof Rule, reason: string) => file.fault(['rules', index, field], reason)
    if (ids.has(rule.id)) throw at('id', `${rule.id} is listed twice`)
    ids.add(rule.id)
    const { indicator } = rule
    if (indicator !== undefined && !indicators.some(({ id }) => namesIndicator(indicator, id)))
      throw at('indicator', `there is no indicator ${indicator}; "ioc indicators" lists all of them`)
    for (const field of ['indicator', 'deadband'] as const) {
      if (rule[field] !== undefined && rule.aspect !== 'level')
        throw at(field, `only a rule of the aspect level has a field ${field}`)
    }
    if (rule.unit !== undefined && !units.some(({ id }) => id === rule.unit))
      throw at('unit', `there is no unit ${rule.unit} in units.yaml`)
    return { ...rule, ...placesOf(rule, places, at) }
  })
}

/** @throws IocError DISTRICT_INVALID, also where upstreams depend on each other in a cycle, which it names */
export function upstreamsOf(file: YamlFile<RulesFile>, places: KnownPlaces): readonly LiveUpstream[] {
  const { upstreams = [] } = file.content
  const at = (index: number) => (field: keyof Upstream, reason: string) =>
    file.fault(['upstreams', index, field], reason)
  const byId = new Map(upstreams.map((upstream) => [upstream.id, upstream]))
  for (const [index, { id, on = [] }] of upstreams.entries()) {
    if (upstreams.findIndex((other) => other.id === id) < index) throw at(index)('id', `${id} is listed twice`)
    const unknown = on.find((other) => !byId.has(other))
    if (unknown !== undefined) throw at(index)('on', `there is no upstream ${unknown}`)
  }
  for (const [index, { id }] of upstreams.entries()) {
    const cycle = cycleFrom(id, (of) => byId.get(of)?.on ?? [])
    if (cycle) throw at(index)('on', `a cycle of dependencies: ${cycle.join(' → ')}`)
  }
  return upstreams.map((upstream, index) => {
    const { sites = [], areas = [] } = placesOf(upstream, places, at(index))
    return { id: upstream.id, name: upstream.name, sites, areas, on: upstream.on ?? [] }
  })
}

/** A way from `start` that leads back to it. */
export function cycleFrom<T>(start: T, next: (of: T) => readonly T[]): readonly T[] | undefined {
  const seen = new Set<T>()
  const search = (at: T, path: readonly T[]): readonly T[] | undefined => {
    for (const one of next(at)) {
      if (one === start) return [...path, one]
      if (seen.has(one)) continue
      seen.add(one)
      const found = search(one, [...path, one])
      if (found) return found
    }
    return undefined
  }
  return search(start, [start])
}

/** The areas in force that an entry names, and its sites, which must be listed. */
function placesOf<E extends Pick<Rule, 'sites' | 'areas'>>(
  { sites, areas }: E,
  places: KnownPlaces,
  fault: (field: 'sites' | 'areas', reason: string) => Error,
): { sites?: string[]; areas?: string[] } {
  const unknown = sites?.find((site) => !places.isSite(site))
  if (unknown !== undefined) throw fault('sites', `there is no site ${unknown} in sites.yaml`)
  const codes = areas?.map((code) => {
    const area = places.areaOf(code)
    if (area === undefined) throw fault('areas', `neither area ${code} nor a successor of it is in force`)
    return area
  })
  return { ...(sites ? { sites } : {}), ...(codes ? { areas: codes } : {}) }
}
