import Type from 'typebox'
import { metricPattern, slugPattern } from '../names.ts'

/** A measured value. JSON has no NaN and no infinity; what cannot be measured is left out, or null. */
export const Value = Type.Union([Type.Number(), Type.String({ maxLength: 4096 }), Type.Boolean(), Type.Null()])
export type Value = Type.Static<typeof Value>

export const Values = Type.Record(Type.String({ pattern: metricPattern }), Value, {
  minProperties: 1,
  maxProperties: 256,
  additionalProperties: false,
})
export type Values = Type.Static<typeof Values>

/** Milliseconds since 1970, UTC, as the sender claims it; whether it can be true is judged against the arrival. */
export const Timestamp = Type.Number({ title: 'Milliseconds since 1970, UTC' })

export const Slug = Type.String({ pattern: slugPattern })

/**
 * What an agent's messages have in common. `epoch` names the outbox (a new one after its disk was lost), `seq` counts
 * its messages from 1 without a gap, `lost` is how many of this epoch's messages the outbox had to drop so far.
 */
export const envelopeFields = {
  epoch: Type.String({ pattern: slugPattern }),
  seq: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  sent: Timestamp,
  replay: Type.Optional(Type.Boolean()),
  lost: Type.Optional(Type.Integer({ minimum: 0 })),
}

export interface Envelope {
  readonly epoch: string
  readonly seq: number
  readonly sent: number
  readonly replay?: boolean
  readonly lost?: number
}
