import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { declarationLimits } from '../device-types/declaration-limits.ts'
import { isMetricName, maxNameLength } from '../names.ts'
import { isObject } from './json.ts'
import { isSaid, type Reasons } from './lenient.ts'
import { shown } from './problem.ts'

export const { maxTypes } = declarationLimits
const { maxMetrics, maxTitle, maxUnit, maxCadence, idPattern } = declarationLimits

const Title = Type.Object({
  vi: Type.String({ minLength: 1, maxLength: maxTitle }),
  en: Type.Optional(Type.String({ minLength: 1, maxLength: maxTitle })),
})

const Limits = Type.Object({
  direction: Type.Union([Type.Literal('above'), Type.Literal('below')]),
  attention: Type.Optional(Type.Number()),
  warning: Type.Optional(Type.Number()),
  critical: Type.Optional(Type.Number()),
})

const MetricDeclaration = Type.Object({
  kind: Type.Optional(Type.Union([Type.Literal('number'), Type.Literal('string'), Type.Literal('boolean')])),
  unit: Type.Optional(Type.String({ maxLength: maxUnit, title: 'UCUM where possible, such as `Cel` or `%`' })),
  title: Title,
  min: Type.Optional(Type.Number({ title: 'Least plausible value; a value below it is rejected' })),
  max: Type.Optional(Type.Number({ title: 'Greatest plausible value' })),
  levels: Type.Optional(Limits),
})

/** A kind of device that a node declares in its birth, because the centre has no such type. */
export const TypeDeclaration = Type.Object({
  id: Type.String({ pattern: idPattern }),
  title: Title,
  cadence_s: Type.Number({ exclusiveMinimum: 0, maximum: maxCadence, title: 'Seconds between measurements' }),
  metrics: Type.Record(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]*$' }), MetricDeclaration, {
    minProperties: 1,
    maxProperties: maxMetrics,
  }),
})
export type TypeDeclaration = Type.Static<typeof TypeDeclaration>

const check = Compile(TypeDeclaration)
const checkTitle = Compile(Title)
const checkMetric = Compile(MetricDeclaration)
const id = new RegExp(idPattern)

/** Reads one declaration; `undefined` where it cannot be used, with the reasons. */
export function readTypeDeclaration(raw: unknown, reasons: Reasons): TypeDeclaration | undefined {
  const before = reasons.length
  if (!isObject(raw)) {
    reasons.push(`got ${shown(raw)}; expected the declaration of a type`)
    return undefined
  }
  const { id: name, metrics } = raw
  if (typeof name !== 'string' || !id.test(name)) {
    reasons.push(
      `id: got ${shown(name)}; expected 2 to 40 small letters, digits and "_", a letter first, not ending in _1h or _1d`,
    )
  }
  if (!checkTitle.Check(raw['title']))
    reasons.push(`title: expected vi, and perhaps en, of at most ${maxTitle} characters`)
  if (typeof raw['cadence_s'] !== 'number' || !(raw['cadence_s'] > 0 && raw['cadence_s'] <= maxCadence)) {
    reasons.push(`cadence_s: got ${shown(raw['cadence_s'])}; expected seconds from above 0 to ${maxCadence}`)
  }
  const named = isObject(metrics) ? Object.entries(metrics) : []
  if (named.length === 0 || named.length > maxMetrics) {
    reasons.push(`metrics: got ${named.length}; expected 1 to ${maxMetrics} metrics by their names`)
  }
  for (const [metric, declared] of named.slice(0, maxMetrics)) readMetric(metric, declared, reasons)
  return reasons.length === before && check.Check(raw) ? raw : undefined
}

function readMetric(name: string, declared: unknown, reasons: Reasons): void {
  if (!isMetricName(name)) {
    reasons.push(
      `metric ${shown(name)}: expected a name of letters, digits and "_", at most ${maxNameLength} characters`,
    )
    return
  }
  if (!checkMetric.Check(declared)) {
    reasons.push(
      `metric ${name}: expected kind (number, string or boolean), unit, title with vi, min, max and levels with direction`,
    )
    return
  }
  const { kind = 'number', min, max, levels } = declared
  if (min !== undefined && max !== undefined && min > max) reasons.push(`metric ${name}: min is above max`)
  if (kind !== 'number' && (isSaid(min) || isSaid(max) || isSaid(levels))) {
    reasons.push(`metric ${name}: only a number has min, max and levels`)
  }
}
