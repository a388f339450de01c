import { execFileSync, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type NetworkSample, trafficBetween } from '../../readings/network.ts'
import { hasNodeExporter, type Metric, startNodeExporter } from '../../testing/node-exporter.ts'
import { createSystemCollector } from './system.ts'

/** The figures of node_exporter that the agent's are compared with. */
interface Figures {
  readonly at: number
  readonly cpuBusy: number
  readonly cpuTotal: number
  readonly memoryUsed: number
  readonly memoryTotal: number
  readonly diskUsed: number
  readonly diskSize: number
  readonly disks: number
  readonly rx: number
  readonly tx: number
  readonly interfaces: number
}

function figuresOf(metrics: readonly Metric[]): Figures {
  const sum = (name: string, counts: (labels: Metric['labels']) => boolean = () => true) =>
    metrics.filter((metric) => metric.name === name && counts(metric.labels)).reduce((all, { value }) => all + value, 0)
  // The same device is mounted in several places.
  const size = new Map<string, number>()
  const used = new Map<string, number>()
  for (const { name, labels, value } of metrics) {
    const key = `${labels['mountpoint']}`
    if (name === 'node_filesystem_size_bytes') size.set(key, value)
  }
  const devices = new Map<string, string>()
  for (const { name, labels, value } of metrics) {
    if (name !== 'node_filesystem_free_bytes') continue
    const [device = '', point = ''] = [labels['device'], labels['mountpoint']]
    if (devices.has(device)) continue
    devices.set(device, point)
    used.set(device, (size.get(point) ?? 0) - value)
  }
  const physical = ({ device = '' }: Metric['labels']) => existsSync(`/sys/class/net/${device}/device`)
  const add = (values: Iterable<number>) => [...values].reduce((all, value) => all + value, 0)
  return {
    at: performance.now(),
    cpuBusy: sum('node_cpu_seconds_total', ({ mode }) => mode !== 'idle' && mode !== 'iowait'),
    cpuTotal: sum('node_cpu_seconds_total'),
    memoryUsed: sum('node_memory_MemTotal_bytes') - sum('node_memory_MemAvailable_bytes'),
    memoryTotal: sum('node_memory_MemTotal_bytes'),
    diskUsed: add(used.values()),
    diskSize: add([...devices.values()].map((point) => size.get(point) ?? 0)),
    disks: devices.size,
    rx: sum('node_network_receive_bytes_total', physical),
    tx: sum('node_network_transmit_bytes_total', physical),
    interfaces: metrics.filter(({ name, labels }) => name === 'node_network_receive_bytes_total' && physical(labels))
      .length,
  }
}

/** What a value that other processes change may have moved between two readings, as a part of the whole. */
const restlessness = 0.05
/** Ticks of the kernel's clock that may be on either side of a reading, in seconds of all processors. */
const cpuSlackS = 1

describe.skipIf(process.platform !== 'linux' || !hasNodeExporter())('beside node_exporter', () => {
  test('processor, memory, disks and network of one interval agree', async () => {
    const read = await startNodeExporter()
    const collector = createSystemCollector({ address: { site: 's', node: 'box-1' }, host: 'box' })
    const figures = async () => figuresOf(await read())
    const first = await figures()
    await collector.collect(new AbortController().signal)
    const second = await figures()
    // Work for the processor, and time that passes.
    for (let n = 0; n < 30; n++) await read()
    const third = await figures()
    const { measurements: [record] = [] } = await collector.collect(new AbortController().signal)
    const last = await figures()
    const values = record?.values as Record<string, number>
    const between = (value: number | undefined, low: number, high: number) => {
      expect(value).toBeGreaterThanOrEqual(low)
      expect(value).toBeLessThanOrEqual(high)
    }

    const busy = { least: third.cpuBusy - second.cpuBusy - cpuSlackS, most: last.cpuBusy - first.cpuBusy + cpuSlackS }
    const total = { least: third.cpuTotal - second.cpuTotal, most: last.cpuTotal - first.cpuTotal }
    between(values['cpu_percent'], (100 * busy.least) / total.most, (100 * busy.most) / Math.max(total.least, 1e-9))

    expect(values['memory_total_bytes']).toBe(last.memoryTotal)
    const memorySlack = restlessness * last.memoryTotal
    between(
      values['memory_used_bytes'],
      Math.min(third.memoryUsed, last.memoryUsed) - memorySlack,
      Math.max(third.memoryUsed, last.memoryUsed) + memorySlack,
    )

    // In a container there may be nothing but an overlay, which node_exporter leaves out.
    if (last.disks > 0) {
      expect(values['disk_total_bytes']).toBe(last.diskSize)
      const diskSlack = restlessness * last.diskSize
      between(
        values['disk_used_bytes'],
        Math.min(third.diskUsed, last.diskUsed) - diskSlack,
        Math.max(third.diskUsed, last.diskUsed) + diskSlack,
      )
    }

    if (last.interfaces > 0) {
      const seconds = { least: (third.at - second.at) / 1000, most: (last.at - first.at) / 1000 }
      for (const way of ['rx', 'tx'] as const) {
        const [least, most] = [third[way] - second[way], last[way] - first[way]]
        between(values[`net_${way}_bytes_per_s`], least / seconds.most, most / seconds.least)
      }
    }
  })
})

