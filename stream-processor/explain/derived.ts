import { displayTime } from '@ioc/runtime/display-time.ts'
import { samplesOf } from '../engine/cases/case-series.ts'
import { computeValue } from '../engine/compute-value.ts'
import type { Engine } from '../engine/engine.ts'
import type { CurrentValue } from '../engine/indicator-stream.ts'
import type { Place } from '../engine/place.ts'
import { stepMs } from '../engine/plan.ts'
import type { Ends } from '../engine/windows/ends.ts'
import type { WindowRange } from '../engine/windows/window-merger.ts'
import type { AnyIndicator, DerivedIndicator } from '../indicators/indicator.ts'
import { levelOf } from '../indicators/level.ts'
import { caseFigures, listFigures } from './cases.ts'
import { readWindow } from './measured.ts'
import { nothingToExplain, type Owner, ownersOf } from './place.ts'
import type { SavedEngines } from './saved-engines.ts'
import { type ExplainedWindow, windowHolding } from './window.ts'

export interface DerivedParts {
  readonly kind: 'derived'
  readonly inputs: readonly ExplainedInput[]
}

export interface ExplainedInput {
  readonly name: string
  readonly id: string
  readonly unit: string
  readonly formula: string
  /** From the time of the derived value back. */
  readonly steps: readonly ExplainedStep[]
}

export interface ExplainedStep {
  /** In ms. */
  readonly ts: number
  readonly value: number | undefined
  readonly samples: number
  /** What the value was made of, one level below: aggregates of its window, or the newest values of its inputs. */
  readonly of: Readonly<Record<string, number>>
}

export interface DerivedAnswer {
  readonly window: ExplainedWindow
  readonly parts: DerivedParts
  readonly value: number | undefined
  readonly samples: number
}

/** @throws IocError NOTHING_TO_EXPLAIN where no input has a value */
export function explainDerived(
  { engines, savedAt }: SavedEngines,
  indicator: DerivedIndicator,
  place: Place,
  at: number,
): DerivedAnswer {
  const window = windowHolding(indicator, at, savedAt)
  const ts = window.to
  const inputs = Object.entries(indicator.inputs).map(([name, { indicator: input, values }]) => ({
    name,
    id: input.id,
    unit: input.unit,
    formula: input.formula,
    steps: Array.from({ length: values }, (_, back) => stepOf(engines, input, place, ts - back * stepMs(input))),
  }))
  const samples = inputs.flatMap(({ steps }) => steps).filter(({ value }) => value !== undefined).length
  if (samples === 0) throw nothingToExplain(`no input of ${indicator.id} has a value at ${displayTime(ts)}`)
  return {
    window,
    parts: { kind: 'derived', inputs },
    value: derivedValue(engines, indicator, place, ts)?.value,
    samples,
  }
}

function stepOf(engines: readonly Engine[], input: AnyIndicator, place: Place, ts: number): ExplainedStep {
  const found = valueAt(engines, input, place, ts)
  const of = found ? madeOf(engines, input, place, ts) : {}
  return { ts, value: found?.value, samples: found?.samples ?? 0, of }
}

function madeOf(
  engines: readonly Engine[],
  input: AnyIndicator,
  place: Place,
  ts: number,
): Readonly<Record<string, number>> {
  if (input.kind === 'cases') return known(Object.entries(listFigures(caseFigures(engines, input, place, ts))))
  if (input.kind === 'derived') {
    return known(
      Object.entries(input.inputs).map(([name, one]) => [name, valueAt(engines, one.indicator, place, ts)?.value]),
    )
  }
  const owner = ownersOf(engines, input, place)[0] as Owner
  const window = owner.stream.windows.windowAt(owner.group.ends as Ends, ts) as WindowRange
  return known(readWindow(owner, window).aggregates.map(({ text, value }) => [text, value]))
}

function known(entries: readonly (readonly [string, number | undefined])[]): Readonly<Record<string, number>> {
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

/** A value, of measurements that of whichever partition knows the place, and most of it. */
function valueAt(
  engines: readonly Engine[],
  indicator: AnyIndicator,
  place: Place,
  ts: number,
): CurrentValue | undefined {
  switch (indicator.kind) {
    case 'derived':
      return derivedValue(engines, indicator, place, ts)
    case 'cases': {
      const figures = caseFigures(engines, indicator, place, ts)
      const samples = samplesOf(figures)
      const value = samples === 0 ? undefined : computeValue(indicator, figures)
      return value === undefined ? undefined : { ts, value, level: levelOf(value, indicator.levels), samples }
    }
    case 'measured':
      return engines
        .flatMap(({ windows }) => windows.valueAt(indicator, place, ts) ?? [])
        .sort((a, b) => b.samples - a.samples)[0]
    default:
      return indicator satisfies never
  }
}

/** From the inputs, as the engine computes it; also of cases that the engine does not amend any more. */
function derivedValue(
  engines: readonly Engine[],
  indicator: DerivedIndicator,
  place: Place,
  ts: number,
): CurrentValue | undefined {
  const inputs = Object.entries(indicator.inputs).map(([name, { indicator: input, values }]) => {
    const steps = Array.from({ length: values }, (_, back) => valueAt(engines, input, place, ts - back * stepMs(input)))
    return [name, steps] as const
  })
  const samples = inputs.flatMap(([, steps]) => steps).filter((step) => step !== undefined).length
  const of = Object.fromEntries(inputs.map(([name, steps]) => [name, steps.map((step) => step?.value)]))
  const value = samples === 0 ? undefined : computeValue(indicator, of, ts)
  return value === undefined ? undefined : { ts, value, level: levelOf(value, indicator.levels), samples }
}
