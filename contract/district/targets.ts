import Type from 'typebox'
import { scopes } from '../messages/live.ts'
import { PeriodName } from './period.ts'
import { SourceText } from './place.ts'

const strict = { additionalProperties: false }

/** Of which place an entry is: the key of a device is `site/device`, of an area its code; the district needs none. */
const ScopeName = Type.Enum([...scopes], { description: 'one of device, site, area, district' })
const Key = Type.String({
  minLength: 1,
  maxLength: 129,
  description: 'a key in quotes: the code of an area, a site, site/device or site/*',
})
const Group = Type.String({ minLength: 1, maxLength: 4096, description: 'a value of the attribute of the groups' })
const IndicatorId = Type.String({ minLength: 1, maxLength: 64, description: 'the id of an indicator' })
const Figure = Type.Number({ description: 'a number' })

export const targetDirections = ['at_least', 'at_most'] as const
export type TargetDirection = (typeof targetDirections)[number]

/** What an indicator is to reach. */
export const Target = Type.Object(
  {
    indicator: IndicatorId,
    scope: ScopeName,
    /** Without it, the target is that of every place of the scope. */
    key: Type.Optional(Key),
    group: Type.Optional(Group),
    /** Without it, the target holds always. */
    period: Type.Optional(PeriodName),
    value: Figure,
    /** Without it, as the levels of the indicator: a value that must not be high is to be at most the target. */
    direction: Type.Optional(Type.Enum([...targetDirections], { description: 'at_least or at_most' })),
    source: SourceText,
    unconfirmed: Type.Optional(Type.Boolean({ description: 'true or false' })),
  },
  strict,
)
export type Target = Type.Static<typeof Target>

/** `district/targets.yaml`. */
export const TargetsFile = Type.Object({ targets: Type.Array(Target, { maxItems: 2_000 }) }, strict)
export type TargetsFile = Type.Static<typeof TargetsFile>

/** Levels of an indicator at one place, in place of those that it declares. */
export const Threshold = Type.Object(
  {
    indicator: IndicatorId,
    scope: ScopeName,
    /** Needed but for the district. */
    key: Type.Optional(Key),
    group: Type.Optional(Group),
    /** Needed only where the indicator declares no levels. */
    direction: Type.Optional(Type.Enum(['above', 'below'], { description: 'above or below' })),
    attention: Type.Optional(Figure),
    warning: Type.Optional(Figure),
    critical: Type.Optional(Figure),
    source: SourceText,
    unconfirmed: Type.Optional(Type.Boolean({ description: 'true or false' })),
  },
  strict,
)
export type Threshold = Type.Static<typeof Threshold>

/** `district/thresholds.yaml`, and `example-thresholds.yaml`. */
export const ThresholdsFile = Type.Object({ thresholds: Type.Array(Threshold, { maxItems: 2_000 }) }, strict)
export type ThresholdsFile = Type.Static<typeof ThresholdsFile>
