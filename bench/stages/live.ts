import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { nodeTopic } from '@ioc/contract/topics.ts'
import { type Centre, startCentre } from '@ioc/tests/harness/centre.ts'
import mqtt from 'mqtt'
import { WebSocket } from 'ws'
import { figure, quantile } from '../figure.ts'
import { loadNodes, startLoad } from '../load.ts'

const backgroundPointsPerSecond = 20_000
const durationMs = Number(process.env['IOC_BENCH_SECONDS'] ?? 60) * 1000
/** Probes: each speaks about every ten seconds, as devices do; all together, twenty times a second. */
const probes = 200
const probesPerSecond = 20

/** From publishing a measurement to its indicator in a WebSocket client of `/live`, beside 20,000 points a second. */
export async function live(): Promise<void> {
  const centre = await startCentre({ IOC_LOG_LEVEL: 'warn', IOC_PROCESSES: 'storage,broker,stream-processor,wall' })
  try {
    const nodes = await loadNodes(centre, 20)
    const load = startLoad({
      port: centre.mqttPort,
      nodes,
      devices: 20,
      recordsPerMessage: 20,
      window: 50,
      durationMs,
      messagesPerSecond: backgroundPointsPerSecond / 20,
    })
    const { latencies, published } = await probe(centre)
    const { points, seconds } = await load
    const sorted = latencies.sort((a, b) => a - b)
    const detail = { probes: published, heard: sorted.length, background_points_per_s: Math.round(points / seconds) }
    figure('spine.live_ms.p50', quantile(sorted, 0.5), 'ms', detail)
    figure('spine.live_ms.p99', quantile(sorted, 0.99), 'ms', detail)
    figure('spine.live_ms.max', quantile(sorted, 1), 'ms', detail)
  } finally {
    await centre.stop()
    rmSync(centre.dataDir, { recursive: true, force: true })
  }
}

async function probe(centre: Centre): Promise<{ latencies: number[]; published: number }> {
  const credential = await centre.addNode('probe', 'node')
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${centre.mqttPort}`, credential)
  const socket = new WebSocket(`${centre.httpUrl.replace('http', 'ws')}/live`)
  await new Promise((resolve) => socket.once('open', resolve))
  socket.send(JSON.stringify({ subscribe: ['indicator/system_cpu_1m/device/probe'] }))
  const waiting = new Map<string, number>()
  const latencies: number[] = []
  socket.on('message', (data) => {
    const { topic, ts } = JSON.parse(data.toString()) as { topic: string; ts: number }
    const key = `${topic.split('/').at(-1)} ${ts}`
    const at = waiting.get(key)
    if (at === undefined) return
    waiting.delete(key)
    latencies.push(performance.now() - at)
  })
  const end = performance.now() + durationMs - 1000
  let seq = 0
  while (performance.now() < end) {
    seq++
    const device = `probe-${seq % probes}`
    const ts = Date.now()
    waiting.set(`${device} ${ts}`, performance.now())
    const records = [{ device, ts, type: 'system', values: { cpu_percent: seq % 100 } }]
    client.publish(
      nodeTopic({ site: 'probe', node: 'node' }, 'telemetry'),
      JSON.stringify({ epoch: 'p', seq, sent: ts, records }),
      { qos: 1 },
    )
    await sleep(1000 / probesPerSecond)
  }
  await sleep(2000)
  socket.close()
  await client.endAsync()
  return { latencies, published: seq }
}
