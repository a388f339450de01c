import { namesIndicator } from '@ioc/contract/district/rules.ts'
import { type LevelReading, parseThing, siteOfThing, type ThingId, thingId } from '@ioc/contract/messages/incidents.ts'
import { type IndicatorTopic, parseIndicatorThing } from '@ioc/contract/topics.ts'
import type { Graph } from './graph.ts'
import type { Incident } from './state.ts'

/**
 * Figures of power, connection and recording. After a loss, windows that reach into it are beyond their limits because of it:
 * they are that incident once more. What a sensor measures of the world is no consequence, however long it was away.
 */
const ofSupply = ['power_*', 'network_*', 'camera_recording_*', 'security_recording_*']

/** Whether a value beyond its limit follows from a loss of its place that is over, into which its window still reaches. */
export function followsFromLoss(
  { thing, ts, windowMs = 0 }: LevelReading,
  incidents: Iterable<Incident>,
  graph: Graph,
): boolean {
  const at = parseIndicatorThing(thing)
  if (!at || !ofSupply.some((pattern) => namesIndicator(pattern, at.id))) return false
  for (const { aspect, cause, affected, ended } of incidents) {
    if (aspect !== 'loss' || ended === null || ended <= ts - windowMs) continue
    if ([cause, ...affected].some((lost) => isOf(lost, at, graph))) return true
  }
  return false
}

/** Whether what was lost is the place of an indicator, or what measures there. */
function isOf(lost: ThingId, { scope, key }: IndicatorTopic, graph: Graph): boolean {
  const { kind } = parseThing(lost)
  // One of several devices says nothing of its site.
  if (kind === 'device') return scope === 'device' && lost === thingId('device', key)
  const site = siteOfThing(lost)
  if (site === undefined) return false
  switch (scope) {
    case 'device':
      return kind === 'site' ? key.split('/', 1)[0] === site : graph.isBelow(thingId('device', key), lost)
    case 'site':
      return key === site
    case 'area':
      return graph.factsOf(thingId('site', site)).area === key
    case 'district':
      return true
    default:
      return scope satisfies never
  }
}
