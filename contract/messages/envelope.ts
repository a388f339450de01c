import Type from 'typebox'
import { metricPattern, slugPattern } from '../names.ts'

/** Characters of a text, at most. */
export const maxText = 4096
/** Values of a record, at most. */
export const maxValues = 256
/** Records of a message, at most. */
export const maxRecords = 10_000

/** A measured value. JSON has no NaN and no infinity; what cannot be measured is left out, or null. */
export const Value = Type.Union([Type.Number(), Type.String({ maxLength: maxText }), Type.Boolean(), Type.Null()])
export type Value = Type.Static<typeof Value>

export const Values = Type.Record(Type.String({ pattern: metricPattern }), Value, {
  minProperties: 1,
  maxProperties: maxValues,
  additionalProperties: false,
})
export type Values = Type.Static<typeof Values>

/** Times fit into 64 bits, in whatever unit they are. */
export const maxTime = 9e18

/**
 * Milliseconds since 1970, UTC, as the sender claims it; whether it can be true, and in which unit it is, is judged against
 * the arrival.
 */
export const Timestamp = Type.Number({
  title: 'Milliseconds since 1970, UTC',
  minimum: -maxTime,
  maximum: maxTime,
})

export const Slug = Type.String({ pattern: slugPattern })

/** Highest number of a message: a thousand a second for thirty years, and sums over many outboxes are exact. */
export const maxSeq = 1e12

/**
 * What an agent's messages have in common. `epoch` names the outbox (a new one after its disk was lost), `seq` counts
 * its messages from 1 without a gap, `lost` is how many of this epoch's messages the outbox had to drop so far.
 */
export const envelopeFields = {
  epoch: Type.String({ pattern: slugPattern }),
  seq: Type.Integer({ minimum: 1, maximum: maxSeq }),
  sent: Timestamp,
  replay: Type.Optional(Type.Boolean()),
  lost: Type.Optional(Type.Integer({ minimum: 0, maximum: maxSeq })),
}

export interface Envelope {
  readonly epoch: string
  readonly seq: number
  /** Absent where it could not be read. */
  readonly sent?: number
  readonly replay?: boolean
  readonly lost?: number
}

/** A message of an agent. */
export interface Message<R> extends Envelope {
  readonly records: readonly R[]
}

/** A message that cannot be told from others of its node: what an operator sends again has no number. */
export interface UnnumberedMessage<R> extends Partial<Omit<Envelope, 'epoch' | 'seq'>> {
  readonly epoch?: undefined
  readonly records: readonly R[]
}
