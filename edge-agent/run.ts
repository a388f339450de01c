import { LogTail } from '@ioc/runtime/log-tail.ts'
import { runProcess } from '@ioc/runtime/process.ts'
import { startAgent } from './agent.ts'
import { agentOptions } from './options.ts'

/** Runs the agent until it is stopped. Its log lines pass the tail, which removes secrets and keeps the newest. */
export function runAgent(): Promise<void> {
  const tail = new LogTail()
  return runProcess(
    'edge-agent',
    agentOptions,
    (options, logger) => startAgent(options, logger, tail),
    (line) => tail.take(line),
  )
}
