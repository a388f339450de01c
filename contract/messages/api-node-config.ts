import Type from 'typebox'
import { Milliseconds, nullable, slug, strict } from './api-schema.ts'
import { logLevels, maxLogLines } from './node-command.ts'
import { maxConfigBytes } from './node-config.ts'
import { ConfigReport, FlowsReport, UpdateReport } from './node-report.ts'
import { CollectorState } from './status.ts'

/** What the API accepts and returns about the configuration of agents. */

const Title = Type.Object({ vi: Type.String(), en: Type.String() })

export const ApiAgentParams = Type.Object({ site: slug('Site', 'ka-do'), node: slug('Node', 'tram-01') })
export type ApiAgentParams = Type.Static<typeof ApiAgentParams>

/** Whether a node has what the centre wants. `none`: it has no configuration of the centre. `waiting`: it has not reported it. */
const Drift = Type.Unsafe<'none' | 'in_sync' | 'waiting' | 'trial' | 'failed'>(
  Type.String({ enum: ['none', 'in_sync', 'waiting', 'trial', 'failed'] }),
)

/** One agent, in a list of all. */
export const ApiAgent = Type.Object({
  site: Type.String(),
  node: Type.String(),
  online: Type.Boolean(),
  version: nullable(Type.String()),
  host: nullable(Type.String()),
  desired_revision: nullable(Type.Integer()),
  report: nullable(ConfigReport),
  drift: Drift,
  flows: nullable(FlowsReport),
  update: nullable(UpdateReport),
  failing: Type.Integer({ title: 'Collectors that fail' }),
})
export type ApiAgent = Type.Static<typeof ApiAgent>

const exampleAgent = {
  site: 'ka-do',
  node: 'tram-01',
  online: true,
  version: '0.1.0',
  host: 'tram-01',
  desired_revision: 3,
  report: null,
  drift: 'waiting',
  flows: null,
  update: null,
  failing: 0,
}

export const ApiAgents = Type.Object({ agents: Type.Array(ApiAgent) }, { examples: [{ agents: [exampleAgent] }] })
export type ApiAgents = Type.Static<typeof ApiAgents>

export const ApiRevision = Type.Object({
  revision: Type.Integer(),
  at: Milliseconds,
  by: Type.String(),
  rollback_of: Type.Optional(Type.Integer()),
  yaml: Type.String({ title: 'The configuration; secrets are sealed' }),
})
export type ApiRevision = Type.Static<typeof ApiRevision>

export const ApiAgentConfig = Type.Object(
  {
    ...ApiAgent.properties,
    collectors: Type.Array(CollectorState),
    has_key: Type.Boolean({ title: 'Whether secrets can be sealed to the node' }),
    history: Type.Array(ApiRevision, { title: 'Newest first' }),
  },
  { examples: [{ ...exampleAgent, collectors: [], has_key: true, history: [] }] },
)
export type ApiAgentConfig = Type.Static<typeof ApiAgentConfig>

const Yaml = Type.String({ maxLength: maxConfigBytes, title: 'The configuration in YAML' })

export const ApiSetConfig = Type.Object(
  {
    yaml: Yaml,
    after: Type.Optional(Type.Integer({ minimum: 0, title: 'The revision that it changes; 0 where there is none' })),
  },
  { ...strict, examples: [{ yaml: 'cadence_s: 30\nagent:\n  collectors:\n    - type: system\n', after: 2 }] },
)
export type ApiSetConfig = Type.Static<typeof ApiSetConfig>

export const ApiDraft = Type.Object(
  {
    yaml: Yaml,
    add: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { title: 'A collector to add, or to replace by its id' }),
    ),
  },
  { ...strict, examples: [{ yaml: '', add: { type: 'system' } }] },
)
export type ApiDraft = Type.Static<typeof ApiDraft>

const FieldErrors = Type.Array(Type.Object({ field: Type.String(), reason: Title }))

export const ApiDrafted = Type.Object(
  { yaml: Type.String(), errors: FieldErrors },
  { examples: [{ yaml: 'agent:\n  collectors:\n    - type: system\n', errors: [] }] },
)
export type ApiDrafted = Type.Static<typeof ApiDrafted>

export const ApiConfigSet = Type.Object(
  { revision: Type.Integer(), errors: FieldErrors },
  { examples: [{ revision: 3, errors: [] }] },
)
export type ApiConfigSet = Type.Static<typeof ApiConfigSet>

export const ApiRollback = Type.Object(
  { revision: Type.Integer({ minimum: 1, title: 'The revision to return to' }) },
  { ...strict, examples: [{ revision: 2 }] },
)
export type ApiRollback = Type.Static<typeof ApiRollback>

export const ApiLogRequest = Type.Object(
  {
    lines: Type.Optional(Type.Integer({ minimum: 1, maximum: maxLogLines })),
    level: Type.Optional(Type.Unsafe<(typeof logLevels)[number]>(Type.String({ enum: [...logLevels] }))),
  },
  { ...strict, examples: [{ lines: 100, level: 'warn' }] },
)
export type ApiLogRequest = Type.Static<typeof ApiLogRequest>

export const ApiLogs = Type.Object(
  { lines: Type.Array(Type.String()), left_out: Type.Integer() },
  { examples: [{ lines: ['{"level":30,"msg":"connected"}'], left_out: 0 }] },
)
export type ApiLogs = Type.Static<typeof ApiLogs>

/** The options of a kind of collector, for a form. */
export const ApiCollectorKinds = Type.Object(
  {
    kinds: Type.Array(
      Type.Object({
        type: Type.String(),
        title: Title,
        cadence_s: nullable(Type.Number()),
        schema: Type.Record(Type.String(), Type.Unknown(), { title: 'JSON Schema' }),
      }),
    ),
  },
  {
    examples: [
      { kinds: [{ type: 'system', title: { vi: 'Máy', en: 'Machine' }, cadence_s: null, schema: { type: 'object' } }] },
    ],
  },
)
export type ApiCollectorKinds = Type.Static<typeof ApiCollectorKinds>
