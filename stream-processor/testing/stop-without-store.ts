import { openTestLog, startTestProcessor } from './processor.ts'

/**
 * A process for a test: works on a log with a store that is away, stops once there are lines that wait, and then refuses
 * them, as a writer does that is stopped. Ends of its own accord, so with exit code 0, unless it is ended.
 */
const [, , folder = ''] = process.argv
let refuse: (error: Error) => void = () => undefined
const away = new Promise<void>((_, reject) => {
  refuse = reject
})
// Nothing else keeps it alive while it waits for the store.
const alive = setInterval(() => undefined, 1000)
const log = openTestLog(folder)
const processor = startTestProcessor(folder, {
  log,
  async write(lines) {
    if (lines.length === 0) return
    setImmediate(stop)
    await away
  },
})

async function stop(): Promise<void> {
  await processor.stop()
  await log.stop()
  refuse(new Error('the writer has been stopped'))
  clearInterval(alive)
}
