export interface Title {
  readonly vi: string
  readonly en: string
}

export interface Metric {
  /** A unit of the field, as UCUM writes it where it can (`%`, `ug/m3`, `Cel`, `By/s`). */
  readonly unit: string
  readonly kind: 'number' | 'string' | 'boolean'
  readonly title: Title
  /** Of a text: its values in words, where they are identifiers. */
  readonly words?: Readonly<Record<string, Title>>
  /** Of a number: what can be measured at all. A value outside of it is one of a broken sensor, and is set aside. */
  readonly min?: number
  readonly max?: number
  /** When a value that does not change is one of a stuck sensor; where it is absent, that is learned from its history. */
  readonly stuck?: Stuck
}

/** `constant`: it may stay as it is for ever, as a setpoint or the size of something. */
export type Stuck = 'constant' | StuckRule

export interface StuckRule {
  /** Values that differ by no more than `tolerance` for so long are stuck. */
  readonly window_s: number
  readonly tolerance: number
  /** Values that may stay, as no rain, or saturated air. */
  readonly exempt?: readonly Range[]
}

/** A kind of device: the measurement it is stored under, and what it measures. */
export interface DeviceType {
  readonly id: string
  readonly title: Title
  /** Seconds between measurements, when its birth does not say. */
  readonly cadence_s: number
  readonly metrics: Readonly<Record<string, Metric>>
  /** Values of a metric with which whoever watches the device reports that the device itself is gone: no sign of life. */
  readonly lifeless?: Readonly<Record<string, readonly string[]>>
  /** A metric in which whoever watches the device names what is wrong with it, and its values while nothing is. */
  readonly condition?: { readonly metric: string; readonly sound: readonly string[] }
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

/** Of air: on a calm night some values stay for an hour or two; pressure has plateaus of almost three. */
export const stuckAir: StuckRule = { window_s: 10_800, tolerance: 0 }
export const stuckPressure: StuckRule = { window_s: 21_600, tolerance: 0 }
/** In fog the air stays saturated. */
export const stuckHumidity: StuckRule = { window_s: 10_800, tolerance: 0, exempt: [[98, 110]] }
export const stuckWind: StuckRule = { window_s: 21_600, tolerance: 0, exempt: [[0, 0.5]] }
/** A steady drizzle tips the bucket as often for hours. */
export const stuckRain: StuckRule = { window_s: 43_200, tolerance: 0, exempt: [[0, 0]] }

/** Of water and batteries: they rest for days where nothing flows. */
export const stuckSlow: StuckRule = { window_s: 432_000, tolerance: 0 }
/** Of soil: it moves with the seasons. */
export const stuckSoil: StuckRule = { window_s: 2_592_000, tolerance: 0 }

/** A numeric metric. */
export function number(unit: string, vi: string, en: string, [min, max]: Range, stuck?: Stuck) {
  return { unit, kind: 'number', title: { vi, en }, min, max, ...(stuck === undefined ? {} : { stuck }) } as const
}

/** A metric whose values are texts, as a state or a class; `words` has those that are identifiers. */
export function text(vi: string, en: string, words?: Readonly<Record<string, Title>>) {
  return { unit: '1', kind: 'string', title: { vi, en }, ...(words === undefined ? {} : { words }) } as const
}

/** A metric that is true or false. */
export function flag(vi: string, en: string) {
  return { unit: '1', kind: 'boolean', title: { vi, en } } as const
}
