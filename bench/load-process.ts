import { type LoadOptions, runLoad } from '@ioc/tests/harness/load.ts'

/** The load as a process of its own, so that it shares no event loop with what measures. */
process.once('message', async (options: LoadOptions) => {
  process.send?.(await runLoad(options))
  process.disconnect()
})
