import type { Site } from '@ioc/contract/district/sites.ts'
import type { World } from './model.ts'
import type { EventKind, ScenarioEvent } from './scenarios/scenario.ts'

/** The event of a kind that is on at `ts`, and that concerns the site. */
export function eventAt(world: World, kind: EventKind, site: Site, ts: number): ScenarioEvent | undefined {
  return world.eventsAt(ts).find((event) => event.kind === kind && concerns(event, site))
}

/** Whether an event is one of a site: it names the site, or the area that the site is in, or neither. */
export function concerns(event: ScenarioEvent, { site, area }: Site): boolean {
  return (event.site === undefined || event.site === site) && (event.area === undefined || event.area === area)
}

/** The event of a kind that is on anywhere. */
export function anywhere(world: World, kind: EventKind, ts: number): ScenarioEvent | undefined {
  return world.eventsAt(ts).find((event) => event.kind === kind)
}
