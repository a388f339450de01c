import { join } from 'node:path'
import { selfDeclaredTypes } from '@ioc/contract/device-types/self-declared.ts'
import type { IndicatorDescriptor } from '@ioc/contract/messages/live.ts'
import type { DeadLetters } from '@ioc/ingest-log/dead-letters.ts'
import type { IngestLog } from '@ioc/ingest-log/ingest-log.ts'
import { lanesOf } from '@ioc/ingest-log/lanes.ts'
import type { District } from '@ioc/runtime/district/district.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'
import type { CompletenessOptions } from './engine/completeness.ts'
import { createEngine, type Engine, type EngineOptions, joinPartitions } from './engine/engine.ts'
import type { LiveSource } from './engine/live-source.ts'
import type { Position } from './engine/output.ts'
import { watchIndicators } from './indicators/incidents.ts'
import { levelsOf } from './indicators/level.ts'
import { selfDeclaredIndicators } from './indicators/self-declared.ts'
import { casesOf, completenessOf, domainsOf, measuredOf } from './indicators/table.ts'
import { targetsOf } from './indicators/target.ts'
import type { LivePublisher } from './live-publisher.ts'
import type { ProcessorOptions } from './options.ts'
import { type Processor, type ProcessorParts, startProcessor } from './processor.ts'
import { type RecomputeParts, recomputeChanged } from './recompute.ts'
import { openCheckpointStore } from './state/checkpoint-store.ts'

/** How much of the log what is processed may take: the rest is for what waits. */
const processedShare = 0.5

export interface PartitionsParts {
  readonly options: ProcessorOptions
  readonly log: IngestLog
  readonly deadLetters: DeadLetters
  readonly write: ProcessorParts['write']
  readonly live: Pick<LivePublisher, 'publish' | 'drop'>
  readonly isReceiving: ProcessorParts['isReceiving']
  /** Takes up the types that births declare. */
  readonly declareTypes: NonNullable<EngineOptions['declareTypes']>
  readonly logger: Logger
}

/** The processors of all partitions, under one district. */
export interface Partitions {
  readonly indicators: readonly IndicatorDescriptor[]
  /** By partition. */
  readonly engines: readonly Engine[]
  /** Resolves when what was live before the start is processed. */
  readonly caughtUp: Promise<unknown>
  snapshot(): LiveSource[]
  /** Where the sites of the district and the devices are, stamped with `ts`, in ms. */
  positions(ts: number): Position[]
  /** Resolves when a checkpoint that begins now is saved: the store answers. */
  checkpoint(): Promise<void>
  /** Saves a last checkpoint, for which it waits `patienceMs`, as long as processors do without it. */
  stop(patienceMs?: number): Promise<void>
  gauges(): Record<string, number>
}

/**
 * Starts the processors of all partitions from their last checkpoints. To take another district up, stop them, and start
 * others: what arrives meanwhile is in the log.
 */
export async function startPartitions(parts: PartitionsParts, district: District): Promise<Partitions> {
  const { options, log, deadLetters, write, live, isReceiving, declareTypes, logger } = parts
  const domains = domainsOf(district.parameters)
  const indicators = [...measuredOf(domains), ...selfDeclaredIndicators(selfDeclaredTypes().values())]
  const caseIndicators = casesOf(domains)
  const completeness: CompletenessOptions = {
    indicators: completenessOf(domains),
    cadences: district.parameters.completeness_cadences.value,
    calendar: district.calendar,
  }
  type Computed = 'indicators' | 'caseIndicators' | 'completeness' | 'archiveOf' | 'declareTypes'
  const targetOf = targetsOf(district)
  const engineWith = (computed: Pick<EngineOptions, Computed>) =>
    createEngine({
      ...computed,
      rollups: true,
      latenessMs: options.latenessMs,
      idleMs: options.idleMs,
      forgetMs: options.forgetDays * 86_400_000,
      maxSeries: options.engineMaxSeries,
      maxAllDevices: options.engineMaxDevices,
      cacheMb: options.engineCacheMb / options.logPartitions,
      areaOf: district.areaOf,
      levelsAt: levelsOf(district),
      quotas: {
        maxDevices: options.nodeMaxDevices,
        maxFields: options.nodeMaxFields,
        maxAllFields: Math.ceil(options.engineMaxFields / options.logPartitions),
        maxGroups: options.nodeMaxGroups,
        maxCases: options.nodeMaxCases,
        maxBytesPerDay: options.nodeMaxMbPerDay * 1e6,
      },
      ownerSilentMs: options.ownerSilentHours * 3_600_000,
    })

  const folder = ensureFolder(join(options.dataDir, 'stream-processor'))
  const stores = Array.from({ length: options.logPartitions }, (_, partition) => {
    const path = join(folder, `partition-${partition}`)
    const checkpoints = openCheckpointStore(ensureFolder(path))
    const lanes = lanesOf(partition, options.logPartitions)
    return { path, checkpoints, lanes }
  })
  for (const { path, checkpoints, lanes } of stores) {
    const engineOf: RecomputeParts['engineOf'] = (some, archiveOf) =>
      engineWith({ indicators: some, caseIndicators: [], archiveOf })
    const scratch = `${path}.computing`
    await recomputeChanged({ log, lanes, checkpoints, indicators, engineOf, scratch, targetOf, write, logger })
  }
  const engines = stores.map(({ checkpoints: { archiveOf } }) =>
    engineWith({ indicators, caseIndicators, completeness, archiveOf, declareTypes }),
  )
  joinPartitions(engines)
  const processors: readonly Processor[] = stores.map(({ checkpoints, lanes }, partition) =>
    startProcessor({
      lanes,
      log,
      engine: engines[partition] as Engine,
      checkpoints,
      deadLetters,
      targetOf,
      write,
      publish: live.publish,
      isReceiving,
      logger,
      checkpointMs: options.checkpointMs,
      retentionMs: options.logRetentionHours * 3_600_000,
      retentionBytes: options.logMaxGb * 1e9 * processedShare,
    }),
  )
  let closing: Promise<unknown> | undefined
  const close = () => Promise.all(stores.map(({ checkpoints }) => checkpoints.stop()))
  return {
    indicators: [...indicators, ...caseIndicators, ...completeness.indicators, ...watchIndicators],
    engines,
    caughtUp: Promise.all(processors.map(({ caughtUp }) => caughtUp)),
    snapshot: () => engines.flatMap((engine) => engine.snapshot()),
    positions: (ts) => [...sitePositions(district, ts), ...engines.flatMap((engine) => engine.positions(ts))],
    async checkpoint() {
      await Promise.all(processors.map((processor) => processor.checkpoint()))
    },
    async stop(patienceMs) {
      await Promise.all(processors.map((processor) => processor.stop(patienceMs)))
      // Live values that still wait are read from the state that is closed now.
      live.drop()
      closing ??= close()
      await closing
    },
    gauges: () => sumGauges(processors.map((processor) => processor.gauges?.() ?? {})),
  }
}

function sitePositions({ described: { sites } }: District, ts: number): Position[] {
  return sites.flatMap(({ site, area, name, lat, lon }) =>
    lat === null || lon === null ? [] : [{ area, site, device: undefined, name, lat, lon, ts }],
  )
}

/** Counts of partitions add up; of times the longest counts. */
function sumGauges(all: readonly Record<string, number>[]): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const gauges of all) {
    for (const [name, value] of Object.entries(gauges)) {
      const before = sum[name] ?? 0
      sum[name] = name.endsWith('_ms') ? Math.max(before, value) : before + value
    }
  }
  return sum
}
