import Type from 'typebox'
import { defaultRollout, versionPattern } from './agent-release.ts'
import { Milliseconds, nullable } from './api-schema.ts'
import { UpdateReport } from './node-report.ts'

const Name = Type.String({ examples: ['ka-do/tram-01'], title: '{site}/{node}' })
const states = <const S extends string>(...names: readonly S[]) => Type.Unsafe<S>(Type.String({ enum: [...names] }))
const Version = Type.String({ pattern: versionPattern, examples: ['0.2.0'] })
const Ring = Type.String({ pattern: '^([1-9]\\d{0,5}|\\d{1,3}(\\.\\d{1,2})?%)$', examples: ['5%'] })
const example = { ...defaultRollout, rings: [...defaultRollout.rings] }

export const ApiStartRollout = Type.Object(
  {
    version: Version,
    start: Type.Optional(states('window', 'now')),
    rings: Type.Optional(
      Type.Array(Ring, { maxItems: 20, title: 'Nodes of each ring with those before it: a number, or a share of all' }),
    ),
    hold_h: Type.Optional(Type.Number({ minimum: 0, maximum: 720, title: 'Hours between two rings, at least' })),
    max_reverted_percent: Type.Optional(
      Type.Number({ minimum: 0, maximum: 100, title: 'Share of reverted nodes at which the roll-out pauses' }),
    ),
  },
  { examples: [{ version: '0.2.0', start: 'window', ...example }] },
)
export type ApiStartRollout = Type.Static<typeof ApiStartRollout>

export const ApiRolloutAction = Type.Object({
  action: Type.Unsafe<'pause' | 'resume' | 'cancel'>(
    Type.String({ enum: ['pause', 'resume', 'cancel'], examples: ['pause'] }),
  ),
})
export type ApiRolloutAction = Type.Static<typeof ApiRolloutAction>

const ApiRolloutNode = Type.Object({
  node: Name,
  ring: Type.Integer({ title: 'Number of its ring, from 1' }),
  state: Type.String({ title: 'pending, or the state that the node reports' }),
  reason: Type.Optional(Type.String()),
  code: Type.Optional(Type.String()),
})

const ApiRollout = Type.Object({
  id: Type.String(),
  version: Version,
  start: states('window', 'now'),
  rings: Type.Array(Ring),
  hold_h: Type.Number(),
  max_reverted_percent: Type.Number(),
  began: Milliseconds,
  by: Type.String(),
  state: states('running', 'paused', 'cancelled', 'done'),
  paused: {
    ...nullable(Type.Object({ reverted: Type.Integer(), of: Type.Integer() })),
    title: 'Where it paused by itself: how many of the nodes that were reached had reverted',
  },
  ring: Type.Integer({ title: 'Number of the ring that was reached, from 1; 0 before the first' }),
  next_ring_at: { ...nullable(Milliseconds), title: 'When the next ring begins at the earliest' },
  nodes: Type.Array(ApiRolloutNode),
})
export type ApiRollout = Type.Static<typeof ApiRollout>

const ApiAgentNode = Type.Object({
  node: Name,
  version: Type.String(),
  online: Type.Boolean(),
  update: { ...nullable(UpdateReport), title: 'null where the agent cannot be updated from here' },
})

export const ApiRollouts = Type.Object(
  {
    versions: Type.Array(Type.Object({ version: Version, platforms: Type.Array(Type.String()) })),
    nodes: Type.Array(ApiAgentNode),
    rollouts: Type.Array(ApiRollout, { title: 'The newest first; the first is the one in force' }),
  },
  {
    examples: [
      {
        versions: [{ version: '0.2.0', platforms: ['linux-x64'] }],
        nodes: [{ node: 'ka-do/tram-01', version: '0.1.0', online: true, update: null }],
        rollouts: [
          {
            ...{ id: '0.2.0-1', version: '0.2.0', start: 'window', ...example, began: 1796000000000, by: 'lan' },
            ...{ state: 'running', paused: null, ring: 1, next_ring_at: 1796086400000 },
            nodes: [{ node: 'ka-do/tram-01', ring: 1, state: 'reverted', reason: 'no PUBACK' }],
          },
        ],
      },
    ],
  },
)
export type ApiRollouts = Type.Static<typeof ApiRollouts>
