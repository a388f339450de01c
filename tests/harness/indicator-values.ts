import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import type { AnyIndicator } from '@ioc/stream-processor/indicators/indicator.ts'
import { fingerprintsOf } from '@ioc/stream-processor/state/declarations.ts'
import type { Expected } from '@ioc/stream-processor/testing/oracle.ts'

/** What indicators emitted for known inputs, as it is kept beside the code. */
interface Golden {
  /** Digest of the inputs: values of other inputs do not compare. */
  readonly inputs: string
  readonly indicators: Readonly<Record<string, { readonly declared: string; readonly values: string }>>
}

/** Significant digits that count: sums differ in their last bits where the same terms are added in another order. */
const digits = 9

/**
 * The indicators whose values for the same inputs are not those of the file although nothing that is declared has changed,
 * by their ids: a function does something else, and `revision` was not raised. A file of other inputs, or of other
 * declarations, is out of date; with `IOC_UPDATE_GOLDEN=1` it is written anew, unless there are such indicators.
 * @throws Error the file is out of date
 */
export function changedWithoutRevision(
  file: URL,
  indicators: readonly AnyIndicator[],
  inputs: unknown,
  values: ReadonlyMap<string, Expected>,
): readonly string[] {
  const golden = JSON.parse(readFileSync(file, 'utf8')) as Golden
  const now = goldenOf(indicators, inputs, values)
  const { sameInputs, unrevised, outdated } = compare(golden, now)
  if (unrevised.length > 0 || (sameInputs && outdated.length === 0)) return unrevised
  if (process.env['IOC_UPDATE_GOLDEN'] !== '1') {
    const why = sameInputs ? `declarations changed: ${outdated.join(', ')}` : 'the inputs are others'
    throw new Error(`${file.pathname} is out of date (${why}): npm run golden`)
  }
  writeFileSync(file, `${JSON.stringify(now, undefined, 2)}\n`)
  return []
}

function goldenOf(indicators: readonly AnyIndicator[], inputs: unknown, values: ReadonlyMap<string, Expected>): Golden {
  const declared = fingerprintsOf(indicators)
  const emitted = Map.groupBy([...values].sort(byName), ([name]) => name.slice(0, name.indexOf('|')))
  const rows = Object.keys(declared)
    .sort()
    .map((id) => {
      const text = (emitted.get(id) ?? []).map(
        ([name, { value, level, samples }]) => `${name} ${value.toPrecision(digits)} ${level} ${samples}`,
      )
      return [id, { declared: declared[id] ?? '', values: digestOf(text) }] as const
    })
  return { inputs: digestOf(inputs), indicators: Object.fromEntries(rows) }
}

function compare(golden: Golden, now: Golden) {
  const sameInputs = golden.inputs === now.inputs
  const ids = [...new Set([...Object.keys(golden.indicators), ...Object.keys(now.indicators)])]
  const isDeclaredAnew = (id: string) => golden.indicators[id]?.declared !== now.indicators[id]?.declared
  return {
    sameInputs,
    outdated: ids.filter(isDeclaredAnew),
    unrevised: sameInputs
      ? ids.filter((id) => !isDeclaredAnew(id) && golden.indicators[id]?.values !== now.indicators[id]?.values)
      : [],
  }
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)

const digestOf = (content: unknown): string => createHash('sha1').update(JSON.stringify(content)).digest('hex')
