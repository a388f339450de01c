import { join } from 'node:path'
import { displayStamp } from '@ioc/runtime/display-time.ts'
import { readEnrolled } from './enrol.ts'
import type { AgentOptions } from './options.ts'
import { readRunState } from './run-state.ts'
import { version } from './version.ts'

/** Prints the status. Resolves to 0 where the agent runs and is connected. */
export function printStatus(options: AgentOptions, json: boolean): number {
  const enrolled = readEnrolled(options.dataDir)
  const folder = options.agentDataDir || join(options.dataDir, 'edge-agent')
  const state = readRunState(folder)
  const isRunning = state !== undefined && isAlive(state.pid)
  const isConnected = isRunning && state.connected
  const status = {
    version,
    node: enrolled?.username ?? null,
    centre: enrolled?.centre ?? null,
    broker: options.mqttUrl || enrolled?.mqtt_url || null,
    running: isRunning,
    connected: isConnected,
    queued: state?.queued ?? null,
    at: state?.at ?? null,
  }
  const lines = [
    `version    ${version}`,
    `node       ${status.node ?? 'not enrolled: ioc-agent enrol URL TOKEN'}`,
    ...(status.centre === null ? [] : [`centre     ${status.centre}`]),
    ...(status.broker === null ? [] : [`broker     ${status.broker}`]),
    `running    ${isRunning ? `yes (process ${state.pid})` : 'no'}`,
    `connected  ${isConnected ? 'yes' : 'no'}`,
    ...(state ? [`queued     ${state.queued} messages (${displayStamp(state.at)})`] : []),
  ]
  process.stdout.write(json ? `${JSON.stringify(status, null, 2)}\n` : `${lines.join('\n')}\n`)
  return isConnected ? 0 : 1
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
