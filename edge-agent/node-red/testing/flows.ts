import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FlowsReport } from '@ioc/contract/messages/node-report.ts'
import { readStatus } from '../../status-file.ts'
import type { FlowAgent } from './agent.ts'

/** Time between two looks at a file, in ms. */
const pollMs = 50

const tab = { id: 'tab', type: 'tab', label: 'Test' }

/** An `ioc out` node with a device of its own. */
export function sink(device: string, metric = 'value'): object[] {
  return [
    tab,
    { id: `device-${device}`, type: 'ioc device', device, cadence: '1' },
    {
      id: `out-${device}`,
      type: 'ioc out',
      z: 'tab',
      channel: 'telemetry',
      device: `device-${device}`,
      metric,
      wires: [],
    },
  ]
}

/** An `inject` node: once, then every `repeat` seconds if given. */
export function inject(to: string, { payload = '1', type = 'num', repeat = '', after = 0.1 } = {}): object {
  const props = [{ p: 'payload' }]
  const wires = [[to]]
  return {
    id: `inject-${to}`,
    type: 'inject',
    z: 'tab',
    once: true,
    onceDelay: after,
    repeat,
    props,
    payload,
    payloadType: type,
    wires,
  }
}

/** A `function` node. */
export function func(id: string, code: string, to?: string): object {
  return { id, type: 'function', z: 'tab', func: code, outputs: 1, wires: [to === undefined ? [] : [to]] }
}

/** Flows that send a value of a device again and again. */
export function beating(device: string, payload = '1'): object[] {
  return [...sink(device), inject(`out-${device}`, { payload, repeat: '0.2' })]
}

/** Flows that fill memory and never return, as soon as they get a message. */
export function exploding(after = 0.1): object[] {
  return [tab, inject('bomb', { after }), func('bomb', 'const a = []; while (true) a.push(Buffer.alloc(1e6))')]
}

export function writeFlows({ folder }: FlowAgent, flows: unknown): void {
  writeFileSync(join(folder, 'flows.json'), typeof flows === 'string' ? flows : JSON.stringify(flows))
}

/** Waits until the agent reports this of its flows. */
export async function reported(agent: FlowAgent, is: (flows: FlowsReport) => boolean): Promise<FlowsReport> {
  for (;;) {
    const flows = readStatus(agent.folder)?.flows
    if (flows && is(flows)) return flows
    if (agent.process.exitCode !== null) throw new Error(agent.lines)
    await sleep(pollMs)
  }
}

/** Waits until the agent has logged that so many sets of flows have passed their trial. */
export async function inForce(agent: FlowAgent, times = 1): Promise<void> {
  while (agent.lines.split('flows in force').length <= times) {
    if (agent.process.exitCode !== null) throw new Error(agent.lines)
    await sleep(pollMs)
  }
}

/** Process of Node-RED. */
export async function childPid({ folder }: FlowAgent, other?: number): Promise<number> {
  for (;;) {
    try {
      const { pid } = JSON.parse(readFileSync(join(folder, 'node-red', 'child.json'), 'utf8')) as { pid: number }
      if (pid !== other) return pid
    } catch {
      // It has not started.
    }
    await sleep(pollMs)
  }
}

/** Waits until a process is gone. */
export async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0)
      await sleep(pollMs)
    } catch {
      return
    }
  }
}

export async function kill(agent: FlowAgent): Promise<void> {
  agent.process.kill('SIGKILL')
  await once(agent.process, 'exit')
}
