import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Centre, startCentre, until } from '@ioc/tests/harness/centre.ts'
import type { LoadResult } from '@ioc/tests/harness/load.ts'
import { WebSocket } from 'ws'
import { figure } from '../figure.ts'
import { loadNodes, startLoad } from '../load.ts'
import { cpuDuring } from '../process-figures.ts'

const pointsPerMessage = 20
const pointsPerSecond = 5_000
const partMs = Number(process.env['IOC_BENCH_SECONDS'] ?? 60) * 1000
/** The same load from few devices and from many. */
const few = { nodes: 5, devices: 20 }
const many = { nodes: 20, devices: 500 }
/** Live values of a device that are waited for. */
const liveIndicators = ['system_cpu_1m', 'system_cpu_5m', 'system_memory_5m']
/** How long all live values may take, in ms. */
const liveTimeoutMs = 120_000

/** What a point costs with 100 devices and with 10,000, and how long the live values of all of them take. */
export async function growth(): Promise<void> {
  const [ofFew, ofMany] = [await measure(few), await measure(many)]
  figure('spine.growth.cpu_ratio', ofMany.perPoint / ofFew.perPoint, 'x', { few: ofFew, many: ofMany })
  figure('spine.growth.live_s', ofMany.liveSeconds, 's', { few: ofFew.liveSeconds, topics: ofMany.topics })
  figure('spine.growth.cpu_ms_per_new_device', ofMany.newDeviceMs, 'ms', { devices: many.nodes * many.devices })
}

async function measure({ nodes: nodeCount, devices }: typeof few) {
  const centre = await startCentre({ IOC_LOG_LEVEL: 'warn', IOC_PROCESSES: 'storage,broker,stream-processor,wall' })
  try {
    const nodes = await loadNodes(centre, nodeCount)
    const load = { port: centre.mqttPort, nodes, devices, recordsPerMessage: pointsPerMessage, window: 50 }
    const round = { ...load, durationMs: liveTimeoutMs, maxMessages: devices / pointsPerMessage }
    const count = nodeCount * devices
    const first = await cpuDuring(centre, async () => {
      await startLoad(round)
      await untilQuiet(centre)
    })
    const during = await cpuDuring(centre, async () => {
      await startLoad({ ...load, durationMs: partMs, messagesPerSecond: pointsPerSecond / pointsPerMessage })
      await untilQuiet(centre)
    })
    const points = (pointsPerSecond * partMs) / 1000
    await sleep(3_000)
    const live = await liveRound(centre, count, () => startLoad(round))
    return {
      perPoint: Math.round((during.total / points) * 1e9) / 1e3,
      unit: 'us',
      byProcess: during.byProcess,
      newDeviceMs: (first.total * 1000) / count,
      ...live,
    }
  } finally {
    await centre.stop()
    rmSync(centre.dataDir, { recursive: true, force: true })
  }
}

/** Seconds from the start of a round in which every device sends once until its live values have all come. */
async function liveRound(centre: Centre, devices: number, send: () => Promise<LoadResult>) {
  const socket = new WebSocket(`${centre.httpUrl.replace('http', 'ws')}/live`)
  await new Promise((resolve) => socket.once('open', resolve))
  const newest = new Map<string, number>()
  socket.on('message', (data) => {
    const { topic, ts } = JSON.parse(data.toString()) as { topic?: string; ts: number }
    if (topic?.startsWith('indicator/')) newest.set(topic, ts)
  })
  socket.send(JSON.stringify({ subscribe: liveIndicators.map((id) => `indicator/${id}/device`) }))
  const topics = devices * liveIndicators.length
  const heard = (since: number) => [...newest.values()].filter((ts) => ts >= since).length
  await until(
    'all live topics',
    async () => newest.size,
    (size) => size >= topics,
    liveTimeoutMs,
  )
  const since = Date.now()
  // The load starts later than it is asked for: its process has to come up first.
  const sending = send().then(({ seconds }) => performance.now() - seconds * 1000)
  await until(
    'all live values',
    async () => heard(since),
    (count) => count >= topics,
    liveTimeoutMs,
  )
  const receivedAt = performance.now()
  const liveSeconds = (receivedAt - (await sending)) / 1000
  socket.close()
  return { liveSeconds, topics }
}

/** Until the processor reports, of a time after this call, that nothing waits in the log or for the store. */
async function untilQuiet(centre: Centre): Promise<void> {
  const since = Date.now()
  await until(
    'all stored',
    async () => (await centre.health()).processes.find((one) => one.process === 'stream-processor'),
    (report) =>
      report !== undefined &&
      report.ts >= since &&
      report.gauges['lines_in_flight'] === 0 &&
      report.gauges['log_depth'] === 0,
    liveTimeoutMs,
  )
}
