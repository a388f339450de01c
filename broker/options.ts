import { commonOptions, mqttPortOption } from '@ioc/contract/common-options.ts'
import { type Options, optionSchema } from '@ioc/contract/options.ts'
import { logOptions } from '@ioc/ingest-log/open.ts'

export const brokerOptions = optionSchema({
  ...commonOptions,
  ...mqttPortOption,
  ...logOptions,
  mqttAnonymous: { type: 'boolean', default: false, title: 'Let nodes publish without a credential' },
  agentSite: {
    type: 'string',
    default: 'ioc-don-duong',
    title: "Site of this machine's own agent, whose credential the first start makes",
  },
  agentNode: { type: 'string', default: 'centre-01', title: "Node name of this machine's own agent" },
  mqttMaxPacketBytes: {
    type: 'integer',
    default: 1 << 20,
    minimum: 1024,
    maximum: 256 << 20,
    unit: 'bytes',
    title: 'Largest MQTT packet; a larger one ends the connection',
  },
  mqttMaxTopicLevels: {
    type: 'integer',
    default: 10,
    minimum: 5,
    maximum: 100,
    title: 'Most levels that a topic may have',
  },
  mqttMaxConnections: {
    type: 'integer',
    default: 5_000,
    minimum: 1,
    maximum: 1_000_000,
    title: 'Connections at a time',
  },
  mqttMaxConnectionsPerSecond: {
    type: 'integer',
    default: 200,
    minimum: 1,
    maximum: 100_000,
    title: 'New connections a second',
  },
  mqttIdleMs: {
    type: 'integer',
    default: 900_000,
    minimum: 1000,
    maximum: 86_400_000,
    unit: 'ms',
    title: 'Silence after which a connection is closed',
  },
  mqttConnectTimeoutMs: {
    type: 'integer',
    default: 10_000,
    minimum: 100,
    maximum: 600_000,
    unit: 'ms',
    title: 'Time from connection to CONNECT',
  },
  mqttDrainTimeoutMs: {
    type: 'integer',
    default: 10_000,
    minimum: 100,
    maximum: 600_000,
    unit: 'ms',
    title: 'Time after which a subscriber that does not read is cut off',
  },
  mqttMaxBacklogBytes: {
    type: 'integer',
    default: 16 << 20,
    minimum: 65_536,
    maximum: 1 << 30,
    unit: 'bytes',
    title: 'Bytes that may wait for a subscriber before it is cut off',
  },
})

export type BrokerOptions = Options<typeof brokerOptions>
