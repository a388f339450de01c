import { isDeepStrictEqual } from 'node:util'
import type { BrokerAndWall } from './broker-and-wall.ts'

interface Stored {
  readonly epoch: string
  readonly seq: number
  readonly lost: number
  readonly records: readonly { readonly device: string; readonly ts: number }[]
}

/** The messages with measurements of a node, as the centre stored them. */
export function storedMessages({ stored }: BrokerAndWall, node: string): Stored[] {
  return stored
    .filter((one) => one.node === node && one.channel === 'telemetry')
    .map(({ payload }) => JSON.parse(payload) as Stored)
}

/**
 * What is wrong with the messages of a node: numbers that are missing beyond those declared lost, a number that was given to
 * two messages, a record that came under two numbers.
 */
export function deliveryFaults(messages: readonly Stored[]): string[] {
  const epochs = new Map<string, Map<number, Stored>>()
  const numberOf = new Map<string, string>()
  const faults: string[] = []
  for (const message of messages) {
    const { epoch, seq, records } = message
    const number = `${epoch} ${seq}`
    const known = epochs.get(epoch) ?? new Map<number, Stored>()
    epochs.set(epoch, known)
    const before = known.get(seq)
    if (before && !isDeepStrictEqual(before.records, records)) faults.push(`${number}: two messages`)
    known.set(seq, message)
    for (const { device, ts } of records) {
      const record = `${device} ${ts}`
      const first = numberOf.get(record)
      if (first !== undefined && first !== number) faults.push(`record ${record}: as ${first} and as ${number}`)
      numberOf.set(record, number)
    }
  }
  for (const [epoch, known] of epochs) {
    const lost = Math.max(...[...known.values()].map((message) => message.lost))
    const missing = Math.max(...known.keys()) - known.size
    if (missing !== lost) faults.push(`${epoch}: ${missing} numbers are missing, ${lost} declared lost`)
  }
  return faults
}
