import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifySwagger from '@fastify/swagger'
import fastifySwaggerUi from '@fastify/swagger-ui'
import { ApiError } from '@ioc/contract/messages/api.ts'
import type { FastifyInstance } from 'fastify'
import { declareRole } from './guard.ts'
import { type LiveLimits, liveLimits } from './live-client.ts'
import { docsContentSecurityPolicy } from './pages.ts'

/** The groups of the documentation, by theme. */
export const tags = {
  indicators: 'Indicators',
  analysis: 'Analysis',
  boards: 'Boards',
  fleet: 'Sites, devices, ledger',
  incidents: 'Incidents',
  cameras: 'Cameras',
  live: 'Live values',
  monitoring: 'Monitoring',
  access: 'Access',
  enrolment: 'Enrolment',
  agents: 'Agents',
} as const

const title = 'Đơn Dương IOC'
const icon = readFileSync(join(import.meta.dirname, '../app/src/icon.svg'))

/** `/api/docs`: the OpenAPI document, made from the schemas of the routes that are registered after it, and its page. */
export async function serveApiDocs(app: FastifyInstance): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: `${title}: API`,
        version: '1',
        description:
          'Indicators, devices and health of the district. Times are milliseconds since 1970, UTC. A centre ' +
          'with accounts requires a user: by a token of `ioc user token`, or `IOC_API_TOKEN`, as `Authorization: Bearer …`; or ' +
          'by the cookie of `POST /api/session`. Users who are limited to areas or a unit read only what is of these. ' +
          'A query parameter that a route does not have is refused with 400. ' +
          'Errors have the form `{statusCode, error, message}`; `error` is a code of the error table, or the name of ' +
          'the HTTP status. After a 429, wait for the number of seconds in `Retry-After`.',
      },
      tags: [
        {
          name: tags.indicators,
          description: 'Indicators computed from measurements and cases: latest values and history',
        },
        {
          name: tags.analysis,
          description: 'Areas side by side, projections, and unusual values, from the history in the store',
        },
        { name: tags.boards, description: 'The boards of the wall, and what their panels show' },
        { name: tags.fleet, description: 'Sites and devices of the district, and the message ledger of each node' },
        {
          name: tags.incidents,
          description: 'Incidents, what people do with them, maintenance, the work log and availability of devices',
        },
        {
          name: tags.cameras,
          description: 'Cameras that bridges watch: their state, stills, moves of those that turn, and what they show',
        },
        { name: tags.live, description: 'Live values over a WebSocket' },
        { name: tags.monitoring, description: 'Health and metrics for Uptime Kuma, Prometheus and other monitors' },
        { name: tags.access, description: 'Sessions for browsers' },
        { name: tags.enrolment, description: 'How machines become nodes: tokens, requests, and the nodes themselves' },
        {
          name: tags.agents,
          description: 'Agents: their configuration with its revisions, their logs, measuring at once',
        },
      ],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'A token of `ioc user token`, or IOC_API_TOKEN' },
          cookie: { type: 'apiKey', in: 'cookie', name: 'ioc_session', description: 'Set by POST /api/session' },
        },
      },
      security: [{ token: [] }, { cookie: [] }],
    },
  })
  await app.register(async (scope) => {
    declareRole(scope, 'viewer')
    await scope.register(fastifySwaggerUi, {
      routePrefix: '/api/docs',
      staticCSP: docsContentSecurityPolicy,
      logo: { type: 'image/svg+xml', content: icon, href: '/', target: '_self' },
      theme: {
        title: `${title}: API`,
        favicon: [
          { filename: 'icon.svg', rel: 'icon', type: 'image/svg+xml', sizes: 'any', content: icon.toString('utf8') },
        ],
      },
      uiConfig: { docExpansion: 'list', defaultModelsExpandDepth: -1, tryItOutEnabled: true },
    })
  })
}

const noUpgrade = { statusCode: 426, error: 'Upgrade Required', message: 'open /live as a WebSocket' }

