import type { Fate, Reason } from '../ipc.ts'
import type { FlowInput, FlowNodeInstance, NodeApi } from '../runtime.ts'
import type { DeviceNode } from './device.ts'

interface OutConfig {
  readonly channel?: 'telemetry' | 'cases'
  /** Id of an `ioc device` node. */
  readonly device?: string
  /** Name of the metric of a payload that is a plain value. */
  readonly metric?: string
}

/** Time between two changes of the status in the editor, in ms, at least. */
const statusMs = 500
/** Characters of a reason in the status, at most. */
const maxStatusChars = 60

/** `ioc out`: queues measurements or cases in the outbox of the agent. Its status is what became of the newest message. */
export function registerOut(RED: NodeApi): void {
  RED.nodes.registerType('ioc out', function (config: OutConfig) {
    RED.nodes.createNode(this, config)
    const status = createStatus(this)
    this.on('input', (message, _send, done) => {
      const device = config.device ? (RED.nodes.getNode(config.device) as DeviceNode | null) : null
      const records = recordsOf(message, config, device)
      status.waiting()
      RED.settings.ioc.put({ channel: config.channel ?? 'telemetry', records }, (fate, reason) => {
        status.settle(fate, reason)
        if (fate === 'queued') done()
        // A Catch node receives it with the message; without one it is logged.
        if (fate === 'refused') done(new Error(textOf(reason)))
        if (fate === 'dropped') this.error('dropped by the outbox, which has reached its limit', message)
      })
    })
    this.on('close', () => status.stop())
  })
}

/** What is written of a message, as records: the agent validates them. */
function recordsOf(message: FlowInput, config: OutConfig, device: DeviceNode | null): unknown[] {
  const payloads = Array.isArray(message['payload']) ? message['payload'] : [message['payload']]
  return payloads.map((payload) => recordOf(payload, message, config, device))
}

function recordOf(payload: unknown, message: FlowInput, config: OutConfig, device: DeviceNode | null): unknown {
  const { channel = 'telemetry', metric = '' } = config
  const whole = isObject(payload) && (isObject(payload['values']) || isObject(payload['case'])) ? payload : undefined
  const content = whole ? {} : { [channel === 'cases' ? 'case' : 'values']: valuesOf(payload, metric) }
  const given = { device: message['device'] ?? device?.birth?.id, ts: message['ts'], type: device?.birth?.type }
  const known = Object.entries(given).filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(known), ...content, ...whole }
}

/** A plain value is that of the metric of the node. */
function valuesOf(payload: unknown, metric: string): unknown {
  return metric === '' || isObject(payload) ? payload : { [metric]: payload }
}

/** Shows counts and the newest fate, not more often than an editor can follow. */
function createStatus(node: FlowNodeInstance) {
  let waiting = 0
  /** Queued for long; they are sent before the newer ones. */
  let untracked = 0
  let sent = 0
  let problem = ''
  let timer: NodeJS.Timeout | undefined
  function show(): void {
    timer = undefined
    if (waiting === 0) untracked = 0
    const queued = waiting + untracked
    const counts = `${queued > 0 ? `queued ${queued}, ` : ''}sent ${sent}`
    if (problem !== '') node.status({ fill: 'red', shape: 'ring', text: problem.slice(0, maxStatusChars) })
    else node.status({ fill: queued > 0 ? 'yellow' : 'green', shape: queued > 0 ? 'ring' : 'dot', text: counts })
  }
  function showSoon(): void {
    timer ??= setTimeout(show, statusMs)
  }
  return {
    waiting(): void {
      waiting += 1
      showSoon()
    },
    settle(fate: Fate, reason: Reason | undefined): void {
      if (fate !== 'queued') waiting -= 1
      if (fate === 'sent') sent += 1
      if (fate === 'untracked') untracked += 1
      problem = fate === 'refused' || fate === 'dropped' ? `${fate}: ${textOf(reason)}` : ''
      showSoon()
    },
    stop: () => clearTimeout(timer),
  }
}

/** Logs of the agent are in English; the editor is read in both languages. */
function textOf(reason: Reason | undefined): string {
  return reason ? `${reason.en} | ${reason.vi}` : ''
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
