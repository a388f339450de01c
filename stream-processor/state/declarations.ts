import { createHash } from 'node:crypto'
import type { IndicatorDescriptor } from '@ioc/contract/messages/live.ts'
import { type AnyIndicator, describeIndicator } from '../indicators/indicator.ts'

/** Fingerprints of earlier versions had no prefix: they contained the text of functions. */
const prefix = 'data:'

/**
 * What is declared, by the id of each indicator, as a fingerprint of its data: its description without the texts for
 * readers, its aggregates or inputs, its parameters. What its functions do is not in it: where that changes, the
 * declaration's `revision` is raised.
 */
export function fingerprintsOf(indicators: readonly AnyIndicator[]): Record<string, string> {
  return Object.fromEntries(indicators.map((one) => [one.id, fingerprintOf(one)]))
}

/** Whether a declaration has changed since its state was saved, as far as its fingerprint of then can be compared. */
export function hasChanged(before: string | undefined, now: string | undefined): boolean {
  return before === undefined || (before.startsWith(prefix) && before !== now)
}

function fingerprintOf(indicator: AnyIndicator): string {
  return (
    prefix +
    createHash('sha1')
      .update(JSON.stringify(contentOf(indicator)))
      .digest('hex')
  )
}

function contentOf(indicator: AnyIndicator): unknown {
  const { revision = 0, parameters = [] } = indicator
  const own = [withoutWording(describeIndicator(indicator)), revision, ...parameters.map((one) => one.value)]
  switch (indicator.kind) {
    case 'measured': {
      const parts = Object.entries(indicator.aggregates).map(([name, { text }]) => [name, text])
      return [...own, parts, indicator.where !== undefined]
    }
    case 'cases':
      return [...own, indicator.where !== undefined]
    case 'derived': {
      const inputs = Object.entries(indicator.inputs)
      return [...own, inputs.map(([name, { indicator: input, values }]) => [name, values, contentOf(input)])]
    }
    default:
      return indicator satisfies never
  }
}

/** Texts, and how a value is compared, change no value: the past is not computed anew. */
function withoutWording(described: IndicatorDescriptor): Partial<IndicatorDescriptor> {
  const { title: _title, about: _about, reference: _reference, ...others } = described
  const { unconfirmed: _unconfirmed, accumulates: _accumulates, ...rest } = others
  return rest
}
