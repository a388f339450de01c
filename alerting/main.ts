import { lockData } from '@ioc/runtime/data-lock.ts'
import { runProcess } from '@ioc/runtime/process.ts'
import { alertingOptions } from './options.ts'
import { startAlerting } from './start.ts'

await runProcess('alerting', alertingOptions, async (options, logger) => {
  lockData(options.dataDir, 'alerting')
  return startAlerting(options, logger)
})
