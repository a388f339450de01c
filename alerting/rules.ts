import { namesIndicator } from '@ioc/contract/district/rules.ts'
import { type Aspect, parseThing, type Severity, type ThingId } from '@ioc/contract/messages/incidents.ts'
import type { LiveRule } from '@ioc/contract/messages/live.ts'
import type { Graph } from './graph.ts'
import { covers } from './maintenance.ts'

/** What makes an incident of a problem. */
export interface AppliedRule {
  readonly id: string
  /** `none`: no incident. */
  readonly severity: Severity | 'none'
  readonly holdMs: number
  readonly deadband: number | undefined
  readonly unit: string | undefined
}

/** The problem must last so long, in s: longer than a broker takes to notice that all of a site is gone. */
const defaultHoldS = 45

/**
 * Figures of how offices perform. A bad month is a matter of their heads and boards, which list it as needing attention; nobody
 * is called out for it, unless a rule of the district says so.
 */
const performance = [
  ...['one_stop_*', 'document_*', 'report_*', 'land_*', 'planning_*', 'service_*', 'lodging_*', 'violation_*'],
  ...['budget_*', 'tax_*', 'business_*', 'socio_*', 'portal_*'],
]

/** Shares of the time that devices were there: their silence is an incident of its own. */
const availability = ['camera_online_*', 'security_online_*', 'network_up_*']
/** Another window of the same metric opens the incident: the first that finds it, but no busy minute of a processor. */
const otherWindows = [
  ...['camera_recording_24h', 'security_recording_24h', 'power_mains_24h', 'system_cpu_1m'],
  ...['gauge_rain_24h', 'weather_rain_24h', 'forest_rain_24h', 'river_level_max_1d', 'reservoir_level_max_1d'],
]

/** What holds where no rule of the district does. The first that matches. */
export const defaultRules: readonly LiveRule[] = [
  { id: 'default-never-heard', aspect: 'loss', states: ['never_heard'], severity: 'low', hold_s: 3_600 },
  { id: 'default-unreachable', aspect: 'loss', states: ['unreachable'], severity: 'high' },
  { id: 'default-loss', aspect: 'loss', severity: 'medium' },
  // Sources that do not report are incidents of a loss.
  { id: 'default-completeness', aspect: 'level', indicator: 'completeness_*', severity: 'none' },
  ...withoutIncidents('default-performance', performance),
  ...withoutIncidents('default-availability', availability),
  ...withoutIncidents('default-other-window', otherWindows),
  { id: 'default-level-critical', aspect: 'level', states: ['critical'], severity: 'high' },
  { id: 'default-level-warning', aspect: 'level', states: ['warning'], severity: 'medium' },
  { id: 'default-level', aspect: 'level', severity: 'none' },
  { id: 'default-stuck', aspect: 'stuck', severity: 'low' },
  { id: 'default-railed', aspect: 'railed', severity: 'low' },
  { id: 'default-clock', aspect: 'clock', severity: 'low' },
  { id: 'default-cloned', aspect: 'cloned', severity: 'medium', hold_s: 0 },
  {
    id: 'default-condition-clock',
    aspect: 'condition',
    states: ['clock_drift', 'clock_unsynchronized', 'clock_zone'],
    severity: 'low',
  },
  { id: 'default-condition', aspect: 'condition', severity: 'medium' },
  {
    id: 'default-fire',
    aspect: 'reported',
    states: ['smoke', 'fire'],
    severity: 'critical',
    hold_s: 0,
    unit: 'kiem-lam',
  },
  { id: 'default-reported', aspect: 'reported', severity: 'high', hold_s: 0 },
  { id: 'default-losses', aspect: 'losses', severity: 'medium', hold_s: 0 },
  { id: 'default-channel', aspect: 'stopped', states: ['failing'], severity: 'high', hold_s: 0 },
  { id: 'default-authorization', aspect: 'stopped', states: ['expiring'], severity: 'medium', hold_s: 0 },
  { id: 'default-rota', aspect: 'stopped', states: ['nobody_on_call'], severity: 'medium', hold_s: 0 },
  { id: 'default-disk-full', aspect: 'stopped', states: ['full'], severity: 'critical', hold_s: 0 },
  { id: 'default-disk', aspect: 'stopped', states: ['filling'], severity: 'medium', hold_s: 0 },
  { id: 'default-certificate', aspect: 'stopped', states: ['expired'], severity: 'high', hold_s: 0 },
  {
    id: 'default-flows-stopped',
    aspect: 'stopped',
    states: ['flows_stopped', 'flows_failed'],
    severity: 'medium',
    hold_s: 0,
  },
  { id: 'default-flows', aspect: 'stopped', states: ['flows_reverted'], severity: 'low', hold_s: 0 },
  { id: 'default-collector', aspect: 'stopped', states: ['no_success'], severity: 'medium', hold_s: 900 },
  { id: 'default-restarting', aspect: 'stopped', states: ['restarting'], severity: 'high', hold_s: 0 },
  { id: 'default-stopped', aspect: 'stopped', severity: 'critical' },
]

function withoutIncidents(id: string, indicators: readonly string[]): LiveRule[] {
  return indicators.map((indicator) => ({ id, aspect: 'level', indicator, severity: 'none' }))
}

const msPerS = 1_000

/** The rule for a state of a thing. */
export function ruleFor(
  rules: readonly LiveRule[],
  graph: Graph,
  thing: ThingId,
  aspect: Aspect,
  state: string | undefined,
): AppliedRule {
  const rule = [...rules, ...defaultRules].find((one) => matches(one, graph, thing, aspect, state))
  const { id = 'none', severity = 'none', hold_s = defaultHoldS, deadband, unit } = rule ?? {}
  return { id, severity, holdMs: hold_s * msPerS, deadband, unit }
}

function matches(rule: LiveRule, graph: Graph, thing: ThingId, aspect: Aspect, state: string | undefined): boolean {
  if (rule.aspect !== aspect) return false
  if (state !== undefined && rule.states && !rule.states.includes(state)) return false
  const [key = ''] = parseThing(thing).key.split('/', 1)
  if (rule.indicator !== undefined && !namesIndicator(rule.indicator, key)) return false
  const isAnywhere = !rule.sites && !rule.areas && !rule.tags
  return isAnywhere || covers(rule, thing, graph)
}
