import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AccountStore } from '@ioc/accounts/account-store.ts'
import { startBroker } from '@ioc/broker/broker.ts'
import { createBrokerRecords } from '@ioc/broker/broker-records.ts'
import { readAuthority, usesTls } from '@ioc/broker/credentials/certificates.ts'
import { type CredentialStore, openCredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import { ensureFirstCredentials } from '@ioc/broker/credentials/first-start.ts'
import { createIngest } from '@ioc/broker/ingest.ts'
import { brokerOptions } from '@ioc/broker/options.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { openLogs } from '@ioc/ingest-log/open.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { freePorts } from '@ioc/runtime/testing/free-port.ts'
import { wallOptions } from '@ioc/wall/server/options.ts'
import { startWall } from '@ioc/wall/server/start.ts'
import { testPassword } from '@ioc/wall/server/testing/centre.ts'

/** A real broker and a real wall on one data folder, in this process, with an administrator who is logged in. */
export interface BrokerAndWall {
  readonly dataDir: string
  readonly environment: Readonly<Record<string, string>>
  /** Certificate authority in PEM; undefined without TLS. */
  readonly authority: string | undefined
  readonly url: string
  readonly mqttPort: number
  readonly mqttsPort: number
  readonly credentials: CredentialStore
  /** Messages that were stored, by topic, as text. */
  readonly stored: readonly { readonly node: string; readonly channel: string; readonly payload: string }[]
  /** Requests with the administrator's token, or without. */
  call(method: string, path: string, body?: object, isAdmin?: boolean): Promise<{ status: number; body: unknown }>
  stop(): Promise<void>
}

export async function startBrokerAndWall(settings: Record<string, string> = {}): Promise<BrokerAndWall> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ioc-enrol-'))
  const [mqttPort = 0, mqttsPort = 0, httpPort = 0] = await freePorts(3)
  const environment = {
    IOC_DATA_DIR: dataDir,
    IOC_MQTT_PORT: String(mqttPort),
    IOC_MQTTS_PORT: String(mqttsPort),
    IOC_HTTP_PORT: String(httpPort),
    IOC_STORAGE_PORT: '9',
    IOC_LOG_LEVEL: 'silent',
    ...settings,
  }
  const options = readOptions(brokerOptions, environment)
  mkdirSync(join(dataDir, 'broker'))
  const logger = createLogger('test', options)
  const credentials = openCredentialStore(dataDir)
  await ensureFirstCredentials(credentials, dataDir, 'office', 'centre-01')
  const { log, deadLetters } = openLogs(options)
  const ingest = createIngest(log, options.logPartitions, deadLetters)
  const stored: BrokerAndWall['stored'][number][] = []
  const records = createBrokerRecords(log, options.logPartitions)
  const broker = await startBroker(options, {
    credentials,
    ingest: {
      ...ingest,
      async take(topic, payload) {
        const valid = await ingest.take(topic, payload)
        stored.push({ node: `${topic.site}/${topic.node}`, channel: topic.channel, payload: payload.toString() })
        return valid
      },
    },
    records,
    logger,
  })
  const accounts = new AccountStore(dataDir)
  await accounts.add('admin', { role: 'admin' }, testPassword)
  const authorization = `Bearer ${accounts.addToken('admin', 'test')}`
  const wall = await startWall(readOptions(wallOptions, environment), logger)
  // Node's own client for plain HTTP: TLS has tests of its own.
  const url = `http://${options.bind}:${wall.port}`
  return {
    ...{ dataDir, environment, mqttPort, mqttsPort, credentials, stored },
    authority: readAuthority(options),
    url: usesTls(options) ? url.replace('http:', 'https:') : url,
    async call(method, path, body, isAdmin = true) {
      const response = await fetch(url + path, {
        method,
        headers: {
          ...(isAdmin ? { authorization } : {}),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text }
    },
    async stop() {
      await wall.stop()
      await broker.stop()
      await log.stop()
      await deadLetters.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
