import { createHmac } from 'node:crypto'
import { IocError } from '@ioc/contract/errors.ts'
import { isObject } from '@ioc/contract/messages/json.ts'
import { type FlowNode, maxFlowNodes, type NodeFlows } from '@ioc/contract/messages/node-config.ts'
import { isKnownType } from './palette.ts'

/** Bytes of a file of flows, at most. */
export const maxFlowsBytes = 1_000_000
/** Reasons of a refusal that are spelled out, at most. */
const maxReasons = 5

/** Plain, as they are delivered: credentials are encrypted before they are written to the disk. */
export type Flows = NodeFlows

type Credentials = NonNullable<Flows['credentials']>

/**
 * Parses the text of a file of flows: the list that Node-RED exports, or an object with `nodes` and `credentials`.
 * @throws IocError FLOWS_INVALID
 */
export function parseFlows(text: string): Flows {
  if (Buffer.byteLength(text) > maxFlowsBytes) {
    throw invalid([`${Buffer.byteLength(text)} bytes; expected at most ${maxFlowsBytes}`])
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw invalid([`no JSON: ${(error as Error).message}`])
  }
  const { nodes = json, credentials } = (isObject(json) ? json : {}) as { nodes?: unknown; credentials?: unknown }
  return validateFlows({ nodes, ...(credentials === undefined ? {} : { credentials }) })
}

/**
 * Returns `flows` if Node-RED can load them with the palette of the agent.
 * @throws IocError FLOWS_INVALID
 */
export function validateFlows(flows: { readonly nodes: unknown; readonly credentials?: unknown }): Flows {
  const { nodes, credentials = {} } = flows
  if (!Array.isArray(nodes)) throw invalid(['expected a list of nodes, as Node-RED exports it'])
  if (nodes.length > maxFlowNodes) throw invalid([`${nodes.length} nodes; expected at most ${maxFlowNodes}`])
  const reasons: string[] = []
  const ids = new Set<string>()
  for (const [index, node] of (nodes as unknown[]).entries()) reasons.push(...problemsOf(node, index, ids))
  if (!isCredentials(credentials)) reasons.push('credentials: expected texts by the id of their node and their name')
  const size = Buffer.byteLength(JSON.stringify(flows))
  if (size > maxFlowsBytes) reasons.push(`${size} bytes; expected at most ${maxFlowsBytes}`)
  if (reasons.length > 0) throw invalid(reasons)
  return flows as Flows
}

function problemsOf(node: unknown, index: number, ids: Set<string>): string[] {
  if (!isObject(node) || !isText(node['id']) || !isText(node['type'])) {
    return [`node ${index}: expected an object with the texts id and type`]
  }
  const { id, type, libs } = node as FlowNode
  const reasons: string[] = []
  if (ids.has(id)) reasons.push(`node ${id}: another node has this id`)
  ids.add(id)
  if (!isKnownType(type)) reasons.push(`node ${id}: no node of the type "${type.slice(0, 60)}" in the palette`)
  if (type === 'function' && Array.isArray(libs) && libs.length > 0) {
    reasons.push(`node ${id}: functions cannot load modules`)
  }
  return reasons
}

/** Tells flows from others. With a key, because credentials are part of it. */
export function digestOf({ nodes, credentials = {} }: Flows, key: string): string {
  return createHmac('sha256', key)
    .update(JSON.stringify([nodes, credentials]))
    .digest('hex')
}

function invalid(reasons: readonly string[]): IocError {
  const more = reasons.length > maxReasons ? `; ${reasons.length - maxReasons} more` : ''
  return new IocError('FLOWS_INVALID', `${reasons.slice(0, maxReasons).join('; ')}${more}`)
}

function isCredentials(value: unknown): value is Credentials {
  return isObject(value) && Object.values(value).every((one) => isObject(one) && Object.values(one).every(isString))
}

const isString = (value: unknown): value is string => typeof value === 'string'
const isText = (value: unknown): value is string => isString(value) && value !== '' && value.length <= 256
