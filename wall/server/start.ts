import { join } from 'node:path'
import compress from '@fastify/compress'
import { commandEntry, workEntry } from '@ioc/accounts/command-entry.ts'
import { authorityDigest, usesTls } from '@ioc/broker/credentials/certificates.ts'
import { openCredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import { openEnrolmentStore } from '@ioc/broker/credentials/enrolment-store.ts'
import { type ErrorCode, type IocError, isIocError } from '@ioc/contract/errors.ts'
import type { User } from '@ioc/contract/roles.ts'
import { DesiredConfigs } from '@ioc/edge-agent/desired/config-store.ts'
import { httpTimeouts, limitConnections } from '@ioc/runtime/http-guard.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { Running } from '@ioc/runtime/process.ts'
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import { Access } from './access.ts'
import { liveRoute, serveApiDocs } from './api-docs.ts'
import { assigneesOf } from './assignees.ts'
import { Attention } from './attention.ts'
import { grafanaFolder, inMenuOrder, loadBoards } from './boards/library.ts'
import { SharedReads } from './boards/shared-reads.ts'
import { createTypeBoards } from './boards/type-boards.ts'
import { Cameras } from './cameras/cameras.ts'
import { type Front, listenPlain, listenTls } from './front.ts'
import { type GuardedRoute, guardRoutes } from './guard.ts'
import type { LiveLimits } from './live-client.ts'
import { LiveServer, type LiveServerOptions } from './live-server.ts'
import { LiveSource, type LiveViewers } from './live-source.ts'
import { LiveState } from './live-state.ts'
import { createMetrics } from './metrics.ts'
import { NodeReports } from './node-reports.ts'
import type { WallOptions } from './options.ts'
import { createOwnNode } from './own-node.ts'
import { readBuild, securityHeaders, servePages } from './pages.ts'
import { PasswordRotation } from './password-rotation.ts'
import { redirectToHttps } from './redirect.ts'
import { checkRequests } from './request-check.ts'
import { type Fleet, RolloutConductor } from './rollout/conductor.ts'
import { ConfigWriter } from './rollout/config-writer.ts'
import { RolloutStore } from './rollout/rollout-store.ts'
import { agentRoutes } from './routes/agent.ts'
import { agentConfigRoutes } from './routes/agent-config.ts'
import { analysisRoutes } from './routes/analysis.ts'
import { boardRoutes } from './routes/boards.ts'
import { cameraRoutes } from './routes/cameras.ts'
import { enrolmentRoutes } from './routes/enrolment.ts'
import { fleetRoutes } from './routes/fleet.ts'
import { incidentRoutes, type SendCommand } from './routes/incidents.ts'
import { historyLimits, indicatorRoutes } from './routes/indicators.ts'
import { linkRoutes } from './routes/link.ts'
import { mapRoutes } from './routes/map.ts'
import { placeRoutes } from './routes/places.ts'
import { rolloutRoutes, updatableNodes } from './routes/rollout.ts'
import { rotaRoutes } from './routes/rota.ts'
import { sessionRoutes } from './routes/session.ts'
import { systemRoutes } from './routes/system.ts'
import { workRoutes } from './routes/work.ts'
import { createWallSiteCheck } from './site-check.ts'
import { Slots } from './slots.ts'
import { runStatements } from './store-query.ts'
import { createPlacesOf, type VisiblePlaces } from './visible-places.ts'
import { openWorkLog } from './work-log.ts'

const dayMs = 86_400_000

/** A started wall, the port it listens on, and its routes. */
export interface Wall extends Running {
  readonly port: number
  readonly routes: readonly GuardedRoute[]
}

/**
 * Starts the wall's server.
 * @throws IocError ACCOUNT_REQUIRED, PORT_IN_USE, OPTION_INVALID
 */
export async function startWall(
  options: WallOptions,
  logger: Logger,
  limits: Partial<LiveLimits> = {},
  boardsFolder = grafanaFolder,
): Promise<Wall> {
  const access = new Access(options, (err) => logger.error({ err }, 'a login could not be written to the data folder'))
  access.requireAccounts(options.bind)
  if (access.isOpen)
    logger.info('no accounts: everyone on this machine is an administrator, "ioc user add" creates a user')
  const isEncrypted = usesTls(options)
  const siteRefusal = createWallSiteCheck(options, logger)
  const state = new LiveState(readBuild())
  const placesOf = createPlacesOf(state)
  const app = Fastify({ forceCloseConnections: true, bodyLimit: 64 * 1024, http: { ...httpTimeouts } })
  const release = limitConnections(app.server)
  const { maxLiveClientsPerAddress: maxClientsPerAddress } = options
  const isAllowedSite: LiveServerOptions['isAllowedSite'] = (request) => siteRefusal(request) === undefined
  const credentials = openCredentialStore(options.dataDir)
  const enrolments = openEnrolmentStore(options.dataDir, credentials, () => authorityDigest(options))
  const desired = new DesiredConfigs(options.dataDir)
  const upgradeOther: LiveServerOptions['upgradeOther'] = (request, socket, head) => {
    if (!cameras.links.upgrade(request, socket, head)) return false
    release(socket)
    return true
  }
  const live = new LiveServer(
    state,
    { access, placesOf, isAllowedSite, release, upgradeOther, maxClientsPerAddress, limits },
    logger,
  )
  const cameras: Cameras = new Cameras({
    ...{ options, credentials, state, logger },
    publish: (change) => live.publish(change),
    onReturned: (site, camera) =>
      access.audit.append({
        at: Date.now(),
        who: 'tự động',
        what: 'camera.return',
        target: `${site}/${camera}`,
        from: 'ioc',
      }),
  })
  const viewers: LiveViewers = {
    isWatched: (topic) => live.isWatched(topic),
    publish(change) {
      live.publish(change)
      cameras.follow(change)
    },
  }
  const source = new LiveSource(options, state, viewers, logger)
  const configs = new ConfigWriter(desired, (address, payload) => source.publishConfig(address, payload))
  const rollouts = new RolloutStore(options.dataDir)
  const fleet: Fleet = {
    nodes: () => updatableNodes(state),
    isKnown: () => state.isCurrent,
    offer: (address, update) => configs.offer(address, update),
    withdraw: (address, rollout) => configs.withdraw(address, rollout),
  }
  const conductor = new RolloutConductor(rollouts, fleet, logger)
  const reports = new NodeReports()
  const rotation = new PasswordRotation(
    {
      maxAgeMs: options.maxPasswordDays * dayMs,
      ...{ credentials, enrolments, reports },
      ask: (address, command) => source.askNode(address, command),
      onRotated: (target) =>
        access.audit.append({ at: Date.now(), who: 'tự động', what: 'node.rotate', target, from: 'ioc' }),
    },
    logger,
  )
  const attention = new Attention(
    state,
    (change) => live.publish(change),
    (err) => logger.error({ err }, 'attention could not be computed'),
  )
  const workLog = openWorkLog(options.dataDir, logger)
  const ownBoards = loadBoards(boardsFolder)
  let boards = ownBoards
  let boardsVersion = 0
  const typeBoards = createTypeBoards(
    join(options.dataDir, 'wall', 'boards'),
    (made) => {
      boards = inMenuOrder(made, ownBoards)
      const change = state.applyComputed('boards', { version: ++boardsVersion })
      if (change) live.publish(change)
    },
    (err) => logger.error({ err }, 'boards of self-declared types could not be made'),
  )
  state.onTypes = (types) => {
    if (types.length > 0 || boards !== ownBoards) typeBoards.make(types)
  }
  let front: Front | undefined
  const stop = async (): Promise<void> => {
    attention.stop()
    await conductor.stop()
    await rotation.stop()
    await typeBoards.stop()
    await source.stop()
    await live.stop()
    await cameras.stop()
    await front?.stop()
    await app.close()
    workLog.stop()
  }
  try {
    securityHeaders(app)
    // Requests are small: a compressed one is refused, and with it every decompression bomb.
    await app.register(compress, { encodings: ['br', 'gzip'], globalDecompression: false })
    if (isEncrypted) redirectToHttps(app)
    const routes = guardRoutes(app, access, siteRefusal, placesOf)
    answerErrors(app, logger)
    checkRequests(app)
    await serveApiDocs(app)
    const connected = (): boolean => source.connected
    sessionRoutes(app, access)
    const metricsFor = (places?: VisiblePlaces) =>
      createMetrics(state, live, connected, options.maxMetricDevices, places)
    systemRoutes(app, state, metricsFor, connected, createOwnNode(options.dataDir), placesOf)
    const slots = new Slots(historyLimits)
    indicatorRoutes(app, state, options, slots, placesOf)
    analysisRoutes(app, state, options, slots, placesOf)
    fleetRoutes(app, state, placesOf)
    const reads = new SharedReads((statement, client) =>
      slots.run(client, async () => (await runStatements(options, statement)).flat()),
    )
    placeRoutes(app, state, options, slots, placesOf)
    const send: SendCommand = async (request, command) => {
      await source.sendCommand(command)
      access.note(request.raw, request.user, commandEntry(command))
    }
    const assignees = (user: User) => assigneesOf(state, access.accounts.list(), user)
    incidentRoutes(app, state, options, slots, placesOf, assignees, send)
    rotaRoutes(app, state, send, async (request, test) => {
      const command = { kind: 'test_channel', by: request.user.name, ...test } as const
      access.note(request.raw, request.user, commandEntry(command))
      return source.askWatch(command)
    })
    await linkRoutes(app, {
      state,
      ask: (kind, token, note) =>
        source.askWatch(kind === 'acknowledge_by_token' && note !== '' ? { kind, token, note } : { kind, token }),
      stillOf: (request, name, id) => {
        const newest = cameras.stills.ofIncident(id).at(-1)
        const jpeg = newest && cameras.stills.readOfIncident(id, newest.name)
        if (!jpeg) return undefined
        access.note(request.raw, { name }, { what: 'still.view', target: `incident ${id}` })
        return { jpeg, ts: newest.ts }
      },
      note: ({ raw }, name, incidents) =>
        access.note(raw, { name }, { what: 'incident.acknowledge_by_link', target: incidents.join(', ') }),
    })
    workRoutes(app, state, options, slots, placesOf, workLog, (request, entry) =>
      access.note(request.raw, request.user, workEntry(entry)),
    )
    cameraRoutes(app, {
      ...{ state, cameras, placesOf, send },
      note: (request, entry) => access.note(request.raw, request.user, entry),
    })
    enrolmentRoutes(app, options, { credentials, enrolments, desired, access, placesOf })
    agentConfigRoutes(app, { enrolments, desired, access, placesOf, reports, source })
    rolloutRoutes(app, options, state, rollouts, access, placesOf)
    await agentRoutes(app, options)
    boardRoutes(app, () => boards, state, reads, options, placesOf)
    await mapRoutes(app, options, logger)
    liveRoute(app, maxClientsPerAddress)
    await servePages(app)
    live.start(app.server)
    front = isEncrypted ? await listenTls(app, options, logger) : await listenPlain(app, options.httpPort, options.bind)
    cameras.start()
    await source.start()
    attention.start()
    conductor.start()
    rotation.start()
    return { port: front.port, routes, stop, gauges: () => ({ clients: live.clientCount, live_topics: state.size }) }
  } catch (error) {
    await stop()
    throw error
  }
}

function answerErrors(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const statusCode = isIocError(error) ? statusOf(error) : (error.statusCode ?? 500)
    if (statusCode === 500) logger.error({ err: error, url: request.url }, 'request failed')
    return reply.code(statusCode).send({
      statusCode,
      error: error.code ?? error.name,
      message: statusCode === 500 ? 'internal error, see the server log' : error.message,
    })
  })
}

