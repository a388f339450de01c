import type { ConfigReport } from '@ioc/contract/messages/node-report.ts'
import { digestOf, type Revision } from './config-store.ts'

/** Whether a node has what the centre wants. */
export type Drift = 'none' | 'in_sync' | 'waiting' | 'trial' | 'failed'

/** `none`: the centre wants nothing. `waiting`: the node has not reported the newest revision. */
export function driftOf(latest: Revision | undefined, report: ConfigReport | undefined): Drift {
  if (!latest) return 'none'
  if (!report || report.digest !== digestOf(latest)) return 'waiting'
  switch (report.state) {
    case 'applied':
      return 'in_sync'
    case 'staged':
      return 'trial'
    case 'failed':
      return 'failed'
    default:
      return report.state satisfies never
  }
}
