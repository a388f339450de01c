import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { Site } from '@ioc/contract/district/sites.ts'
import { type NodeAddress, username } from '@ioc/contract/topics.ts'
import { lockData } from '@ioc/runtime/data-lock.ts'
import { loadDistrict } from '@ioc/runtime/district/district.ts'
import { stopFailed } from '@ioc/runtime/exit.ts'
import { urlHost } from '@ioc/runtime/listen.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import { writePrivateJson } from '@ioc/runtime/private-file.ts'
import type { Running } from '@ioc/runtime/process.ts'
import { createSimulationClock } from './clock.ts'
import {
  addressOf,
  cameraAddressOf,
  cameraNodeName,
  cameraSites,
  demoCameraFile,
  readPasswords,
  simulatedSites,
  simulatorFolder,
} from './credentials.ts'
import { type DemoCameras, startDemoCameras } from './demo-cameras.ts'
import { Handover } from './handover.ts'
import type { Model } from './model.ts'
import { SimulatedNode } from './node.ts'
import type { SimulatorOptions } from './options.ts'
import { openRunState } from './run-state.ts'
import { scenarios } from './scenarios/table.ts'
import { createTimeline } from './timeline.ts'
import { createWorld, transportEventsOf } from './world.ts'

/** Models of which a bridge reports the present. */
const cameraModels: ReadonlySet<string> = new Set(['camera', 'high_camera'])
/** Over how much time the collections of one moment are spread, in ms. */
const spreadMs = 4_000
/** Where filling took longer than this, in ms, what came meanwhile is filled in too. */
const settledMs = 60_000
/** By how much an agent may be ahead of the slowest while the past is filled in, in ms of the past. */
const maxAheadMs = 6 * 3_600_000
/** How long filling waits for an agent that has to wait itself, in ms. */
const stalledMs = 50
/** How long filling waits where all outboxes are full, in ms. */
const pauseMs = 2

/**
 * Simulates the sites of the district whose kind is known, each by an agent of its own: first the past, then as the clock goes.
 * @throws IocError DISTRICT_INVALID, FOLDER_UNUSABLE, DISK_FULL, OPTION_INVALID
 */
