import { join } from 'node:path'
import { readOptions } from '@ioc/contract/options.ts'
import { openLogs } from '@ioc/ingest-log/open.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'
import { startBroker } from '../broker.ts'
import { createBrokerRecords } from '../broker-records.ts'
import { openCredentialStore } from '../credentials/credential-store.ts'
import { createIngest } from '../ingest.ts'
import { brokerOptions } from '../options.ts'

/**
 * A broker on the data folder of its first argument that is killed when a message which contains `last` is in the log,
 * before anything follows from it, or before it is appended, where the second argument is `before`.
 */
const [dataDir = '', when] = process.argv.slice(2)
const options = readOptions(brokerOptions, { IOC_MQTT_PORT: '0', IOC_LOG_LEVEL: 'silent', IOC_DATA_DIR: dataDir })
ensureFolder(join(dataDir, 'broker'))
const { log, deadLetters } = openLogs(options)
const ingest = createIngest(log, options.logPartitions, deadLetters)
const broker = await startBroker(options, {
  credentials: openCredentialStore(dataDir),
  ingest: {
    ...ingest,
    async take(topic, payload) {
      const isLast = Buffer.from(payload).includes('last')
      if (isLast && when === 'before') process.kill(process.pid, 'SIGKILL')
      const valid = await ingest.take(topic, payload)
      if (isLast) process.kill(process.pid, 'SIGKILL')
      return valid
    },
  },
  records: createBrokerRecords(log, options.logPartitions),
  logger: createLogger('broker', options),
})
process.send?.(broker.port)
