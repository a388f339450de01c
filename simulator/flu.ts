import type { Site } from '@ioc/contract/district/sites.ts'
import type { World } from './model.ts'
import { unitOf } from './population.ts'

/** Name of a school or of a clinic without its kind: the same for those of one place. */
const placeOf = (site: Site) => unitOf(site) ?? site.site

/**
 * How strong an outbreak of flu is at a school or a clinic, 0 to 1. One at a school is felt at the clinic of the same
 * place; one in an area, at all schools and clinics of it.
 */
export function fluAt(site: Site, world: World, ts: number): number {
  const event = world.eventsAt(ts).find((one) => {
    if (one.kind !== 'flu_outbreak') return false
    if (one.site === undefined) return one.area === undefined || one.area === site.area
    if (one.site === site.site) return true
    const school: Site = { site: one.site, area: one.area ?? '' }
    return site.kind === 'clinic' && placeOf(school) === placeOf(site)
  })
  return event ? Math.max(0, Math.sin((Math.PI * (ts - event.from)) / (event.to - event.from))) ** 0.7 : 0
}
