import { createHash } from 'node:crypto'
import type { IndicatorDescriptor } from '@ioc/contract/messages/live.ts'
import { type AnyIndicator, describeIndicator, type Indicator } from '../indicators/indicator.ts'

/**
 * What is declared, by the id of each indicator, as a fingerprint: of its description without the texts for readers, of
 * the text of its functions, of its aggregates or inputs. What a function calls is not in its text: where that changes, the
 * declaration's `revision` is raised.
 */
export function fingerprintsOf(indicators: readonly Indicator[]): Record<string, string> {
  return Object.fromEntries(indicators.map((one) => [one.id, fingerprintOf(one)]))
}

function fingerprintOf(indicator: Indicator): string {
  return createHash('sha1')
    .update(JSON.stringify(contentOf(indicator)))
    .digest('hex')
}

function contentOf(indicator: AnyIndicator): unknown {
  const { revision = 0, parameters = [], value } = indicator
  const own = [
    withoutTexts(describeIndicator(indicator)),
    revision,
    value.toString(),
    ...parameters.map((one) => one.value),
  ]
  if (indicator.kind === 'measured') {
    const { aggregates, where } = indicator
    const parts = Object.entries(aggregates).map(([name, { text }]) => [name, text])
    return [...own, parts, where?.toString() ?? '']
  }
  if (indicator.kind === 'cases') return [...own, indicator.where?.toString() ?? '']
  const inputs = Object.entries(indicator.inputs)
  return [...own, inputs.map(([name, { indicator: input, values }]) => [name, values, contentOf(input)])]
}

/** A text that is worded better changes no value: the past is not computed anew. */
function withoutTexts(described: IndicatorDescriptor): Partial<IndicatorDescriptor> {
  const { title: _title, about: _about, reference: _reference, unconfirmed: _unconfirmed, ...rest } = described
  return rest
}
