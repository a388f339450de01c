import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { NodeConfig } from '@ioc/contract/messages/node-config.ts'
import type { ConfigReport } from '@ioc/contract/messages/node-report.ts'
import type { Birth } from '@ioc/contract/messages/status.ts'
import { credentialFile } from '@ioc/runtime/credential-file.ts'
import { type TestBroker, testBroker } from '@ioc/uplink/testing/broker.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { type NodeProcess, startNodeProcess } from '@ioc/uplink/testing/node-process.ts'

/** An agent in a process of its own with a real broker, as the centre sees it. */
export interface RemoteAgent {
  readonly broker: TestBroker
  readonly dataDir: string
  start(environment?: Record<string, string>): NodeProcess
  /** Publishes a configuration as the retained one. */
  configure(config: Partial<NodeConfig> | string): Promise<void>
  command(command: object): Promise<void>
  /** Waits for a report. */
  report(holds: (report: ConfigReport) => boolean): Promise<ConfigReport>
  /** The last birth. */
  birth(): Birth | undefined
}

export const remoteAddress = 'commune-1/box-1'

export async function remoteAgent(): Promise<RemoteAgent> {
  const broker = await testBroker()
  const dataDir = testFolder()
  const path = credentialFile(dataDir, 'agent')
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, JSON.stringify({ username: remoteAddress, password: 'right' }))
  const births = () => broker.statuses.filter((status): status is Birth => status.online)
  return {
    broker,
    dataDir,
    start(environment = {}) {
      const { NODE_OPTIONS: _, ...inherited } = process.env
      return startNodeProcess(join(import.meta.dirname, '../main.ts'), {
        ...inherited,
        IOC_DATA_DIR: dataDir,
        IOC_MQTT_URL: broker.url,
        IOC_AGENT_CADENCE_MS: '100',
        IOC_AGENT_PROBE_MS: '500',
        IOC_AGENT_UPLINK_CONFIRM_MS: '1500',
        ...environment,
      })
    },
    configure: (config) =>
      broker.publish(
        `ioc/v1/${remoteAddress}/config`,
        typeof config === 'string' ? config : JSON.stringify(config),
        true,
      ),
    command: (command) => broker.publish(`ioc/v1/${remoteAddress}/command`, JSON.stringify(command)),
    async report(holds) {
      let found: ConfigReport | undefined
      await broker.until(() => {
        found = births()
          .map(({ config }) => config)
          .findLast((report) => report !== undefined && holds(report))
        return found !== undefined
      })
      return found as ConfigReport
    },
    birth: () => births().at(-1),
  }
}

export async function killHard(agent: NodeProcess): Promise<void> {
  agent.process.kill('SIGKILL')
  await once(agent.process, 'exit')
}
