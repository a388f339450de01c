import { delimiter, join, resolve } from 'node:path'
import type { Logger } from '@ioc/runtime/logger.ts'
import { machineSecret } from '../machine.ts'
import { type AgentOptions, agentFolder } from '../options.ts'
import { NodeRed } from './node-red.ts'
import type { OutletOutbox } from './outlet.ts'

/** Flows that the administrator of the machine has put into the folder of the agent. */
export const flowFile = 'flows.json'

/** Node-RED as the settings of an agent describe it. */
export function createNodeRed(
  options: AgentOptions,
  outbox: OutletOutbox,
  changed: () => void,
  logger: Logger,
): NodeRed {
  const folder = resolve(agentFolder(options))
  let secret: string | undefined
  return new NodeRed(
    {
      isEnabled: options.nodeRed,
      folder: join(folder, 'node-red'),
      file: join(folder, flowFile),
      secret: () => {
        secret ??= machineSecret(options.dataDir, 'node-red credentials')
        return secret
      },
      readable: options.nodeRedFolders.split(delimiter).filter((path) => path !== ''),
      limits: {
        maxMb: options.nodeRedMaxMb,
        maxMemoryMs: options.nodeRedMaxMemoryS * 1000,
        maxHangMs: options.nodeRedHangS * 1000,
      },
      probeMs: options.nodeRedProbeS * 1000,
      host: options.nodeRedHost,
      port: options.nodeRedPort,
    },
    outbox,
    changed,
    logger.child({ part: 'node-red' }),
  )
}
