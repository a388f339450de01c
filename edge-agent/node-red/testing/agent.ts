import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { credentialFile } from '@ioc/runtime/credential-file.ts'
import type { TestBroker } from '@ioc/uplink/testing/broker.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { type NodeProcess, startNodeProcess } from '@ioc/uplink/testing/node-process.ts'

/** An agent process with flows in its folder. */
export interface FlowAgent extends NodeProcess {
  readonly dataDir: string
  /** Of the agent's own data. */
  readonly folder: string
}

/** Starts an agent that has these flows, and this `agent.yaml`. */
export async function startFlows(
  broker: TestBroker,
  flows: object,
  environment: Record<string, string> = {},
  config?: string,
): Promise<FlowAgent> {
  const dataDir = testFolder()
  const path = credentialFile(dataDir, 'agent')
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, JSON.stringify({ username: 'commune-1/box-1', password: 'right' }))
  const folder = join(dataDir, 'edge-agent')
  mkdirSync(folder)
  if (config !== undefined) writeFileSync(join(folder, 'agent.yaml'), config)
  writeFileSync(join(folder, 'flows.json'), JSON.stringify(flows))
  return startAgain(broker, dataDir, environment)
}

/** Starts an agent on a data folder. */
export function startAgain(broker: TestBroker, dataDir: string, environment: Record<string, string> = {}): FlowAgent {
  const { NODE_OPTIONS: _, ...inherited } = process.env
  const own = {
    IOC_DATA_DIR: dataDir,
    IOC_MQTT_URL: broker.url,
    IOC_AGENT_CADENCE_MS: '200',
    IOC_NODE_RED_PROBE_S: '1',
  }
  const main = join(import.meta.dirname, '..', '..', 'main.ts')
  const agent = startNodeProcess(main, { ...inherited, ...own, ...environment })
  return Object.assign(agent, { dataDir, folder: join(dataDir, 'edge-agent') })
}
