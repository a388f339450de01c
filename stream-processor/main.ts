import { selfDeclaredTypes } from '@ioc/contract/device-types/self-declared.ts'
import type { LiveIncident } from '@ioc/contract/messages/incidents.ts'
import type { IndicatorDescriptor, LiveProcess } from '@ioc/contract/messages/live.ts'
import { livePrefix, nodeTopic, parseUsername, typeControlTopic } from '@ioc/contract/topics.ts'
import type { DeadLetter } from '@ioc/ingest-log/dead-letters.ts'
import { openLogs } from '@ioc/ingest-log/open.ts'
import { partitionOf } from '@ioc/ingest-log/partition.ts'
import { credentialFile, readCredential } from '@ioc/runtime/credential-file.ts'
import { lockData } from '@ioc/runtime/data-lock.ts'
import type { District } from '@ioc/runtime/district/district.ts'
import { watchDistrict } from '@ioc/runtime/district/watch.ts'
import { stopFailed } from '@ioc/runtime/exit.ts'
import { urlHost } from '@ioc/runtime/listen.ts'
import { runProcess } from '@ioc/runtime/process.ts'
import { storeTarget } from '@ioc/storage/target.ts'
import { createWriter } from '@ioc/storage/writer/writer.ts'
import mqtt from 'mqtt'
import { describeIndicator } from './indicators/indicator.ts'
import { levelsOf } from './indicators/level.ts'
import { referencesOf } from './indicators/table.ts'
import { targetsOf } from './indicators/target.ts'
import { incidentLine, linesOf, selfLine, tagsOf } from './lines.ts'
import { createLivePublisher } from './live-publisher.ts'
import { processorOptions } from './options.ts'
import { type Partitions, startPartitions } from './partitions.ts'
import { openTypeRegistry } from './types/registry.ts'
import { readTypeRequest } from './types/type-request.ts'
import { createWatchFigures } from './watch-figures.ts'

/** With so many lines waiting for the store, self-reports are left out. */
const busyLines = 20_000
/** How long stopping waits for a district that is being taken up, in ms. */
const patienceMs = 3_000
/** How often positions are written again, in ms: a retention of the store must not leave the map empty. */
const positionsMs = 86_400_000
/** From a change of the self-declared types to its indicators, and between two such changes, in ms. */
const typesDelayMs = 1_000
const minTypesIntervalMs = 60_000
/** Incidents, whose points are written like all others. */
const incidentFilter = `${livePrefix}incident/#`

