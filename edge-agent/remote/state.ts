import { renameSync } from 'node:fs'
import { join } from 'node:path'
import type { ConfigReport } from '@ioc/contract/messages/node-report.ts'
import { readPrivateJson, readPrivateText, writePrivateJson } from '@ioc/runtime/private-file.ts'

/** A configuration as it came from the centre. */
export interface StoredConfig {
  readonly revision: number
  readonly digest: string
  readonly payload: string
}

/** What became of the newest configuration that reached the agent. */
export type Outcome = Pick<ConfigReport, 'revision' | 'digest' | 'state' | 'reason' | 'at'>

/** What the agent keeps of the configurations of the centre. One file, so that a crash leaves all of it or the one before. */
export interface RemoteState {
  /** The last one that worked: it is in force unless another is on trial. */
  readonly confirmed?: StoredConfig
  /** The one on trial, and how often the agent started with it. */
  readonly trial?: StoredConfig & { readonly starts: number }
  readonly newest?: Outcome
  /** Version of the agent that wrote it. */
  readonly agent?: string
}

const fileName = 'remote-config.json'

/** Reads the state; a damaged file is kept beside it, and the state is empty. */
export function readRemoteState(folder: string): RemoteState {
  const path = join(folder, fileName)
  const state = readPrivateJson(path)
  if (typeof state === 'object' && state !== null) return state as RemoteState
  if (readPrivateText(path) !== undefined) renameSync(path, `${path}.damaged`)
  return {}
}

/** Replaces the state, on disk when it returns. @throws Error where the disk does not take it */
export function writeRemoteState(folder: string, state: RemoteState): void {
  writePrivateJson(join(folder, fileName), state)
}
