export interface Title {
  readonly vi: string
  readonly en: string
}

export interface Metric {
  /** A unit of the field, as UCUM writes it where it can (`%`, `ug/m3`, `Cel`, `By/s`). */
  readonly unit: string
  readonly kind: 'number' | 'string' | 'boolean'
  readonly title: Title
  /** Of a number: what can be measured at all. A value outside of it is one of a broken sensor, and is set aside. */
  readonly min?: number
  readonly max?: number
}

/** A kind of device: the measurement it is stored under, and what it measures. */
export interface DeviceType {
  readonly id: string
  readonly title: Title
  /** Seconds between measurements, when its birth does not say. */
  readonly cadence_s: number
  readonly metrics: Readonly<Record<string, Metric>>
  /** Metrics that count a part of another one of the same record, and so cannot be more than it. */
  readonly parts?: Readonly<Record<string, string>>
}

/** Keeps the literal names of the metrics in the type, so that a misspelt metric does not compile. */
export function deviceType<const T extends DeviceType>(type: T): T {
  return type
}

/** The least and the greatest value that can be measured. */
export type Range = readonly [min: number, max: number]

/** Of what is counted, or has a size: no machine has more. */
export const countRange: Range = [0, 1e15]
/** Sensors in fog, and shares that are rounded, read a little more than 100. */
export const percentRange: Range = [0, 110]
/** Of outdoor air, in °C, with some room for a sensor in the sun. */
export const airTemperatureRange: Range = [-50, 70]

/** A numeric metric. */
export function number(unit: string, vi: string, en: string, [min, max]: Range) {
  return { unit, kind: 'number', title: { vi, en }, min, max } as const
}

/** A metric whose values are words, as a state or a class. */
export function text(vi: string, en: string) {
  return { unit: '1', kind: 'string', title: { vi, en } } as const
}

/** A metric that is true or false. */
export function flag(vi: string, en: string) {
  return { unit: '1', kind: 'boolean', title: { vi, en } } as const
}
