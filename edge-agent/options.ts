import { join } from 'node:path'
import { type Options, optionSchema } from '@ioc/contract/options.ts'
import { nodeOptions } from '@ioc/uplink/options.ts'
import { nodeRedOptions } from './node-red/options.ts'

/** Every setting of the agent. */
export const agentOptions = optionSchema({
  ...nodeOptions,
  agentSite: { type: 'string', default: '', title: 'Site of the node; by default from the credential file' },
  agentNode: { type: 'string', default: '', title: 'Name of the node; by default from the credential file' },
  agentPassword: {
    type: 'string',
    default: '',
    secret: true,
    title: 'Password of the node; by default from the credential file',
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
  agentRemoteConfig: {
    type: 'boolean',
    default: true,
    title: 'Accept configuration from the centre',
  },
  agentProbeMs: {
    type: 'integer',
    default: 60_000,
    minimum: 100,
    maximum: 3_600_000,
    unit: 'ms',
    title: 'Time that a configuration from the centre is on trial before it is confirmed',
  },
  agentUplinkConfirmMs: {
    type: 'integer',
    default: 120_000,
    minimum: 100,
    maximum: 3_600_000,
    unit: 'ms',
    title: 'Time to reach another broker that the centre configured; then the agent returns to the one before',
  },
  allowExec: {
    type: 'boolean',
    default: false,
    title: 'Allow collectors of the type exec, which run commands of agent.yaml',
  },
  ...nodeRedOptions,
})

export type AgentOptions = Options<typeof agentOptions>

/** Where the agent keeps its outbox, its configuration and its state. */
export function agentFolder({ agentDataDir, dataDir }: AgentOptions): string {
  return agentDataDir || join(dataDir, 'edge-agent')
}
