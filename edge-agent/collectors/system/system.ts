import os from 'node:os'
import type { system } from '@ioc/contract/device-types/system.ts'
import { disksReading } from '../../readings/disks.ts'
import { readMemory } from '../../readings/memory.ts'
import { type NetworkSample, readNetwork, trafficBetween } from '../../readings/network.ts'
import { reading } from '../../readings/reading.ts'
import { readTemperature } from '../../readings/temperature.ts'
import type { Collector, CollectorContext } from '../collector.ts'
import { cpuPercent, readCpuTimes } from './cpu.ts'

type Metric = keyof (typeof system)['metrics']
type Values = Partial<Record<Metric, number>>

/**
 * Measures the machine that the agent runs on; its device is named as the node is. Linux is read directly, since what counts
 * once there (interfaces, disks) only its own tables say; `systeminformation` and `node:os` know the other systems.
 */
export function createSystemCollector({ address, host }: Pick<CollectorContext, 'address' | 'host'>): Collector {
  const parts = [cpuReading(), load, memoryReading(), diskReading(), networkReading(), temperatureReading(), uptime]
  return {
    devices: () => [{ id: address.node, type: 'system', name: host }],
    async collect() {
      const ts = Date.now()
      const values = Object.assign({}, ...(await Promise.all(parts.map((part) => part()))))
      return { measurements: [{ device: address.node, ts, values: onlyFinite(values) }] }
    },
  }
}

function onlyFinite(values: Values): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)))
}

function cpuReading(): () => Promise<Values> {
  let before = readCpuTimes()
  return async () => {
    const now = readCpuTimes()
    const percent = cpuPercent(before, now)
    before = now
    return percent === undefined ? {} : { cpu_percent: percent }
  }
}

async function load(): Promise<Values> {
  // Windows has no load average: Node gives zeros there, which would look like a measurement.
  if (process.platform === 'win32') return {}
  const [one, five, fifteen] = os.loadavg()
  return { load_1m: one ?? Number.NaN, load_5m: five ?? Number.NaN, load_15m: fifteen ?? Number.NaN }
}

function memoryReading(): () => Promise<Values> {
  const read = reading(() => readMemory())
  return async () => {
    const memory = await read()
    const total = memory?.total ?? os.totalmem()
    const used = total - (memory?.available ?? os.freemem())
    return {
      memory_used_percent: (100 * used) / total,
      memory_used_bytes: used,
      memory_total_bytes: total,
      ...(memory && memory.swapTotal > 0 ? { swap_used_percent: (100 * memory.swapUsed) / memory.swapTotal } : {}),
    }
  }
}

function diskReading(): () => Promise<Values> {
  const read = reading(disksReading())
  return async () => {
    const disks = (await read()) ?? []
    if (disks.length === 0) return {}
    return {
      disk_used_percent: Math.max(...disks.map((disk) => disk.percent)),
      disk_used_bytes: disks.reduce((sum, disk) => sum + disk.used, 0),
      disk_total_bytes: disks.reduce((sum, disk) => sum + disk.size, 0),
    }
  }
}

function networkReading(): () => Promise<Values> {
  const read = reading(() => readNetwork())
  let before: { readonly at: number; readonly sample: NetworkSample } | undefined
  return async () => {
    const sample = await read()
    if (!sample) return {}
    const last = before
    before = { at: performance.now(), sample }
    const traffic = last && trafficBetween(last.sample, sample)
    if (!traffic) return {}
    const seconds = (before.at - last.at) / 1000
    return { net_rx_bytes_per_s: traffic.rx / seconds, net_tx_bytes_per_s: traffic.tx / seconds }
  }
}

function temperatureReading(): () => Promise<Values> {
  const read = reading(() => readTemperature())
  return async () => {
    const celsius = await read()
    return celsius === undefined ? {} : { temperature_c: celsius }
  }
}

async function uptime(): Promise<Values> {
  return { uptime_s: os.uptime() }
}
