import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import type { TestBroker } from './broker.ts'

/** A node as a user starts it, with all that it printed. */
export interface NodeProcess {
  readonly process: ChildProcess
  lines: string
}

/**
 * Starts a `main.ts`, until the test ends.
 * @param prefix what its command line begins with, as to run it in a network namespace
 */
export function startNodeProcess(main: string, env: NodeJS.ProcessEnv, prefix: readonly string[] = []): NodeProcess {
  const [program = '', ...args] = [...prefix, process.execPath, main]
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const node: NodeProcess = { process: child, lines: '' }
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      node.lines += String(text)
    })
  }
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return node
}

/**
 * Kills a node that has queued messages while the line is cut, starts it again, and returns the numbers of its first epoch that
 * did not arrive until its next epoch began.
 * @param minMessages that it sends before
 */
export async function missingAfterKill(
  broker: TestBroker,
  start: () => NodeProcess,
  minMessages: number,
): Promise<number[]> {
  broker.hold()
  const first = start()
  await broker.until(() => broker.telemetry.length >= minMessages)
  first.process.kill('SIGKILL')
  await once(first.process, 'exit')
  const seen = Math.max(...broker.seqs)
  const epoch = broker.telemetry[0]?.epoch
  broker.cut()
  broker.release()
  broker.telemetry.length = 0
  start()
  await broker.until(() => broker.telemetry.some((message) => message.epoch !== epoch))
  const arrived = new Set(broker.telemetry.filter((message) => message.epoch === epoch).map(({ seq }) => seq))
  return Array.from({ length: seen }, (_, index) => index + 1).filter((seq) => !arrived.has(seq))
}
