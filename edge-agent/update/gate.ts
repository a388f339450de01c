import type { CollectorState } from '@ioc/contract/messages/status.ts'
import type { AgentStatus } from '../status-file.ts'
import type { Baseline } from './pointer.ts'

/** Collectors that may fail after an update although they worked before it. */
const maxCollectorsLost = 1

export const countOk = (collectors: readonly CollectorState[]): number =>
  collectors.filter(({ state }) => state === 'ok').length

/** What an agent does not do that a healthy one does; undefined where it is healthy. */
export function unhealthyReason({ sent, connected, rss }: AgentStatus, maxRssMb: number): string | undefined {
  if (sent === 0) return connected ? 'no PUBACK' : 'no CONNACK'
  const rssMb = Math.round(rss / 1e6)
  return rssMb > maxRssMb ? `memory ${rssMb} MB, limit ${maxRssMb} MB` : undefined
}

/** Why a version does not pass the gate; undefined where it passes. `status` is its own, undefined where it wrote none. */
export function gateReason(
  status: AgentStatus | undefined,
  { collectorsOk }: Baseline,
  maxRssMb: number,
): string | undefined {
  if (status === undefined) return 'no sign of life'
  const reason = unhealthyReason(status, maxRssMb)
  if (reason !== undefined) return reason
  const ok = countOk(status.collectors)
  return ok < collectorsOk - maxCollectorsLost ? `${ok} of ${collectorsOk} collectors ok` : undefined
}
