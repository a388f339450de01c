import { join } from 'node:path'
import type { LiveProcess } from '@ioc/contract/messages/live.ts'
import { livePrefix } from '@ioc/contract/topics.ts'
import type { DeadLetter } from '@ioc/ingest-log/dead-letters.ts'
import { lanesOf } from '@ioc/ingest-log/lanes.ts'
import { openLogs } from '@ioc/ingest-log/open.ts'
import { partitionOf } from '@ioc/ingest-log/partition.ts'
import { credentialFile, readCredential } from '@ioc/runtime/credential-file.ts'
import { lockData } from '@ioc/runtime/data-lock.ts'
import { loadDistrict } from '@ioc/runtime/district/district.ts'
import { urlHost } from '@ioc/runtime/listen.ts'
import { ensureFolder, runProcess } from '@ioc/runtime/process.ts'
import { storeTarget } from '@ioc/storage/target.ts'
import { createWriter } from '@ioc/storage/writer/writer.ts'
import mqtt from 'mqtt'
import { createEngine, type Engine, type EngineOptions, joinPartitions } from './engine/engine.ts'
import { describeIndicator } from './indicators/indicator.ts'
import { casesOf, domainsOf, measuredOf } from './indicators/table.ts'
import { selfLine, tagsOf } from './lines.ts'
import { createLivePublisher } from './live-publisher.ts'
import { processorOptions } from './options.ts'
import { startProcessor } from './processor.ts'
import { type RecomputeParts, recomputeChanged } from './recompute.ts'
import { openCheckpointStore } from './state/checkpoint-store.ts'

/** How much of the log what is processed may take: the rest is for what waits. */
const processedShare = 0.5

/** With so many lines waiting for the store, self-reports are left out. */
const busyLines = 20_000

await runProcess('stream-processor', processorOptions, async (options, logger) => {
  lockData(options.dataDir, 'stream-processor')
  const district = loadDistrict(options, Date.now(), logger)
  const domains = domainsOf(district.parameters)
  const [indicators, caseIndicators] = [measuredOf(domains), casesOf(domains)]
  const folder = ensureFolder(join(options.dataDir, 'stream-processor'))
  const { log, deadLetters } = openLogs(options)
  const keep = (letter: DeadLetter, id: string) =>
    deadLetters.add(letter, id).catch((error: Error) => logger.error({ err: error }, 'cannot store a dead letter'))
  /** By partition. */
  const engines: Engine[] = []
  const writer = createWriter({
    target: storeTarget(options),
    lingerMs: options.storeBatchMs,
    onWaiting: (error, waitMs) => logger.warn({ reason: error.message, waitMs }, 'waiting for the store'),
    onRejected(line, reason) {
      logger.warn({ reason, line: line.slice(0, 256) }, 'the store rejected a line')
      const { site = '', ...of } = tagsOf(line)
      const node = engines[partitionOf(site, options.logPartitions)]?.noteRefused({ site, ...of }, reason) ?? ''
      const letter = { arrival: Date.now(), site, node, channel: 'store', code: 'STORE_REFUSED', reason }
      void keep({ ...letter, payload: Buffer.from(line) }, line.slice(0, 256))
    },
  })

  const credential = await readCredential(credentialFile(options.dataDir, 'centre'))
  const client = mqtt.connect(`mqtt://${urlHost(options.bind)}:${options.mqttPort}`, {
    ...credential,
    clientId: `stream-processor-${process.pid}`,
    reconnectPeriod: 500,
    queueQoSZero: false,
    // Once its listeners are there: what is recomputed first may take longer than connecting does.
    manualConnect: true,
  })
  client.on('error', (error) => logger.debug({ err: error }, 'MQTT'))
  const live = createLivePublisher(client)

  const engineWith = (computed: Pick<EngineOptions, 'indicators' | 'caseIndicators' | 'archiveOf'>) =>
    createEngine({
      ...computed,
      rollups: true,
      latenessMs: options.latenessMs,
      idleMs: options.idleMs,
      forgetMs: options.forgetDays * 86_400_000,
      mostSeries: options.engineMaxSeries,
      mostDevices: options.engineMaxDevices,
      cacheMb: options.engineCacheMb / options.logPartitions,
      areaOf: district.areaOf,
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

  const write = (lines: string[]) => writer.write(lines)
  const partitions = Array.from({ length: options.logPartitions }, (_, partition) => {
    const path = join(folder, `partition-${partition}`)
    const checkpoints = openCheckpointStore(ensureFolder(path))
    const lanes = lanesOf(partition, options.logPartitions)
    return { path, checkpoints, lanes }
  })
  for (const { path, checkpoints, lanes } of partitions) {
    const engineOf: RecomputeParts['engineOf'] = (some, archiveOf) =>
      engineWith({ indicators: some, caseIndicators: [], archiveOf })
    const scratch = `${path}.computing`
    await recomputeChanged({ log, lanes, checkpoints, indicators, engineOf, scratch, write, logger })
  }
  engines.push(
    ...partitions.map(({ checkpoints: { archiveOf } }) => engineWith({ indicators, caseIndicators, archiveOf })),
  )
  joinPartitions(engines)
  const processors = partitions.map(({ checkpoints, lanes }, partition) => {
    const engine = engines[partition] as Engine
    const processor = startProcessor({
      lanes,
      log,
      engine,
      checkpoints,
      deadLetters,
      write,
      publish: live.publish,
      logger,
      checkpointMs: options.checkpointMs,
      retentionMs: options.logRetentionHours * 3_600_000,
      retentionBytes: options.logMaxGb * 1e9 * processedShare,
    })
    return { engine, checkpoints, processor }
  })

  let isCaughtUp = false
  const publishAll = () => {
    const sources = processors.flatMap(({ engine }) => engine.snapshot())
    // Until then, what the log still holds may bring back topics that the last checkpoint does not have.
    if (isCaughtUp) live.publishSnapshot(sources)
    else live.publish(sources)
  }
  void Promise.all(processors.map(({ processor }) => processor.caughtUp)).then(() => {
    isCaughtUp = true
    publishAll()
  })
  client.on('connect', () => {
    live.describe([...indicators, ...caseIndicators].map(describeIndicator), district.described)
    publishAll()
    client.subscribe(`${livePrefix}process/#`)
  })
  client.on('message', (_topic, payload) => {
    const report = JSON.parse(payload.toString()) as LiveProcess
    // What a process says of itself is worth no waiting: while the store is away it is left out.
    if (report.up && writer.queued < busyLines) writer.write([selfLine(report)]).catch(() => undefined)
  })
  client.connect()

  return {
    async stop() {
      for (const { processor, checkpoints } of processors) {
        await processor.stop()
        await checkpoints.stop()
      }
      live.stop()
      await client.endAsync()
      await writer.stop()
      await deadLetters.stop()
      await log.stop()
    },
    gauges: () => sumGauges(processors.map(({ processor }) => processor.gauges?.() ?? {})),
  }
})

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
