import { parseThing, siteOfThing, type ThingId } from '@ioc/contract/messages/incidents.ts'
import type { LiveDistrict, Scope } from '@ioc/contract/messages/live.ts'
import { isSlug } from '@ioc/contract/names.ts'
import { isLimited, type User } from '@ioc/contract/roles.ts'
import type { AttentionItem, LiveAttention } from '../shared/live-frame.ts'
import { countItems } from './attention.ts'
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

  /** Whether an incident about a thing is visible. What several sites depend on is of no single place. */
  hasThing(thing: ThingId): boolean {
    const site = siteOfThing(thing)
    if (site !== undefined) return this.hasSite(site)
    const { kind, key } = parseThing(thing)
    const [, scope, area] = key.split('/')
    return kind === 'indicator' && scope === 'area' && this.hasArea(area)
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
        return frame
      case 'indicator':
        return this.hasKey(second as Scope, third) ? frame : undefined
      case 'device':
      case 'node':
      case 'ledger':
      case 'liveness':
        return this.hasSite(first) ? frame : undefined
      case 'place':
        return (first === 'area' && this.hasArea(second)) || (first === 'site' && this.hasSite(second))
          ? frame
          : undefined
      case 'incident': {
        const { cause } = JSON.parse(frame.toString()) as { readonly cause?: ThingId }
        // The end of one names nothing but its number.
        return cause === undefined || this.hasThing(cause) ? frame : undefined
      }
      case 'district':
        return rewrite(frame, (value) => this.district(value as unknown as LiveDistrict))
      case 'attention':
        return rewrite(frame, (value) => this.#attention(value as unknown as LiveAttention))
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

  #attention(attention: LiveAttention): LiveAttention {
    const items = attention.items.filter((item) => this.#hasItem(item))
    const { newest_critical: newest } = attention
    return {
      ...attention,
      items,
      ...countItems(items),
      newest_critical: newest && this.#hasItem(newest) ? newest : null,
    }
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

function rewrite(frame: Buffer, change: (value: Record<string, unknown>) => object): Buffer {
  const value = JSON.parse(frame.toString()) as Record<string, unknown>
  return value['gone'] === true ? frame : Buffer.from(JSON.stringify(change(value)))
}
