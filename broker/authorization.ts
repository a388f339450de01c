import {
  alertingTopic,
  answerChannel,
  downChannels,
  forgetTopic,
  isUpChannel,
  liveBatchTopic,
  livePrefix,
  nodeTopic,
  parseNodeTopic,
  parseUsername,
  typeControlTopic,
  username,
} from '@ioc/contract/topics.ts'
import type { Role } from './credentials/credential-store.ts'

/** Who a connection is. `anonymous` exists only where the setting allows it. */
export interface Principal {
  readonly username: string
  readonly role: Role | 'anonymous'
}

/**
/**
 * A node publishes only below its own address; the centre live values, configuration, commands, what an operator removes,
 * and what he sends again of a node's records that were set aside.
 */
export function mayPublish(principal: Principal, topic: string): boolean {
  const isOwn =
    topic.startsWith(livePrefix) || [liveBatchTopic, forgetTopic, typeControlTopic, alertingTopic].includes(topic)
  if (principal.role === 'centre' && isOwn) return true
  const parsed = parseNodeTopic(topic)
  if (!parsed) return false
  if (principal.role === 'centre') return parsed.channel !== 'status' && parsed.channel !== answerChannel
  if (!isUpChannel(parsed.channel) && parsed.channel !== answerChannel) return false
  return principal.role === 'anonymous' || username(parsed) === principal.username
}

/** A node reads exactly its own config and command topics, without wildcards; the centre reads everything. */
export function maySubscribe(principal: Principal, filter: string): boolean {
  if (principal.role === 'centre') return true
  if (principal.role === 'anonymous') return false
  const address = parseUsername(principal.username)
  return downChannels.some((channel) => filter === nodeTopic(address, channel))
}

/** A will is a publish that comes later; it is kept in memory and on disk for each connection, so it is also small. */
export function mayLeaveWill(
  principal: Principal,
  will: { readonly topic: string; readonly payload: { readonly length: number } },
  maxBytes: number,
): boolean {
  return mayPublish(principal, will.topic) && will.payload.length <= maxBytes
}

/** Sessions of different users never meet: a client's id in the broker begins with its username, which has no space. */
export function sessionId(username: string | undefined, clientId: string): string {
  return `${username ?? ''} ${clientId}`
}

/** The username of a session: also of one whose connection, or whose broker, has ended. */
export function usernameOf(sessionId: string): string | undefined {
  const end = sessionId.indexOf(' ')
  return end < 0 ? undefined : sessionId.slice(0, end)
}
