import type { Site } from '@ioc/contract/district/sites.ts'
import type { World } from './model.ts'
import type { EventKind, ScenarioEvent } from './scenarios/scenario.ts'

/** The event of a kind that is on at `ts`, and that concerns the site. */
export function eventAt(world: World, kind: EventKind, site: Site, ts: number): ScenarioEvent | undefined {
  return world.eventsAt(ts).find((event) => event.kind === kind && concerns(event, site))
}

function concerns({ area, site: name }: ScenarioEvent, site: Site): boolean {
  return name === undefined ? area === undefined || area === site.area : name === site.site
}

/** The event of a kind that is on anywhere. */
export function anywhere(world: World, kind: EventKind, ts: number): ScenarioEvent | undefined {
  return world.eventsAt(ts).find((event) => event.kind === kind)
}