const statuses: Partial<Record<ErrorCode, number>> = {
  NAME_INVALID: 400,
  PAYLOAD_INVALID: 400,
  PASSWORD_INVALID: 400,
  ENROL_TOKEN_INVALID: 401,
  ENROL_REJECTED: 403,
  ENROL_REQUEST_UNKNOWN: 404,
  CREDENTIAL_UNKNOWN: 404,
  CREDENTIAL_EXISTS: 409,
  AGENT_CONFIG_INVALID: 400,
  CAMERAS_INVALID: 400,
  CAMERA_UNKNOWN: 404,
  CAMERA_EXISTS: 409,
  CAMERA_BUSY: 409,
  CAMERA_FAULT: 409,
  CAMERA_UNAUTHORIZED: 409,
  CAMERA_UNREACHABLE: 503,
  CAMERA_ANSWER_INVALID: 503,
  CAMERA_BRIDGE_UNREACHABLE: 503,
  ENROL_TOKEN_USED: 409,
  ENROL_TOKEN_EXPIRED: 410,
  ROLLOUT_REFUSED: 409,
  LIMIT_REACHED: 429,
  LOGIN_BUSY: 503,
  BROKER_UNREACHABLE: 503,
  ALERTING_UNREACHABLE: 503,
  NODE_UNKNOWN: 404,
  NODE_UNREACHABLE: 503,
  REVISION_UNKNOWN: 404,
  REVISION_CONFLICT: 409,
  SEAL_INVALID: 409,
  ROLE_REQUIRED: 403,
}

function statusOf({ code }: IocError): number {
  return statuses[code] ?? (code.startsWith('STORE_') ? 503 : 500)
}
