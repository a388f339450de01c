import { commonOptions } from '@ioc/contract/common-options.ts'
import { runProcess } from '../process.ts'

/** A process that is stopped by whoever started it or, with an argument, by itself after a fatal error. */
await runProcess('gives-up', commonOptions, async () => {
  setImmediate(() => {
    if (process.argv[2] === 'fatal') process.exitCode = 1
    process.kill(process.pid, 'SIGTERM')
  })
  return { stop: async () => undefined }
})
