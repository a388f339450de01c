import Type from 'typebox'
import { aspects, severities } from '../messages/incidents.ts'
import { slugPattern } from '../names.ts'
import { AreaCode, PlaceName, SiteName } from './place.ts'

const strict = { additionalProperties: false }

const RuleId = Type.String({ pattern: slugPattern, description: 'an id of letters, digits and hyphens' })
const Seconds = (maximum: number) =>
  Type.Number({ minimum: 0, maximum, description: `a number of seconds from 0 to ${maximum}` })

/** What makes an incident of an observation. The first rule that matches holds; defaults follow after all of them. */
export const Rule = Type.Object(
  {
    id: RuleId,
    aspect: Type.Enum([...aspects], { description: `one of ${aspects.join(', ')}` }),
    /** States of the aspect, as `silent`, `never_heard`, `warning`; without it all of them. */
    states: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 64, description: 'the name of a state' }), { maxItems: 20 }),
    ),
    /** Of the aspect `level`, with `*` at its end all that begin so: without it all indicators. */
    indicator: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'the id of an indicator' })),
    sites: Type.Optional(Type.Array(SiteName, { maxItems: 1_000 })),
    areas: Type.Optional(Type.Array(AreaCode, { maxItems: 100 })),
    /** Kinds of sites, types of devices, ids of upstreams. */
    tags: Type.Optional(Type.Array(RuleId, { maxItems: 100 })),
    /** `none`: no incident. */
    severity: Type.Enum([...severities, 'none'], { description: `one of ${severities.join(', ')}, none` }),
    /** The problem must last so long before its incident opens. */
    hold_s: Type.Optional(Seconds(86_400)),
    /** Of the aspect `level`: how far back within a limit a value must be, in the unit of the indicator. */
    deadband: Type.Optional(Type.Number({ minimum: 0, description: 'a number from 0' })),
    /** Id of the unit in `units.yaml` that receives it. */
    unit: Type.Optional(RuleId),
  },
  strict,
)
export type Rule = Type.Static<typeof Rule>

/** Whether the `indicator` of a rule names an indicator. */
export function namesIndicator(pattern: string, id: string): boolean {
  return pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern
}

/** A line, a router or a power area that sites, or other upstreams, depend on. */
export const Upstream = Type.Object(
  {
    id: RuleId,
    name: PlaceName,
    sites: Type.Optional(Type.Array(SiteName, { maxItems: 1_000 })),
    areas: Type.Optional(Type.Array(AreaCode, { maxItems: 100 })),
    /** Other upstreams that it depends on; several are alternatives: it is cut off when all of them are. */
    on: Type.Optional(Type.Array(RuleId, { uniqueItems: true, maxItems: 10 })),
  },
  strict,
)
export type Upstream = Type.Static<typeof Upstream>

/** `district/rules.yaml`. */
export const RulesFile = Type.Object(
  {
    rules: Type.Array(Rule, { maxItems: 1_000 }),
    upstreams: Type.Optional(Type.Array(Upstream, { maxItems: 500 })),
  },
  strict,
)
export type RulesFile = Type.Static<typeof RulesFile>
