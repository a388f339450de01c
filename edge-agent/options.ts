import { join } from 'node:path'
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
    title: 'URL of the broker; by default this machine, on the MQTT port',
  },
  agentSite: { type: 'string', default: '', title: 'Site of the node; by default from the credential file' },
  agentNode: { type: 'string', default: '', title: 'Name of the node; by default from the credential file' },
  agentPassword: {
    type: 'string',
    default: '',
    secret: true,
    title: 'Password of the node; by default from the credential file',
  },
  area: {
    type: 'string',
    default: '',
    pattern: slugPattern,
    title: 'Area code of the site, from district/areas.yaml; ignored if the centre lists the site',
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
    title: 'Maximum size of the outbox; beyond it the oldest messages are dropped and counted',
  },
  outboxMaxAgeH: {
    type: 'number',
    default: 720,
    minimum: 0.001,
    maximum: 87_600,
    unit: 'h',
    title: 'Maximum age of a queued message, in uptime; older messages are dropped and counted',
  },
  replayPerSecond: {
    type: 'number',
    default: 50,
    minimum: 0.1,
    maximum: 100_000,
    unit: 'messages/s',
    title: 'Maximum backlog messages sent per second',
  },
  allowExec: {
    type: 'boolean',
    default: false,
    title: 'Allow collectors of the type exec, which run commands of agent.yaml',
  },
})

export type AgentOptions = Options<typeof agentOptions>

/** Where the agent keeps its outbox, its configuration and its state. */
export function agentFolder({ agentDataDir, dataDir }: AgentOptions): string {
  return agentDataDir || join(dataDir, 'edge-agent')
}
