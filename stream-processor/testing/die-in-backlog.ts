import { appendFileSync } from 'node:fs'
import { openTestLog, startTestProcessor } from './processor.ts'

/**
 * A process for a test: works on a log, writes its lines to a file, and dies of `kill -9` a few writes after a checkpoint
 * in which the backlog has come so far.
 */
const [, , folder = '', file = '', backlogOffset = ''] = process.argv
/** What a batch costs here beyond its work, in ms: so that there is a checkpoint long before the backlog ends. */
const batchMs = 10
const never = new Int32Array(new SharedArrayBuffer(4))
let writesLeft = Number.POSITIVE_INFINITY

startTestProcessor(folder, {
  log: openTestLog(folder),
  async write(lines) {
    if (--writesLeft === 0) process.kill(process.pid, 'SIGKILL')
    appendFileSync(file, lines.map((line) => `${line}\n`).join(''))
  },
  publish() {
    Atomics.wait(never, 0, 0, batchMs)
  },
  onSaved({ offsets }) {
    if (offsets.backlog >= Number(backlogOffset)) writesLeft = Math.min(writesLeft, 3)
  },
})
