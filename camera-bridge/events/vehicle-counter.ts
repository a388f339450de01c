import type { VehicleClass } from '@ioc/contract/device-types/traffic.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import type { CameraNotice } from '../onvif/pull-point.ts'

/** Classes as ONVIF and vendors name them, in lower case. What is not listed is no vehicle. */
const classes: Readonly<Record<string, VehicleClass>> = {
  bicycle: 'bicycle',
  bike: 'bicycle',
  motorbike: 'motorbike',
  motorcycle: 'motorbike',
  twowheeler: 'motorbike',
  vehicle: 'car',
  vehical: 'car',
  car: 'car',
  van: 'minibus',
  minibus: 'minibus',
  truck: 'truck',
  bus: 'bus',
  heavytruck: 'heavy_truck',
  trailer: 'trailer',
}

const minuteMs = 60_000
/** Records of one device at one time are this far apart, in ms, so that each has a time of its own. */
const apartMs = 1
/** Lines and classes of one camera. */
const maxCounters = 200
const maxNameLength = 64

interface Counter {
  readonly line: string
  readonly direction: string
  readonly vehicleClass: VehicleClass
  /** What the camera counted so far; undefined before it was first seen. */
  total: number | undefined
  /** Vehicles of the present minute. */
  vehicles: number
}

/**
 * Turns the counters of a camera into traffic by line, direction and class, a minute each. Counters that begin again count from
 * zero. The share of the minute in which the camera was seen in order goes with the counts; they are not extrapolated.
 */
export class VehicleCounter {
  readonly #camera: string
  readonly #counters = new Map<string, Counter>()
  #minute: number | undefined
  #checks = 0
  #goodChecks = 0

  constructor(camera: string) {
    this.#camera = camera
  }

  take(notices: readonly CameraNotice[]): void {
    for (const notice of notices) this.#takeOne(notice)
  }

  /** @param isGood whether the camera was online, with a picture in order */
  noteCheck(isGood: boolean): void {
    this.#checks += 1
    if (isGood) this.#goodChecks += 1
  }

  /** The records of the minute that ended, once it did. */
  drain(now: number): MeasurementRecord[] {
    const minute = Math.floor(now / minuteMs)
    const ended = this.#minute
    if (ended === minute) return []
    this.#minute = minute
    const quality = this.#checks === 0 ? 0 : Math.round((100 * this.#goodChecks) / this.#checks)
    this.#checks = 0
    this.#goodChecks = 0
    const records = [...this.#counters.values()].map(({ line, direction, vehicleClass, total, vehicles }, index) => ({
      device: deviceOf(this.#camera, line, direction),
      type: 'traffic',
      ts: minute * minuteMs + index * apartMs,
      values: {
        vehicle_class: vehicleClass,
        vehicles,
        ...(total === undefined ? {} : { vehicles_total: total }),
        ...(direction === '' ? {} : { direction }),
        quality_percent: quality,
      },
    }))
    for (const counter of this.#counters.values()) counter.vehicles = 0
    // Of the minute in which the bridge began only a part was counted.
    return ended === undefined ? [] : records
  }

  #takeOne({ topic, operation, source, data }: CameraNotice): void {
    const isCounter = /CountAggregation\/Counter$/.test(topic)
    const isCrossing = /LineDetector\/Crossed$/.test(topic) && operation === 'Changed'
    if (!isCounter && !isCrossing) return
    const text = data['ClassTypes'] ?? data['ClassType'] ?? data['ObjectType'] ?? source['ClassTypes']
    const vehicleClass = classes[(text ?? 'vehicle').toLowerCase().replaceAll(/[\s_-]/g, '')]
    if (!vehicleClass) return
    const line = source['Rule'] ?? source['RuleName'] ?? source['Name'] ?? 'line'
    const direction = data['Direction'] ?? source['Direction'] ?? ''
    const counter = this.#counterOf(`${isCounter} ${line} ${direction} ${vehicleClass}`, line, direction, vehicleClass)
    if (!counter) return
    if (isCrossing) {
      counter.vehicles += 1
      return
    }
    const total = Number(data['Count'] ?? Number.NaN)
    if (!Number.isSafeInteger(total) || total < 0) return
    if (counter.total !== undefined) counter.vehicles += total >= counter.total ? total - counter.total : total
    counter.total = total
  }

  #counterOf(key: string, line: string, direction: string, vehicleClass: VehicleClass): Counter | undefined {
    const known = this.#counters.get(key)
    if (known || this.#counters.size >= maxCounters) return known
    const counter = { line, direction, vehicleClass, total: undefined, vehicles: 0 }
    this.#counters.set(key, counter)
    return counter
  }
}

/** A point on a road of its own for each line and direction: names of rules may have any letters. */
function deviceOf(camera: string, line: string, direction: string): string {
  const slug = [line, direction]
    .filter((part) => part !== '')
    .join('-')
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[đĐ]/g, 'd')
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
  return `${camera}.${slug}`.slice(0, maxNameLength)
}
