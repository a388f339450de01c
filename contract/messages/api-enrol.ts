import Type from 'typebox'
import { slugPattern } from '../names.ts'
import { Milliseconds } from './api-schema.ts'

/** What the enrolment of nodes accepts and returns. */

const SlugName = Type.String({ pattern: slugPattern, title: 'A name of letters, digits, "_", "." and "-"' })

/** Longest validity of a token, in seconds: 30 days. */
export const maxTokenSeconds = 30 * 86_400
/** Machines that one token may enrol, at most. */
export const maxTokenUses = 1_000

const exampleMachine = {
  machine: '9c1f',
  pubkey: 'MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=',
  host: 'tram-01',
  arch: 'linux-x64',
  agent: '0.1.0',
}

/** A machine, as it describes itself. */
export const ApiMachine = Type.Object(
  {
    machine: Type.String({ minLength: 1, maxLength: 128, title: 'Identifier of the machine' }),
    pubkey: Type.String({ pattern: '^[A-Za-z0-9+/=_-]{32,512}$', title: 'Public key (Ed25519) in base64' }),
    host: Type.String({ maxLength: 256, title: 'Host name' }),
    arch: Type.String({ maxLength: 64, title: 'Platform, such as linux-x64' }),
    agent: Type.String({ maxLength: 64, title: 'Version of the agent' }),
  },
  { examples: [exampleMachine] },
)
export type ApiMachine = Type.Static<typeof ApiMachine>

export const ApiEnrol = Type.Object(
  { token: Type.String({ maxLength: 256 }), ...ApiMachine.properties },
  { examples: [{ token: 'ioc1-0f3c9a51d27be864-5b1e0c9d7a3f42868d1c0b9e7f6a5d43', ...exampleMachine }] },
)
export type ApiEnrol = Type.Static<typeof ApiEnrol>

/** The credential of a node that is enrolled. */
export const ApiEnrolled = Type.Object(
  {
    status: Type.Literal('enrolled'),
    site: SlugName,
    node: SlugName,
    username: Type.String(),
    password: Type.String(),
    mqtt_url: Type.String({ title: 'URL of the broker' }),
    ca: Type.Union([Type.String(), Type.Null()], { title: 'Certificate authority in PEM; null on loopback' }),
    config: Type.Object({}, { title: 'Settings of the node; none so far', additionalProperties: true }),
  },
  {
    examples: [
      {
        status: 'enrolled',
        site: 'ka-do',
        node: 'tram-01',
        username: 'ka-do/tram-01',
        password: 'PASSWORD',
        mqtt_url: 'mqtts://10.0.0.5:8883',
        ca: '-----BEGIN CERTIFICATE-----',
        config: {},
      },
    ],
  },
)
export type ApiEnrolled = Type.Static<typeof ApiEnrolled>

/** The request of a machine that an operator has not accepted yet. */
export const ApiEnrolPending = Type.Object(
  {
    status: Type.Literal('pending'),
    code: Type.String({ pattern: '^[0-9]{6}$', title: 'Code that the operator compares' }),
  },
  { examples: [{ status: 'pending', code: '402817' }] },
)
export type ApiEnrolPending = Type.Static<typeof ApiEnrolPending>

export const ApiEnrolRequested = Type.Object(
  {
    ...ApiEnrolPending.properties,
    token: Type.String({ title: 'Token that is valid once the request is accepted' }),
    expires: Milliseconds,
  },
  {
    examples: [
      {
        status: 'pending',
        code: '402817',
        token: 'ioc1-0f3c9a51d27be864-5b1e0c9d7a3f42868d1c0b9e7f6a5d43',
        expires: 1796100000000,
      },
    ],
  },
)
export type ApiEnrolRequested = Type.Static<typeof ApiEnrolRequested>

/** What a token, or an accepted request, entitles to. */
export const ApiGrant = Type.Object(
  {
    site: SlugName,
    node: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9{][A-Za-z0-9_.{}-]{0,63}$',
        title: 'Name of the node, or a pattern with {host} or {n}; by default {host}',
      }),
    ),
  },
  { examples: [{ site: 'ka-do', node: 'tram-01' }] },
)
export type ApiGrant = Type.Static<typeof ApiGrant>

export const ApiAddToken = Type.Object(
  {
    ...ApiGrant.properties,
    uses: Type.Optional(Type.Integer({ minimum: 1, maximum: maxTokenUses, title: 'Machines; by default 1' })),
    expires_s: Type.Optional(
      Type.Integer({ minimum: 60, maximum: maxTokenSeconds, title: 'Validity in seconds; by default a day' }),
    ),
  },
  { examples: [{ site: 'ka-do', node: '{host}', uses: 5, expires_s: 86400 }] },
)
export type ApiAddToken = Type.Static<typeof ApiAddToken>

