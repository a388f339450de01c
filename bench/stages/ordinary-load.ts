import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { nodeTopic } from '@ioc/contract/topics.ts'
import { type Centre, type Credential, startCentre } from '@ioc/tests/harness/centre.ts'
import mqtt from 'mqtt'
import { WebSocket } from 'ws'
import { figure, quantile } from '../figure.ts'
import { loadNodes, startLoad } from '../load.ts'
import { cpuDuring } from '../process-figures.ts'

const pointsPerMessage = 20
const rates = [5_000, 20_000]
/** Of each part: at rest; and at each rate first the CPU, then what a live value takes. */
const partMs = Number(process.env['IOC_BENCH_SECONDS'] ?? 60) * 1000
/** How long the load runs before anything is measured, in ms: devices are met for the first time. */
const warmUpMs = 5_000
/** Probes: each sends about every ten seconds, as devices do; all together, twenty times a second. */
const probes = 200
const probesPerSecond = 20

/** What the centre costs at rest and at ordinary load, and how long a live value takes to a WebSocket client of `/live`. */
export async function ordinaryLoad(): Promise<void> {
  const centre = await startCentre({ IOC_LOG_LEVEL: 'warn', IOC_PROCESSES: 'storage,broker,stream-processor,wall' })
  try {
    const nodes = await loadNodes(centre, 20)
    const credential = await centre.addNode('probe', 'node')
    await sleep(warmUpMs)
    cores('idle', await cpuDuring(centre, () => sleep(partMs)))
    for (const rate of rates) {
      const load = startLoad({
        port: centre.mqttPort,
        nodes,
        devices: 20,
        recordsPerMessage: pointsPerMessage,
        window: 50,
        durationMs: warmUpMs + 2 * partMs,
        messagesPerSecond: rate / pointsPerMessage,
      })
      await sleep(warmUpMs)
      cores(`${rate}`, await cpuDuring(centre, () => sleep(partMs)))
      const { latencies, acknowledged, published } = await probe(centre, credential)
      const { points, seconds } = await load
      const detail = { probes: published, received: latencies.length, load_points_per_s: Math.round(points / seconds) }
      const sorted = latencies.sort((a, b) => a - b)
      const acks = acknowledged.sort((a, b) => a - b)
      for (const [name, q] of Object.entries({ p50: 0.5, p99: 0.99, max: 1 })) {
        figure(`spine.live_ms.${name}.${rate}`, quantile(sorted, q), 'ms', { ...detail, puback_ms: quantile(acks, q) })
      }
    }
  } finally {
    await centre.stop()
    rmSync(centre.dataDir, { recursive: true, force: true })
  }
}

function cores(variant: string, { seconds, byProcess, total }: Awaited<ReturnType<typeof cpuDuring>>): void {
  const perSecond = Object.entries(byProcess).map(([name, cpu]) => [name, Math.round((cpu / seconds) * 1e4) / 1e4])
  figure(`spine.cores.${variant}`, total / seconds, 'cores', { seconds, ...Object.fromEntries(perSecond) })
}

async function probe(centre: Centre, credential: Credential) {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${centre.mqttPort}`, credential)
  const socket = new WebSocket(`${centre.httpUrl.replace('http', 'ws')}/live`)
  await new Promise((resolve) => socket.once('open', resolve))
  socket.send(JSON.stringify({ subscribe: ['indicator/system_cpu_1m/device/probe'] }))
  const waiting = new Map<string, number>()
  const latencies: number[] = []
  const acknowledged: number[] = []
  socket.on('message', (data) => {
    const { topic, ts } = JSON.parse(data.toString()) as { topic?: string; ts: number }
    const key = `${topic?.split('/').at(-1)} ${ts}`
    const at = waiting.get(key)
    if (at === undefined) return
    waiting.delete(key)
    latencies.push(performance.now() - at)
  })
  const epoch = `p${Date.now().toString(36)}`
  const end = performance.now() + partMs - 1000
  let seq = 0
  while (performance.now() < end) {
    seq++
    const device = `probe-${seq % probes}`
    const ts = Date.now()
    const started = performance.now()
    waiting.set(`${device} ${ts}`, started)
    const records = [{ device, ts, type: 'system', values: { cpu_percent: seq % 100 } }]
    const payload = JSON.stringify({ epoch, seq, sent: ts, records })
    client.publish(nodeTopic({ site: 'probe', node: 'node' }, 'telemetry'), payload, { qos: 1 }, (error) => {
      if (!error) acknowledged.push(performance.now() - started)
    })
    await sleep(1000 / probesPerSecond)
  }
  await sleep(1000)
  socket.close()
  await client.endAsync()
  return { latencies, acknowledged, published: seq }
}
