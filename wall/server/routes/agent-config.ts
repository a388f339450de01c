import { isDeepStrictEqual } from 'node:util'
import type { EnrolmentStore } from '@ioc/broker/credentials/enrolment-store.ts'
import { IocError } from '@ioc/contract/errors.ts'
import { ApiError } from '@ioc/contract/messages/api.ts'
import {
  type ApiAgent,
  ApiAgentConfig,
  ApiAgentParams,
  ApiAgents,
  ApiCollectorKinds,
  ApiConfigSet,
  ApiDraft,
  ApiDrafted,
  ApiLogRequest,
  ApiLogs,
  type ApiRevision,
  ApiRollback,
  ApiSetConfig,
} from '@ioc/contract/messages/api-node-config.ts'
import type { NodeAnswer } from '@ioc/contract/messages/node-command.ts'
import { maxConfigBytes } from '@ioc/contract/messages/node-config.ts'
import { includesRole, type User } from '@ioc/contract/roles.ts'
import { type NodeAddress, username } from '@ioc/contract/topics.ts'
import {
  type DesiredConfig,
  type DesiredConfigs,
  digestOf,
  payloadOf,
  type Revision,
} from '@ioc/edge-agent/desired/config-store.ts'
import { driftOf } from '@ioc/edge-agent/desired/drift.ts'
import { collectorSchemas } from '@ioc/edge-agent/desired/form-schema.ts'
import { checkedKey, sealSecrets } from '@ioc/edge-agent/desired/prepare.ts'
import { configYaml, readConfigYaml, withCollector } from '@ioc/edge-agent/desired/yaml.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Access } from '../access.ts'
import { tags } from '../api-docs.ts'
import type { LiveSource } from '../live-source.ts'
import type { NodeReport, NodeReports } from '../node-reports.ts'
import { exactBody } from '../request-check.ts'
import type { PlacesOf } from '../visible-places.ts'

/** Bytes of a request with a configuration: as YAML it may be longer than as JSON. */
const maxBodyBytes = 2 * maxConfigBytes
/** Lines of a log where the request names no number. */
const defaultLogLines = 200

type AgentRequest = FastifyRequest<{ Params: ApiAgentParams }>

export interface AgentConfigParts {
  readonly enrolments: EnrolmentStore
  readonly desired: DesiredConfigs
  readonly access: Access
  readonly reports: NodeReports
  readonly source: LiveSource
  readonly placesOf: PlacesOf
}

