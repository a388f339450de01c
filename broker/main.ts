import { join } from 'node:path'
import { openLogs } from '@ioc/ingest-log/open.ts'
import { lockData } from '@ioc/runtime/data-lock.ts'
import { ensureFolder, runProcess } from '@ioc/runtime/process.ts'
import { startBroker } from './broker.ts'
import { createBrokerRecords } from './broker-records.ts'
import { openCredentialStore } from './credentials/credential-store.ts'
import { ensureFirstCredentials } from './credentials/first-start.ts'
import { createIngest } from './ingest.ts'
import { brokerOptions } from './options.ts'

await runProcess('broker', brokerOptions, async (options, logger) => {
  lockData(options.dataDir, 'broker')
  ensureFolder(join(options.dataDir, 'broker'))
  const credentials = openCredentialStore(options.dataDir)
  await ensureFirstCredentials(credentials, options.dataDir, options.agentSite, options.agentNode)
  const { log, deadLetters } = openLogs(options)
  const ingest = createIngest(log, options.logPartitions, deadLetters)
  const records = createBrokerRecords(log, options.logPartitions)
  const broker = await startBroker(options, { credentials, ingest, records, logger })
  return {
    async stop() {
      await broker.stop()
      await log.stop()
      await deadLetters.stop()
    },
    gauges: () => ({ ...broker.gauges?.(), log_bytes: log.sizeBytes(), dead_letters: deadLetters.count() }),
  }
})
