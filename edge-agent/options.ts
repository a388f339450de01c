import { commonOptions, mqttPortOption } from '@ioc/contract/common-options.ts'
import { slugPattern } from '@ioc/contract/names.ts'
import { type Options, optionSchema } from '@ioc/contract/options.ts'

/** Every setting of the agent. */
export const agentOptions = optionSchema({
  ...commonOptions,
  ...mqttPortOption,
  mqttUrl: {
    type: 'string',
    default: '',
    pattern: '^(mqtts?|wss?)://',
    title: 'Broker; by default the one of this machine, on the MQTT port',
  },
  agentSite: { type: 'string', default: '', title: 'Site of the node; by default as the credential file says' },
  agentNode: { type: 'string', default: '', title: 'Name of the node; by default as the credential file says' },
  agentPassword: {
    type: 'string',
    default: '',
    secret: true,
    title: 'Password of the node; by default as the credential file says',
  },
  area: {
    type: 'string',
    default: '',
    pattern: slugPattern,
    title: 'Code of the area that the site is in, unless the centre lists the site; see district/areas.yaml',
  },
  agentDataDir: {
    type: 'string',
    default: '',
    title: 'Folder of the outbox; by default edge-agent in the data folder',
  },
  agentCadenceMs: {
    type: 'integer',
    default: 10_000,
    minimum: 50,
    maximum: 86_400_000,
    unit: 'ms',
    title: 'Time between measurements',
  },
  outboxMaxMb: {
    type: 'number',
    default: 64,
    minimum: 0.01,
    maximum: 1_000_000,
    unit: 'MB',
    title: 'Most that queued messages may take; beyond it the oldest are dropped and counted',
  },
  outboxMaxAgeH: {
    type: 'number',
    default: 720,
    minimum: 0.001,
    maximum: 87_600,
    unit: 'h',
    title: 'Longest that a message may wait while the machine runs; older ones are dropped and counted',
  },
  replayPerSecond: {
    type: 'number',
    default: 50,
    minimum: 0.1,
    maximum: 100_000,
    unit: 'messages/s',
    title: 'Most messages of a backlog that are sent in a second',
  },
})

export type AgentOptions = Options<typeof agentOptions>
