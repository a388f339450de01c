import { updateText } from '@ioc/contract/messages/agent-release.ts'
import type { ConfigReport, FlowsReport } from '@ioc/contract/messages/node-report.ts'
import type { CollectorState } from '@ioc/contract/messages/status.ts'
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
    failure: (isRunning ? state.failure : undefined) ?? null,
    queued: state?.queued ?? null,
    config: state?.config ?? null,
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
    `connected  ${isConnected ? 'yes' : ['no', ...(status.failure === null ? [] : [status.failure])].join(': ')}`,
    ...(status.config === null ? [] : [`config     ${configText(status.config)}`]),
    ...(status.update === null ? [] : [`update     ${updateText(status.update)}`]),
    ...(state ? [`queued     ${state.queued} messages (${displayStamp(state.written)})`] : []),
    ...(state?.flows ? [`node-red   ${flowsText(state.flows)}`] : []),
    ...status.collectors.map((one, index) => `${index === 0 ? 'collectors' : '          '} ${collectorText(one)}`),
  ]
  process.stdout.write(json ? `${JSON.stringify(status, null, 2)}\n` : `${lines.join('\n')}\n`)
  return isConnected ? 0 : 1
}

function configText({ revision, state, reason, in_force: inForce }: ConfigReport): string {
  if (state === 'applied') return `revision ${revision}`
  const facts = `revision ${revision} ${state === 'failed' ? 'failed' : 'is on trial'}, revision ${inForce} is in force`
  return reason === undefined ? facts : `${facts}: ${reason}`
}

function collectorText({ id, type, state, since, records, error }: CollectorState): string {
  const name = id === type ? id : `${id} (${type})`
  const facts = `${name}: ${state} since ${displayStamp(since)}, ${records} records`
  return error === undefined ? facts : `${facts}: ${error}`
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
