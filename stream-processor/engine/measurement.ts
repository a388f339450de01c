import type { Value } from '@ioc/contract/messages/envelope.ts'

/** A measurement whose time and values have been judged: what the engine and the store take. */
export interface Measurement {
  /** Code of the area that its site is in, where that is known. */
  readonly area: string | undefined
  readonly site: string
  readonly node: string
  readonly device: string
  /** A declared device type, or `undeclared`. */
  readonly type: string
  /** Milliseconds since 1970, UTC: the claimed time, or the arrival where that lay in the future. */
  readonly ts: number
  /** What the device claimed, where it was clamped. */
  readonly claimed: number | undefined
  readonly values: Readonly<Record<string, NonNullable<Value>>>
  /** Values that the device's type does not declare. */
  readonly undeclared: Readonly<Record<string, NonNullable<Value>>> | undefined
}

/** A value, or a whole record, that cannot be stored, and why. */
export interface Fault {
  readonly device: string
  readonly reason: string
}