export const ApiTokenAdded = Type.Object(
  { id: Type.String(), token: Type.String(), expires: Milliseconds },
  {
    examples: [
      {
        id: '0f3c9a51d27be864',
        token: 'ioc1-0f3c9a51d27be864-5b1e0c9d7a3f42868d1c0b9e7f6a5d43',
        expires: 1796100000000,
      },
    ],
  },
)
export type ApiTokenAdded = Type.Static<typeof ApiTokenAdded>

export const ApiToken = Type.Object({
  id: Type.String(),
  site: Type.String(),
  node: Type.String(),
  uses: Type.Integer(),
  used: Type.Integer({ title: 'Machines that it has enrolled' }),
  created: Milliseconds,
  expires: Milliseconds,
  by: Type.String(),
})

export const ApiPendingNode = Type.Object({
  id: Type.String(),
  code: Type.String(),
  requested: Milliseconds,
  expires: Milliseconds,
  address: Type.String(),
  machine: Type.String(),
  host: Type.String(),
  arch: Type.String(),
  agent: Type.String(),
})
export const ApiPending = Type.Object(
  { pending: Type.Array(ApiPendingNode) },
  {
    examples: [
      {
        pending: [
          {
            id: '0f3c9a51d27be864',
            code: '402817',
            requested: 1796000000000,
            expires: 1796086400000,
            address: '10.0.3.7',
            machine: '9c1f',
            host: 'tram-01',
            arch: 'linux-x64',
            agent: '0.1.0',
          },
        ],
      },
    ],
  },
)
export type ApiPending = Type.Static<typeof ApiPending>

export const ApiNode = Type.Object({
  site: Type.String(),
  node: Type.String(),
  state: Type.Unsafe<'pending' | 'active' | 'expired' | 'revoked'>(
    Type.String({ enum: ['pending', 'active', 'expired', 'revoked'], title: 'pending: it has never connected' }),
  ),
  created: Milliseconds,
  expires: Type.Union([Milliseconds, Type.Null()], { title: 'null: it does not expire' }),
  revoked: Type.Union([Milliseconds, Type.Null()]),
  clone_suspected: Type.Union([Milliseconds, Type.Null()], {
    title: 'When connections of two machines with this credential last displaced each other',
  }),
})
export type ApiNode = Type.Static<typeof ApiNode>
export const ApiNodes = Type.Object(
  { nodes: Type.Array(ApiNode), tokens: Type.Array(ApiToken) },
  {
    examples: [
      {
        nodes: [
          {
            site: 'ka-do',
            node: 'tram-01',
            state: 'active',
            created: 1796000000000,
            expires: 1827536000000,
            revoked: null,
            clone_suspected: null,
          },
        ],
        tokens: [
          {
            id: '0f3c9a51d27be864',
            site: 'ka-do',
            node: '{host}',
            uses: 5,
            used: 1,
            created: 1796000000000,
            expires: 1796086400000,
            by: 'lan',
          },
        ],
      },
    ],
  },
)
export type ApiNodes = Type.Static<typeof ApiNodes>

export const ApiEnrolId = Type.Object({
  id: Type.String({ pattern: '^[0-9a-f]{16}$', examples: ['0f3c9a51d27be864'] }),
})
export type ApiEnrolId = Type.Static<typeof ApiEnrolId>
export const ApiNodeParams = Type.Object({
  site: Type.String({ pattern: slugPattern, examples: ['ka-do'] }),
  node: Type.String({ pattern: slugPattern, examples: ['tram-01'] }),
})
export type ApiNodeParams = Type.Static<typeof ApiNodeParams>

/** What an install script is, and its SHA-256, which the line to paste compares. */
const ApiInstallScript = Type.Object({ file: Type.String(), sha256: Type.String() })

/** The bundles of the agent that the centre serves below `/agent/`; none before they are built. */
export const ApiBundles = Type.Object(
  {
    version: Type.Union([Type.String(), Type.Null()]),
    archives: Type.Array(
      Type.Object({
        platform: Type.String(),
        file: Type.String(),
        size: Type.Integer({ title: 'Bytes' }),
        sha256: Type.String(),
        signature: Type.String({ title: 'Ed25519 signature of the archive in base64' }),
      }),
    ),
    scripts: Type.Array(ApiInstallScript),
  },
  {
    examples: [
      {
        version: '0.1.0',
        archives: [
          {
            platform: 'linux-x64',
            file: 'ioc-agent-0.1.0-linux-x64.tar.gz',
            size: 51000000,
            sha256: '9f86d081',
            signature: 'c2lnbmF0dXJl',
          },
        ],
        scripts: [{ file: 'install.sh', sha256: '9f86d081' }],
      },
    ],
  },
)
export type ApiBundles = Type.Static<typeof ApiBundles>