await runProcess('stream-processor', processorOptions, async (options, logger) => {
  lockData(options.dataDir, 'stream-processor')
  const watch = watchDistrict({
    files: options,
    referencesOf,
    logger,
    pollMs: options.districtPollMs,
    onChange: (district) => takeUpNext(district, 'the district is taken up'),
    onProblem: () => describe(),
  })
  const { log, deadLetters } = openLogs(options)
  const keep = (letter: DeadLetter, id: string) =>
    deadLetters.add(letter, id).catch((error: Error) => logger.error({ err: error }, 'cannot store a dead letter'))
  const writer = createWriter({
    target: storeTarget(options),
    lingerMs: options.storeBatchMs,
    onWaiting: (error, waitMs) => logger.warn({ reason: error.message, waitMs }, 'waiting for the store'),
    onRejected(line, reason) {
      logger.warn({ reason, line: line.slice(0, 256) }, 'the store rejected a line')
      const { site = '', ...of } = tagsOf(line)
      const engine = partitions?.engines[partitionOf(site, options.logPartitions)]
      const node = engine?.noteRefused({ site, ...of }, reason) ?? ''
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
  const watchFigures = createWatchFigures()
  const write = (lines: string[]) => writer.write(lines)
  const types = openTypeRegistry(options.dataDir, (isComputed) => {
    logger.info({ types: selfDeclaredTypes().size }, 'self-declared types changed')
    describe()
    if (isComputed) scheduleTypes()
  })
  const declareTypes: typeof types.offer = (node, declared) => {
    const reasons = types.offer(node, declared)
    for (const reason of reasons) {
      const notice = { command: 'notice', code: 'TYPE_REFUSED', reason }
      client.publish(nodeTopic(parseUsername(node), 'command'), JSON.stringify(notice), { qos: 1 })
    }
    return reasons
  }
  /** What an operator asks for by `ioc type`. The types are published as they are then, whatever came of it. */
  function controlTypes(payload: Buffer): void {
    const request = readTypeRequest(payload)
    // The interval is for nodes, which may declare on and on.
    const isWaiting = typesTimer !== undefined
    clearTimeout(typesTimer)
    typesTimer = undefined
    typesTakenUp = Number.NEGATIVE_INFINITY
    if (request?.remove !== undefined) types.remove(request.remove, Date.now())
    const reason = request?.restore === undefined ? undefined : types.restore(request.restore)
    if (!request || reason !== undefined) logger.warn({ reason, request }, 'request for a type refused')
    if (isWaiting) scheduleTypes()
  }
  const parts = { options, log, deadLetters, write, live, isReceiving: () => client.connected, declareTypes, logger }
  /** `undefined` while others are about to be started in their place. */
  let partitions: Partitions | undefined
  let leaving: Partitions | undefined
  let descriptors: readonly IndicatorDescriptor[] = []
  let isCaughtUp = false
  let isStopping = false
  let takingUp: Promise<void> = Promise.resolve()
  let typesTimer: NodeJS.Timeout | undefined
  let typesTakenUp = Number.NEGATIVE_INFINITY
  partitions = follow(await startPartitions(parts, watch.district))

  /** Publishes a snapshot once what the log holds is processed. */
  function follow(started: Partitions): Partitions {
    descriptors = started.indicators.map(describeIndicator)
    void started.caughtUp.then(() => {
      if (partitions !== started) return
      isCaughtUp = true
      publishAll()
      writePositions()
    })
    return started
  }

  function publishAll(): void {
    const sources = [...(partitions?.snapshot() ?? []), ...watchFigures.sources()]
    // Until then, what the log still holds may bring back topics that the last checkpoint does not have.
    if (isCaughtUp) live.publishSnapshot(sources)
    else live.publish(sources)
  }

  function takeFigures(report: LiveProcess): void {
    const { lines, changed } = watchFigures.take(report, levelsOf(watch.district), targetsOf(watch.district))
    writer.write(lines).catch(() => undefined)
    live.publish(changed)
  }

  function writePositions(): void {
    const { lines, failures } = linesOf({ points: [], rollups: [], positions: partitions?.positions(Date.now()) ?? [] })
    if (failures.length > 0) logger.error({ err: failures[0], failures: failures.length }, 'cannot write positions')
    // Stopping ends the wait for the store; the next start writes them again.
    writer.write(lines).catch(() => undefined)
  }

  function describe(): void {
    const { district, problem } = watch
    const described = { ...district.described, problem }
    live.describe(descriptors, described, [...selfDeclaredTypes().values()])
  }

  /** One after the other. */
  function takeUpNext(district: District, message: string): Promise<void> {
    takingUp = takingUp.then(() => takeUp(district, message)).catch(endWith)
    return takingUp
  }

  /** The indicators of new types follow a moment later, and not more often than the interval: a node may declare on and on. */
  function scheduleTypes(): void {
    const waitMs = Math.max(typesDelayMs, typesTakenUp + minTypesIntervalMs - performance.now())
    typesTimer ??= setTimeout(() => {
      typesTimer = undefined
      typesTakenUp = performance.now()
      void takeUpNext(watch.district, 'the self-declared types are taken up')
    }, waitMs)
  }

  /** As a restart would: from a checkpoint on, with the new district or types. */
  async function takeUp(district: District, message: string): Promise<void> {
    // While the store is away, the partitions go on as they are.
    await partitions?.checkpoint()
    if (isStopping) return
    isCaughtUp = false
    leaving = partitions
    partitions = undefined
    await leaving?.stop(Number.POSITIVE_INFINITY)
    if (isStopping) return
    partitions = follow(await startPartitions(parts, district))
    describe()
    publishAll()
    logger.info(message)
  }

  function endWith(error: Error): void {
    logger.fatal({ err: error }, 'cannot take up the district or the types, stopping')
    stopFailed()
  }

  client.on('connect', () => {
    describe()
    publishAll()
    client.subscribe([`${livePrefix}process/#`, incidentFilter, typeControlTopic])
  })
  client.on('message', (topic, payload) => {
    // An incident that is evicted stays in the store.
    if (payload.length === 0) return
    if (topic === typeControlTopic) return controlTypes(payload)
    if (!topic.startsWith(`${livePrefix}process/`)) {
      writer.write([incidentLine(JSON.parse(payload.toString()) as LiveIncident)]).catch(() => undefined)
      return
    }
    const report = JSON.parse(payload.toString()) as LiveProcess
    // What a process says of itself is worth no waiting: while the store is away it is left out.
    if (report.up && writer.queued < busyLines) writer.write([selfLine(report)]).catch(() => undefined)
    if (report.up && report.process === 'alerting') takeFigures(report)
  })
  client.connect()
  watch.start()
  const positionsTimer = setInterval(writePositions, positionsMs)

  return {
    async stop() {
      isStopping = true
      clearInterval(positionsTimer)
      clearTimeout(typesTimer)
      await watch.stop(patienceMs)
      await (partitions ?? leaving)?.stop()
      live.stop()
      await client.endAsync()
      await writer.stop()
      await deadLetters.stop()
      await log.stop()
    },
    gauges: () => ({ ...partitions?.gauges(), district_refused: watch.problem ? 1 : 0 }),
  }
})
