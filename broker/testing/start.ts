import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readOptions } from '@ioc/contract/options.ts'
import type { DeadLetters } from '@ioc/ingest-log/dead-letters.ts'
import type { IngestLog, LogRecord, RecordKind } from '@ioc/ingest-log/ingest-log.ts'
import { type LaneName, lanesOf } from '@ioc/ingest-log/lanes.ts'
import { openLogs } from '@ioc/ingest-log/open.ts'
import type { Credential } from '@ioc/runtime/credential-file.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { startBroker } from '../broker.ts'
import { createBrokerRecords } from '../broker-records.ts'
import { type CredentialStore, openCredentialStore } from '../credentials/credential-store.ts'
import { ensureFirstCredentials } from '../credentials/first-start.ts'
import { createIngest } from '../ingest.ts'
import { brokerOptions } from '../options.ts'

/** A broker with all its parts, for tests: real files in a folder of its own, a port that the system chose. */
export interface TestBroker {
  readonly port: number
  readonly dataDir: string
  /** What the first start wrote for this machine's agent, or for the centre's processes. */
  credential(holder: 'agent' | 'centre'): Credential
  readonly credentials: CredentialStore
  readonly log: IngestLog
  readonly deadLetters: DeadLetters
  /** A connected client; rejects if it is refused. */
  connect(options: IClientOptions): Promise<MqttClient>
  /** A client that is connecting: what the broker sends first cannot be missed. */
  open(options: IClientOptions): MqttClient
  /** The messages of nodes in a lane of the log so far; in the live one if none is named. */
  logged(lane?: LaneName): Promise<LogRecord[]>
  /** What the broker recorded itself of nodes: their connections, and which are forgotten. */
  recorded(): Promise<LogRecord[]>
  gauges(): Readonly<Record<string, number>>
  stop(): Promise<void>
}

const ownKinds: ReadonlySet<RecordKind> = new Set<RecordKind>(['connection', 'forgotten'])

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
  const records = createBrokerRecords(log, options.logPartitions)
  const logger = createLogger('broker', options)
  const broker = await startBroker(options, { credentials, ingest, records, logger })
  const clients: MqttClient[] = []
  const readLane = async (lane: LaneName) => {
    const records: LogRecord[] = []
    const partition = lanesOf(0, 1)[lane]
    const { first } = log.bounds(partition)
    for await (const batch of log.read(partition, first, { follow: false })) records.push(...batch.records)
    return records
  }
  return {
    port: broker.port,
    dataDir,
    credential: (holder) => JSON.parse(readFileSync(join(dataDir, 'credentials', `${holder}.json`), 'utf8')),
    credentials,
    log,
    deadLetters,
    gauges: () => broker.gauges?.() ?? {},
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
    logged: async (lane = 'live') => (await readLane(lane)).filter(({ kind }) => !ownKinds.has(kind)),
    recorded: async () => (await readLane('live')).filter(({ kind }) => ownKinds.has(kind)),
    async stop() {
      for (const client of clients) client.end(true)
      await broker.stop()
      await log.stop()
      await deadLetters.stop()
    },
  }
}
