import { IocError } from '@ioc/contract/errors.ts'
import { centreThing, parseThing, type ThingId, thingId } from '@ioc/contract/messages/incidents.ts'
import type { LiveDevice, LiveSite, LiveUpstream } from '@ioc/contract/messages/live.ts'
import { cycleFrom } from '@ioc/runtime/district/rules.ts'

/** What is known of a thing beside its place in the graph. */
export interface ThingFacts {
  readonly name?: string
  readonly site?: string
  readonly area?: string
  /** The kind of its site, the type of a device, the id of an upstream. */
  readonly tags: readonly string[]
}

/** What depends on what: device → node → site → upstream → centre. A thing with several parents needs only one of them. */
export interface Graph {
  parentsOf(thing: ThingId): readonly ThingId[]
  childrenOf(thing: ThingId): readonly ThingId[]
  factsOf(thing: ThingId): ThingFacts
  /** Whether a thing depends on another, directly or not. */
  isBelow(thing: ThingId, other: ThingId): boolean
}

export interface GraphEntry extends Partial<ThingFacts> {
  readonly thing: ThingId
  readonly parents: readonly ThingId[]
}

const noThings: readonly ThingId[] = []
const noFacts: ThingFacts = { tags: [] }

/** @throws IocError DEPENDENCY_CYCLE that names the cycle */
export function createGraph(entries: readonly GraphEntry[]): Graph {
  const parents = new Map<ThingId, readonly ThingId[]>()
  const children = new Map<ThingId, ThingId[]>()
  const facts = new Map<ThingId, ThingFacts>()
  for (const { thing, parents: of, tags = [], ...rest } of entries) {
    const all = [...new Set([...(parents.get(thing) ?? []), ...of])]
    parents.set(thing, all)
    facts.set(thing, { ...facts.get(thing), ...rest, tags: [...(facts.get(thing)?.tags ?? []), ...tags] })
  }
  for (const [thing, of] of parents) {
    for (const parent of of) {
      const siblings = children.get(parent)
      if (siblings) siblings.push(thing)
      else children.set(parent, [thing])
    }
  }
  requireNoCycle(parents)
  const parentsOf = (thing: ThingId) => parents.get(thing) ?? noThings
  const isBelow = (thing: ThingId, other: ThingId): boolean =>
    parentsOf(thing).some((parent) => parent === other || isBelow(parent, other))
  return {
    parentsOf,
    childrenOf: (thing) => children.get(thing) ?? noThings,
    factsOf: (thing) => facts.get(thing) ?? noFacts,
    isBelow,
  }
}

/** Takes away things without parents again and again: what remains is, or depends on, a cycle. */
function requireNoCycle(parents: ReadonlyMap<ThingId, readonly ThingId[]>): void {
  const left = new Map(parents)
  for (let before = -1; before !== left.size; ) {
    before = left.size
    for (const [thing, of] of left) if (!of.some((parent) => left.has(parent))) left.delete(thing)
  }
  for (const thing of left.keys()) {
    const cycle = cycleFrom(thing, (of) => left.get(of) ?? noThings)
    if (cycle) throw new IocError('DEPENDENCY_CYCLE', `a cycle of dependencies: ${cycle.join(' → ')}`)
  }
}

/** The graph of the district: devices and nodes as births describe them, sites and upstreams as its files do. */
export function districtGraph(
  devices: Iterable<Pick<LiveDevice, 'site' | 'node' | 'device' | 'type' | 'name' | 'area'>>,
  nodes: Iterable<{ readonly site: string; readonly node: string }>,
  sites: readonly Pick<LiveSite, 'site' | 'area' | 'name' | 'kind'>[],
  upstreams: readonly LiveUpstream[],
): Graph {
  const entries: GraphEntry[] = []
  const listed = new Map(sites.map((site) => [site.site, site]))
  const areas = new Map<string, string>()
  const namesOfNodes = new Map<string, { readonly site: string; readonly node: string }>()
  for (const { site, node } of nodes) namesOfNodes.set(`${site}/${node}`, { site, node })
  const known = [...devices]
  for (const { site, node, area } of known) {
    namesOfNodes.set(`${site}/${node}`, { site, node })
    if (area !== null) areas.set(site, area)
  }
  const placeOf = (site: string) => {
    const { area = areas.get(site), kind } = listed.get(site) ?? {}
    return { site, ...(area === undefined ? {} : { area }), tags: kind ? [kind] : [] }
  }
  for (const { site, node, device, type, name } of known) {
    const place = placeOf(site)
    const tags = [...place.tags, type]
    const parents = [thingId('node', `${site}/${node}`)]
    entries.push({ thing: thingId('device', `${site}/${device}`), parents, ...place, tags, name: name ?? device })
  }
  for (const { site, node } of namesOfNodes.values())
    entries.push({
      thing: thingId('node', `${site}/${node}`),
      parents: [thingId('site', site)],
      ...placeOf(site),
      name: node,
    })
  for (const site of new Set([...listed.keys(), ...[...namesOfNodes.values()].map((one) => one.site)])) {
    const place = placeOf(site)
    const on = upstreams.filter(
      ({ sites: of, areas: ofAreas }) =>
        of.includes(site) || (place.area !== undefined && ofAreas.includes(place.area)),
    )
    const parents = on.length > 0 ? on.map(({ id }) => thingId('upstream', id)) : [centreThing]
    entries.push({ thing: thingId('site', site), parents, ...place, name: listed.get(site)?.name ?? site })
  }
  for (const { id, name, on } of upstreams) {
    const parents = on.length > 0 ? on.map((other) => thingId('upstream', other)) : [centreThing]
    entries.push({ thing: thingId('upstream', id), parents, name, tags: [id] })
  }
  entries.push({ thing: centreThing, parents: [] })
  return createGraph(entries)
}

/** What a thing that is not in the graph depends on: an indicator on its device or site, a ledger or collector on its node. */
export function parentsBeside(graph: Graph, thing: ThingId): readonly ThingId[] {
  const { kind, key } = parseThing(thing)
  switch (kind) {
    case 'ledger':
      return [thingId('node', key)]
    case 'collector':
      return [thingId('node', key.split('/').slice(0, 2).join('/'))]
    case 'indicator': {
      const [, scope, ...rest] = key.split('/')
      if (scope === 'device') return [thingId('device', rest.slice(0, 2).join('/'))]
      return scope === 'site' ? [thingId('site', rest[0] ?? '')] : []
    }
    case 'device':
    case 'node':
    case 'site':
    case 'upstream':
    case 'centre':
    case 'process':
    case 'channel':
    case 'rota':
    case 'disk':
    case 'certificate':
    case 'credential':
      return graph.parentsOf(thing)
    default:
      kind satisfies never
      return []
  }
}
