import { join } from 'node:path'
import { openLmdbLog } from '@ioc/ingest-log/backends/lmdb/lmdb-log.ts'
import { openDeadLetters } from '@ioc/ingest-log/dead-letters.ts'
import { ensureFolder, runProcess } from '@ioc/runtime/process.ts'
import { startBroker } from './broker.ts'
import { openCredentialStore } from './credentials/credential-store.ts'
import { ensureFirstCredentials } from './credentials/first-start.ts'
import { createIngest } from './ingest.ts'
import { brokerOptions } from './options.ts'

await runProcess('broker', brokerOptions, async (options, logger) => {
  ensureFolder(join(options.dataDir, 'broker'))
  const credentials = openCredentialStore(options.dataDir)
  await ensureFirstCredentials(credentials, options.dataDir, options.agentSite, options.agentNode)
  const log = openLmdbLog({
    path: ensureFolder(join(options.dataDir, 'ingest-log')),
    partitions: options.logPartitions,
    maxBytes: options.logMaxGb * 1e9,
    durability: options.logDurability,
  })
  const deadLetters = openDeadLetters(join(options.dataDir, 'dead-letters'), options.deadLettersMax)
  const ingest = createIngest(log, options.logPartitions, deadLetters)
  const broker = await startBroker(options, { credentials, ingest, logger })
  return {
    async stop() {
      await broker.stop()
      await log.stop()
      await deadLetters.stop()
    },
    gauges: () => ({ ...broker.gauges?.(), log_bytes: log.sizeBytes(), dead_letters: deadLetters.count() }),
  }
})
