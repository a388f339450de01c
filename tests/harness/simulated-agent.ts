import type { Site } from '@ioc/contract/district/sites.ts'
import type { World } from '@ioc/simulator/model.ts'
import type { ScenarioEvent } from '@ioc/simulator/scenarios/scenario.ts'
import { caseSourcesOf, sourcesOf } from '@ioc/simulator/testing/example-district.ts'
import { createTimeline, type Timeline } from '@ioc/simulator/timeline.ts'
import { transportEventsOf } from '@ioc/simulator/world.ts'

/** The name of the node of each simulated site. */
export const agentNode = 'agent'

/** The agent of a simulated site: what it measures, and when it is offline or has a wrong clock. */
export interface SimulatedAgent {
  readonly site: Site
  readonly timeline: Timeline
  readonly transport: ReturnType<typeof transportEventsOf>
}

export function simulatedAgent(site: Site, world: World, events: readonly ScenarioEvent[] = []): SimulatedAgent {
  const sources = sourcesOf(world, [site]).map(({ source }) => source)
  const caseSources = caseSourcesOf(world, [site]).map(({ source }) => source)
  return { site, timeline: createTimeline(sources, caseSources), transport: transportEventsOf(events, site) }
}
