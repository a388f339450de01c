import { isDeepStrictEqual } from 'node:util'
import {
  type LiveIncident,
  type LiveMaintenance,
  parseCause,
  parseThing,
  type Selector,
  siteOfThing,
  type ThingId,
} from '@ioc/contract/messages/incidents.ts'
import type { LiveDistrict, Scope } from '@ioc/contract/messages/live.ts'
import { isSlug } from '@ioc/contract/names.ts'
import { isLimited, type User } from '@ioc/contract/roles.ts'
import type { AttentionItem, LiveAttention, LiveIncidents } from '../shared/live-frame.ts'
import { attentionFrame } from './attention.ts'
import { countIncidents } from './incidents.ts'
import { limitStatement } from './limit-statement.ts'
import type { LiveState } from './live-state.ts'
import { SiteAreas } from './site-areas.ts'

/**
 * What a user who is limited to areas, or to the area of a unit, may read: these areas and their sites, and figures of the
 * whole district. A unit that the district does not have, or a site of no area, is of no place: nothing of it is readable.
 */
export class VisiblePlaces {
  readonly #user: User
  readonly #state: LiveState
  readonly #siteAreas: SiteAreas
  /** Of the district as it is now. */
  #areas: ReadonlySet<string> = new Set()
  #district: LiveDistrict | undefined

  constructor(user: User, state: LiveState, siteAreas: SiteAreas) {
    this.#user = user
    this.#state = state
    this.#siteAreas = siteAreas
  }