const namespace = `ioc-agent-${process.pid}`
const here = '198.51.100.77'
const there = '198.51.100.78'

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' })
}

/** A network namespace that is reached through a veth pair whose inner end is a port of its bridge `br-lan`. */
function makeNamespace(): boolean {
  const outer = `ioc${process.pid}`
  try {
    ip('netns', 'add', namespace)
    onTestFinished(() => ip('netns', 'del', namespace))
    ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', 'port0', 'netns', namespace)
  } catch (error) {
    if (process.env['IOC_REQUIRE_REAL'] === '1') throw error
    return false
  }
  ip('-n', namespace, 'link', 'add', 'br-lan', 'type', 'bridge', 'forward_delay', '0')
  ip('-n', namespace, 'link', 'set', 'port0', 'master', 'br-lan', 'up')
  ip('-n', namespace, 'link', 'set', 'br-lan', 'up')
  ip('-n', namespace, 'address', 'add', `${there}/30`, 'dev', 'br-lan')
  ip('address', 'add', `${here}/30`, 'dev', outer)
  ip('link', 'set', outer, 'up')
  return true
}

/** A function that takes samples inside the namespace. */
function samplesInside(): () => Promise<NetworkSample> {
  const script = join(import.meta.dirname, '../../testing/read-network.ts')
  const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return async () => {
    child.stdin.write('\n')
    return new Map(JSON.parse((await lines.next()).value as string)) as NetworkSample
  }
}

/** Much more than the link's own talk. */
const enoughBytes = 300_000
const packetBytes = 1_000
const packetsAtOnce = 100

/** Resolves to how many bytes it sent. */
async function sendPackets(): Promise<number> {
  const socket = createSocket('udp4')
  for (let n = 0; n < packetsAtOnce; n++) {
    await new Promise<void>((resolve, reject) =>
      socket.send(Buffer.alloc(packetBytes), 9, there, (error) => (error ? reject(error) : resolve())),
    )
  }
  socket.close()
  return packetsAtOnce * packetBytes
}

describe.skipIf(process.platform !== 'linux')('in a network namespace', () => {
  test('a byte that passes a bridge and its port counts once, and an address that comes and goes counts nothing', async (context) => {
    if (!makeNamespace()) context.skip('needs the right to make network namespaces')
    const sample = samplesInside()
    const start = await sample()
    let sent = 0
    let now = start
    // The first packets are lost until both ends know each other.
    for (let received = 0; received < enoughBytes; received = trafficBetween(start, now)?.rx ?? 0) {
      sent += await sendPackets()
      now = await sample()
    }
    expect(trafficBetween(start, now)?.rx).toBeLessThan(1.5 * sent)

    const quiet = 0.1 * enoughBytes
    ip('-n', namespace, 'address', 'flush', 'dev', 'br-lan')
    const without = await sample()
    ip('-n', namespace, 'address', 'add', `${there}/30`, 'dev', 'br-lan')
    const back = await sample()
    expect(trafficBetween(now, without)?.rx).toBeLessThan(quiet)
    expect(trafficBetween(without, back)?.rx).toBeLessThan(quiet)

    ip('-n', namespace, 'link', 'set', 'br-lan', 'down')
    ip('-n', namespace, 'link', 'set', 'br-lan', 'up')
    expect(trafficBetween(back, await sample())?.rx).toBeLessThan(quiet)
  })
})
