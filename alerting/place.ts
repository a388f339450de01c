import { type LiveIncident, parseThing, siteOfThing, thingId } from '@ioc/contract/messages/incidents.ts'
import type { Context } from './machine.ts'
import type { PageFacts } from './policy.ts'
import { ruleFor } from './rules.ts'

/** Where an incident is, and the unit that its rule names. */
export function placeOf({ cause, aspect, problem, severity }: LiveIncident, { graph, rules }: Context): PageFacts {
  const site = siteOfThing(cause)
  const [, scope, key] = parseThing(cause).key.split('/')
  const ofKey = parseThing(cause).kind === 'indicator' && scope === 'area' ? key : undefined
  const ofSite = site === undefined ? undefined : graph.factsOf(thingId('site', site)).area
  const { unit } = ruleFor(rules, graph, cause, aspect, problem)
  return { severity, site, area: ofKey ?? graph.factsOf(cause).area ?? ofSite, unit }
}