/** `GET /live` without an upgrade: documents the WebSocket, which OpenAPI has no words for. */
export function liveRoute(app: FastifyInstance, maxClientsPerAddress: number): void {
  app.get(
    '/live',
    {
      config: { role: 'viewer', places: 'filtered' },
      schema: {
        tags: [tags.live],
        summary: 'WebSocket with live values',
        description: liveDescription(liveLimits, maxClientsPerAddress),
        response: {
          101: { type: 'null', description: 'The connection is upgraded to a WebSocket' },
          426: { ...ApiError, description: 'The request is not a WebSocket upgrade', examples: [noUpgrade] },
        },
      },
    },
    (_request, reply) => reply.code(426).header('upgrade', 'websocket').send(noUpgrade),
  )
}

function liveDescription(limits: LiveLimits, maxClientsPerAddress: number): string {
  return `
A client sends JSON text. It subscribes to topics or to prefixes of whole segments:

\`\`\`json
{"subscribe": ["indicator/system_cpu_1m", "device", "link"]}
\`\`\`
\`\`\`json
{"unsubscribe": ["device"]}
\`\`\`

The server sends the last value of each topic first, then each change. A frame is one JSON object with its topic:

\`\`\`json
{"topic": "indicator/system_cpu_1m/device/ka-do/server", "id": "system_cpu_1m", "scope": "device", "key": "ka-do/server", "ts": 1795953600000, "value": 41.5, "level": 0, "samples": 6}
\`\`\`
\`\`\`json
{"topic": "link", "ts": 1795953600000, "connected": true, "build": "5d1c0e9a7b3f2846"}
\`\`\`
\`\`\`json
{"topic": "device/ka-do/air-1/air_quality", "gone": true}
\`\`\`
\`\`\`json
{"error": "not JSON"}
\`\`\`

| topic | frame |
| --- | --- |
| \`indicator/{id}/{scope}/{key}[/{group}]\` | a value with its \`level\`: 0 normal, 1 attention, 2 warning, 3 critical. The key of a device is \`site/device\`, of a site its name, of an area its code, of the district \`district\`; a group is percent-encoded |
| \`indicators\` | the definitions, as in \`/api/indicators\` |
| \`district\` | areas, sites, units, targets and thresholds; \`problem\`: why the files as they are now are refused |
| \`liveness/{site}/{device}\` | whether a device measures, is late or silent; stuck or railed metrics; a wrong clock |
| \`device/{site}/{device}/{type}\` | a device: name, position, whether its node is connected, time of the last measurement |
| \`node/{site}/{node}\` | a node: its last birth or will |
| \`ledger/{site}/{node}\` | as in \`/api/ledger\` |
| \`process/{name}\` | a process of the centre |
| \`incident/{id}\` | an incident, see \`/api/incidents/{id}\` |
| \`maintenance\` | maintenance windows that have not ended |
| \`simulation\` | only of a simulated district: scenario, phase and progress |
| \`attention\` | what is not as it should be, at most once a second: indicators beyond a limit, silent devices, nodes that are offline, lost messages, processes that are down; \`counts\` of each kind, and the first hundred \`items\`, the worst and oldest first |
| \`place/{area or site}/{key}\` | an area or a site: its worst \`level\`, its \`devices\` and \`nodes\`, how many are \`silent\` and \`offline\` |
| \`link\` | every ${limits.pingMs / 1000} s: \`ts\` is the clock of the server, \`connected\` whether it is connected to the broker, \`build\` is the build id of the page that it serves |

\`gone\` removes a topic. A client that falls behind gets the newest value of each topic; one that stays behind for
${limits.maxBehindMs / 1000} s is disconnected.

Limits: ${maxClientsPerAddress} connections of one address and ${limits.maxClients} in all; for each connection ${limits.maxSubscriptions}
subscriptions, messages of ${limits.maxMessageBytes / 1024} KiB, topics of ${limits.maxTopicLength} characters, and in ten seconds
${limits.maxMessagesPer10s} messages, ${limits.maxBytesPer10s / 1024} KiB and ${limits.maxTopicsPer10s} topics subscribed to or unsubscribed from. A client that exceeds
them, or sends ${limits.maxMistakes} invalid messages, is closed with code 1008. Before the upgrade the server answers 401
without the token, 403 to a page of another site, 429 to an address with too many connections, and 503 when the limit of all
connections is reached.
`
}
