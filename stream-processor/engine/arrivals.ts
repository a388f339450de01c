import { findDevice, noDevice, noteTime, type Registry } from './devices.ts'
import type { IndicatorEngine } from './indicator-engine.ts'
import type { NodeLedger } from './ledger.ts'
import type { Liveness } from './liveness/liveness.ts'
import type { Measurement } from './measurement.ts'
import type { OnceQueue } from './once-queue.ts'

/** So many measurements are taken at once: what they need stays in the nearest caches until their turn. */
const mostWaiting = 128

/**
 * Measurements that wait for a few more, to be taken together: first their devices are found, then all that is kept of
 * these is read, then one after the other is taken. Devices that send when they like have nothing near each other, and
 * whoever takes one measurement at a time waits for memory at each step of it; here the waits are at the same time.
 */
export interface Arrivals {
  /** Where measurements are put from now on, besides being taken. None waits. */
  collectIn(list: Measurement[]): void
  /** @param ledger of the message that it came in */
  add(measurement: Measurement, arrivalMs: number, ledger?: NodeLedger): void
  /** Takes all that wait. To be called before anything is read or changed that does not wait. */
  flush(): void
}

export interface ArrivalsOptions {
  readonly registry: Registry
  readonly windows: IndicatorEngine
  readonly liveness: Pick<Liveness, 'measured'>
  /** Devices that have new live values. */
  readonly touched: OnceQueue
  readonly counts: { points: number; tooLate: number }
  /** A measurement could not be added to its windows. */
  readonly onFailure: (measurement: Measurement, error: unknown) => void
}

export function createArrivals({ registry, windows, liveness, touched, counts, onFailure }: ArrivalsOptions): Arrivals {
  /** Those that wait are its last. */
  let measurements: Measurement[] = []
  let waiting = 0
  const ledgers = new Array<NodeLedger | undefined>(mostWaiting).fill(undefined)
  const arrivals = new Float64Array(mostWaiting)
  const devices = new Int32Array(mostWaiting)
  /** Kept, so that what is read ahead is not taken for needless. */
  const read = new Float64Array(1)

  function findDevices(first: number): void {
    for (let index = 0; index < waiting; index++) {
      devices[index] = findDevice(registry, measurements[first + index] as Measurement)
    }
  }

  /** Reads what the measurements that wait will change. */
  function readAhead(first: number): void {
    let sum = 0
    for (let index = 0; index < waiting; index++) {
      const device = devices[index] as number
      if (device === noDevice) continue
      sum += (registry.lastTs[device] as number) + (registry.placed[device] as number)
    }
    for (let index = 0; index < waiting; index++) {
      const device = devices[index] as number
      if (device === noDevice) continue
      sum += windows.readAhead((measurements[first + index] as Measurement).type, device)
    }
    read[0] = sum
  }

  function takeAll(first: number): void {
    for (let index = 0; index < waiting; index++) {
      const measurement = measurements[first + index] as Measurement
      try {
        take(measurement, index)
      } catch (error) {
        onFailure(measurement, error)
      }
    }
  }

  function take(measurement: Measurement, index: number): void {
    const device = devices[index] as number
    if (device === noDevice) return
    noteTime(registry, device, measurement.ts)
    touched.add(device)
    liveness.measured(measurement, arrivals[index] as number)
    if (registry.placed[device] === 0) {
      windows.target(device, measurement)
      registry.placed[device] = 1
    }
    // By the clock: a series whose backlog is read is not quiet, however long ago that arrived.
    if (!windows.add(measurement, device, arrivals[index] as number)) return
    counts.tooLate++
    const ledger = ledgers[index]
    if (ledger) ledger.tooLate++
  }

  function flush(): void {
    const { searches } = registry
    const first = measurements.length - waiting
    findDevices(first)
    // Where devices follow each other as they did before, the machine reads ahead by itself.
    if (registry.searches > searches) readAhead(first)
    takeAll(first)
    counts.points += waiting
    waiting = 0
  }

  return {
    flush,
    collectIn(list) {
      measurements = list
    },
    add(measurement, arrivalMs, ledger) {
      if (waiting === mostWaiting) flush()
      measurements.push(measurement)
      arrivals[waiting] = arrivalMs
      ledgers[waiting++] = ledger
    },
  }
}
