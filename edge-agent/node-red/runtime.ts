import type { DeviceBirth } from '@ioc/contract/messages/status.ts'
import type { Fate, FlowMessage, PutItem, Reason } from './ipc.ts'

/** The part of Node-RED that is used here; its own types describe an older version. */
export interface NodeRedModule {
  init(server: unknown, settings: object): void
  start(): Promise<void>
  stop(): Promise<void>
  readonly httpAdmin: (request: unknown, response: unknown) => void
  readonly events: { on(name: string, handler: (event: never) => void): void }
}

/** A running node of a flow. */
export interface FlowNodeInstance {
  readonly id: string
  on(event: 'input', handler: (message: FlowInput, send: (message: object) => void, done: Done) => void): void
  on(event: 'close', handler: () => void): void
  status(status: { fill?: 'red' | 'green' | 'yellow' | 'grey'; shape?: 'dot' | 'ring'; text?: string }): void
  send(message: object): void
  error(text: string, message?: object): void
}

export type Done = (error?: Error) => void
export type FlowInput = Readonly<Record<string, unknown>>

/** What a node's module is called with. */
export interface NodeApi {
  readonly nodes: {
    registerType(type: string, create: (this: FlowNodeInstance, config: never) => void): void
    createNode(node: FlowNodeInstance, config: object): void
    getNode(id: string): FlowNodeInstance | null
  }
  readonly settings: { readonly ioc: AgentLink }
}

/** How the nodes of this project reach the agent. */
export interface AgentLink {
  /** Queues records; the fates follow. Refuses at once where too many wait. */
  put(item: Omit<PutItem, 'n'>, onFate: (fate: Fate, reason: Reason | undefined) => void): void
  /** Receives what the agent passes on, until the returned function is called. */
  listen(source: string, handler: (message: FlowMessage) => void): () => void
  /** Declares a device in the birth of the agent, until the returned function is called. */
  declare(device: DeviceBirth): () => void
}
