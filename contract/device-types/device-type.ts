export interface Title {
  readonly vi: string
  readonly en: string
}

export interface Metric {
  /** A unit of the field, as UCUM writes it where it can (`%`, `ug/m3`, `Cel`, `By/s`). */
  readonly unit: string
  readonly kind: 'number' | 'string' | 'boolean'
  readonly title: Title
}

/** A kind of device: the measurement it is stored under, and what it measures. */
export interface DeviceType {
  readonly id: string
  readonly title: Title
  /** Seconds between measurements, when its birth does not say. */
  readonly cadence_s: number
  readonly metrics: Readonly<Record<string, Metric>>
}

/** Keeps the literal names of the metrics in the type, so that a misspelt metric does not compile. */
export function deviceType<const T extends DeviceType>(type: T): T {
  return type
}

/** A numeric metric. */
export function number(unit: string, vi: string, en: string) {
  return { unit, kind: 'number', title: { vi, en } } as const
}

/** A metric whose values are words, as a state or a class. */
export function text(vi: string, en: string) {
  return { unit: '1', kind: 'string', title: { vi, en } } as const
}

/** A metric that is true or false. */
export function flag(vi: string, en: string) {
  return { unit: '1', kind: 'boolean', title: { vi, en } } as const
}