/** `/api/agents`: the agents, what they are configured to do, and commands to them. */
export function agentConfigRoutes(
  app: FastifyInstance,
  { enrolments, desired, access, reports, source, placesOf }: AgentConfigParts,
): void {
  const schema = { tags: [tags.agents] }
  const errors = { 400: ApiError, 401: ApiError, 403: ApiError, 404: ApiError, 409: ApiError, 503: ApiError }
  const technician = { role: 'technician', places: 'site' } as const

  /** A node that lost its configuration with the broker's data gets it again, once for each birth that lacks it. */
  source.onNode = (address, status) => {
    if (!status) return reports.remove(address)
    reports.apply(address, status)
    if (!status.online) return
    const latest = desired.latest(address)
    if (!latest || status.config?.digest === digestOf(latest)) return
    source.publishConfig(address, payloadOf(latest)).catch(() => undefined)
  }

  function known({ site, node }: NodeAddress): NodeReport {
    const report = reports.get({ site, node })
    if (report) return report
    throw new IocError('NODE_UNKNOWN', `${site}/${node} has never connected`)
  }

  function describe({ address, online, birth }: NodeReport): ApiAgent {
    const latest = desired.latest(address)
    return {
      ...address,
      online,
      version: birth.agent.version || null,
      host: birth.agent.host || null,
      desired_revision: latest?.revision ?? null,
      report: birth.config ?? null,
      drift: driftOf(latest, birth.config),
      flows: birth.flows ?? null,
      update: birth.update ?? null,
      failing: birth.collectors?.filter(({ state }) => state === 'failing').length ?? 0,
    }
  }

  /** Saves and publishes a revision. */
  async function change(
    request: AgentRequest,
    config: DesiredConfig,
    { after, rollbackOf }: { readonly after?: number | undefined; readonly rollbackOf?: number },
  ): Promise<Revision> {
    const { site, node } = request.params
    const address = { site, node }
    const { birth } = known(address)
    requireAdminFor(request.user, config, desired.latest(address)?.config)
    const key = checkedKey(address, birth.seal_key, enrolments.keyOf(username(address)))
    const sealed = sealSecrets(config, address, key)
    const revision = { at: Date.now(), by: request.user.name, config: sealed }
    const rolledBack = rollbackOf === undefined ? {} : { rollback_of: rollbackOf }
    const added = desired.add(address, { ...revision, ...rolledBack }, after)
    const detail = { revision: added.revision, ...rolledBack }
    access.note(request.raw, request.user, { what: 'node.config', target: username(address), detail })
    await source.publishConfig(address, payloadOf(added))
    return added
  }

  app.get(
    '/api/agents',
    {
      config: { role: 'technician', places: 'filtered' },
      schema: {
        ...schema,
        summary: 'Agents with their versions and the state of their configuration',
        response: { 200: ApiAgents },
      },
    },
    ({ user }) => {
      const places = placesOf(user)
      const visible = reports.all().filter(({ address: { site } }) => places?.hasSite(site) ?? true)
      return { agents: visible.map(describe).sort((a, b) => (username(a) < username(b) ? -1 : 1)) }
    },
  )
  app.get(
    '/api/agents/collectors',
    {
      config: { role: 'technician', places: 'free' },
      schema: { ...schema, summary: 'Options of each kind of collector', response: { 200: ApiCollectorKinds } },
    },
    () => ({ kinds: collectorSchemas() }),
  )
  app.get<{ Params: ApiAgentParams }>(
    '/api/agents/:site/:node',
    {
      config: technician,
      schema: {
        ...schema,
        summary: 'An agent with its configuration and the revisions of it',
        params: ApiAgentParams,
        response: { 200: ApiAgentConfig, ...errors },
      },
    },
    async ({ params }) => {
      const report = known(params)
      return {
        ...describe(report),
        collectors: report.birth.collectors ?? [],
        has_key: report.birth.seal_key !== undefined,
        history: await Promise.all(desired.history(params).map(describeRevision)),
      }
    },
  )
  app.post<{ Params: ApiAgentParams; Body: ApiDraft }>(
    '/api/agents/:site/:node/draft',
    {
      config: technician,
      bodyLimit: maxBodyBytes,
      validatorCompiler: exactBody,
      schema: {
        ...schema,
        summary: 'Validate a configuration without saving it; with a collector to add',
        params: ApiAgentParams,
        body: ApiDraft,
        response: { 200: ApiDrafted, ...errors },
      },
    },
    async ({ body }) => {
      const yaml = body.add ? await withCollector(body.yaml, body.add) : body.yaml
      const { errors: found = [] } = await readConfigYaml(yaml)
      return { yaml, errors: [...found] }
    },
  )
  app.post<{ Params: ApiAgentParams; Body: ApiSetConfig }>(
    '/api/agents/:site/:node/config',
    {
      config: technician,
      bodyLimit: maxBodyBytes,
      validatorCompiler: exactBody,
      schema: {
        ...schema,
        summary: 'Set the configuration of an agent',
        description:
          'The agent tries it, and returns to the one before if it does not work. Secrets are sealed to the node before they ' +
          'are saved. 422 with the errors by field where it is invalid; 409 where it is not based on the newest revision. The ' +
          'place of the broker and the version to run require the role admin.',
        params: ApiAgentParams,
        body: ApiSetConfig,
        response: { 200: ApiConfigSet, 422: ApiConfigSet, ...errors },
      },
    },
    async (request, reply) => {
      const { config, errors: found } = await readConfigYaml(request.body.yaml)
      if (!config) return reply.code(422).send({ revision: 0, errors: [...found] })
      const { revision } = await change(request, config, { after: request.body.after })
      return { revision, errors: [] }
    },
  )
  app.post<{ Params: ApiAgentParams; Body: ApiRollback }>(
    '/api/agents/:site/:node/rollback',
    {
      config: technician,
      validatorCompiler: exactBody,
      schema: {
        ...schema,
        summary: 'Return to an earlier revision, as a new one',
        params: ApiAgentParams,
        body: ApiRollback,
        response: { 200: ApiConfigSet, ...errors },
      },
    },
    async (request) => {
      const { revision: rollbackOf } = request.body
      const config = desired.restored(request.params, rollbackOf)
      const { revision } = await change(request, config, { rollbackOf })
      return { revision, errors: [] }
    },
  )
  app.post<{ Params: ApiAgentParams }>(
    '/api/agents/:site/:node/collect',
    {
      config: technician,
      schema: {
        ...schema,
        summary: 'Measure now',
        params: ApiAgentParams,
        response: { 204: { type: 'null' }, ...errors },
      },
    },
    async (request, reply) => {
      const { site, node } = request.params
      known(request.params)
      requireOk(await source.askNode({ site, node }, { command: 'collect' }))
      access.note(request.raw, request.user, { what: 'node.collect', target: username({ site, node }) })
      return reply.code(204).send()
    },
  )
  app.post<{ Params: ApiAgentParams; Body: ApiLogRequest }>(
    '/api/agents/:site/:node/logs',
    {
      config: technician,
      validatorCompiler: exactBody,
      schema: {
        ...schema,
        summary: 'The newest log lines of an agent, without secrets',
        params: ApiAgentParams,
        body: ApiLogRequest,
        response: { 200: ApiLogs, ...errors },
      },
    },
    async (request) => {
      const { site, node } = request.params
      const { lines = defaultLogLines, level = 'info' } = request.body
      known(request.params)
      const answer = requireOk(await source.askNode({ site, node }, { command: 'logs', lines, level }))
      access.note(request.raw, request.user, { what: 'node.logs', target: username({ site, node }) })
      return { lines: [...(answer.lines ?? [])], left_out: answer.left_out ?? 0 }
    },
  )
}

function requireOk(answer: NodeAnswer): NodeAnswer {
  if (answer.ok) return answer
  throw new IocError('NODE_UNREACHABLE', answer.reason ?? 'the node refused')
}

async function describeRevision(one: Revision): Promise<ApiRevision> {
  const { revision, at, by, rollback_of, config } = one
  const rolledBack = rollback_of === undefined ? {} : { rollback_of }
  return { revision, at, by, ...rolledBack, yaml: await configYaml(config) }
}

/** Whoever moves a node to another broker gets its password. Versions are rolled out by administrators alone. */
const partsOfAdmin = { uplink: 'the place of the broker', update: 'the version to run' } as const

function requireAdminFor({ role }: User, config: DesiredConfig, before: DesiredConfig | undefined): void {
  if (includesRole(role, 'admin')) return
  for (const part of ['uplink', 'update'] as const) {
    if (isDeepStrictEqual(config[part], before?.[part])) continue
    throw new IocError('ROLE_REQUIRED', `${part}: ${partsOfAdmin[part]} requires the role admin`)
  }
}
