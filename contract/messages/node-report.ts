import Type from 'typebox'
import { maxReportReason } from './node-config.ts'

/** What a node reports in its birth of the state that the centre wants it to be in: see `node-config.ts`. */

const Reason = Type.Optional(Type.String({ maxLength: maxReportReason }))
const Time = Type.Number({ minimum: 0, title: 'Milliseconds since 1970, UTC' })
const states = <const S extends string>(...names: readonly S[]) => Type.Unsafe<S>(Type.String({ enum: [...names] }))

/** The newest configuration that reached the node. */
export const ConfigReport = Type.Object({
  revision: Type.Integer({ minimum: 0 }),
  digest: Type.String({ maxLength: 64, title: 'SHA-256 of the payload in hexadecimal; empty where there was none' }),
  /** `staged`: it is on trial. `failed`: it is refused or reverted, and `in_force` is the revision that holds. */
  state: states('applied', 'staged', 'failed'),
  reason: Reason,
  in_force: Type.Integer({ minimum: 0 }),
  at: Time,
  /** Newest form of a configuration that the node knows. */
  schema: Type.Integer({ minimum: 1 }),
})
export type ConfigReport = Type.Static<typeof ConfigReport>

/** The flows of Node-RED. */
export const FlowsReport = Type.Object({
  /** `last-good`: newer flows failed, and the last that worked run. `safe-mode`: none run. */
  state: states('off', 'starting', 'running', 'last-good', 'safe-mode', 'failed'),
  reason: Reason,
  restarts: Type.Optional(Type.Integer({ minimum: 0 })),
  nodes: Type.Optional(Type.Integer({ minimum: 0 })),
  rss_mb: Type.Optional(Type.Number({ minimum: 0 })),
  /** Until when the editor is open. */
  editor_until: Type.Optional(Time),
})
export type FlowsReport = Type.Static<typeof FlowsReport>

/** The update of the agent to a version that the centre wants. */
export const UpdateReport = Type.Object({
  version: Type.String({ maxLength: 64 }),
  state: states('waiting', 'downloading', 'staged', 'trial', 'done', 'reverted', 'refused'),
  reason: Reason,
  /** Code of `contract/errors.ts`, where it was refused. */
  code: Type.Optional(Type.String({ maxLength: 64 })),
  from: Type.Optional(Type.String({ maxLength: 64, title: 'The version before' })),
  rollout: Type.Optional(Type.String({ maxLength: 64 })),
  at: Time,
})
export type UpdateReport = Type.Static<typeof UpdateReport>

/** The key that secrets for the node are sealed to. */
export const SealKey = Type.Object({
  public: Type.String({ maxLength: 128, title: 'X25519 public key in base64url' }),
  /** By the key that the machine enrolled with; absent where it has none. */
  signature: Type.Optional(Type.String({ maxLength: 128, title: 'Ed25519 signature of the key in base64url' })),
  /** Newest form of a sealed text that the node opens: see `sealed.ts`. Absent: 1. */
  form: Type.Optional(Type.Integer({ minimum: 1 })),
})
export type SealKey = Type.Static<typeof SealKey>

/** Fields of a birth. */
export const nodeReportFields = {
  config: Type.Optional(ConfigReport),
  flows: Type.Optional(FlowsReport),
  update: Type.Optional(UpdateReport),
  seal_key: Type.Optional(SealKey),
}
