import { execFile } from 'node:child_process'
import { isObject } from '@ioc/contract/messages/json.ts'

/** Time between two readings of the drives, in ms: what they report changes slowly. */
const readMs = 600_000
/** How long a drive may take to answer, in ms. */
const answerMs = 10_000
/** Bytes of an answer, at most. */
const maxAnswerBytes = 1_000_000
/** Drives of a machine, at most. */
const maxDrives = 64

/** What a drive reports of itself. */
export interface Drive {
  /** Its serial number where it has one, as its place may change; else its place. */
  readonly id: string
  readonly name: string
  readonly values: Readonly<Record<string, number | boolean>>
}

export interface DriveReadings {
  readonly drives: readonly Drive[]
  /** Why a drive cannot be read. */
  readonly problems: readonly string[]
}

/**
 * Reads all drives by `smartctl`, every ten minutes; what was read is returned once. A drive that sleeps is not woken. Most
 * systems let only root read a drive: what cannot be read is a problem that is reported, and no failure.
 */
export function drivesReading(): () => Promise<DriveReadings> {
  let readAt = Number.NEGATIVE_INFINITY
  let problems: readonly string[] = []
  return async () => {
    if (performance.now() - readAt < readMs) return { drives: [], problems }
    readAt = performance.now()
    const readings = await readDrives()
    problems = readings.problems
    return readings
  }
}

async function readDrives(): Promise<DriveReadings> {
  const scan = await smartctl('--scan')
  if (typeof scan === 'string') return { drives: [], problems: [scan] }
  const devices = asList(scan['devices']).slice(0, maxDrives)
  const drives: Drive[] = []
  const problems: string[] = devices.length === 0 ? ['smartctl finds no drives'] : []
  // One after the other: they share a bus.
  for (const { name, type } of devices) {
    if (typeof name !== 'string') continue
    const report = await smartctl(
      '-i',
      '-H',
      '-A',
      '-n',
      'standby',
      ...(typeof type === 'string' ? ['-d', type] : []),
      name,
    )
    const drive = typeof report === 'string' ? report : parseDrive(name, report)
    if (typeof drive === 'string') problems.push(`${name}: ${drive}`)
    else drives.push(drive)
  }
  return { drives, problems }
}

/** The answer of `smartctl --json`; or why there is none. Its exit code has bits for what a drive reports: it is no failure. */
function smartctl(...args: readonly string[]): Promise<Record<string, unknown> | string> {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`
  return new Promise((resolve) => {
    const options = { timeout: answerMs, maxBuffer: maxAnswerBytes, env: { ...process.env, PATH: path } }
    execFile('smartctl', ['--json', ...args], options, (error, stdout) => {
      if (error?.code === 'ENOENT') return resolve('smartctl is not installed (smartmontools)')
      try {
        const json: unknown = JSON.parse(stdout)
        resolve(isObject(json) ? json : 'smartctl does not answer JSON')
      } catch {
        resolve(error?.killed ? 'no answer in time' : 'smartctl does not answer JSON')
      }
    })
  })
}

/** Reads the report of a drive, ATA or NVMe; or why it says nothing. */
export function parseDrive(place: string, report: Record<string, unknown>): Drive | string {
  const nvme = asObject(report['nvme_smart_health_information_log'])
  const attributes = new Map(
    asList(asObject(report['ata_smart_attributes'])['table']).map(({ id, raw }) => [id, asObject(raw)['value']]),
  )
  const { passed } = asObject(report['smart_status'])
  const figures = {
    temperature_c: asObject(report['temperature'])['current'],
    wear_percent: nvme['percentage_used'] ?? asObject(report['endurance_used'])['current_percent'],
    reallocated_sectors: attributes.get(5),
    pending_sectors: attributes.get(197),
    media_errors: nvme['media_errors'] ?? attributes.get(198),
    power_on_hours: asObject(report['power_on_time'])['hours'],
  }
  const numbers = Object.entries(figures).filter((entry): entry is [string, number] => Number.isFinite(entry[1]))
  if (typeof passed !== 'boolean' && numbers.length === 0) return messageOf(report)
  const { serial_number: serial, model_name: model } = report
  return {
    id: typeof serial === 'string' && serial !== '' ? serial : place,
    name: typeof model === 'string' ? `${model}, ${place}` : place,
    values: { ...(typeof passed === 'boolean' ? { healthy: passed } : {}), ...Object.fromEntries(numbers) },
  }
}

function messageOf(report: Record<string, unknown>): string {
  const [message] = asList(asObject(report['smartctl'])['messages'])
  return typeof message?.['string'] === 'string' ? message['string'] : 'it reports nothing (SMART)'
}

const asObject = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {})
const asList = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isObject) : [])
