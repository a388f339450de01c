import type { Scope } from '@ioc/contract/messages/live.ts'

/** For whom a value is: a device, a site, an area or the district, and where it is grouped, which group. */
export interface Place {
  readonly scope: Scope
  /** `site/device`, the site, the area's code, or `district`. */
  readonly key: string
  readonly area?: string | undefined
  readonly site?: string | undefined
  readonly device?: string | undefined
  /** The value of the attribute that the indicator is grouped by. */
  readonly group?: string | undefined
}

/** Where an event happened. */
export interface Origin {
  readonly site: string
  readonly device: string
  /** `undefined` where nobody said in which area the site is: it counts for its site and for the district. */
  readonly area: string | undefined
}

/** The place of a scope that an event counts for; `undefined` if it has none. */
export function placeOf(scope: Scope, { site, device, area }: Origin, group: string | undefined): Place | undefined {
  switch (scope) {
    case 'device':
      return { scope, key: `${site}/${device}`, area, site, device, group }
    case 'site':
      return { scope, key: site, area, site, group }
    case 'area':
      return area === undefined ? undefined : { scope, key: area, area, group }
    case 'district':
      return { scope, key: 'district', group }
  }
}

/** What tells places of one scope apart. Groups are any text, keys have no newline. */
export function placeId({ key, group }: Pick<Place, 'key' | 'group'>): string {
  return group === undefined ? key : `${key}\n${group}`
}
