import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readOptions } from '@ioc/contract/options.ts'
import type { DeadLetters } from '@ioc/ingest-log/dead-letters.ts'
import type { IngestLog, LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import { type LaneName, lanesOf } from '@ioc/ingest-log/lanes.ts'
import { openLogs } from '@ioc/ingest-log/open.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { startBroker } from '../broker.ts'
import { type CredentialStore, openCredentialStore } from '../credentials/credential-store.ts'
import { ensureFirstCredentials } from '../credentials/first-start.ts'
import { createIngest } from '../ingest.ts'
import { brokerOptions } from '../options.ts'

/** A broker with all its parts, for tests: real files in a folder of its own, a port that the system chose. */
export interface TestBroker {
  readonly port: number
  readonly dataDir: string
  readonly credentials: CredentialStore
  readonly log: IngestLog
  readonly deadLetters: DeadLetters
  /** A connected client; rejects if it is refused. */
  connect(options: IClientOptions): Promise<MqttClient>
  /** A client that is connecting: what the broker sends first cannot be missed. */
  open(options: IClientOptions): MqttClient
  /** Everything in a lane of the log so far; in the live one if none is named. */
  logged(lane?: LaneName): Promise<LogRecord[]>
  stop(): Promise<void>
}

export async function startTestBroker(
  settings: Record<string, string> = {},
  dataDir = mkdtempSync(join(tmpdir(), 'ioc-broker-')),
): Promise<TestBroker> {
  const options = readOptions(brokerOptions, {
    IOC_MQTT_PORT: '0',
    IOC_LOG_LEVEL: 'silent',
    IOC_DATA_DIR: dataDir,
    ...settings,
  })
  ensureFolder(join(dataDir, 'broker'))
  const credentials = openCredentialStore(dataDir)
  await ensureFirstCredentials(credentials, dataDir, 'site-1', 'node-1')
  const { log, deadLetters } = openLogs(options)
  const ingest = createIngest(log, 1, deadLetters)
  const broker = await startBroker(options, { credentials, ingest, logger: createLogger('broker', options) })
  const clients: MqttClient[] = []
  return {
    port: broker.port,
    dataDir,
    credentials,
    log,
    deadLetters,
    open(clientOptions) {
      const client = mqtt.connect(`mqtt://127.0.0.1:${broker.port}`, { reconnectPeriod: 0, ...clientOptions })
      clients.push(client)
      return client
    },
    async connect(clientOptions) {
      const client = await mqtt.connectAsync(
        `mqtt://127.0.0.1:${broker.port}`,
        { reconnectPeriod: 0, ...clientOptions },
        false,
      )
      clients.push(client)
      return client
    },
    async logged(lane = 'live') {
      const records: LogRecord[] = []
      for await (const batch of log.read(lanesOf(0, 1)[lane], 0, { follow: false })) records.push(...batch.records)
      return records
    },
    async stop() {
      for (const client of clients) client.end(true)
      await broker.stop()
      await log.stop()
      await deadLetters.stop()
    },
  }
}
