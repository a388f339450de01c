import { join } from 'node:path'
import type { CollectorConfig } from '../config/config.ts'
import type { Collector, CollectorContext } from './collector.ts'

/** The configuration of collectors, in the agent's data folder. */
export const configFileName = 'agent.yaml'

/** What the collectors of one agent share. */
export interface AgentContext extends Pick<CollectorContext, 'address' | 'host' | 'allowExec' | 'logger'> {
  /** The agent's data folder. */
  readonly folder: string
}

/** Creates a configured collector, with a folder of its own in that of the agent. */
export async function createCollector({ kind, id, options }: CollectorConfig, agent: AgentContext): Promise<Collector> {
  const create = await kind.load()
  const folder = join(agent.folder, 'collectors', id)
  return create(options as never, { ...agent, id, folder, logger: agent.logger.child({ collector: id }) })
}
