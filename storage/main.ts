import './threads.ts'
import { resolve } from 'node:path'
import { commonOptions, storeOptions } from '@ioc/contract/common-options.ts'
import { lockData } from '@ioc/runtime/data-lock.ts'
import { runProcess } from '@ioc/runtime/process.ts'
import { EmbeddedStore } from './backends/embedded/embedded.ts'
import { embeddedOptions } from './backends/embedded/options.ts'

await runProcess('storage', { ...commonOptions, ...storeOptions, ...embeddedOptions }, async (options, logger) => {
  lockData(options.dataDir, 'storage')
  const store = new EmbeddedStore(
    {
      ...options,
      port: options.storagePort,
      token: options.influxToken,
      database: options.influxBucket,
      folder: resolve(options.dataDir, 'storage'),
    },
    logger,
  )
  const port = await store.start()
  logger.info({ port }, 'store listening')
  return store
})
