import { createHash } from 'node:crypto'
import type { DeviceBirth } from '@ioc/contract/messages/status.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import { maxNameLength, toAscii } from '@ioc/contract/names.ts'
import { disksReading } from '../../readings/disks.ts'
import { interfaceOf, type NetworkSample, readLinkStates, readNetwork } from '../../readings/network.ts'
import { reading } from '../../readings/reading.ts'
import type { Collector, CollectorContext } from '../collector.ts'
import { drivesReading } from './drives.ts'
import type { MachineOptions } from './kind.ts'
import { readProcesses, readServices, type ServiceState } from './services.ts'

/** A part of the machine, a device of its own, with what was measured of it. */
interface Part {
  readonly device: DeviceBirth
  readonly values: Readonly<Record<string, number | boolean>>
}

/** What a reader found. */
interface Found {
  readonly parts: readonly Part[]
  /** Why some parts cannot be measured. */
  readonly problems?: readonly string[]
}

/** Parts of a machine since the start, those that went away too: containers come and go under new names. */
const maxParts = 500
/** Characters of a hash that tells long names apart. */
const hashLength = 8

/**
 * Devices of parts are named after the node, so that two machines of a site do not share them. Where that is too long for a
 * name, its end is a hash.
 */
export function partId(node: string, kind: string, name: string): string {
  const id = `${node}-${kind}-${slugOf(name)}`
  if (id.length <= maxNameLength) return id
  const hash = createHash('sha256').update(id).digest('hex').slice(0, hashLength)
  return `${id.slice(0, maxNameLength - hashLength - 1)}-${hash}`
}

/** `/srv/data` becomes `srv-data`, `/` becomes `root`. */
function slugOf(name: string): string {
  const slug = toAscii(name)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return slug || 'root'
}

/** Measures the parts of the machine that the agent runs on: each is a device. A part that went away is no longer measured. */
export function createMachineCollector(
  { file_systems, interfaces, drives = false, services = [], processes = [] }: Partial<MachineOptions>,
  { address, host }: Pick<CollectorContext, 'address' | 'host'>,
): Collector {
  const { node } = address
  const named = (kind: string, type: string, name: string): DeviceBirth => ({
    id: partId(node, kind, name),
    type,
    name: `${name} – ${host}`,
  })
  const known = new Map<string, DeviceBirth>()
  for (const name of [...services, ...processes]) {
    const device = named('service', 'service', name)
    known.set(device.id, device)
  }
  const readers = [
    ...(file_systems ? [fileSystems(named)] : []),
    ...(interfaces ? [networkInterfaces(named)] : []),
    ...(drives ? [driveHealth(named)] : []),
    ...(services.length > 0 ? [serviceStates(named, services, (names) => readServices(names))] : []),
    ...(processes.length > 0 ? [serviceStates(named, processes, readProcesses)] : []),
  ]

  return {
    devices: () => [...known.values()],
    async collect() {
      const ts = Date.now()
      const results = await Promise.allSettled(readers.map((read) => read()))
      const found = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
      const failures = results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []))
      const parts = found.flatMap((one) => one.parts)
      if (parts.length === 0 && failures.length > 0) throw new Error(failures.join('; '))
      const counted = new Map<string, Part>()
      for (const part of parts) {
        const { id } = part.device
        if (counted.has(id) || (!known.has(id) && known.size >= maxParts)) continue
        counted.set(id, part)
        known.set(id, part.device)
      }
      if (counted.size < parts.length) failures.push(`${parts.length - counted.size} parts are left out`)
      const measurements = [...counted.values()]
        .filter(({ values }) => Object.keys(values).length > 0)
        .map(({ device, values }): MeasurementRecord => ({ device: device.id, ts, values: { ...values } }))
      return { measurements, problems: [...failures, ...found.flatMap(({ problems = [] }) => problems)] }
    },
  }
}

type Named = (kind: string, type: string, name: string) => DeviceBirth

function fileSystems(named: Named): () => Promise<Found> {
  const read = disksReading()
  return async () => ({
    parts: (await read()).map(({ point, used, size, percent }) => ({
      device: named('disk', 'file_system', point),
      values: { used_percent: percent, used_bytes: used, total_bytes: size },
    })),
  })
}

/** Drives that cannot be read, as without the right to, are a problem and no failure: the other parts are measured. */
function driveHealth(named: Named): () => Promise<Found> {
  const read = drivesReading()
  return async () => {
    const { drives, problems } = await read()
    const parts = drives.map(({ id, name, values }) => ({
      device: { ...named('drive', 'storage_drive', name), id: named('drive', 'storage_drive', id).id },
      values,
    }))
    return { parts, problems: problems.map((one) => `SMART: ${one}`) }
  }
}

function networkInterfaces(named: Named): () => Promise<Found> {
  let names: readonly string[] = []
  const readStates = reading(() => readLinkStates(names))
  let before: { readonly at: number; readonly sample: NetworkSample } | undefined
  return async () => {
    const sample = await readNetwork()
    const last = before
    before = { at: performance.now(), sample }
    const seconds = last ? (before.at - last.at) / 1_000 : 0
    names = [...sample.keys()].map(interfaceOf)
    const states = await readStates()
    const parts = [...sample].map(([key, { rx, tx }]) => {
      const name = interfaceOf(key)
      const up = states?.get(name)
      const earlier = last?.sample.get(key)
      const isComparable = earlier !== undefined && rx >= earlier.rx && tx >= earlier.tx
      const rates = isComparable
        ? { rx_bytes_per_s: (rx - earlier.rx) / seconds, tx_bytes_per_s: (tx - earlier.tx) / seconds }
        : {}
      const state = up === undefined ? {} : { up }
      return { device: named('net', 'network_interface', name), values: { ...state, ...rates } }
    })
    return { parts }
  }
}

function serviceStates(
  named: Named,
  names: readonly string[],
  read: (names: readonly string[]) => Promise<ReadonlyMap<string, ServiceState>>,
): () => Promise<Found> {
  return async () => ({
    parts: [...(await read(names))].map(([name, state]) => ({
      device: named('service', 'service', name),
      values: { ...state },
    })),
  })
}
