import { updateText } from '@ioc/contract/messages/agent-release.ts'
import type { FlowsReport } from '@ioc/contract/messages/node-report.ts'
import { displayStamp } from '@ioc/runtime/display-time.ts'
import { isAlive } from '@ioc/runtime/is-alive.ts'
import { readEnrolled } from './enrol.ts'
import { type AgentOptions, agentFolder } from './options.ts'
import { readStatus } from './status-file.ts'
import { version } from './version.ts'

/** Prints the status. Resolves to 0 where the agent runs and is connected. */
export function printStatus(options: AgentOptions, json: boolean): number {
  const enrolled = readEnrolled(options.dataDir)
  const state = readStatus(agentFolder(options))
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
    update: state?.update ?? null,
    collectors: state?.collectors ?? [],
    flows: state?.flows ?? null,
    at: state?.written ?? null,
  }
  const lines = [
    `version    ${version}`,
    `node       ${status.node ?? 'not enrolled: ioc-agent enrol URL TOKEN'}`,
    ...(status.centre === null ? [] : [`centre     ${status.centre}`]),
    ...(status.broker === null ? [] : [`broker     ${status.broker}`]),
    `running    ${isRunning ? `yes (process ${state.pid})` : 'no'}`,
    `connected  ${isConnected ? 'yes' : 'no'}`,
    ...(status.update === null ? [] : [`update     ${updateText(status.update)}`]),
    ...(state ? [`queued     ${state.queued} messages (${displayStamp(state.written)})`] : []),
    ...(state?.flows ? [`node-red   ${flowsText(state.flows)}`] : []),
  ]
  process.stdout.write(json ? `${JSON.stringify(status, null, 2)}\n` : `${lines.join('\n')}\n`)
  return isConnected ? 0 : 1
}

function flowsText({ state, nodes = 0, restarts = 0, rss_mb: rss, reason, editor_until: until }: FlowsReport): string {
  const facts = [
    ...[`${state}`, `${nodes} nodes`],
    ...(rss === undefined ? [] : [`${rss} MB`]),
    ...(restarts === 0 ? [] : [`${restarts} restarts`]),
    ...(until === undefined ? [] : [`editor open until ${displayStamp(until)}`]),
  ].join(', ')
  return reason === undefined ? facts : `${facts}: ${reason}`
}
