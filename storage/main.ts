import './threads.ts'
import { resolve } from 'node:path'
import { commonOptions, storeOptions } from '@ioc/contract/common-options.ts'
import { lockData } from '@ioc/runtime/data-lock.ts'
import { runProcess } from '@ioc/runtime/process.ts'
import { embeddedOptions } from './backends/embedded/options.ts'
import { backendOptions, storeBackends } from './backends/table.ts'

const schema = { ...commonOptions, ...storeOptions, ...backendOptions, ...embeddedOptions }

await runProcess('storage', schema, async (options, logger) => {
  lockData(options.dataDir, 'storage')
  const createStore = await storeBackends[options.storageBackend]()
  const store = createStore(
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
