import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { portable } from './portable.ts'

/** A sensor, by its label or the type of its zone, in °C. */
export interface Sensor {
  readonly label: string
  readonly celsius: number
}

/**
 * Labels of sensors of the processor, best first: the die (AMD reports a control value too, which may have an offset), the
 * package (Intel), its parts, and the zones of boards and of machines without a driver for sensors.
 */
const processorLabels = [
  /^tdie$/i,
  /^tctl$/i,
  /^(package|physical) id/i,
  /^tccd1$/i,
  /^core /i,
  /cpu/i,
  /^x86_pkg_temp$/,
]

/** Temperature of the processor in °C: of the hottest of its best sensors. One that is not there reads 0 or less. */
export function processorTemperature(sensors: readonly Sensor[]): number | undefined {
  const warm = sensors.filter(({ celsius }) => celsius > 0)
  for (const label of processorLabels) {
    const found = warm.filter((sensor) => label.test(sensor.label))
    if (found.length > 0) return Math.max(...found.map(({ celsius }) => celsius))
  }
  return undefined
}

/** Reads the temperature of this machine's processor in °C. @param root where `/sys` is */
export async function readTemperature(platform = process.platform, root = '/'): Promise<number | undefined> {
  if (platform !== 'linux') {
    const { main } = await (await portable()).cpuTemperature()
    return main !== null && main > 0 ? main : undefined
  }
  const [monitors, zones] = await Promise.all([readMonitors(root), readZones(root)])
  return processorTemperature([...monitors, ...zones])
}

async function readMonitors(root: string): Promise<Sensor[]> {
  const folder = join(root, 'sys/class/hwmon')
  const sensors = (await entriesOf(folder)).map(async (monitor) => {
    const files = (await entriesOf(join(folder, monitor))).filter((file) => /^temp\d+_label$/.test(file))
    return Promise.all(files.map((file) => readSensor(join(folder, monitor), file, file.replace(/label$/, 'input'))))
  })
  return (await Promise.all(sensors)).flat()
}

async function readZones(root: string): Promise<Sensor[]> {
  const folder = join(root, 'sys/class/thermal')
  const zones = (await entriesOf(folder)).filter((entry) => entry.startsWith('thermal_zone'))
  return Promise.all(zones.map((zone) => readSensor(join(folder, zone), 'type', 'temp')))
}

/** A sensor that cannot be read counts as one that is not there. */
async function readSensor(folder: string, label: string, millidegrees: string): Promise<Sensor> {
  const text = (file: string) => readFile(join(folder, file), 'latin1').catch(() => '')
  return { label: (await text(label)).trim(), celsius: Number(await text(millidegrees)) / 1000 }
}

function entriesOf(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}