export async function startSimulator(options: SimulatorOptions, logger: Logger): Promise<Running> {
  lockData(options.dataDir, 'simulator')
  const models = await loadModels(options.demoModels)
  const district = loadDistrict(options, Date.now(), logger)
  const passwords = readPasswords(options.dataDir)
  const scenario = scenarios[options.demoScenario as keyof typeof scenarios]
  const state = openRunState(options, scenario, Date.now())
  const events = scenario.events(state.begin)
  const world = createWorld(state.seed, district.calendar, events)
  const ofCameras = models.filter(({ name }) => cameraModels.has(name))
  rmSync(demoCameraFile(options.dataDir), { force: true })
  let cameras: DemoCameras | undefined
  const handover = new Handover(options.dataDir)
  const camerasFrom = Math.max(state.fillFrom, handover.until ?? state.fillFrom)
  // What each agent does is an ordinary line of its log; of a hundred agents it would hide what matters.
  const quiet = logger.child({}, { level: logger.isLevelEnabled('debug') ? 'debug' : 'warn' })
  const bridged = new Set(
    cameraSites(district.sites).filter((site) => passwords[username(cameraAddressOf(site))] !== undefined),
  )
  // A clock that is in the past has no cameras to speak to.
  const handsOver = options.demoSpeed === 1 && bridged.size > 0
  const nodes = simulatedSites(district.sites).flatMap((site, index, all) => {
    const own = bridged.has(site) ? models.filter((model) => !cameraModels.has(model.name)) : models
    return [
      ...nodeOf(addressOf(site), site, own, index / all.length),
      ...(bridged.has(site) ? nodeOf(cameraAddressOf(site), site, ofCameras, index / all.length) : []),
    ]
  })

  function nodeOf(address: NodeAddress, site: Site, ofModels: readonly Model[], delay: number): SimulatedNode[] {
    const password = passwords[username(address)]
    const sources = ofModels.flatMap((model) => model.sources?.(site, world) ?? [])
    const caseSources = ofModels.flatMap((model) => model.cases?.(site, world) ?? [])
    if (password === undefined || sources.length + caseSources.length === 0) return []
    const isOfCameras = address.node === cameraNodeName
    const settings = {
      site,
      address,
      password,
      url: `mqtt://${urlHost(options.bind)}:${options.mqttPort}`,
      folder: join(simulatorFolder(options.dataDir), 'outboxes', isOfCameras ? `${site.site}.cameras` : site.site),
      timeline: createTimeline(sources, caseSources),
      transport: transportEventsOf(events, site),
      from: isOfCameras ? camerasFrom : state.fillFrom,
      delayMs: Math.round(delay * spreadMs),
    }
    return [new SimulatedNode(settings, quiet.child({ node: username(address) }))]
  }
  for (const node of nodes) node.open()
  const clock = createSimulationClock(clockStart(options, state.begin, nodes), options.demoSpeed)
  const start = clock.now()
  const abort = new AbortController()
  let filledUntil = start
  for (const node of nodes) node.connect(start)
  const starts = nodes.map(({ reached }) => Math.max(reached, state.fillFrom))
  let isFilling = true

  const running = run().catch((error: Error) => {
    logger.fatal({ err: error }, 'unrecoverable error, stopping')
    stopFailed()
  })

  async function run(): Promise<void> {
    logger.info({ agents: nodes.length, scenario: options.demoScenario, from: state.fillFrom }, 'filling in the past')
    // The clock goes on meanwhile.
    for (let until = start; ; until = clock.now()) {
      filledUntil = until
      await fill(nodes, until, clock.speed() > 1 ? Number.POSITIVE_INFINITY : until, abort.signal)
      if (abort.signal.aborted) return
      if (clock.speed() > 1 || clock.now() - until < settledMs) break
    }
    isFilling = false
    logger.info({ records: sum((node) => node.records) }, 'the past is filled in: live from now on')
    const [ofBridge, others] = [nodes.filter(isHandedOver), nodes.filter((node) => !isHandedOver(node))]
    for (const node of others) node.run(clock)
    if (ofBridge.length === 0) return
    // Two clients with one credential would disconnect each other: theirs ends before the bridge begins.
    await Promise.all(ofBridge.map((node) => node.release()))
    if (abort.signal.aborted) return
    cameras = await startDemoCameras([...bridged], world)
    handover.start()
    writePrivateJson(demoCameraFile(options.dataDir), { cameras: cameras.list })
    logger.info({ cameras: cameras.list.length }, 'simulated cameras are ready')
  }

  function isHandedOver({ address }: SimulatedNode): boolean {
    return handsOver && address.node === cameraNodeName
  }

  const sum = (figure: (node: SimulatedNode) => number) => nodes.reduce((total, node) => total + figure(node), 0)
  return {
    async stop() {
      abort.abort()
      await running
      handover.stop()
      await cameras?.stop()
      await Promise.all(nodes.map((node) => node.stop()))
    },
    gauges: () => ({
      agents: nodes.length,
      connected: sum(({ connected }) => Number(connected)),
      queued: sum(({ queued }) => queued),
      lost: sum(({ lost }) => lost),
      sent: sum(({ sent }) => sent),
      records: sum(({ records }) => records),
      filling: Number(isFilling),
      cameras: cameras?.list.length ?? 0,
      fill_percent: isFilling ? fillPercent(nodes, starts, filledUntil) : 100,
      clock_ms: clock.now(),
      speed: clock.speed(),
    }),
  }
}

async function loadModels(path: string): Promise<readonly Model[]> {
  const url = path === '' ? new URL('models/table.ts', import.meta.url) : pathToFileURL(resolve(path))
  return ((await import(url.href)) as { readonly models: readonly Model[] }).models
}

/** Where the clock begins: now, or where the scenario begins that is played faster, but not before what there is already. */
function clockStart({ demoSpeed }: SimulatorOptions, begin: number, nodes: readonly SimulatedNode[]): number {
  if (demoSpeed === 1) return Date.now()
  const reached = nodes.reduce((latest, node) => Math.max(latest, node.reached), begin)
  return Math.min(Date.now(), reached)
}

/** Goes through the past, all agents side by side: an indicator of an area is of all its sites. */
async function fill(nodes: readonly SimulatedNode[], until: number, now: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const waiting = nodes.filter((node) => !node.isFilled(until))
    if (waiting.length === 0) return
    const slowest = Math.min(...waiting.map(({ reached }) => reached))
    const next = waiting
      .filter((node) => node.hasRoom(until) && node.reached <= slowest + maxAheadMs)
      .reduce<SimulatedNode | undefined>(
        (least, node) => (least && least.reached <= node.reached ? least : node),
        undefined,
      )
    if (next) {
      if (await next.fill(until, now)) await new Promise(setImmediate)
      else await sleep(stalledMs)
    } else await sleep(pauseMs)
  }
}

/** How much of the past is queued or sent, weighed by time. */
function fillPercent(nodes: readonly SimulatedNode[], starts: readonly number[], until: number): number {
  let done = 0
  let all = 0
  for (const [index, node] of nodes.entries()) {
    const start = starts[index] ?? until
    all += Math.max(0, until - start)
    done += Math.max(0, Math.min(node.reached, until) - start)
  }
  // All of it only when it is acknowledged too.
  return all === 0 ? 99 : Math.min(99, Math.floor((done / all) * 100))
}
