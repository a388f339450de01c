import { deviceTypes, undeclared } from '@ioc/contract/device-types/table.ts'
import type { LiveLedger } from '@ioc/contract/messages/live.ts'

/** A measurement of the store: what queries may name. */
export interface Measurement {
  readonly tags: readonly string[]
  readonly fields: readonly string[]
}

const ledgerFields = [
  ...(['sent', 'stored', 'duplicates', 'queued', 'lost', 'rejected', 'offset_ms', 'clamped'] as const),
  ...(['too_late', 'corrected', 'reused', 'over_quota', 'refused'] as const),
] as const satisfies readonly (keyof LiveLedger)[]

/** What all processes say of themselves, and the gauges of some that the boards show. */
const selfFields = [
  ...['restarts', 'uptime_s', 'rss_mb', 'cpu_percent', 'loop_p99_ms'],
  ...['messages_per_s', 'connections', 'log_bytes', 'dead_letters', 'live_topics', 'clients'],
  ...['points_per_s', 'points_total', 'failures_total', 'log_depth', 'lag_ms', 'series'],
] as const

const incidentFields = [
  ...['title', 'title_en', 'cause', 'state', 'severity', 'affected', 'messages', 'ttr_s', 'tta_s'],
] as const

/** Every measurement that boards may ask. */
export const measurements: Readonly<Record<string, Measurement>> = {
  indicator: {
    tags: ['id', 'scope', 'area', 'site', 'device', 'group'],
    fields: ['value', 'level', 'samples', 'target'],
  },
  ledger: { tags: ['site', 'node'], fields: ledgerFields },
  self: { tags: ['process'], fields: selfFields },
  liveness: { tags: ['area', 'site', 'device'], fields: ['state', 'stuck', 'railed', 'clock_wrong'] },
  place: { tags: ['area', 'site', 'device'], fields: ['lat', 'lon', 'name'] },
  incident: { tags: ['id', 'aspect', 'kind', 'site'], fields: incidentFields },
  [undeclared]: { tags: ['area', 'site', 'device'], fields: [] },
  ...Object.fromEntries(
    Object.values(deviceTypes).map(({ id, metrics }) => [
      id,
      { tags: ['area', 'site', 'device'], fields: Object.keys(metrics) },
    ]),
  ),
}
