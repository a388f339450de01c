import { statfs } from 'node:fs/promises'
import os from 'node:os'
import type { system } from '@ioc/contract/device-types/system.ts'
import si from 'systeminformation'
import type { Collector, CollectorContext } from '../collector.ts'
import { reading } from './reading.ts'

type Metric = keyof (typeof system)['metrics']
type Values = Partial<Record<Metric, number>>

/**
 * Measures the machine that the agent runs on; its device is named as the node is. `systeminformation` knows the
 * machine, `node:os` stands in where it fails.
 */
export function createSystemCollector({ address, host }: CollectorContext): Collector {
  const parts = [cpuReading(), load, memoryReading(), diskReading(), networkReading(), temperatureReading(), uptime]
  return {
    name: 'system',
    devices: () => [{ id: address.node, type: 'system', name: host }],
    async collect() {
      const ts = Date.now()
      const values = Object.assign({}, ...(await Promise.all(parts.map((part) => part()))))
      return [{ device: address.node, ts, values: onlyFinite(values) }]
    },
  }
}

function onlyFinite(values: Values): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)))
}

function cpuReading(): () => Promise<Values> {
  const read = reading(() => si.currentLoad())
  let before = cpuTimes()
  return async () => {
    const measured = (await read())?.currentLoad
    const now = cpuTimes()
    const total = now.total - before.total
    const busy = total > 0 ? (100 * (now.busy - before.busy)) / total : Number.NaN
    before = now
    return { cpu_percent: measured !== undefined && Number.isFinite(measured) ? measured : busy }
  }
}

function cpuTimes(): { busy: number; total: number } {
  let [busy, total] = [0, 0]
  for (const { times } of os.cpus()) {
    const all = times.user + times.nice + times.sys + times.irq + times.idle
    total += all
    busy += all - times.idle
  }
  return { busy, total }
}

async function load(): Promise<Values> {
  // Windows has no load average: Node gives zeros there, which would look like a measurement.
  if (process.platform === 'win32') return {}
  const [one, five, fifteen] = os.loadavg()
  return { load_1m: one ?? Number.NaN, load_5m: five ?? Number.NaN, load_15m: fifteen ?? Number.NaN }
}

function memoryReading(): () => Promise<Values> {
  const read = reading(() => si.mem())
  return async () => {
    const memory = await read()
    const total = memory?.total || os.totalmem()
    // What caches hold can be had: it is not "used" for whoever watches the machine.
    const used = memory?.total ? total - memory.available : total - os.freemem()
    return {
      memory_used_percent: (100 * used) / total,
      memory_used_bytes: used,
      memory_total_bytes: total,
      ...(memory && memory.swaptotal > 0 ? { swap_used_percent: (100 * memory.swapused) / memory.swaptotal } : {}),
    }
  }
}

interface Disk {
  readonly used: number
  /** Of what its users may have: the reserve of root is neither. */
  readonly percent: number
  readonly size: number
}

function diskReading(): () => Promise<Values> {
  const read = reading(async () => distinctDisks(await si.fsSize()))
  const readRoot = reading(rootDisk)
  return async () => {
    let disks = (await read()) ?? []
    if (disks.length === 0) disks = [await readRoot()].filter((disk) => disk !== undefined)
    if (disks.length === 0) return {}
    return {
      disk_used_percent: Math.max(...disks.map((disk) => disk.percent)),
      disk_used_bytes: disks.reduce((sum, disk) => sum + disk.used, 0),
      disk_total_bytes: disks.reduce((sum, disk) => sum + disk.size, 0),
    }
  }
}

/** The same disk mounted twice counts once; a CD or a snap image is always full and tells nothing. */
function distinctDisks(mounts: readonly si.Systeminformation.FsSizeData[]): Disk[] {
  const bySource = new Map<string, Disk>()
  for (const { fs, size, used, use, rw } of mounts) {
    if (size > 0 && rw !== false) bySource.set(fs, { size, used, percent: use })
  }
  return [...bySource.values()]
}

async function rootDisk(): Promise<Disk> {
  const { blocks, bfree, bavail, bsize } = await statfs('/')
  const used = (blocks - bfree) * bsize
  return { used, size: blocks * bsize, percent: (100 * used) / (used + bavail * bsize) }
}

/** Interfaces inside the machine: loopback, and bridges of containers, whose bytes pass a real one as well. */
const inner = /^(lo\d*|veth.*|docker.*|br-.*|virbr.*|cni.*)$/

function networkReading(): () => Promise<Values> {
  const read = reading(() => si.networkStats('*'))
  let before: { readonly at: number; readonly rx: number; readonly tx: number } | undefined
  return async () => {
    const interfaces = (await read())?.filter(({ iface }) => !inner.test(iface))
    if (!interfaces || interfaces.length === 0) return {}
    const now = {
      at: performance.now(),
      rx: interfaces.reduce((sum, { rx_bytes }) => sum + rx_bytes, 0),
      tx: interfaces.reduce((sum, { tx_bytes }) => sum + tx_bytes, 0),
    }
    const last = before
    before = now
    // Counters begin again when an interface goes: such an interval has no rate.
    if (!last || now.rx < last.rx || now.tx < last.tx) return {}
    const seconds = (now.at - last.at) / 1000
    return { net_rx_bytes_per_s: (now.rx - last.rx) / seconds, net_tx_bytes_per_s: (now.tx - last.tx) / seconds }
  }
}

function temperatureReading(): () => Promise<Values> {
  const read = reading(() => si.cpuTemperature())
  return async () => {
    const main = (await read())?.main
    // A sensor that is not there reads null, and 0 or less on some machines.
    return main !== null && main !== undefined && main > 0 ? { temperature_c: main } : {}
  }
}

async function uptime(): Promise<Values> {
  return { uptime_s: os.uptime() }
}
