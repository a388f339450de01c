import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConfigReport, FlowsReport, UpdateReport } from '@ioc/contract/messages/node-report.ts'
import type { CollectorState } from '@ioc/contract/messages/status.ts'

/** What the agent last noted about itself, for a status command in another process. */
export interface AgentStatus {
  /** When it was written, in ms since 1970, UTC. */
  readonly written: number
  readonly pid: number
  readonly connected: boolean
  /** Why it is not connected, where that is known. */
  readonly failure?: string
  readonly queued: number
  /** Messages that the broker acknowledged since the start. */
  readonly sent: number
  /** Resident memory in bytes. */
  readonly rss: number
  /** What became of the last update. */
  readonly update?: UpdateReport
  readonly collectors: readonly CollectorState[]
  /** The newest configuration from the centre. */
  readonly config?: ConfigReport
  /** Flows of Node-RED; absent where there are none. */
  readonly flows?: FlowsReport
}

const fileName = 'status.json'

/** Replaces the status in the agent's folder. A status is a convenience: where the disk is full, the agent goes on. */
export function writeStatus(folder: string, status: AgentStatus): void {
  const path = join(folder, fileName)
  try {
    writeFileSync(`${path}.new`, JSON.stringify(status))
    renameSync(`${path}.new`, path)
  } catch {
    // The next status is tried again.
  }
}

/** The last status, or `undefined` where there is none. */
export function readStatus(folder: string): AgentStatus | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, fileName), 'utf8')) as AgentStatus
  } catch {
    return undefined
  }
}