  get areas(): ReadonlySet<string> {
    const { district } = this.#state
    if (this.#district === district) return this.#areas
    const { unit, areas = district.areas.map(({ code }) => code) } = this.#user
    const ofUnit = district.units.find(({ id }) => id === unit)
    const isOfUnit = (code: string) => unit === undefined || (ofUnit && (ofUnit.area === null || ofUnit.area === code))
    this.#areas = new Set(areas.filter((code) => isSlug(code) && isOfUnit(code)))
    this.#district = district
    return this.#areas
  }

  hasArea(code: string | null | undefined): boolean {
    return code !== null && code !== undefined && this.areas.has(code)
  }

  hasSite(site: string): boolean {
    return this.hasArea(this.#siteAreas.areas.get(site))
  }

  /** Whether the key of a scope, as of an indicator, is visible. */
  hasKey(scope: Scope, key: string): boolean {
    switch (scope) {
      case 'device':
        return this.hasSite(key.split('/', 1)[0] ?? '')
      case 'site':
        return this.hasSite(key)
      case 'area':
        return this.hasArea(key)
      case 'district':
        return true
      default:
        return scope satisfies never
    }
  }

  /** Whether a thing is of a visible place. What several sites depend on is of no single place. */
  hasThing(thing: ThingId): boolean {
    const site = siteOfThing(thing)
    if (site !== undefined) return this.hasSite(site)
    const { kind, key } = parseThing(thing)
    const [, scope, area] = key.split('/')
    return kind === 'indicator' && scope === 'area' && this.hasArea(area)
  }

  /**
   * What of an incident is visible; undefined: nothing. One whose cause is elsewhere, as a line that several sites depend on,
   * is shown with what it takes of visible places, and without what was written about others.
   */
  incident(incident: LiveIncident): LiveIncident | undefined {
    const affected = incident.affected.filter((thing) => this.hasThing(thing))
    if (this.hasThing(incident.cause)) return { ...incident, affected }
    if (affected.length === 0) return undefined
    return { ...incident, affected, affected_count: affected.length, merged: [], timeline: [] }
  }

  /** The windows that cover visible places, or kinds of things, with these alone, and what is shelved of visible places. */
  maintenance({ windows, shelves = [] }: LiveMaintenance): LiveMaintenance {
    return {
      shelves: shelves.filter(({ cause }) => this.hasThing(parseCause(cause).thing)),
      windows: windows.flatMap((window) => {
        const covers = this.#covers(window.covers)
        return Object.keys(covers).length === 0 ? [] : [{ ...window, covers }]
      }),
    }
  }

  /** Whether a window covers nothing but visible places. */
  hasAllOf(covers: Selector): boolean {
    const { tags = [], ...places } = covers
    return tags.length === 0 && isDeepStrictEqual(this.#covers(places), places)
  }

  #covers({ devices, sites, areas, tags }: Selector): Selector {
    const visible = {
      devices: devices?.filter((key) => this.hasKey('device', key)),
      sites: sites?.filter((site) => this.hasSite(site)),
      areas: areas?.filter((area) => this.hasArea(area)),
      tags,
    }
    return Object.fromEntries(Object.entries(visible).filter(([, keys]) => keys !== undefined && keys.length > 0))
  }

  /** What of the last value of a live topic is visible; undefined: nothing. A new kind of topic is not, until it is here. */
  frame(topic: string, frame: Buffer): Buffer | undefined {
    const [kind = '', first = '', second = '', third = ''] = topic.split('/')
    switch (kind) {
      case 'link':
      case 'indicators':
      case 'types':
      case 'boards':
      case 'simulation':
      case 'process':
      case 'rota':
        return frame
      case 'indicator':
        return this.hasKey(second as Scope, third) ? frame : undefined
      case 'device':
      case 'node':
      case 'ledger':
      case 'camera':
      case 'liveness':
        return this.hasSite(first) ? frame : undefined
      case 'place':
        return (first === 'area' && this.hasArea(second)) || (first === 'site' && this.hasSite(second))
          ? frame
          : undefined
      case 'incident':
        // The end of one names nothing but its number.
        return rewrite(frame, (value) => this.incident(value as unknown as LiveIncident))
      case 'incidents':
        return rewrite(frame, ({ topic: of, version }) => ({ topic: of, ...this.#counts(version as number) }))
      case 'maintenance':
        return rewrite(frame, (value) => ({ ...value, ...this.maintenance(value as unknown as LiveMaintenance) }))
      case 'deliveries': {
        const incident = this.#state.incident(Number(first))
        return incident && this.incident(incident) ? frame : undefined
      }
      case 'district':
        return rewrite(frame, (value) => this.district(value as unknown as LiveDistrict))
      case 'attention':
        return rewrite(frame, (value) => ({ ...value, ...this.#attention(value as unknown as LiveAttention) }))
      default:
        return undefined
    }
  }

  /** The district, of which areas are no secret, with the sites, targets and thresholds of visible places. */
  district(district: LiveDistrict): LiveDistrict {
    const isVisible = ({ scope, key }: { readonly scope: Scope; readonly key: string | null }) =>
      key === null || this.hasKey(scope, key)
    return {
      ...district,
      sites: district.sites.filter(({ site }) => this.hasSite(site)),
      targets: district.targets?.filter(isVisible) ?? [],
      thresholds: district.thresholds?.filter(isVisible) ?? [],
      rules: [],
      upstreams: [],
    }
  }

  #counts(version: number): LiveIncidents {
    return countIncidents(
      [...this.#state.incidents.values()].flatMap((incident) => this.incident(incident) ?? []),
      version,
    )
  }

  /** Of all items, of which the frame holds the first ones. */
  #attention({ ts }: LiveAttention): LiveAttention {
    const { items, criticals } = this.#state.attention
    const newest = criticals.findLast(({ item }) => this.#hasItem(item))
    return attentionFrame(
      ts,
      items.filter((item) => this.#hasItem(item)),
      newest?.item,
      newest?.number ?? 0,
    )
  }

  #hasItem({ scope, key }: AttentionItem): boolean {
    switch (scope) {
      case 'process':
        return true
      case 'node':
        return this.hasKey('device', key)
      default:
        return this.hasKey(scope, key)
    }
  }

  /** A statement that reads visible places only. @throws IocError QUERY_INVALID where it cannot be limited */
  limit(statement: string): string {
    const sites = [...this.#siteAreas.areas].flatMap(([site, area]) =>
      this.hasArea(area) && isSlug(site) ? [site] : [],
    )
    const places = [...matching('area', [...this.areas]), ...matching('site', sites)]
    return limitStatement(statement, (measurement) => {
      const all = measurement === 'indicator' ? [...places, `"scope" = 'district'`] : places
      // No place at all: no area has this code.
      return `(${all.length === 0 ? `"area" = '-'` : all.join(' OR ')})`
    })
  }
}

/** The limit of a user. */
export type PlacesOf = (user: User) => VisiblePlaces | undefined

/** What a user may not read beyond; undefined where there is no limit. */
export function createPlacesOf(state: LiveState): PlacesOf {
  const siteAreas = new SiteAreas(state)
  return (user) => (isLimited(user) ? new VisiblePlaces(user, state, siteAreas) : undefined)
}

/** Names are slugs, of which only the dot means something in a pattern. No name matches nothing, and not the empty tag. */
function matching(tag: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`"${tag}" =~ /^(${names.map((name) => name.replaceAll('.', '\\.')).join('|')})$/`]
}

function rewrite(frame: Buffer, change: (value: Record<string, unknown>) => object | undefined): Buffer | undefined {
  const value = JSON.parse(frame.toString()) as Record<string, unknown>
  if (value['gone'] === true) return frame
  const visible = change(value)
  return visible && Buffer.from(JSON.stringify(visible))
}
