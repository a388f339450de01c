import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { IocError } from '@ioc/contract/errors.ts'
import type { CaseRecord } from '@ioc/contract/messages/cases.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import type { NodeAddress } from '@ioc/contract/topics.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { Collected } from './collectors/collector.ts'
import { configFileName, createCollector } from './collectors/create.ts'
import { readConfig } from './config/config.ts'

/** Time between two looks at a source that sends by itself, in ms. */
const pollMs = 200

export interface Trial {
  readonly measurements: readonly MeasurementRecord[]
  readonly cases: readonly CaseRecord[]
  readonly problems: readonly string[]
}

export interface TrySettings {
  /** The agent's data folder, with its `agent.yaml`. */
  readonly folder: string
  readonly address: NodeAddress
  readonly allowExec: boolean
  readonly logger: Logger
}

/**
 * Runs one configured collector once and returns what it would send. Nothing is queued, and its source is not marked as
 * read. A source that sends by itself is watched until it sent something, or the timeout of the collector passes.
 * @throws IocError AGENT_CONFIG_INVALID, COLLECTOR_UNKNOWN; what the collector throws
 */
export async function tryCollector(id: string, settings: TrySettings): Promise<Trial> {
  const config = await readConfig(join(settings.folder, configFileName))
  const entry = config.collectors.find((one) => one.id === id)
  if (!entry) {
    const known = config.collectors.map((one) => one.id).join(', ')
    throw new IocError('COLLECTOR_UNKNOWN', `no collector ${id} in ${configFileName}; collectors: ${known}`)
  }
  const collector = await createCollector(entry, { ...settings, host: hostname() })
  const signal = AbortSignal.timeout(entry.timeoutS * 1000)
  try {
    for (;;) {
      const collected = await collector.collect(signal)
      if (!isEmpty(collected) || entry.kind.isPeriodic || signal.aborted) return trialOf(collected)
      await sleep(pollMs)
    }
  } finally {
    await collector.stop?.()
  }
}

/** One JSON line for each record, then the problems: the output of `ioc-agent try`. */
export function trialText({ measurements, cases, problems }: Trial): string {
  const lines = [...measurements, ...cases].map((record) => JSON.stringify(record))
  const count = `${measurements.length} measurements, ${cases.length} cases, ${problems.length} problems; nothing was sent`
  return [...lines, ...problems.map((problem) => `problem: ${problem}`), count].join('\n')
}

function isEmpty({ measurements = [], cases = [], problems = [] }: Collected): boolean {
  return measurements.length + cases.length + problems.length === 0
}

function trialOf({ measurements = [], cases = [], problems = [] }: Collected): Trial {
  return { measurements, cases, problems }
}
