import { ApiError } from '@ioc/contract/messages/api.ts'
import { type ApiRollout, ApiRolloutAction, ApiRollouts, ApiStartRollout } from '@ioc/contract/messages/api-rollout.ts'
import type { User } from '@ioc/contract/roles.ts'
import { username } from '@ioc/contract/topics.ts'
import type { FastifyInstance } from 'fastify'
import type { Access } from '../access.ts'
import { tags } from '../api-docs.ts'
import type { LiveState } from '../live-state.ts'
import type { WallOptions } from '../options.ts'
import { exactBody } from '../request-check.ts'
import { releasedVersions } from '../rollout/releases.ts'
import type { FleetNode } from '../rollout/rollout.ts'
import type { Rollout, RolloutStore } from '../rollout/rollout-store.ts'
import type { PlacesOf } from '../visible-places.ts'

const hourMs = 3_600_000

/** `/api/agent/rollout`: versions of the agents, and how a new one reaches them. */
export function rolloutRoutes(
  app: FastifyInstance,
  { agentBundles }: WallOptions,
  state: LiveState,
  store: RolloutStore,
  access: Access,
  placesOf: PlacesOf,
): void {
  const schema = { tags: [tags.enrolment] }
  const errors = { 400: ApiError, 401: ApiError, 403: ApiError, 409: ApiError }
  const read = (user: User): ApiRollouts => {
    const places = placesOf(user)
    const isVisible = ({ node }: { readonly node: string }) => places?.hasKey('device', node) ?? true
    const nodes = [...state.nodes.values()].flatMap(({ agent, online, update, ...address }) =>
      agent ? [{ node: username(address), version: agent.version, online, update: update ?? null }] : [],
    )
    return {
      versions: releasedVersions(agentBundles),
      nodes: nodes.filter(isVisible).sort((a, b) => (a.node < b.node ? -1 : 1)),
      rollouts: store
        .list()
        .map(describeRollout)
        .map((rollout) => ({ ...rollout, nodes: rollout.nodes.filter(isVisible) })),
    }
  }
  app.get(
    '/api/agent/rollout',
    {
      config: { role: 'technician', places: 'filtered' },
      schema: {
        ...schema,
        summary: 'Versions of agents, and roll-outs',
        response: { 200: ApiRollouts },
      },
    },
    ({ user }) => read(user),
  )
  app.post<{ Body: ApiStartRollout }>(
    '/api/agent/rollout',
    {
      config: { role: 'admin' },
      validatorCompiler: exactBody,
      schema: {
        ...schema,
        summary: 'Roll out a version of the agent',
        description:
          'The version reaches one node first, then ring after ring: the next one begins after `hold_h`, and only while less ' +
          'than `max_reverted_percent` of the nodes have reverted; otherwise the roll-out pauses.',
        body: ApiStartRollout,
        response: { 201: ApiRollouts, ...errors },
      },
    },
    (request, reply) => {
      const { version } = request.body
      const order = store.start(request.body, releasedVersions(agentBundles), request.user.name, Date.now())
      access.note(request.raw, request.user, { what: 'rollout.start', target: order.id, detail: { version } })
      return reply.code(201).send(read(request.user))
    },
  )
  app.post<{ Params: ApiRolloutAction }>(
    '/api/agent/rollout/:action',
    {
      config: { role: 'admin' },
      schema: {
        ...schema,
        summary: 'Pause, resume or cancel the present roll-out',
        description: 'Resuming one that paused by itself accepts the nodes that have reverted so far.',
        params: ApiRolloutAction,
        response: { 200: ApiRollouts, ...errors },
      },
    },
    (request) => {
      const { action } = request.params
      const order = store.decide(action === 'resume' ? 'run' : action, request.user.name, Date.now())
      access.note(request.raw, request.user, { what: `rollout.${action}`, target: order.id })
      return read(request.user)
    },
  )
}

/** Agents that can be updated, as they were last heard of. */
export function updatableNodes(state: LiveState): FleetNode[] {
  return [...state.nodes.values()].flatMap(({ agent, update, online, ...address }) =>
    agent && update ? [{ name: username(address), version: agent.version, online, update }] : [],
  )
}

function describeRollout({ order, progress, state }: Rollout): ApiRollout {
  const { ring = -1, ring_began = order.began, paused, nodes = {} } = progress ?? {}
  const hasNext = state === 'running' && ring < order.rings.length - 1
  return {
    ...order,
    rings: [...order.rings],
    state,
    paused: state === 'paused' && paused ? { reverted: paused.reverted, of: paused.of } : null,
    ring: ring + 1,
    next_ring_at: hasNext ? ring_began + order.hold_h * hourMs : null,
    nodes: Object.entries(nodes)
      .map(([node, one]) => ({ node, ...one, ring: one.ring + 1 }))
      .sort((a, b) => a.ring - b.ring || (a.node < b.node ? -1 : 1)),
  }
}
