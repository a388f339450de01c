import {
  downChannels,
  isUpChannel,
  liveBatchTopic,
  livePrefix,
  nodeTopic,
  parseNodeTopic,
  parseUsername,
  username,
} from '@ioc/contract/topics.ts'
import type { Role } from './credentials/credential-store.ts'

/** Who a connection is. `anonymous` exists only where the setting allows it. */
export interface Principal {
  readonly username: string
  readonly role: Role | 'anonymous'
}

/**
 * A node publishes only below its own address; the centre live values, configuration and commands, and what an operator
 * sends again of a node's records that were set aside.
 */
export function mayPublish(principal: Principal, topic: string): boolean {
  if (principal.role === 'centre' && (topic.startsWith(livePrefix) || topic === liveBatchTopic)) return true
  const parsed = parseNodeTopic(topic)
  if (!parsed) return false
  if (principal.role === 'centre') return parsed.channel !== 'status'
  if (!isUpChannel(parsed.channel)) return false
  return principal.role === 'anonymous' || username(parsed) === principal.username
}

/** A node reads exactly its own config and command topics, without wildcards; the centre reads everything. */
export function maySubscribe(principal: Principal, filter: string): boolean {
  if (principal.role === 'centre') return true
  if (principal.role === 'anonymous') return false
  const address = parseUsername(principal.username)
  return downChannels.some((channel) => filter === nodeTopic(address, channel))
}
